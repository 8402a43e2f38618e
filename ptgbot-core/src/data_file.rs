//! The data file: one JSON object, the format of the older bot and of existing event pages.
//!
//! [`Document::check`](crate::Document::check) reads it whole before anything changes; [`full`] and [`public`] write it.

mod at;
mod read;
mod time;
mod write;

pub(crate) use at::{Path as JsonPath, shortened};
pub use write::{full, public};
