//! What happened to a person's own data.

use crate::forgotten::Forgotten;
use crate::network::Network;
use crate::person::{NameForm, Person, PersonId};
use crate::track::TrackName;
use serde::{Deserialize, Serialize};

/// What happened to a person's own data. It counts in the revision, but is no part of undo or history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
#[non_exhaustive]
pub enum PersonEvent {
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
    /// Somebody wants to be told before each slot of a track begins.
    ReminderSet {
        /// Who.
        person: PersonId,
        /// Whose slots.
        track: TrackName,
        /// How long before.
        minutes: u32,
    },
    /// Somebody no longer wants to be told before a track meets, or before any does.
    RemindersCancelled {
        /// Who.
        person: PersonId,
        /// The one track; `None` for all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        track: Option<TrackName>,
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

impl PersonEvent {
    /// Of whom it tells; nobody once the name was removed, and where it is of all people.
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Self::CheckedIn { person, .. } => Some(&person.id),
            Self::CheckedOut { person }
            | Self::Subscribed { person, .. }
            | Self::Unsubscribed { person }
            | Self::ReminderSet { person, .. }
            | Self::RemindersCancelled { person, .. } => Some(person),
            Self::PersonForgotten { person, .. } => person.as_ref(),
            Self::NamesAdopted { .. } | Self::Erased => None,
        }
    }

    /// Takes a person's name out, and with it all that the event tells of them. True when it was there.
    pub(crate) fn forget(&mut self, forgotten: &Forgotten) -> bool {
        if !self.person().is_some_and(|person| forgotten.is(person)) {
            return false;
        }
        *self = match self {
            // The journal has done what it asks.
            Self::PersonForgotten { .. } => Self::PersonForgotten { person: None, plain: false },
            Self::CheckedIn { .. }
            | Self::CheckedOut { .. }
            | Self::Subscribed { .. }
            | Self::Unsubscribed { .. }
            | Self::ReminderSet { .. }
            | Self::RemindersCancelled { .. }
            | Self::NamesAdopted { .. }
            | Self::Erased => Self::Erased,
        };
        true
    }
}
