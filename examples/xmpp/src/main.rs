//! `ptgbot-xmpp`: the event board's bot on XMPP.
//!
//!     PTGBOT_XMPP_PASSWORD=… cargo run -- --account ptgbot@example.org --room ptg@rooms.example.org/ptgbot

use clap::Parser;
use ptgbot_core::Network;
use ptgbot_runtime::secrecy::ExposeSecret;
use ptgbot_runtime::{BotFlags, Setup, run_until, start_logging, stop_on_signal};
use ptgbot_xmpp::{Settings, XmppTransport};
use tokio_xmpp::jid::{BareJid, FullJid};

#[derive(Debug, Parser)]
struct Flags {
    /// The bot's account
    #[arg(long)]
    account: BareJid,
    /// The room, and behind a slash the bot's nick there
    #[arg(long)]
    room: FullJid,
    #[command(flatten)]
    bot: BotFlags,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Flags { account, room, bot } = Flags::parse();
    let (config, _) = bot.read(&[])?;
    start_logging(&config.log)?;
    let password = config.secrets.find("xmpp_password", None)?.ok_or("PTGBOT_XMPP_PASSWORD is not set")?;
    let (network, password) = (Network::parse(account.domain().as_str())?, password.expose_secret().to_owned());
    let transport = XmppTransport::new(Settings { network, account, password, room, plain_address: None });
    run_until(Box::new(transport), Setup::from_config(&config)?, stop_on_signal()?).await?;
    Ok(())
}
