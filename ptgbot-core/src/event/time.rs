//! What time alone has brought.

use crate::forgotten::Forgotten;
use crate::person::PersonId;
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What time alone has brought. It counts in the revision, so that of several bots one brings it about, and is no part of
/// undo or history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
#[non_exhaustive]
pub enum TimeEvent {
    /// Slots will begin soon of which people want to be told: now they are.
    RemindersDue {
        /// Who is told of what.
        reminders: Vec<DueReminder>,
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
    pub(crate) fn people(&self) -> impl Iterator<Item = &PersonId> {
        let Self::RemindersDue { reminders } = self;
        reminders.iter().map(|reminder| &reminder.person)
    }

    /// Takes a person out. True when they were there.
    pub(crate) fn forget(&mut self, forgotten: &Forgotten) -> bool {
        let Self::RemindersDue { reminders } = self;
        let before = reminders.len();
        reminders.retain(|reminder| !forgotten.is(&reminder.person));
        reminders.len() < before
    }
}
