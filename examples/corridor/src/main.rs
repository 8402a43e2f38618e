//! `corridor-bot`: the event board's bot in the Corridor, with its page.
//!
//!     cargo run -p ptgbot-corridor -- --server 127.0.0.1:4100 --store memory: --listen 127.0.0.1:8000

use clap::{Args, Parser};
use ptgbot_core::Network;
use ptgbot_corridor::Corridor;
use ptgbot_runtime::config::{BotFlags, ConfigError, Flags};
use ptgbot_runtime::{Setup, run_until, start_logging, stop_on_signal};
use serde::Deserialize;

/// `[corridor]` in the configuration, and the same as flags.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct CorridorConfig {
    /// The server, such as corridor.example.org:4100
    #[arg(long)]
    server: Option<String>,
    /// What the bot is called
    #[arg(long)]
    name: Option<String>,
}

/// The event board's bot in the Corridor.
#[derive(Debug, Parser)]
struct CorridorBot {
    #[command(flatten)]
    corridor: Flags<CorridorConfig>,
    #[command(flatten)]
    bot: BotFlags,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let flags = CorridorBot::parse();
    let (config, file) = flags.bot.read(&["corridor"])?;
    let corridor = flags.corridor.over(file.section("corridor")?);
    let server =
        corridor.server.ok_or_else(|| ConfigError::setting("say --server HOST:PORT, or server in [corridor]"))?;
    let name = corridor.name.as_deref().unwrap_or("ptgbot");
    start_logging(&config.log)?;
    let transport = Corridor::new(Network::parse("corridor")?, &server, name);
    run_until(Box::new(transport), Setup::from_config(&config)?, stop_on_signal()?).await?;
    Ok(())
}
