//! Events: what has happened at the board, as the journal keeps it.
//!
//! An event is a past fact. Its meaning never changes once released: a new field has a default, a new meaning
//! is a new variant. `tests/fixtures/events.jsonl` freezes one of each.

use crate::document::Document;
use crate::motd::Level;
use crate::network::Network;
use crate::person::{NameForm, Person, PersonId};
use crate::revision::Revision;
use crate::role::Moderation;
use crate::setting::Setting;
use crate::slot::SlotCode;
use crate::text::Text;
use crate::track::TrackName;
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// A track discusses a new topic; its list of next topics is cleared.
    TopicSet {
        /// Whose.
        track: TrackName,
        /// What is discussed.
        topic: Text,
    },
    /// A topic joins the end of a track's next list.
    TopicPlanned {
        /// Whose.
        track: TrackName,
        /// What will be discussed.
        topic: Text,
    },
    /// The first of the next topics became the current one; the rest of the list stays.
    TopicAdvanced {
        /// Whose.
        track: TrackName,
        /// What is discussed now.
        topic: Text,
    },
    /// One of the next topics was taken off the list.
    TopicDropped {
        /// Whose.
        track: TrackName,
        /// Its place in the list, from 1.
        number: usize,
    },
    /// Now and next of some tracks were removed.
    TopicsCleared {
        /// Whose.
        tracks: Vec<TrackName>,
    },
    /// A track uses a pad of its own (`None`: the generated one again).
    EtherpadSet {
        /// Whose.
        track: TrackName,
        /// Where it is.
        url: Option<String>,
    },
    /// A track meets under a link of its own (`None`: the room's again).
    UrlSet {
        /// Whose.
        track: TrackName,
        /// Where they meet.
        url: Option<String>,
    },
    /// A track's badge has a colour.
    ColorSet {
        /// Whose.
        track: TrackName,
        /// The CSS colour as it was given.
        color: String,
    },
    /// A track meets somewhere else than its room says.
    LocationSet {
        /// Whose.
        track: TrackName,
        /// Where, in words.
        location: Text,
    },
    /// A free slot of a room was given to a track.
    SlotBooked {
        /// The new holder.
        track: TrackName,
        /// What it holds.
        code: SlotCode,
    },
    /// A track gave a slot back.
    SlotFreed {
        /// The former holder.
        track: TrackName,
        /// What is free now.
        code: SlotCode,
    },
    /// Tracks joined the event.
    TracksAdded {
        /// The new ones.
        tracks: Vec<TrackName>,
    },
    /// Tracks left the list with their now and next; bookings and settings stay.
    TracksDeleted {
        /// The ones that left.
        tracks: Vec<TrackName>,
    },
    /// A new day: now, next, locations and check-ins are gone.
    DayStarted,
    /// A message of the day joined the end of the list.
    MotdAdded {
        /// How loud.
        level: Level,
        /// What it says.
        message: Text,
    },
    /// A message of the day was taken off the list.
    MotdDeleted {
        /// Its place in the list, from 1.
        number: usize,
    },
    /// The messages of the day were put in this order; those not named are gone.
    MotdReordered {
        /// Places in the old list, from 1.
        order: Vec<usize>,
    },
    /// All messages of the day are gone.
    MotdCleared,
    /// Who may give track commands was changed.
    ModerationSet {
        /// The new rule.
        moderation: Moderation,
    },
    /// Every key that a data file has replaced the board's.
    DocumentLoaded {
        /// What the file held, checked.
        document: Box<Document>,
        /// Where it came from: an address or a file name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<String>,
    },
    /// The board is empty again, people's data included.
    BoardEmptied,
    /// An earlier change was taken back, for the whole board or for one track.
    ChangeUndone {
        /// The change that no longer holds.
        revision: Revision,
        /// The one track for which it was taken back; `None` for all of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        track: Option<TrackName>,
        /// How things were before it.
        restored: Vec<Setting>,
    },
    /// Somebody checked in.
    CheckedIn {
        /// Who.
        person: Person,
        /// `#track` or a place in words.
        location: String,
    },
    /// Somebody left where they were.
    CheckedOut {
        /// Who.
        person: PersonId,
    },
    /// Somebody wants to be told of topics.
    Subscribed {
        /// Who.
        person: PersonId,
        /// The regular expression as it was given.
        pattern: String,
    },
    /// Somebody no longer wants to be told.
    Unsubscribed {
        /// Who.
        person: PersonId,
    },
    /// Somebody's data and name were removed, here and in every earlier row of the journal.
    PersonForgotten {
        /// Who; absent once the journal has removed the name here too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<PersonId>,
        /// True where the same name without a network, in rows of version 0.1, is theirs as well.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        plain: bool,
    },
    /// The people whom older data names without a network are this network's.
    NamesAdopted {
        /// Names of which form.
        form: NameForm,
        /// Whose they are.
        network: Network,
    },
    /// A row whose content was removed because it was about a person who asked to be forgotten.
    Erased,
}

