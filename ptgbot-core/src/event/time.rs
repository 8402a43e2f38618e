//! What time alone has brought.

use crate::forgotten::Forgotten;
use crate::person::PersonId;
use crate::rebooking::Rebooking;
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What time alone has brought. It counts in the revision, so that of several bots one brings it about, and is no part of
/// undo or history. What people and rooms are told of it says [`due_messages`](crate::due_messages).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
#[non_exhaustive]
pub enum TimeEvent {
    /// Slots will begin soon of which people want to be told: now they are.
    RemindersDue {
        /// Who is told of what.
        reminders: Vec<DueReminder>,
    },
    /// Bookings were changed a minute ago: whoever waits for the tracks, and rooms that want to know, are told.
    RebookingsDue {
        /// What has changed, by track. Where nothing is different in the end nothing is told.
        rebookings: Vec<Rebooking>,
    },
    /// Slots have begun: rooms that want to know are told.
    SlotsBegun {
        /// When they did (UTC).
        starts: Vec<DateTime<Utc>>,
    },
}

/// Somebody is to be told that a track will meet soon.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DueReminder {
    /// Who.
    pub person: PersonId,
    /// Which track.
    pub track: TrackName,
    /// When its slot begins (UTC).
    pub start: DateTime<Utc>,
}

impl TimeEvent {
    /// Of whom it tells. One may come twice.
    pub(crate) fn people(&self) -> Box<dyn Iterator<Item = &PersonId> + '_> {
        match self {
            Self::RemindersDue { reminders } => Box::new(reminders.iter().map(|reminder| &reminder.person)),
            Self::RebookingsDue { rebookings } => Box::new(rebookings.iter().flat_map(|one| &one.people)),
            Self::SlotsBegun { .. } => Box::new(std::iter::empty()),
        }
    }

    /// Takes a person out. True when they were there.
    pub(crate) fn forget(&mut self, forgotten: &Forgotten) -> bool {
        if !self.people().any(|person| forgotten.is(person)) {
            return false;
        }
        match self {
            Self::RemindersDue { reminders } => reminders.retain(|reminder| !forgotten.is(&reminder.person)),
            Self::RebookingsDue { rebookings } => {
                rebookings.iter_mut().for_each(|one| one.people.retain(|person| !forgotten.is(person)));
            }
            Self::SlotsBegun { .. } => {}
        }
        true
    }
}
