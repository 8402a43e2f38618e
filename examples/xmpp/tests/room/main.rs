//! The bot in a room of a real Prosody.

mod bot;
mod client;
mod contract;
mod conversation;
mod lost;
