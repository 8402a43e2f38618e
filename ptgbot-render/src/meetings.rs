//! When and where each track meets, and what that says about its topic.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use ptgbot_core::{Board, RoomName, Slot, SlotName, TrackName};
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

/// Whether a topic that was announced with `now` is still meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TopicStanding {
    /// It may be under discussion.
    Current,
    /// The slot in which it was announced ended then, and [`TopicStanding::PATIENCE`] has passed.
    SlotOver(DateTime<Utc>),
    /// It is of an earlier day, and was announced without a slot.
    EarlierDay,
}

impl TopicStanding {
    /// A discussion may take longer than its slot.
    pub(crate) const PATIENCE: TimeDelta = TimeDelta::minutes(30);
    /// A topic that was announced so long before a slot began is not that slot's.
    const OVERNIGHT: TimeDelta = TimeDelta::hours(12);
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
        let meetings = self.of_track(track);
        let meant = |meeting: &Meeting| meeting.start - since < TopicStanding::OVERNIGHT && at < meeting.end;
        if meetings.iter().any(|meeting| meant(meeting) && meeting.start <= at) {
            return TopicStanding::Current;
        }
        let ended = meetings.iter().map(|meeting| meeting.end).filter(|end| since < *end && *end <= at).max();
        let date = |time: DateTime<Utc>| time.with_timezone(&self.zone).date_naive();
        match ended {
            Some(end) if at - end < TopicStanding::PATIENCE => TopicStanding::Current,
            Some(end) => TopicStanding::SlotOver(end),
            None if date(since) < date(at) && !meetings.iter().any(meant) => TopicStanding::EarlierDay,
            None => TopicStanding::Current,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        format!("2026-10-{text}:00Z").parse().expect("a time")
    }

    /// How `#swift`'s topic of Monday 09:05 stands, with these meetings.
    fn standing(spans: &[(&str, &str)], at: &str) -> TopicStanding {
        let (track, room, slot) =
            (TrackName::parse("swift").expect("a name"), RoomName::new("A"), SlotName::new("MonA"));
        let meeting =
            |(start, end): &(&str, &str)| Meeting { start: time(start), end: time(end), slot: &slot, room: &room };
        let meetings = spans.iter().map(meeting);
        let meetings = Meetings { zone: Tz::UTC, by_track: HashMap::from([(&track, meetings.collect())]) };
        meetings.standing(&track, time("19T09:05"), time(at))
    }

    #[test]
    fn a_topic_is_over_a_while_after_its_slot_and_the_next_one_of_the_day_revives_it() {
        let spans = [("19T09:00", "19T10:00"), ("19T11:00", "19T12:00"), ("20T09:00", "20T10:00")];
        assert_eq!(standing(&spans, "19T09:30"), TopicStanding::Current);
        assert_eq!(standing(&spans, "19T10:29"), TopicStanding::Current);
        assert_eq!(standing(&spans, "19T10:30"), TopicStanding::SlotOver(time("19T10:00")));
        assert_eq!(standing(&spans, "19T11:30"), TopicStanding::Current);
        assert_eq!(standing(&spans, "19T23:59"), TopicStanding::SlotOver(time("19T12:00")));
        assert_eq!(standing(&spans, "20T00:00"), TopicStanding::SlotOver(time("19T12:00")));
        assert_eq!(standing(&spans, "20T09:30"), TopicStanding::SlotOver(time("19T12:00")));
    }

    #[test]
    fn a_topic_without_a_slot_is_over_the_next_day() {
        assert_eq!(standing(&[], "19T23:59"), TopicStanding::Current);
        assert_eq!(standing(&[], "20T00:00"), TopicStanding::EarlierDay);
    }

    #[test]
    fn a_slot_that_comes_soon_keeps_a_topic_across_midnight() {
        let spans = [("19T20:00", "20T02:00")];
        assert_eq!(standing(&spans, "20T00:30"), TopicStanding::Current);
        assert_eq!(standing(&spans, "20T02:30"), TopicStanding::SlotOver(time("20T02:00")));
        assert_eq!(standing(&[("20T15:00", "20T16:00")], "20T15:30"), TopicStanding::EarlierDay);
    }
}
