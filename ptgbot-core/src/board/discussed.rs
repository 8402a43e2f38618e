//! The record of what was discussed, as the board's changes make it.

use super::Board;
use crate::discussion::Beginning;
use crate::discussion::Discussions;
use crate::event::{BoardEvent, Event, TrackEvent};
use crate::record::Record;
use crate::slot::Slot;
use crate::topic::Topic;
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Board {
    /// What was discussed so far.
    pub fn discussions(&self) -> &Discussions {
        &self.discussions
    }

    /// When a topic that a track announces at a moment will be over by itself: with the track's slot, the one that runs
    /// or else the next one today; where there is none with the event's day.
    pub fn topic_ends_by(&self, track: &TrackName, at: DateTime<Utc>) -> DateTime<Utc> {
        let mut spans: Vec<_> =
            self.held_today(track, at).filter_map(Slot::span).filter(|(_, end)| *end > at).collect();
        spans.sort_unstable();
        let mut spans = spans.into_iter();
        let Some((_, first)) = spans.next() else { return self.contents.timezone.end_of_day(at) };
        // A slot that begins where another one ends goes on with it.
        spans.fold(first, |until, (start, end)| if start <= until { until.max(end) } else { until })
    }

    /// True where a track meets in a place of its own, or in a room that it still holds: a room that it held in the morning
    /// is another track's in the afternoon.
    fn has_a_place(&self, track: &TrackName, at: DateTime<Utc>) -> bool {
        self.contents.locations.contains_key(track) || self.held_today(track, at).any(|slot| !slot.ended_by(at))
    }

    /// The topics of the tracks that an event concerns.
    pub(super) fn topics_concerned(&self, event: &Event) -> BTreeMap<TrackName, Topic> {
        let now = &self.contents.now;
        let of = |tracks: &[TrackName]| {
            tracks.iter().filter_map(|track| Some((track.clone(), now.get(track)?.clone()))).collect()
        };
        match event {
            Event::Track(TrackEvent::TopicSet { track, .. } | TrackEvent::TopicAdvanced { track, .. }) => {
                of(std::slice::from_ref(track))
            }
            Event::Board(BoardEvent::TopicsCleared { tracks } | BoardEvent::TracksDeleted { tracks }) => of(tracks),
            Event::Board(BoardEvent::DayStarted | BoardEvent::DocumentLoaded { .. }) => now.clone(),
            Event::Track(_) | Event::Board(_) | Event::Person(_) | Event::Time(_) => BTreeMap::new(),
        }
    }

    /// Notes what began and what ended with a record that was just applied; `before` are the topics that it concerned.
    pub(super) fn note_discussions(&mut self, record: &Record, before: &BTreeMap<TrackName, Topic>) {
        match &record.event {
            Event::Board(BoardEvent::BoardEmptied) => {
                Arc::make_mut(&mut self.discussions).empty(record.revision);
            }
            Event::Board(BoardEvent::ChangeUndone { revision, track, .. }) => {
                Arc::make_mut(&mut self.discussions).take_back(*revision, track.as_ref());
            }
            event => {
                let after = self.topics_concerned(event);
                let tracks: BTreeSet<_> = before.keys().chain(after.keys()).collect();
                let others = tracks.into_iter().filter(|track| before.get(*track) != after.get(*track));
                others.for_each(|track| self.note_topic(record, track, after.get(track)));
            }
        }
    }

    fn note_topic(&mut self, record: &Record, track: &TrackName, topic: Option<&Topic>) {
        let Some(Topic { text, since }) = topic else {
            return Arc::make_mut(&mut self.discussions).end(record.revision, track, record.at);
        };
        let from = since.unwrap_or(record.at).min(record.at);
        let beginning = Beginning {
            track: track.clone(),
            topic: text.clone(),
            from,
            place: self.place_of(track, from).filter(|_| self.has_a_place(track, from)).map(str::to_owned),
            ends_by: self.topic_ends_by(track, from),
        };
        Arc::make_mut(&mut self.discussions).begin(record.revision, beginning);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Stage;
    use serde_json::{Value, json};

    fn event(zone: &str, slots: &[(&str, &str, u32)]) -> Stage {
        let slot = |(name, start, duration): &(&str, &str, u32)| json!({"name": name, "realtime": start, "duration": duration});
        let held: serde_json::Map<_, _> =
            slots.iter().map(|(name, ..)| ((*name).into(), Value::from("swift"))).collect();
        Stage::with(json!({
            "tracks": ["swift", "nova"],
            "timezone": zone,
            "slots": {"Monday": slots.iter().map(slot).collect::<Vec<_>>()},
            "schedule": {"Hall": held},
        }))
    }

    /// Each discussion in one line, in UTC.
    fn told(stage: &Stage) -> Vec<String> {
        let clock = |at: DateTime<Utc>| at.format("%d %H:%M").to_string();
        let line = |one: &crate::Discussion| {
            let place = one.place.as_deref().unwrap_or("nowhere");
            format!("{} {} - {} {place}: {}", one.track, clock(one.from), clock(one.until()), one.topic)
        };
        stage.board.discussions().iter().map(line).collect()
    }

    #[test]
    fn a_topic_lasts_until_the_next_or_until_somebody_ends_it_but_never_longer_than_the_slot() {
        let mut stage = event("UTC", &[("A", "2026-10-19T09:00:00Z", 105), ("B", "2026-10-19T10:45:00Z", 60)]);
        stage.say("#swift now rings");
        stage.later(20);
        stage.say("#swift now proxies");
        stage.say("#swift next disks");
        stage.later(20);
        stage.say("#swift advance");
        stage.later(20);
        stage.say("#swift clean");
        stage.say("#swift now the last one");
        stage.later(24 * 60);
        stage.say("~newday");
        assert_eq!(
            told(&stage),
            [
                "#swift 19 09:30 - 19 09:50 Hall: rings",
                "#swift 19 09:50 - 19 10:10 Hall: proxies",
                "#swift 19 10:10 - 19 10:30 Hall: disks",
                // One slot follows the other without a break.
                "#swift 19 10:30 - 19 11:45 Hall: the last one",
            ]
        );
    }

    #[test]
    fn without_a_slot_a_topic_lasts_until_the_day_of_the_event_is_over() {
        let mut stage = event("Asia/Tokyo", &[("A", "2026-10-19T01:00:00Z", 60)]);
        stage.say("#nova now cells");
        stage.later(7 * 60);
        stage.say("#swift now the next day");
        assert_eq!(
            told(&stage),
            ["#nova 19 09:30 - 19 15:00 nowhere: cells", "#swift 19 16:30 - 20 15:00 nowhere: the next day"]
        );
    }

    #[test]
    fn a_slot_over_midnight_keeps_its_topic() {
        let mut stage = event("UTC", &[("A", "2026-10-19T09:00:00Z", 60), ("Late", "2026-10-19T23:00:00Z", 120)]);
        stage.later(15 * 60);
        stage.say("#swift now rings");
        assert_eq!(told(&stage), ["#swift 20 00:30 - 20 01:00 Hall: rings"]);
    }

    #[test]
    fn what_is_taken_back_was_not_discussed_and_what_it_ended_goes_on() {
        let mut stage = event("UTC", &[("A", "2026-10-19T09:00:00Z", 105)]);
        stage.say("#swift now rings");
        stage.later(5);
        stage.say("#swift now a mistake");
        stage.say("#swift undo");
        assert_eq!(told(&stage), ["#swift 19 09:30 - 19 10:45 Hall: rings"]);
        stage.later(5);
        stage.say("~newday");
        stage.say("~undo");
        stage.say("~emptydb");
        assert!(told(&stage).is_empty());
        stage.say("~undo");
        assert_eq!(told(&stage), ["#swift 19 09:30 - 19 10:45 Hall: rings"]);
    }

    #[test]
    fn the_same_topic_again_goes_on_and_a_document_ends_what_it_replaces() {
        let mut stage = event("UTC", &[("A", "2026-10-19T09:00:00Z", 105)]);
        stage.say("#swift now rings");
        stage.later(5);
        stage.say("#swift now rings");
        stage.say("#nova now cells");
        stage.later(5);
        stage.load(json!({"now": {"swift": "rings", "nova": "disks"}, "now_since": {"nova": "2026-10-19T09:38:00Z"}}));
        assert_eq!(
            told(&stage),
            [
                "#swift 19 09:30 - 19 10:45 Hall: rings",
                "#nova 19 09:35 - 19 09:38 nowhere: cells",
                "#nova 19 09:38 - 20 00:00 nowhere: disks",
            ]
        );
    }

    #[test]
    fn of_many_long_topics_the_latest_are_kept_and_the_rest_is_told_in_order() {
        let mut stage = event("UTC", &[]);
        for number in 0..4_000 {
            stage.say(&format!("#swift now {number} {}", "\u{1F3B6}".repeat(900)));
        }
        let size: usize = stage.board.discussions().iter().map(|one| one.topic.as_str().len()).sum();
        assert!((Discussions::KEPT_BYTES / 2..Discussions::KEPT_BYTES).contains(&size), "{size}");
        let stored = serde_json::to_value(&stage.board).expect("JSON");
        assert_eq!(serde_json::from_value::<Board>(stored).expect("a board"), stage.board);
    }
}
