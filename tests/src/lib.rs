//! Real counterparts for whole-system tests: chat servers, services and a
//! second client, all on 127.0.0.1, all gone when the test ends.
//!
//! A test asks for a server and gets one of its own, or `None` where that
//! server is not installed (`.ci/install-test-servers` installs them):
//!
//! ```no_run
//! # async fn test() {
//! use ptgbot_tests::{Ircd, RawClient};
//!
//! let Some(ircd) = Ircd::hybrid().await else { return };
//! let mut jane = RawClient::register(&ircd, "jane").await;
//! jane.join("#ptg").await;
//! jane.say("#ptg", "#swift now ring placement");
//! jane.expect("an answer", |line| line.contains("PRIVMSG #ptg :jane: ")).await;
//! # }
//! ```
//!
//! Nothing here sleeps: readiness is a connection that succeeds, an answer is a
//! line that arrives, and both have a deadline. What fails panics with what was
//! awaited and what came instead, since the only readers are tests.

pub mod accept_ircd;
pub mod built;
pub mod cable;
pub mod certificates;
pub mod database;
pub mod deadline;
pub mod elsewhere;
pub mod homeserver;
pub mod homeserver_proxy;
pub mod irc_bots;
pub mod ircd;
pub mod matrix_bot;
pub mod matrix_client;
mod matrix_driver;
mod on_both;
pub mod page;
mod pause;
pub mod pooler;
pub mod process;
pub mod prosody;
pub mod raw_client;
pub mod seed;
pub mod seen;
pub mod served;
pub mod services;
pub mod skip;
pub mod soon;
pub mod stage;
pub mod transcript;

pub use accept_ircd::AcceptIrcd;
pub use built::built;
pub use cable::{Cable, Cut, ToBeCut};
pub use database::Database;
pub use elsewhere::Elsewhere;
pub use homeserver::Homeserver;
pub use homeserver_proxy::HomeserverProxy;
pub use irc_bots::IrcBots;
pub use ircd::Ircd;
pub use matrix_bot::{MatrixBot, Standby};
pub use matrix_client::MatrixClient;
pub use page::Page;
pub use pooler::Pooler;
pub use process::Process;
pub use prosody::Prosody;
pub use raw_client::RawClient;
pub use seed::Seed;
pub use seen::Seen;
pub use served::{Served, Stored};
pub use services::Services;
pub use stage::Stage;
