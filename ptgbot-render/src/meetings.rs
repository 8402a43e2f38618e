//! When and where each track meets, and what that says about its topic.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use ptgbot_core::{Board, RoomName, Slot, SlotName, TopicStanding, TrackName, Zone};
use std::collections::HashMap;

/// The booked slots of every track that have a time.
#[derive(Debug)]
pub(crate) struct Meetings<'a> {
    zone: Tz,
    by_track: HashMap<&'a TrackName, Vec<Meeting<'a>>>,
}

/// A booked slot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meeting<'a> {
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    pub(crate) slot: &'a SlotName,
    pub(crate) room: &'a RoomName,
}

impl Meeting<'_> {
    /// True from its start until just before its end.
    pub(crate) fn runs_at(&self, at: DateTime<Utc>) -> bool {
        self.start <= at && at < self.end
    }
}

impl<'a> Meetings<'a> {
    pub(crate) fn of(board: &'a Board) -> Self {
        let contents = board.contents();
        let spans: HashMap<_, _> =
            contents.days.values().flatten().filter_map(|slot| Some((&slot.name, Slot::span(slot)?))).collect();
        let mut by_track = HashMap::<_, Vec<_>>::new();
        for (room, held) in &contents.rooms {
            for (slot, booking) in &held.bookings {
                let Some(&(start, end)) = spans.get(slot) else { continue };
                for track in booking.holders() {
                    by_track.entry(track).or_default().push(Meeting { start, end, slot, room });
                }
            }
        }
        for meetings in by_track.values_mut() {
            meetings.sort_by_key(|meeting| meeting.start);
        }
        Self { zone: contents.timezone.0, by_track }
    }

    /// The meeting of a track that runs, else its next one.
    pub(crate) fn nearest(&self, track: &TrackName, at: DateTime<Utc>) -> Option<Meeting<'a>> {
        let meetings = || self.of_track(track).iter().copied();
        meetings().find(|meeting| meeting.runs_at(at)).or_else(|| meetings().find(|meeting| at < meeting.start))
    }

    /// How a topic stands that was announced at `since`.
    pub(crate) fn standing(&self, track: &TrackName, since: DateTime<Utc>, at: DateTime<Utc>) -> TopicStanding {
        let spans = self.of_track(track).iter().map(|meeting| (meeting.start, meeting.end));
        TopicStanding::of(spans, since, at, Zone(self.zone))
    }

    /// When a track's meetings end, in the order of their starts.
    pub(crate) fn ends(&self, track: &TrackName) -> impl Iterator<Item = DateTime<Utc>> {
        self.of_track(track).iter().map(|meeting| meeting.end)
    }

    /// All its meetings, in the order of their starts.
    pub(crate) fn of_track(&self, track: &TrackName) -> &[Meeting<'a>] {
        self.by_track.get(track).map(Vec::as_slice).unwrap_or_default()
    }
}
