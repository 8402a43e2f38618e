//! `ptgbot-corridor`: the event board's bot in the Corridor, with its page.
//!
//!     cargo run -p ptgbot-corridor -- --server 127.0.0.1:4100 --store memory: --listen 127.0.0.1:8000

use async_trait::async_trait;
use clap::{Args, Parser};
use ptgbot_core::{Network, Transport};
use ptgbot_corridor::Corridor;
use ptgbot_runtime::program::{self, BotProgram};
use ptgbot_runtime::{BotFlags, Config, ConfigError, Dialogue, Flags};
use serde::Deserialize;
use std::convert::Infallible;
use std::process::ExitCode;

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
#[command(name = "ptgbot-corridor", version)]
struct CorridorBot {
    #[command(flatten)]
    corridor: Flags<CorridorConfig>,
    #[command(flatten)]
    bot: BotFlags,
}

#[async_trait(?Send)]
impl BotProgram for CorridorBot {
    /// The server, and what the bot is called.
    type Settings = (String, String);
    /// A server that is away is asked again.
    type Error = Infallible;

    fn read_or_ask(self, _: Option<&mut Dialogue<'_>>) -> Result<(Config, Self::Settings), ConfigError> {
        let (config, file) = self.bot.read(&["corridor"])?;
        let CorridorConfig { server, name } = self.corridor.over(file.section("corridor")?);
        let server = server.ok_or_else(|| ConfigError::setting("say --server HOST:PORT, or server in [corridor]"))?;
        Ok((config, (server, name.unwrap_or_else(|| "ptgbot".to_owned()))))
    }

    async fn connect((server, name): Self::Settings) -> Result<Box<dyn Transport>, Infallible> {
        Ok(Box::new(Corridor::new(Network::nearest("corridor"), &server, &name)))
    }
}

fn main() -> ExitCode {
    program::main::<CorridorBot>()
}