impl Event {
    /// True for what concerns one person's own data: it counts in the revision, but is no part of undo or
    /// history (SPEC section 2.3).
    pub fn is_personal(&self) -> bool {
        match self {
            Self::CheckedIn { .. }
            | Self::CheckedOut { .. }
            | Self::Subscribed { .. }
            | Self::Unsubscribed { .. }
            | Self::PersonForgotten { .. }
            | Self::NamesAdopted { .. }
            | Self::Erased => true,
            Self::TopicSet { .. }
            | Self::TopicPlanned { .. }
            | Self::TopicAdvanced { .. }
            | Self::TopicDropped { .. }
            | Self::TopicsCleared { .. }
            | Self::EtherpadSet { .. }
            | Self::UrlSet { .. }
            | Self::ColorSet { .. }
            | Self::LocationSet { .. }
            | Self::SlotBooked { .. }
            | Self::SlotFreed { .. }
            | Self::TracksAdded { .. }
            | Self::TracksDeleted { .. }
            | Self::DayStarted
            | Self::MotdAdded { .. }
            | Self::MotdDeleted { .. }
            | Self::MotdReordered { .. }
            | Self::MotdCleared
            | Self::ModerationSet { .. }
            | Self::DocumentLoaded { .. }
            | Self::BoardEmptied
            | Self::ChangeUndone { .. } => false,
        }
    }

    /// The people of whom this event tells. One may come twice.
    pub(crate) fn people(&self) -> Vec<&PersonId> {
        match self {
            Self::CheckedIn { person, .. } => vec![&person.id],
            Self::CheckedOut { person } | Self::Subscribed { person, .. } | Self::Unsubscribed { person } => {
                vec![person]
            }
            Self::PersonForgotten { person, .. } => person.iter().collect(),
            Self::DocumentLoaded { document, .. } => document.people().collect(),
            Self::Erased
            | Self::NamesAdopted { .. }
            | Self::TopicSet { .. }
            | Self::TopicPlanned { .. }
            | Self::TopicAdvanced { .. }
            | Self::TopicDropped { .. }
            | Self::TopicsCleared { .. }
            | Self::EtherpadSet { .. }
            | Self::UrlSet { .. }
            | Self::ColorSet { .. }
            | Self::LocationSet { .. }
            | Self::SlotBooked { .. }
            | Self::SlotFreed { .. }
            | Self::TracksAdded { .. }
            | Self::TracksDeleted { .. }
            | Self::DayStarted
            | Self::MotdAdded { .. }
            | Self::MotdDeleted { .. }
            | Self::MotdReordered { .. }
            | Self::MotdCleared
            | Self::ModerationSet { .. }
            | Self::BoardEmptied
            | Self::ChangeUndone { .. } => Vec::new(),
        }
    }

    /// The tracks that this change names; empty for changes of the whole board and of people.
    pub fn tracks(&self) -> Vec<&TrackName> {
        match self {
            Self::TopicSet { track, .. }
            | Self::TopicPlanned { track, .. }
            | Self::TopicAdvanced { track, .. }
            | Self::TopicDropped { track, .. }
            | Self::EtherpadSet { track, .. }
            | Self::UrlSet { track, .. }
            | Self::ColorSet { track, .. }
            | Self::LocationSet { track, .. }
            | Self::SlotBooked { track, .. }
            | Self::SlotFreed { track, .. } => vec![track],
            Self::TopicsCleared { tracks } | Self::TracksAdded { tracks } | Self::TracksDeleted { tracks } => {
                tracks.iter().collect()
            }
            Self::ChangeUndone { track, restored, .. } => {
                let mut named: Vec<_> = track.iter().chain(restored.iter().filter_map(Setting::track)).collect();
                named.sort();
                named.dedup();
                named
            }
            Self::DayStarted
            | Self::MotdAdded { .. }
            | Self::MotdDeleted { .. }
            | Self::MotdReordered { .. }
            | Self::MotdCleared
            | Self::ModerationSet { .. }
            | Self::DocumentLoaded { .. }
            | Self::BoardEmptied
            | Self::CheckedIn { .. }
            | Self::CheckedOut { .. }
            | Self::Subscribed { .. }
            | Self::Unsubscribed { .. }
            | Self::PersonForgotten { .. }
            | Self::NamesAdopted { .. }
            | Self::Erased => Vec::new(),
        }
    }
}
