//! What is on: the slots that run, the one that comes, and what each track discusses.

use crate::clock::{Stamp, WallClock};
use crate::folded::Folded;
use crate::link::{Href, UserLink};
use crate::meetings::TopicStanding;
use crate::segment::Segment;
use ptgbot_core::{RoomName, SlotName, TrackName};

/// A slot that is on.
pub(super) struct RunningSlot<'a> {
    pub(super) name: &'a SlotName,
    pub(super) start: String,
    pub(super) end: Stamp,
}

/// The slot that comes.
pub(super) struct UpcomingSlot<'a> {
    pub(super) name: &'a SlotName,
    pub(super) start: Stamp,
    pub(super) held: Folded<(&'a RoomName, &'a TrackName)>,
}

/// What a track discusses.
pub(super) struct NowCard<'a> {
    pub(super) track: &'a TrackName,
    pub(super) topic: Vec<Segment<'a>>,
    pub(super) since: Option<Stamp>,
    pub(super) age: TopicAge,
    pub(super) place: Option<&'a str>,
    /// A word about the place: `Level 2`.
    pub(super) note: Option<&'a str>,
    pub(super) meeting: Option<UserLink<'a>>,
    pub(super) pad: Option<Href>,
    pub(super) people: Folded<&'a str>,
}

/// Whether a card is of the past.
#[derive(Clone)]
pub(super) enum TopicAge {
    Current,
    /// Its slot ended then.
    SlotOver(Stamp),
    /// It was announced on an earlier day, outside of any slot.
    EarlierDay,
}

impl NowCard<'_> {
    pub(super) fn is_current(&self) -> bool {
        match self.age {
            TopicAge::Current => true,
            TopicAge::SlotOver(_) | TopicAge::EarlierDay => false,
        }
    }
}

impl TopicAge {
    pub(super) fn of(standing: TopicStanding, clock: WallClock) -> Self {
        match standing {
            TopicStanding::Current => Self::Current,
            TopicStanding::SlotOver(end) | TopicStanding::EarlierDay(Some(end)) => Self::SlotOver(clock.day_time(end)),
            TopicStanding::EarlierDay(None) => Self::EarlierDay,
        }
    }
}
