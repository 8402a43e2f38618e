//! The IRC transport of ptgbot.
//!
//! [`IrcTransport`] is a [`ptgbot_core::Transport`]. Beneath it lie, from the outside in: a task that owns the
//! connection (`task`, `connection`, `tls`), the client as a pure machine (`session`), and its parts, each a pure
//! piece of knowledge about IRC. The `irc` crate reads the lines and answers PING; where it falls short the part
//! in question says so and does it itself.

mod backoff;
mod channels;
mod connection;
mod ctcp;
mod error;
mod formatting;
mod identified;
mod identity;
mod isupport;
mod line;
mod meant;
mod modes;
mod pacing;
mod post;
mod registration;
mod roster;
mod session;
mod settings;
mod split;
mod task;
mod tls;
mod transport;

pub use error::IrcError;
pub use settings::{ChannelSetting, ClientCertificate, Identified, IdentifyOrder, Security, Settings, Timing};
pub use transport::{Farewell, IrcTransport};
