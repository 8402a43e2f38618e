//! Announcements: the lines that subscribers' patterns are matched against.

use crate::event::{Event, TrackEvent};
use crate::text::Text;
use crate::topic::When;
use crate::track::TrackName;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A topic that has just been announced: what subscribers hear of and the feed lists.
///
/// Printed, it is the line that patterns are matched against: `#track now topic`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
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
            Event::Track(TrackEvent::TopicSet { track, topic } | TrackEvent::TopicAdvanced { track, topic }) => {
                (track, When::Now, topic)
            }
            Event::Track(TrackEvent::TopicPlanned { track, topic }) => (track, When::Next, topic),
            Event::Track(
                TrackEvent::TopicDropped { .. }
                | TrackEvent::EtherpadSet { .. }
                | TrackEvent::UrlSet { .. }
                | TrackEvent::ColorSet { .. }
                | TrackEvent::LocationSet { .. }
                | TrackEvent::SlotBooked { .. }
                | TrackEvent::SlotFreed { .. }
                | TrackEvent::SlotMoved { .. },
            )
            | Event::Board(_)
            | Event::Person(_)
            | Event::Time(_) => return None,
        };
        Some(Self { track: track.clone(), when, topic: topic.clone() })
    }
}

impl fmt::Display for Announcement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.track, self.when, self.topic)
    }
}
