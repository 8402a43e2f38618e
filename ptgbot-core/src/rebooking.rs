//! Rebookings: bookings of tracks that were moved or taken back, until those who wait for the tracks are told.
//!
//! What people hear is how things stand a minute after the first change, compared with how they stood before it: what
//! was changed and changed back is no news.

use crate::board::Board;
use crate::event::{BoardEvent, Event, TrackEvent};
use crate::person::PersonId;
use crate::programme_name::{RoomName, SlotName};
use crate::reminder::Reminders;
use crate::setting::Setting;
use crate::track::TrackName;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// When and where a track meets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Meeting {
    /// From when until when (UTC); `None` for a slot without a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// The slot.
    pub slot: SlotName,
    /// The room.
    pub room: RoomName,
}

/// How the bookings of one track have changed: what is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rebooking {
    /// Whose.
    pub track: TrackName,
    /// What it held and holds no more.
    pub lost: Vec<Meeting>,
    /// What it holds and did not hold.
    pub gained: Vec<Meeting>,
    /// Who has a reminder for the track.
    pub people: Vec<PersonId>,
}

/// The bookings of a track as they were before a change of which nobody was told so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Unsettled {
    /// When the first change happened.
    since: DateTime<Utc>,
    before: BTreeSet<Meeting>,
}

/// Those of all tracks.
pub(crate) type UnsettledBookings = BTreeMap<TrackName, Unsettled>;

/// The bookings of tracks for which somebody waits.
pub(crate) type Awaited = BTreeMap<TrackName, BTreeSet<Meeting>>;

impl Meeting {
    fn is_over(&self, at: DateTime<Utc>) -> bool {
        self.span.is_some_and(|(_, end)| end <= at)
    }
}

impl Unsettled {
    /// When it is to be told; at once where the clock was set back behind the change.
    fn due_at(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        if at < self.since - PATIENCE { at } else { self.since + PATIENCE }
    }
}

impl Board {
    /// How bookings have changed of which people and rooms are to be told at a moment.
    pub(crate) fn rebookings_due(&self, at: DateTime<Utc>) -> Vec<Rebooking> {
        let due = self.unsettled.iter().filter(|(_, unsettled)| unsettled.due_at(at) <= at);
        due.map(|(track, unsettled)| self.rebooking(track, &unsettled.before, at)).collect()
    }

    /// When the next ones are to be told; now where one is.
    pub(crate) fn next_rebooking(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.unsettled.values().map(|unsettled| unsettled.due_at(at).max(at)).min()
    }

    /// The bookings that an event may change and for which somebody waits.
    pub(crate) fn awaited(&self, event: &Event, at: DateTime<Utc>) -> Awaited {
        let everybody_hears = !self.contents().announced.changes.is_empty();
        let with_reminder = || self.reminders().values().flat_map(Reminders::keys);
        let is_awaited = |track: &&TrackName| everybody_hears || with_reminder().any(|other| other == *track);
        let tracks: BTreeSet<&TrackName> = match event {
            Event::Track(
                TrackEvent::SlotBooked { track, .. }
                | TrackEvent::SlotFreed { track, .. }
                | TrackEvent::SlotMoved { track, .. },
            ) => [track].into_iter().filter(is_awaited).collect(),
            Event::Board(BoardEvent::DocumentLoaded { document, .. })
                if document.days.is_none() && document.rooms.is_none() =>
            {
                BTreeSet::new()
            }
            Event::Board(BoardEvent::ChangeUndone { restored, .. }) if !restored.iter().any(is_of_bookings) => {
                BTreeSet::new()
            }
            Event::Board(BoardEvent::DocumentLoaded { .. } | BoardEvent::ChangeUndone { .. }) => {
                let all = self.contents().tracks.iter().filter(|_| everybody_hears);
                all.chain(with_reminder()).collect()
            }
            Event::Track(_) | Event::Board(_) | Event::Person(_) | Event::Time(_) => BTreeSet::new(),
        };
        tracks.into_iter().map(|track| (track.clone(), self.meetings(track, at))).collect()
    }

    /// Notes which bookings an event has changed that was just applied; `before` are those for which somebody waited.
    pub(crate) fn note_rebookings(&mut self, event: &Event, before: &Awaited, at: DateTime<Utc>) {
        if let Event::Board(BoardEvent::BoardEmptied) = event {
            self.unsettled = Arc::default();
            return;
        }
        let after = self.awaited(event, at);
        let tracks: BTreeSet<_> = before.keys().chain(after.keys()).collect();
        for track in tracks {
            let now = self.meetings(track, at);
            let was = before.get(track);
            if was.map_or(now.is_empty(), |was| *was == now) {
                continue;
            }
            let unsettled = Arc::make_mut(&mut self.unsettled);
            match unsettled.get(track) {
                Some(first) if first.before == now => drop(unsettled.remove(track)),
                Some(_) => {}
                None => {
                    let before = was.cloned().unwrap_or_default();
                    unsettled.insert(track.clone(), Unsettled { since: at, before });
                }
            }
        }
    }

