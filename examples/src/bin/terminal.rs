//! The smallest transport: you, in a terminal, as an op of `#demo`.
//!
//!     cargo run -p ptgbot-examples --bin terminal

use async_trait::async_trait;
use futures_util::stream;
use ptgbot_core::{
    Ask, Folding, Inbox, Incoming, Network, Outgoing, Outlet, Person, Request, Role, Sending, Transport, TransportError,
};
use ptgbot_runtime::{Setup, run, store::StoreAddress};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

struct Terminal(Network);

impl Transport for Terminal {
    fn network(&self) -> &Network {
        &self.0
    }

    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        let (lines, network) = (BufReader::new(stdin()).lines(), self.0);
        let heard = stream::unfold((lines, network), |(mut lines, network)| async move {
            let line = lines.next_line().await.map_err(TransportError::new).transpose()?;
            let you = Person::new(&network, "you", Folding::Ascii);
            let heard = line.map(|text| {
                let request = Request::new(&network, chrono::Utc::now(), Ask::Said(text));
                Incoming::new(request.by(you, Role::Op).in_room("#demo").bot("ptgbot"))
            });
            Some((heard, (lines, network)))
        });
        (Box::pin(heard), Box::new(Screen))
    }
}

struct Screen;

#[async_trait]
impl Outlet for Screen {
    fn send(&mut self, piece: Outgoing) -> Sending {
        if let Outgoing::Reply { reply, .. } | Outgoing::Notify { reply, .. } | Outgoing::Announce { reply, .. } = piece
        {
            println!("{reply}");
        }
        Box::pin(async { Ok(()) })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let terminal = Terminal(Network::parse("terminal")?);
    run(Box::new(terminal), Setup::new(StoreAddress::Memory)).await?;
    Ok(())
}
