//! What happened to the board: to several tracks, to the messages of the day, to all of it.

use crate::announced::Announced;
use crate::document::Document;
use crate::due::RoomAddress;
use crate::forgotten::Forgotten;
use crate::motd::Level;
use crate::person::PersonId;
use crate::policy::Rule;
use crate::revision::Revision;
use crate::role::Moderation;
use crate::setting::Setting;
use crate::text::Text;
use crate::track::TrackName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What happened to the board: to several tracks, to the messages of the day, to all of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
#[non_exhaustive]
pub enum BoardEvent {
    /// Now and next of some tracks were removed.
    TopicsCleared {
        /// Whose.
        tracks: Vec<TrackName>,
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
    /// It was said who, besides ops, may give a track's commands.
    ModeratorsSet {
        /// Whose commands.
        track: TrackName,
        /// Who; ops alone where the last one was forgotten, and none where the channel's rule holds.
        people: Option<BTreeSet<PersonId>>,
    },
    /// A rule for booking was set, or is off.
    PolicySet {
        /// Which, and what it says.
        rule: Rule,
    },
    /// A room is told something by itself from now on, or no longer.
    AnnouncingSet {
        /// What.
        what: Announced,
        /// Where.
        room: RoomAddress,
        /// Told or not.
        on: bool,
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
}

impl BoardEvent {
    /// The tracks that it names, each once; none for changes of the whole board.
    pub fn tracks(&self) -> Vec<&TrackName> {
        match self {
            Self::ModeratorsSet { track, .. } => vec![track],
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
            | Self::PolicySet { .. }
            | Self::AnnouncingSet { .. }
            | Self::DocumentLoaded { .. }
            | Self::BoardEmptied => Vec::new(),
        }
    }

    /// The people of whom it tells. One may come twice.
    pub(crate) fn people(&self) -> Vec<&PersonId> {
        match self {
            Self::ModeratorsSet { people, .. } => people.iter().flatten().collect(),
            Self::ChangeUndone { restored, .. } => restored.iter().flat_map(Setting::people).collect(),
            _ => self.document().into_iter().flat_map(Document::people).collect(),
        }
    }

    /// Takes a person's name out. True when it was there.
    pub(crate) fn forget(&mut self, forgotten: &Forgotten) -> bool {
        match self {
            Self::ModeratorsSet { people: Some(people), .. } => forgotten.leaves(people),
            Self::ChangeUndone { restored, .. } => {
                let found = restored.iter_mut().map(|setting| setting.forget(forgotten));
                found.filter(|found| *found).count() > 0
            }
            Self::DocumentLoaded { document, .. } => document.forget(forgotten),
            _ => false,
        }
    }

    /// The data file that replaced parts of the board.
    pub fn document(&self) -> Option<&Document> {
        if let Self::DocumentLoaded { document, .. } = self { Some(document) } else { None }
    }
}
