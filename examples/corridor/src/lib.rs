//! The Corridor, a made-up chat, and ptgbot in it: the bot of the embedders' guide, which explains it part by part.
//!
//! The Corridor speaks JSON over TCP, an object a line ([`wire`]). It counts its messages, so a client that comes back can ask
//! for what it missed, and it knows a post that comes twice.

mod connection;
mod transport;
pub mod wire;

pub use transport::Corridor;
