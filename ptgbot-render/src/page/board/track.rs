//! The page of one track: all that is known of it in one place.

use super::facts::Facts;
use super::topics::TopicCard;
use crate::clock::Stamp;
use crate::schedule::Phase;
use ptgbot_core::{RoomName, SlotName};

/// A track that is shown alone.
pub(super) struct OneTrack<'a> {
    pub(super) card: TopicCard<'a>,
    pub(super) slots: Vec<TrackSlot<'a>>,
}

/// A slot that it holds.
pub(super) struct TrackSlot<'a> {
    pub(super) name: &'a SlotName,
    pub(super) room: &'a RoomName,
    pub(super) when: Stamp,
    pub(super) phase: Phase,
}

impl<'a> OneTrack<'a> {
    /// The track of the view, if that names one and nothing else.
    pub(super) fn of(facts: &mut Facts<'_, 'a>) -> Option<Self> {
        let track = facts.site.only_track()?;
        let now = facts.site.board.contents().now.get(track);
        let now = now.map(|topic| (topic, facts.standing(track, topic)));
        let at = facts.site.at;
        let slots = facts.meetings(track).iter().map(|meeting| TrackSlot {
            name: meeting.slot,
            room: meeting.room,
            when: facts.clock.dated_span(meeting.start, meeting.end),
            phase: match at {
                _ if meeting.runs_at(at) => Phase::Running,
                _ if meeting.end <= at => Phase::Past,
                _ => Phase::Ahead,
            },
        });
        let slots = slots.collect();
        let also = facts.mentions_of(track);
        Some(Self { card: TopicCard { also, ..TopicCard::of(facts, track, now) }, slots })
    }
}
