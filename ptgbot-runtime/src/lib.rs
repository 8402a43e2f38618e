//! What a bot needs around the core: stores, the loop that owns the board, messages in and out, and the pages.

pub mod cli;
pub mod config;
mod delivery;
mod demo;
mod driver;
mod fetch;
mod folder;
mod follow;
mod import;
mod log;
mod metrics;
mod outbox;
mod publish;
mod run;
mod secret;
mod setup;
mod signal;
mod stdio;
pub mod store;
mod terminal;
pub mod testing;
mod web;

pub use config::{BotFlags, Config, ConfigError, ConfigFile, FetchConfig, Flags, SiteConfig};
pub use fetch::{FetchError, FetchPolicy, fetch_json};
pub use folder::{FolderError, replace_file, write_folder};
pub use log::{LogConfig, LogError, LogFormat, start_logging};
pub use metrics::Metrics;
pub use publish::{PublishOptions, Publisher};
pub use run::{RunError, run, run_on, run_until};
pub use secret::{SecretError, Secrets, secret};
pub use setup::{InitialBoard, Setup, listen};
pub use signal::stop_on_signal;
pub use stdio::StdioTransport;
pub use terminal::TerminalTransport;
pub use tokio_util::sync::CancellationToken;
pub use web::{ServeError, SiteHandle, serve};
