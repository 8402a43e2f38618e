//! The heart of ptgbot: what an event board is, what people may say to it, and what follows.
//!
//! Pure and synchronous. A chat line comes in as a [`Request`]; [`decide`] says what it leads to and changes
//! nothing; a [`Journal`] makes the change durable as a [`Record`]; [`Board::apply`] takes it over. Chat
//! networks are [`Transport`]s. Time, zone and rights come in as data: nothing here knows a clock, a socket,
//! a file or a thread.

mod board;
mod calendar;
mod color;
pub mod command;
mod decide;
mod decision;
pub mod document;
mod event;
mod history;
mod journal;
mod link;
mod motd;
mod nearest;
mod news;
mod person;
mod record;
mod refusal;
mod request;
mod role;
mod room;
mod slot;
#[cfg(test)]
mod stage;
pub mod subscription;
mod text;
mod topic;
mod track;
mod transport;

pub use board::{Board, Contents, Zone};
pub use calendar::{Calendar, Entry, EntryId, Status};
pub use color::Color;
pub use decide::{decide, notification};
pub use decision::{Answer, Decision, Outcome, Task};
pub use document::{Document, DocumentError};
pub use event::{Event, Setting};
pub use history::{Change, History, describe};
pub use journal::{Journal, JournalError};
pub use link::{HttpUrl, InvalidUrl};
pub use motd::{Level, Motd};
pub use news::{News, NewsItem};
pub use person::{CheckIn, Folding, Person, PersonId};
pub use record::{Origin, Record, Revision};
pub use refusal::Refusal;
pub use request::{Ask, Place, Request};
pub use role::{Moderation, Role};
pub use room::{Booking, Room, RoomName};
pub use slot::{Slot, SlotCode, SlotName};
pub use text::{Text, clean, clean_name};
pub use topic::{Announcement, Topic, When};
pub use track::{InvalidTrackName, NameRule, TrackName};
pub use transport::{Inbox, Incoming, IncomingKind, Order, Outgoing, Outlet, Target, Transport, TransportError};
