//! Whether a topic is still meant: nobody clears a topic when its slot is over.

use crate::board::Board;
use crate::contents::Zone;
use crate::slot::Slot;
use crate::topic::Topic;
use crate::track::TrackName;
use chrono::{DateTime, TimeDelta, Utc};

/// Whether a topic that was announced with `now` is still meant.
///
/// Exhaustive: whoever shows topics says of each how it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicStanding {
    /// It may be under discussion.
    Current,
    /// The slot in which it was announced ended then, and [`TopicStanding::PATIENCE`] has passed.
    SlotOver(DateTime<Utc>),
    /// It is of an earlier day, and was announced without a slot.
    EarlierDay,
}

impl TopicStanding {
    /// A discussion may take longer than its slot.
    pub const PATIENCE: TimeDelta = TimeDelta::minutes(30);
    /// A topic that was announced so long before a slot began is not that slot's.
    const OVERNIGHT: TimeDelta = TimeDelta::hours(12);

    /// How a topic stands at a moment that was announced at `since` by a track that meets from when until when.
    pub fn of(
        meetings: impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> + Clone,
        since: DateTime<Utc>,
        at: DateTime<Utc>,
        zone: Zone,
    ) -> Self {
        let is_meant = |(start, end): &(DateTime<Utc>, DateTime<Utc>)| *start - since < Self::OVERNIGHT && at < *end;
        if meetings.clone().any(|meeting| is_meant(&meeting) && meeting.0 <= at) {
            return Self::Current;
        }
        let ended = meetings.clone().map(|(_, end)| end).filter(|end| since < *end && *end <= at).max();
        match ended {
            Some(end) if at - end < Self::PATIENCE => Self::Current,
            Some(end) => Self::SlotOver(end),
            None if zone.date(since) < zone.date(at) && !meetings.clone().any(|meeting| is_meant(&meeting)) => {
                Self::EarlierDay
            }
            None => Self::Current,
        }
    }
}

impl Board {
    /// True while what a track said with `now` is meant. Of data that does not say since when it is, it is always.
    pub fn is_current(&self, track: &TrackName, topic: &Topic, at: DateTime<Utc>) -> bool {
        let Some(since) = topic.since else { return true };
        let spans: Vec<_> = self.holdings(track).into_iter().filter_map(|(_, slot, _)| Slot::span(slot)).collect();
        TopicStanding::of(spans.into_iter(), since, at, self.contents().timezone) == TopicStanding::Current
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
        let spans: Vec<_> = spans.iter().map(|(start, end)| (time(start), time(end))).collect();
        TopicStanding::of(spans.into_iter(), time("19T09:05"), time(at), Zone::default())
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
