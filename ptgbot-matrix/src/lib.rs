//! The Matrix side of ptgbot: an account in rooms, encrypted ones too, as a [`Transport`](ptgbot_core::Transport).
//!
//! [`MatrixTransport`] is the door. Behind it the listener syncs and has each room read by itself, which turns what
//! people say into requests; the room manager joins, follows and leaves rooms; the speaker answers and notifies. They
//! share the client, what each room is to the bot, and which messages still wait for their answers: so how far the
//! stream of messages is dealt with. What a message means, what an answer looks like and who may do what are pure
//! parts of their own.
//!
//! Whoever spawns the bot in a crate of their own needs `#![recursion_limit = "256"]` there: the library's futures
//! are deep.

#![recursion_limit = "256"]

mod board_message;
mod causes;
#[cfg(feature = "bot")]
mod check;
#[cfg(feature = "bot")]
mod config;
mod content;
mod direct_rooms;
mod duty;
mod error;
#[cfg(feature = "bot")]
mod flags;
mod folder;
mod generation;
mod lasting_name;
mod levels;
mod listen;
mod markup;
mod message;
mod name;
mod pending;
mod people;
mod pieces;
mod position;
mod predecessor;
mod rate_limit;
mod removal;
mod retry;
mod room_changes;
mod room_event;
mod room_manager;
mod room_names;
mod said_before;
mod send;
mod session;
mod settings;
mod shared_client;
mod speak;
mod stream_place;
mod transaction;
mod transport;
mod trust;
mod verification;
mod voice;

/// The crates whose types stand in this interface, in the versions that fit.
#[cfg(feature = "bot")]
pub use ptgbot_runtime;
pub use {matrix_sdk::ruma, ptgbot_core, secrecy};

#[cfg(feature = "bot")]
pub use check::check;
#[cfg(feature = "bot")]
pub use config::MatrixConfig;
pub use error::MatrixError;
#[cfg(feature = "bot")]
pub use flags::Flags;
pub use levels::Levels;
pub use settings::{Account, Allowed, Homeserver, RoomSetting, Secret, SettingError, Settings};
pub use transport::MatrixTransport;

/// The examples of README.md.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
