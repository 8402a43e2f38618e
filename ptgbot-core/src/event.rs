//! Events: what has happened at the board, as the journal keeps it.
//!
//! An event is a past fact. Its meaning never changes once released: a new field has a default, a new meaning
//! is a new variant. `tests/fixtures/events.jsonl` freezes one of each.
//!
//! What an event is about decides which rules hold for it, so there is a family for each: a track, the board, a person.
//! The journal knows nothing of families: there an event is an object with its name as `type`.

mod board;
mod person;
mod time;
mod track;

pub use board::BoardEvent;
pub use person::PersonEvent;
pub use time::{DueReminder, TimeEvent};
pub use track::TrackEvent;

use crate::person::PersonId;
use crate::track::TrackName;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What happened.
///
/// Exhaustive: a change is one of these four; each of them may grow.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// To one track.
    Track(TrackEvent),
    /// To the board.
    Board(BoardEvent),
    /// To a person's own data.
    Person(PersonEvent),
    /// By time alone.
    Time(TimeEvent),
}

impl Event {
    /// True for what concerns people's own data, and what time brings: it counts in the revision, but is no part of undo or
    /// history.
    pub fn is_personal(&self) -> bool {
        match self {
            Self::Person(_) | Self::Time(_) => true,
            Self::Track(_) | Self::Board(_) => false,
        }
    }

    /// The people of whom this event tells. One may come twice.
    pub(crate) fn people(&self) -> Vec<&PersonId> {
        match self {
            Self::Track(_) => Vec::new(),
            Self::Board(event) => event.people(),
            Self::Person(event) => event.person().into_iter().collect(),
            Self::Time(event) => event.people().collect(),
        }
    }

    /// The tracks that this change names; empty for changes of the whole board and of people.
    pub fn tracks(&self) -> Vec<&TrackName> {
        match self {
            Self::Track(event) => vec![event.track()],
            Self::Board(event) => event.tracks(),
            Self::Person(_) | Self::Time(_) => Vec::new(),
        }
    }
}

impl From<TrackEvent> for Event {
    fn from(event: TrackEvent) -> Self {
        Self::Track(event)
    }
}

impl From<BoardEvent> for Event {
    fn from(event: BoardEvent) -> Self {
        Self::Board(event)
    }
}

impl From<PersonEvent> for Event {
    fn from(event: PersonEvent) -> Self {
        Self::Person(event)
    }
}

impl From<TimeEvent> for Event {
    fn from(event: TimeEvent) -> Self {
        Self::Time(event)
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Map::deserialize(deserializer)?;
        let name = fields.get("type").ok_or_else(|| D::Error::missing_field("type"))?;
        let family = Family::deserialize(name).map_err(D::Error::custom)?;
        let fields = Value::Object(fields);
        match family {
            Family::Track => TrackEvent::deserialize(fields).map(Self::Track),
            Family::Board => BoardEvent::deserialize(fields).map(Self::Board),
            Family::Person => PersonEvent::deserialize(fields).map(Self::Person),
            Family::Time => TimeEvent::deserialize(fields).map(Self::Time),
        }
        .map_err(D::Error::custom)
    }
}

/// Of which family the event of each name is.
#[derive(Deserialize)]
enum Family {
    #[serde(
        alias = "TopicSet",
        alias = "TopicPlanned",
        alias = "TopicAdvanced",
        alias = "TopicDropped",
        alias = "EtherpadSet",
        alias = "UrlSet",
        alias = "ColorSet",
        alias = "LocationSet",
        alias = "SlotBooked",
        alias = "SlotFreed",
        alias = "SlotMoved"
    )]
    Track,
    #[serde(
        alias = "TopicsCleared",
        alias = "TracksAdded",
        alias = "TracksDeleted",
        alias = "DayStarted",
        alias = "MotdAdded",
        alias = "MotdDeleted",
        alias = "MotdReordered",
        alias = "MotdCleared",
        alias = "ModerationSet",
        alias = "ModeratorsSet",
        alias = "PolicySet",
        alias = "AnnouncingSet",
        alias = "DocumentLoaded",
        alias = "BoardEmptied",
        alias = "ChangeUndone"
    )]
    Board,
    #[serde(
        alias = "CheckedIn",
        alias = "CheckedOut",
        alias = "Subscribed",
        alias = "Unsubscribed",
        alias = "PersonForgotten",
        alias = "NamesAdopted",
        alias = "Erased",
        alias = "ReminderSet",
        alias = "RemindersCancelled"
    )]
    Person,
    #[serde(alias = "RemindersDue", alias = "RebookingsDue", alias = "SlotsBegun")]
    Time,
}

#[cfg(test)]
mod tests;
