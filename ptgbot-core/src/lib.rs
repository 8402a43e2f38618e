//! The heart of ptgbot: what an event board is, what people may say to it, and what follows.
//!
//! Pure and synchronous. A chat line comes in as a [`Request`]; [`decide`] says what it leads to and changes
//! nothing; a [`Journal`] makes the change durable as a [`Record`]; [`Board::apply`] takes it over. Chat
//! networks are [`Transport`]s. Time, zone and rights come in as data: nothing here knows a clock, a socket,
//! a file or a thread.
//!
//! One line of chat, from its arrival to its answer:
//!
//! ```
//! use ptgbot_core::{
//!     Answer, Ask, Board, Folding, Network, Person, Record, Refusal, Request, Role, TrackName, decide,
//! };
//!
//! /// What an op is answered. `journal` stands for a [`ptgbot_core::Journal`], and does what each has to do.
//! fn hear(board: &mut Board, journal: &mut Vec<Record>, line: &str) -> Result<Answer, Refusal> {
//!     let oftc = Network::parse("oftc").unwrap();
//!     let jane = Person::new(&oftc, "jane", Folding::Rfc1459);
//!     let request = Request::new(&oftc, "2026-10-19T09:00:00Z".parse().unwrap(), Ask::Said(line.into()))
//!         .by(jane, Role::Op)
//!         .in_room("#ptg");
//!     // The rules: nothing has changed after this, whatever it says.
//!     let decision = decide(board, &request)?;
//!     for event in decision.events {
//!         let record = Record::of(board.revision() + 1, &request, event);
//!         // Durable first, then true, then told.
//!         journal.push(record.clone());
//!         board.apply(&record);
//!         // Whoever asked to be forgotten is named nowhere any more, neither before nor here.
//!         if let Some(forgotten) = record.forgotten() {
//!             for kept in journal.iter_mut() {
//!                 kept.forget(&forgotten);
//!             }
//!         }
//!     }
//!     Ok(decision.answer)
//! }
//!
//! let (mut board, mut journal) = (Board::default(), Vec::new());
//! assert_eq!(hear(&mut board, &mut journal, "~add swift").unwrap(), Answer::Ack);
//! assert!(matches!(hear(&mut board, &mut journal, "#swift now ring placement"), Ok(Answer::Say(_))));
//! let refusal = hear(&mut board, &mut journal, "#swfit now ring placement").unwrap_err();
//! assert!(refusal.to_string().contains("#swift"));
//! assert_eq!(hear(&mut board, &mut journal, "+1 to that").unwrap(), Answer::Silence);
//!
//! let swift = TrackName::parse("swift").unwrap();
//! assert_eq!(board.contents().now[&swift].text.as_str(), "ring placement");
//!
//! assert!(matches!(hear(&mut board, &mut journal, "+forget"), Ok(Answer::Say(_))));
//! assert!(journal.iter().all(|record| record.people().next().is_none()));
//!
//! // A start is the same records applied again.
//! let mut again = Board::default();
//! journal.iter().for_each(|record| again.apply(record));
//! assert_eq!(again, board);
//! ```
//!
//! Crates whose types stand in this interface ([`chrono`], [`indexmap`], [`serde_json`] and others) and the macro
//! [`async_trait`](macro@async_trait) are to be had from here, so that versions fit. Enums that will grow are
//! `#[non_exhaustive]`; those that are not name what nobody may leave out.
//!
//! A decision may also hold a [`Task`]: something only the world outside can do. Its result comes back as another
//! request. Whom a change concerns besides the person who made it follows from its record: [`Announcement::of`]
//! says what it announces, a [`subscription::SubscriptionIndex`] who wants to know, [`notification`] in which
//! words. `ptgbot-runtime` is such a loop with stores, a web server and a paced outbox; a bot on another network
//! brings a [`Transport`] and leaves the rest to it.

mod announced;
mod announcement;
mod board;
mod booking;
mod calendar;
mod check;
mod color;
pub mod command;
mod connection;
mod contents;
pub mod data_file;
mod decide;
mod decision;
mod delivered;
mod discussion;
mod document;
mod due;
mod event;
mod forgotten;
mod history;
mod home;
mod journal;
mod lease;
mod limits;
mod link;
mod mention;
mod messages;
mod moderators;
mod motd;
mod nearest;
mod network;
mod news;
mod outgoing;
mod person;
mod policy;
mod programme_name;
mod rebooking;
mod record;
mod refusal;
mod reminder;
mod reply;
mod request;
mod revision;
mod role;
mod room;
mod setting;
mod slot;
#[cfg(test)]
mod stage;
pub mod subscription;
mod text;
mod text_part;
mod topic;
mod topic_standing;
mod track;
mod transport;
mod was;
mod zone_name;

/// The crates whose types and macros stand in this interface, in the versions that fit.
pub use {async_trait::async_trait, chrono, chrono_tz, futures_core, indexmap, serde_json, url};

pub use announced::{Announced, AnnouncedIn};
pub use announcement::Announcement;
pub use board::Board;
pub use booking::{Booking, Sharing};
pub use calendar::{Calendar, CalendarEntry, CalendarEntryId, EntryStatus};
pub use check::{Finding, FindingKind, Findings, Severity, check_file};
pub use color::Color;
pub use connection::Connection;
pub use contents::{Contents, ContentsText, Zone};
pub use decide::{board_words, decide, due_messages, may_be_command, notification, policy_rules};
pub use decision::{Answer, Decision, Outcome, Task};
pub use delivered::{Delivered, Mark};
pub use discussion::{Discussion, Discussions};
pub use document::{Document, DocumentError};
pub use due::{Audience, DueMessage, RoomAddress};
pub use event::{BoardEvent, DueReminder, Event, PersonEvent, TimeEvent, TrackEvent};
pub use forgotten::Forgotten;
pub use history::{Change, History, Removed, describe};
pub use home::Homes;
pub use journal::{Journal, JournalError};
pub use lease::{Claim, Lease, LeaseState, Leases, Taken};
pub use link::{HttpUrl, InvalidUrl};
pub use mention::{Mention, Mentions};
pub use moderators::Moderators;
pub use motd::{Level, Motd};
pub use nearest::nearest;
pub use network::{InvalidNetwork, Network};
pub use news::{Headline, News, NewsItem};
pub use outgoing::{Outgoing, Target};
pub use person::{CheckIn, Folding, NameForm, Person, PersonId};
pub use policy::{Enforcement, Objection, PastSlots, Policy, Rule};
pub use programme_name::{RoomName, SlotName};
pub use rebooking::{Meeting, Rebooking};
pub use record::{Origin, Record};
pub use refusal::{EditRefused, Refusal};
pub use reminder::{Reminder, Reminders};
pub use reply::{Fold, Line, Reply, Span};
pub use request::{Ask, Place, Request};
pub use revision::Revision;
pub use role::{Moderation, Role};
pub use room::Room;
pub use setting::Setting;
pub use slot::{Slot, SlotCode};
pub use text::{Text, clean, clean_name, isolated};
pub use text_part::{TextPart, text_parts};
pub use topic::{Topic, When};
pub use topic_standing::TopicStanding;
pub use track::{InvalidTrackName, NameRule, TrackName};
pub use transport::{
    Blocking, Delivery, Fetching, Handled, Inbox, Incoming, Options, Order, Outlet, SendError, Sending, Transport,
    TransportError,
};
pub use was::Was;
pub use zone_name::zones_near;

/// The examples of README.md.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
