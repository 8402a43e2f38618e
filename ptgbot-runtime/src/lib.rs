//! What a bot needs around the core: stores, the loop that owns the board, messages in and out, and the pages.

mod board_watch;
mod config;
mod fetch;
mod log;
mod secret;
mod signal;
pub mod store;

pub use board_watch::{BoardOwner, BoardWatch, Closed, board_watch};
pub use config::{Config, ConfigError, FetchConfig, SiteConfig};
pub use fetch::{FetchError, FetchPolicy, fetch_json};
pub use log::{LogConfig, LogError, LogFormat, start_logging};
pub use secret::{SecretError, secret};
pub use signal::{Stop, Stopper, stop, stop_on_signal};
