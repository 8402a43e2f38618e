//! What a bot needs around the core: stores, the loop that owns the board, messages in and out, and the pages.
//!
//! [`run`] is a bot: it takes a [`Transport`](ptgbot_core::Transport) and a [`Setup`], which a [`Config`] gives or which is put
//! together by hand. [`run_on`] takes a [`Journal`](ptgbot_core::Journal) of yours besides. What both have to promise is in
//! the core's documentation; [`testing`] tries it.
//!
//! ```no_run
//! use ptgbot_core::Transport;
//! use ptgbot_runtime::{Setup, run, store::StoreAddress};
//!
//! # async fn bot(radio: Box<dyn Transport>) -> Result<(), Box<dyn std::error::Error>> {
//! let setup = Setup::new(StoreAddress::Memory);
//! run(radio, setup).await?;
//! # Ok(())
//! # }
//! ```
//!
//! It runs in a tokio runtime with time and I/O enabled: on Linux, and with less help of the system on macOS, other Unix and
//! Windows. There a standby waits for the end of a lease, and on Windows files have the rights of their folder.
//!
//! # Features
//!
//! | feature | what |
//! |---|---|
//! | `cli` (default) | [`cli`], the program `ptgbot`; with `web`, `fetch` and `sqlite` |
//! | `web` | the pages: [`serve`], [`write_folder`], and in a [`Setup`] a listener and a folder |
//! | `fetch` | `~fetchdb` from the web |
//! | `sqlite` | [`SqliteJournal`](store::SqliteJournal), stores in a file |
//! | `postgres` | stores in a PostgreSQL database |
//!
//! No feature is needed for [`testing`], [`inbox`], [`BotFlags`], [`Setup`], [`run`] and [`run_until`], [`start_logging`],
//! [`program`], and a store in `memory:`. Without any, a bot is built from two fifths fewer crates. What a [`Setup`] asks for
//! and the build does not have is refused at the start, with the name of the feature.

mod absence;
mod bot_status;
mod bridge;
mod checklist;
#[cfg(feature = "cli")]
pub mod cli;
mod clock;
pub mod config;
mod delivery;
#[cfg(feature = "cli")]
mod demo;
mod dialogue;
mod document_text;
mod driver;
#[cfg(feature = "fetch")]
mod fetch;
mod fetch_policy;
#[cfg(feature = "web")]
mod folder;
mod follow;
mod holder;
mod import;
mod inbox;
mod log;
mod metrics;
mod outbox;
mod permit;
pub mod program;
#[cfg(feature = "web")]
mod publish;
#[cfg(feature = "cli")]
mod rehearsal;
mod run;
mod run_error;
mod secret;
mod setup;
mod shown_board;
mod signal;
mod standby;
mod stdio;
pub mod store;
mod store_status;
mod supervision;
mod system;
mod terminal;
pub mod testing;
#[cfg(feature = "web")]
mod web;

/// The crates whose types and macros stand in this interface, in the versions that fit.
pub use {clap, ptgbot_core, ptgbot_render, secrecy, serde};

pub use bridge::{BridgeConfig, NameMask};
pub use checklist::{Checklist, ChecklistFlags, ChecklistForm};
pub use clock::{Clock, SystemClock};
pub use config::{BotFlags, Config, ConfigDraft, ConfigError, ConfigFile, FetchConfig, Flags, SiteConfig};
pub use dialogue::{Dialogue, DialogueError};
pub use fetch_policy::FetchPolicy;
#[cfg(feature = "web")]
pub use folder::{FolderError, write_folder};
pub use inbox::inbox;
pub use log::{LogConfig, LogError, LogFormat, start_logging};
pub use metrics::Metrics;
#[cfg(feature = "web")]
pub use publish::Publisher;
pub use run::{run, run_on, run_until};
pub use run_error::RunError;
pub use secret::{SecretError, Secrets, secret};
pub use setup::{InitialBoard, PublishOptions, Setup, listen};
pub use signal::stop_on_signal;
pub use stdio::StdioTransport;
pub use store_status::StoreStatus;
pub use supervision::Supervision;
pub use terminal::TerminalTransport;
pub use tokio_util::sync::CancellationToken;
#[cfg(feature = "web")]
pub use web::{ServeError, SiteHandle, serve, serve_boards};

/// The examples of README.md.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
