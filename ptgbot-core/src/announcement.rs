//! Announcements: the lines that subscribers' patterns are matched against.

use crate::event::Event;
use crate::text::Text;
use crate::topic::When;
use crate::track::TrackName;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A topic that has just been announced: what subscribers hear of and the feed lists.
///
/// Printed, it is the line that patterns are matched against: `#track now topic`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// Whose topic.
    pub track: TrackName,
    /// On or to come.
    pub when: When,
    /// The words.
    pub topic: Text,
}

impl Announcement {
    /// What an event announces, if it does.
    pub fn of(event: &Event) -> Option<Self> {
        let (track, when, topic) = match event {
            Event::TopicSet { track, topic } | Event::TopicAdvanced { track, topic } => (track, When::Now, topic),
            Event::TopicPlanned { track, topic } => (track, When::Next, topic),
            Event::TopicDropped { .. }
            | Event::TopicsCleared { .. }
            | Event::EtherpadSet { .. }
            | Event::UrlSet { .. }
            | Event::ColorSet { .. }
            | Event::LocationSet { .. }
            | Event::SlotBooked { .. }
            | Event::SlotFreed { .. }
            | Event::TracksAdded { .. }
            | Event::TracksDeleted { .. }
            | Event::DayStarted
            | Event::MotdAdded { .. }
            | Event::MotdDeleted { .. }
            | Event::MotdReordered { .. }
            | Event::MotdCleared
            | Event::ModerationSet { .. }
            | Event::DocumentLoaded { .. }
            | Event::BoardEmptied
            | Event::ChangeUndone { .. }
            | Event::CheckedIn { .. }
            | Event::CheckedOut { .. }
            | Event::Subscribed { .. }
            | Event::Unsubscribed { .. }
            | Event::PersonForgotten { .. }
            | Event::NamesAdopted { .. }
            | Event::Erased => return None,
        };
        Some(Self { track: track.clone(), when, topic: topic.clone() })
    }
}

impl fmt::Display for Announcement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.track, self.when, self.topic)
    }
}
