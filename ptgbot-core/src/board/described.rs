//! What calendar entries tell of a track besides its bookings, and when that last changed.
//!
//! Readers of calendars compare dates and sequences. Both must follow what an entry says and nothing else: a change
//! of another track leaves them alone.

use super::Board;
use crate::event::{BoardEvent, Event};
use crate::programme_name::SlotName;
use crate::text::Text;
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is told of a track.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Description {
    place: Option<Text>,
    topic: Option<Text>,
    pad: Option<String>,
    url: Option<String>,
    color: Option<String>,
    /// The meeting links of the rooms that it holds.
    rooms: Vec<Option<String>>,
}

impl Board {
    /// When what calendar entries tell of a track besides its bookings last changed: its topic, place, links or colour.
    /// `None` where it never did.
    pub fn described_at(&self, track: &TrackName) -> Option<DateTime<Utc>> {
        self.described.get(track).copied()
    }

    /// What is told of the tracks that an event may change.
    pub(super) fn describe(&self, event: &Event) -> BTreeMap<TrackName, Description> {
        let tracks = match event {
            Event::Board(BoardEvent::DayStarted)
            | Event::Board(BoardEvent::DocumentLoaded { .. })
            | Event::Board(BoardEvent::BoardEmptied) => self.described_tracks(),
            Event::Board(BoardEvent::ChangeUndone { .. }) if event.tracks().is_empty() => self.described_tracks(),
            event => event.tracks().into_iter().cloned().collect(),
        };
        tracks.into_iter().map(|track| (track.clone(), self.description(&track))).collect()
    }

    /// Notes of which tracks something else is told than before the event. Where the place is another one, the entries
    /// of the day count that.
    pub(super) fn note_descriptions(
        &mut self,
        event: &Event,
        before: &BTreeMap<TrackName, Description>,
        at: DateTime<Utc>,
    ) {
        let after = self.describe(event);
        let tracks: BTreeSet<_> = before.keys().chain(after.keys()).collect();
        let none = Description::default();
        for track in tracks {
            let (before, after) = (before.get(track).unwrap_or(&none), after.get(track).unwrap_or(&none));
            if before != after {
                Arc::make_mut(&mut self.described).insert(track.clone(), at);
            }
            if before.place != after.place {
                let today: Vec<SlotName> =
                    self.today(at).into_iter().flat_map(|(_, slots)| slots).map(|slot| slot.name.clone()).collect();
                let event = &self.contents.event_id;
                Arc::make_mut(&mut self.calendar).place_changed(event, track, &today, at);
            }
        }
    }

    fn description(&self, track: &TrackName) -> Description {
        let contents = self.contents();
        let held = self.index.holdings.get(track).into_iter().flatten();
        Description {
            place: contents.locations.get(track).cloned(),
            topic: contents.now.get(track).map(|topic| topic.text.clone()),
            pad: contents.etherpads.get(track).cloned(),
            url: contents.urls.get(track).cloned(),
            color: contents.colors.get(track).cloned(),
            rooms: held.filter_map(|held| Some(contents.rooms.get_index(held.room)?.1.url.clone())).collect(),
        }
    }

    /// All tracks of which anything is told.
    fn described_tracks(&self) -> BTreeSet<TrackName> {
        let contents = self.contents();
        let given = [contents.etherpads.keys(), contents.urls.keys(), contents.colors.keys()];
        let told = contents.now.keys().chain(contents.locations.keys()).chain(given.into_iter().flatten());
        told.chain(self.index.holdings.keys()).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Stage;
    use serde_json::json;

    fn stage() -> Stage {
        let slot = |name: &str, start: &str| json!({"name": name, "realtime": start});
        Stage::with(json!({
            "tracks": ["swift", "nova"],
            "slots": {
                "Monday": [slot("Mon1", "2026-10-19T09:00:00Z")], "Tuesday": [slot("Tue1", "2026-10-20T09:00:00Z")],
            },
            "schedule": {"A": {"Mon1": "swift", "Tue1": "swift"}, "B": {"Mon1": "nova", "Tue1": ""}},
        }))
    }

    fn described(stage: &Stage, track: &str) -> Option<DateTime<Utc>> {
        stage.board.described_at(&TrackName::parse(track).expect("a name"))
    }

    #[test]
    fn only_what_entries_tell_of_a_track_counts() {
        let mut stage = stage();
        let loaded = described(&stage, "swift");
        stage.later(1);
        for line in ["#nova now cells", "#swift next rings", "#swift clean", "~motd add info x", "+in #swift", "~undo"]
        {
            stage.say(line);
            assert_eq!(described(&stage, "swift"), loaded, "{line}");
        }
        for line in
            ["#swift now rings", "#swift url https://x.example/", "#swift color red", "#swift location Bar", "~newday"]
        {
            stage.later(1);
            stage.say(line);
            assert_eq!(described(&stage, "swift"), Some(stage.at), "{line}");
        }
        let last = stage.at;
        stage.later(1);
        stage.load(json!({"links": {"a": "https://a.example/"}}));
        assert_eq!(described(&stage, "swift"), Some(last));
        stage.say("~undo");
        stage.say("~undo");
        assert_eq!(described(&stage, "swift"), Some(stage.at));
    }

    #[test]
    fn another_place_is_a_change_of_the_days_bookings() {
        let mut stage = stage();
        let sequences = |stage: &Stage| {
            let all = stage.board.calendar().shown_at(stage.at);
            all.map(|entry| (entry.slot().to_string(), entry.sequence)).collect::<Vec<_>>()
        };
        let is = |nova: u32, monday: u32| {
            [("Mon1", nova), ("Mon1", monday), ("Tue1", 0)].map(|(slot, number)| (slot.to_owned(), number))
        };
        assert_eq!(sequences(&stage), is(0, 0));
        stage.say("#swift location Bar");
        assert_eq!(sequences(&stage), is(0, 1));
        stage.say("#swift location Bar");
        assert_eq!(sequences(&stage), is(0, 1));
        stage.say("~newday");
        assert_eq!(sequences(&stage), is(0, 2));
    }

    #[test]
    fn a_snapshot_keeps_what_was_noted() {
        let mut stage = stage();
        stage.say("#swift now rings");
        let stored = serde_json::to_value(&stage.board).expect("JSON");
        assert_eq!(serde_json::from_value::<Board>(stored).expect("a board"), stage.board);
    }
}
