//! A bot of one test's own.

use crate::client::ROOM;
use ptgbot_core::{Network, Transport};
use ptgbot_runtime::store::StoreAddress;
use ptgbot_runtime::{CancellationToken, RunError, Setup, run_until};
use ptgbot_tests::prosody::PASSWORD;
use ptgbot_xmpp::{Settings, XmppTransport};
use tokio::task::JoinHandle;
use tokio_xmpp::jid::{BareJid, FullJid};

/// What the bot is called where nobody else is.
pub(crate) const BOT: &str = "ptgbot";

/// What the bot has to know of a server on this machine.
pub(crate) fn settings(port: u16) -> Settings {
    Settings {
        network: Network::parse("localhost").expect("a name"),
        account: BareJid::new("ptgbot@localhost").expect("an account"),
        password: PASSWORD.to_owned(),
        room: FullJid::new(&format!("{ROOM}/{BOT}")).expect("a room"),
        plain_address: Some(format!("127.0.0.1:{port}")),
    }
}

pub(crate) fn transport(settings: Settings) -> Box<dyn Transport> {
    Box::new(XmppTransport::new(settings))
}

/// A bot that runs until it is stopped or fails.
pub(crate) struct Bot {
    stop: CancellationToken,
    running: JoinHandle<Result<(), RunError>>,
}

impl Bot {
    pub(crate) fn start(settings: Settings) -> Self {
        let stop = CancellationToken::new();
        let running = tokio::spawn(run_until(transport(settings), Setup::new(StoreAddress::Memory), stop.clone()));
        Self { stop, running }
    }

    /// Stops it in the good way.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.end().await.expect("a clean end");
    }

    /// How it ends by itself.
    pub(crate) async fn end(self) -> Result<(), RunError> {
        self.running.await.expect("no panic")
    }
}
