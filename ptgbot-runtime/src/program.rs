//! A program that is a bot: from its command line to the status it ends with. In a shell it can say what it is: completions
//! and man pages are made from its command line.
//!
//! ```no_run
//! use async_trait::async_trait;
//! use clap::Parser;
//! use ptgbot_core::{Transport, TransportError};
//! use ptgbot_runtime::{BotFlags, Config, ConfigError, Dialogue, TerminalTransport, program};
//! use std::process::ExitCode;
//!
//! /// The event board's bot in a terminal.
//! #[derive(Debug, Parser)]
//! #[command(name = "ptgbot-terminal", version)]
//! struct Flags {
//!     /// The channel
//!     #[arg(long)]
//!     channel: String,
//!     #[command(flatten)]
//!     bot: BotFlags,
//! }
//!
//! #[async_trait(?Send)]
//! impl program::BotProgram for Flags {
//!     type Settings = String;
//!     type Error = TransportError;
//!
//!     fn read_or_ask(self, _: Option<&mut Dialogue<'_>>) -> Result<(Config, String), ConfigError> {
//!         let (config, _) = self.bot.read(&[])?;
//!         Ok((config, self.channel))
//!     }
//!
//!     async fn connect(channel: String) -> Result<Box<dyn Transport>, TransportError> {
//!         Ok(Box::new(TerminalTransport::new("ptgbot", &channel)?))
//!     }
//! }
//!
//! // `ptgbot-terminal completions bash` and `ptgbot-terminal man` are answered, too.
//! fn main() -> ExitCode {
//!     program::main::<Flags>()
//! }
//! ```

mod about;

use crate::checklist::Checklist;
use crate::config::{Config, ConfigError};
use crate::dialogue::Dialogue;
use crate::log::start_logging;
use crate::run::run_until;
use crate::setup::Setup;
use crate::signal::stop_on_signal;
#[cfg(feature = "cli")]
pub(crate) use about::About;
pub use about::parse;
use async_trait::async_trait;
use clap::{CommandFactory, FromArgMatches};
use ptgbot_core::Transport;
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

/// A bot by the flags of its program, which [`main`] runs.
#[async_trait(?Send)]
pub trait BotProgram: CommandFactory + FromArgMatches {
    /// What it has to know of its network.
    type Settings;
    /// Why it cannot use its network.
    type Error: Error + 'static;

    /// Where to tell what is found, if the bot is to look around instead of working; see
    /// [`ChecklistFlags`](crate::ChecklistFlags).
    fn checklist(&self) -> Option<Checklist> {
        None
    }

    /// What the configuration file says, with the flags over it. A person who is there may be asked for what is missing.
    /// Blocks: not within an asynchronous task.
    ///
    /// # Errors
    /// When the file cannot be read or holds what nobody knows, the settings do not fit together, or the person answers no
    /// more.
    fn read_or_ask(self, person: Option<&mut Dialogue<'_>>) -> Result<(Config, Self::Settings), ConfigError>;

    /// The way to its network, in a tokio runtime with time and I/O enabled.
    ///
    /// # Errors
    /// When the settings cannot be used, or nobody will ever be let in with them.
    async fn connect(settings: Self::Settings) -> Result<Box<dyn Transport>, Self::Error>;

    /// Tells what a bot of these settings would find on its network, and changes nothing there.
    async fn look_around(_: Self::Settings, _: &mut Checklist) {}

    /// True for what a person has to put right: another start would end in the same way.
    fn needs_a_person(_: &Self::Error) -> bool {
        false
    }
}

/// Runs a bot's program until it is asked to stop (SIGTERM, Ctrl-C), or has looked around. Its status is 0, then; 1 where it
/// failed, and 2 where another start would not help before somebody has put something right, such as the command line.
pub fn main<P: BotProgram>() -> ExitCode {
    let program = parse::<P>();
    let checklist = program.checklist();
    // Whoever is looked around for is told what is missing.
    let mut person = if checklist.is_none() { Dialogue::at_terminal() } else { None };
    let (config, settings) = match program.read_or_ask(person.as_mut()) {
        Ok(configuration) => configuration,
        Err(error) => {
            let status = fail::<P>(&error, NEEDS_A_PERSON);
            write!(io::stderr(), "{}", error.excerpt()).ok();
            return status;
        }
    };
    drop(person);
    let done = match checklist {
        Some(checklist) => look_around::<P>(&config, settings, checklist),
        None => work::<P>(&config, settings).map(|()| ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|error| {
        let needs_a_person = error.downcast_ref().is_some_and(P::needs_a_person);
        fail::<P>(error.as_ref(), if needs_a_person { NEEDS_A_PERSON } else { FAILURE })
    })
}

type Failure = Box<dyn Error>;

fn work<P: BotProgram>(config: &Config, settings: P::Settings) -> Result<(), Failure> {
    start_logging(&config.log)?;
    let setup = Setup::from_config(config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
    runtime.block_on(async {
        let transport = P::connect(settings).await?;
        Ok(run_until(transport, setup, stop_on_signal()?).await?)
    })
}

fn look_around<P: BotProgram>(
    config: &Config,
    settings: P::Settings,
    mut checklist: Checklist,
) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        P::look_around(settings, &mut checklist).await;
        checklist.surroundings(config).await;
    });
    Ok(checklist.finish())
}

fn fail<P: BotProgram>(error: &dyn Error, status: u8) -> ExitCode {
    writeln!(io::stderr(), "{}: {error}", P::command().get_name()).ok();
    ExitCode::from(status)
}

const FAILURE: u8 = 1;
const NEEDS_A_PERSON: u8 = 2;
/// One for the bot, one for the page.
const THREADS: usize = 2;