    /// People and rooms were told. Who was reminded of a meeting that does not take place is reminded again if it does
    /// after all.
    pub(crate) fn settle_rebookings(&mut self, told: &[Rebooking]) {
        let unsettled = Arc::make_mut(&mut self.unsettled);
        told.iter().for_each(|Rebooking { track, .. }| drop(unsettled.remove(track)));
        for Rebooking { track, lost, people, .. } in told {
            let held: BTreeSet<_> = self.holdings(track).iter().filter_map(|(_, slot, _)| slot.realtime).collect();
            let lost = lost.iter().filter_map(|meeting| meeting.span).map(|(start, _)| start);
            let lost: Vec<_> = lost.filter(|start| !held.contains(start)).collect();
            if lost.is_empty() {
                continue;
            }
            let reminders = Arc::make_mut(&mut self.reminders);
            for person in people {
                if let Some(reminder) = reminders.get_mut(person).and_then(|own| own.get_mut(track)) {
                    lost.iter().for_each(|start| reminder.untold(start));
                }
            }
        }
    }

    fn rebooking(&self, track: &TrackName, before: &BTreeSet<Meeting>, at: DateTime<Utc>) -> Rebooking {
        let after = self.meetings(track, at);
        let lost = before.difference(&after).filter(|meeting| !meeting.is_over(at)).cloned().collect();
        let waits = |(person, own): (&PersonId, &Reminders)| own.contains_key(track).then(|| person.clone());
        Rebooking {
            track: track.clone(),
            lost,
            gained: after.difference(before).cloned().collect(),
            people: self.reminders().iter().filter_map(waits).collect(),
        }
    }

    /// When and where a track meets, as far as that is not over.
    fn meetings(&self, track: &TrackName, at: DateTime<Utc>) -> BTreeSet<Meeting> {
        let held = self.holdings(track).into_iter();
        let meetings =
            held.map(|(_, slot, room)| Meeting { span: slot.span(), slot: slot.name.clone(), room: room.clone() });
        meetings.filter(|meeting| !meeting.is_over(at)).collect()
    }
}

fn is_of_bookings(setting: &Setting) -> bool {
    matches!(setting, Setting::Slot { .. } | Setting::Share { .. } | Setting::Board { .. })
}

/// How long a change may still be changed back before people are told.
const PATIENCE: TimeDelta = TimeDelta::minutes(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::TimeEvent;
    use crate::record::Record;
    use crate::stage::Stage;
    use proptest::prelude::*;
    use serde_json::json;

    /// Swift may meet in two rooms and three slots; jane waits for it.
    fn stage() -> Stage {
        let slot = |name: &str, start: &str| json!({"name": name, "realtime": start});
        let slots =
            [slot("A", "2026-10-20T09:00:00Z"), slot("B", "2026-10-20T11:00:00Z"), slot("C", "2026-10-20T13:00:00Z")];
        let mut stage = Stage::with(json!({
            "tracks": ["swift"], "slots": {"Tuesday": slots},
            "schedule": {"Hall": {"A": "swift", "B": "", "C": ""}, "Pub": {"A": "", "B": "swift", "C": ""}},
        }));
        stage.say("+remind swift");
        stage
    }

    fn look(stage: &mut Stage) -> Vec<Rebooking> {
        let (board, at) = (&mut stage.board, stage.at);
        let rebookings = board.rebookings_due(at);
        if !rebookings.is_empty() {
            let event = Event::Time(TimeEvent::RebookingsDue { rebookings: rebookings.clone() });
            board.apply(&Record::new(board.revision() + 1, at, event));
        }
        rebookings
    }

    fn held(stage: &Stage) -> BTreeSet<Meeting> {
        stage.board.meetings(&TrackName::parse("swift").expect("a name"), stage.at)
    }

    const LINES: [&str; 8] = [
        "#swift book Hall-A",
        "#swift unbook Hall-A",
        "#swift book Pub-A",
        "#swift unbook Pub-A",
        "#swift unbook Pub-B",
        "#swift book Hall-C",
        "#swift undo",
        "~undo",
    ];

    proptest! {
        /// Whatever is booked, taken back and undone, and whenever somebody looks: who is told adds it up to what is
        /// true, never twice in a minute, and nothing waits for ever.
        #[test]
        fn what_is_told_adds_up(steps in prop::collection::vec((0..LINES.len() + 1, 0_i64..50), 1..40)) {
            let mut stage = stage();
            let mut known = held(&stage);
            let mut last = None;
            for (line, seconds) in steps.into_iter().chain([(LINES.len(), 61)]) {
                stage.at += TimeDelta::seconds(seconds);
                if let Some(line) = LINES.get(line) {
                    stage.say(line);
                    continue;
                }
                for Rebooking { lost, gained, people, .. } in look(&mut stage) {
                    prop_assert!(last.is_none_or(|last| stage.at - last >= PATIENCE));
                    prop_assert!(!lost.is_empty() || !gained.is_empty());
                    prop_assert_eq!(people.len(), 1);
                    last = Some(stage.at);
                    lost.iter().for_each(|meeting| assert!(known.remove(meeting)));
                    gained.into_iter().for_each(|meeting| assert!(known.insert(meeting)));
                }
            }
            prop_assert_eq!(known, held(&stage));
            prop_assert_eq!(stage.board.next_rebooking(stage.at), None);
        }
    }

    #[test]
    fn another_programme_moves_those_who_are_waited_for() {
        let mut stage = stage();
        stage.load(json!({"schedule": {"Hall": {"A": "", "B": ""}, "Pub": {"A": "swift", "B": "swift"}}}));
        stage.later(1);
        let told = look(&mut stage);
        let [Rebooking { lost, gained, .. }] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((lost[0].room.as_str(), gained[0].room.as_str(), lost.len(), gained.len()), ("Hall", "Pub", 1, 1));
        stage.say("#swift unbook Pub-A");
        stage.say("~emptydb");
        stage.later(1);
        assert!(look(&mut stage).is_empty());
    }
}
