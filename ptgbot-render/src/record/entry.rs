//! An entry of the record: one discussion as people read it.

use super::clock;
use crate::clock::{Stamp, WallClock};
use crate::segment::{Segment, segments};
use crate::site::Site;
use chrono::{DateTime, Utc};
use ptgbot_core::{Discussion, TrackName};

/// A topic with when and where it was discussed.
#[derive(Debug)]
pub(crate) struct RecordEntry<'a> {
    pub(crate) track: &'a TrackName,
    pub(crate) topic: Vec<Segment<'a>>,
    pub(crate) when: EntryTime,
    pub(crate) place: Option<&'a str>,
    /// What the entry is called within the page of its day.
    pub(crate) anchor: String,
}

/// When a topic was discussed.
#[derive(Clone, Debug)]
pub(crate) enum EntryTime {
    /// From then until then.
    Over(Stamp),
    /// Since then: it goes on.
    Since(Stamp),
}

impl<'a> RecordEntry<'a> {
    pub(super) fn of(site: &Site<'a>, discussion: &'a Discussion) -> Self {
        Self {
            track: &discussion.track,
            topic: segments(discussion.topic.as_str(), site.board),
            when: EntryTime::of(discussion, clock(site), site.at),
            place: discussion.place.as_deref(),
            anchor: anchor(discussion),
        }
    }
}

impl EntryTime {
    pub(super) fn of(discussion: &Discussion, clock: WallClock, at: DateTime<Utc>) -> Self {
        match discussion.until() {
            until if until <= at => Self::Over(clock.between(discussion.from, until)),
            _ => Self::Since(clock.time(discussion.from)),
        }
    }

    /// In words.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Over(span) => span.text.clone(),
            Self::Since(start) => format!("since {}", start.text),
        }
    }
}

/// The name that leads to a discussion within the page of its day. No track is called so: a name holds no colon.
pub(super) fn anchor(discussion: &Discussion) -> String {
    format!("{}:{}", discussion.track.as_str(), discussion.begun())
}
