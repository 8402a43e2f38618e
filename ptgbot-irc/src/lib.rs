//! The IRC transport of ptgbot.
//!
//! [`IrcTransport`] is a [`ptgbot_core::Transport`]. Beneath it lie, from the outside in: a task that owns the
//! connection (`task`, `connection`, `tls`), the client as a pure machine (`session`), and its parts, each a pure
//! piece of knowledge about IRC. The `irc` crate reads the lines and answers PING; where it falls short the part
//! in question says so and does it itself.

mod accept_list;
mod channels;
#[cfg(feature = "bot")]
mod check;
#[cfg(feature = "bot")]
mod config;
mod connection;
mod ctcp;
mod duty;
mod error;
#[cfg(feature = "bot")]
mod flags;
mod formatting;
mod identified;
mod isupport;
mod kept;
mod likely_command;
mod line;
mod marks;
mod modes;
mod pacing;
mod registration;
mod roster;
mod send_queue;
mod services_login;
mod session;
mod settings;
mod split;
mod takeover;
mod tally;
mod task;
mod timing;
mod tls;
mod transport;
mod voice;
mod word;

/// The crates whose types stand in this interface, in the versions that fit.
#[cfg(feature = "bot")]
pub use ptgbot_runtime;
pub use {ptgbot_core, secrecy};

#[cfg(feature = "bot")]
pub use check::check;
#[cfg(feature = "bot")]
pub use config::IrcConfig;
pub use error::IrcError;
#[cfg(feature = "bot")]
pub use flags::Flags;
pub use settings::{ChannelSetting, ClientCertificate, Identified, IdentifyOrder, Security, Settings};
pub use timing::Timing;
pub use transport::IrcTransport;
pub use word::{ChannelName, Host, Nick, Word};

/// The examples of README.md.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
