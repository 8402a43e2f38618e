//! Reminders: who wants to be told before which tracks meet, and of which slots they were told.

use crate::board::Board;
use crate::event::DueReminder;
use crate::person::{NameForm, PersonId};
use crate::slot::Slot;
use crate::track::TrackName;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Somebody wants to be told before each slot of a track begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// How many minutes before.
    pub minutes: u32,
    /// When the slots begin of which they were told. What is long over is not remembered.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) told: BTreeSet<DateTime<Utc>>,
}

/// The reminders of people, by track.
pub type Reminders = BTreeMap<TrackName, Reminder>;

impl Reminder {
    /// How many minutes before, unless it is said.
    pub const MINUTES: u32 = 10;
    /// How many minutes before at most.
    pub const MOST_MINUTES: u32 = 240;

    /// One that was just set.
    pub(crate) fn new(minutes: u32) -> Self {
        Self { minutes, told: BTreeSet::new() }
    }

    /// When it is to be told that a slot begins.
    fn due_at(&self, start: DateTime<Utc>) -> DateTime<Utc> {
        start - TimeDelta::minutes(i64::from(self.minutes))
    }

    /// The slot does not take place.
    pub(crate) fn untold(&mut self, start: &DateTime<Utc>) {
        self.told.remove(start);
    }

    /// Its person was told of a slot.
    pub(crate) fn told(&mut self, start: DateTime<Utc>, at: DateTime<Utc>) {
        self.told.retain(|told| *told + REMEMBERED > at);
        self.told.insert(start);
    }
}

impl Board {
    /// Who is to be told at a moment that a track meets soon: each of each slot once, and not once it has begun. It makes
    /// no difference how often, or by whom, that is asked before.
    pub fn reminders_due(&self, at: DateTime<Utc>) -> Vec<DueReminder> {
        let mut starts = Starts::new(self, at);
        let mut due = Vec::new();
        for (person, track, reminder) in self.each_reminder() {
            for start in starts.of(track) {
                if reminder.due_at(*start) <= at && !reminder.told.contains(start) {
                    due.push(DueReminder { person: person.clone(), track: track.clone(), start: *start });
                }
            }
        }
        due
    }

    /// When the next reminder will be due, if nothing changes; now where one is.
    pub fn next_reminder(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut starts = Starts::new(self, at);
        let mut next: Option<DateTime<Utc>> = None;
        for (_, track, reminder) in self.each_reminder() {
            let untold = starts.of(track).iter().filter(|start| !reminder.told.contains(start));
            let due = untold.map(|start| reminder.due_at(*start).max(at)).min();
            next = next.into_iter().chain(due).min();
        }
        next
    }

    /// True where people whom older data names without a network wait to be reminded: whoever reaches people with names
    /// of that form takes them over first ([`Ask::AdoptNames`](crate::Ask::AdoptNames)).
    pub fn reminders_await_home(&self, form: NameForm) -> bool {
        let is_nobodys = |person: &PersonId| person.network().is_none() && person.form() == form;
        self.homes().of(form).is_none() && self.reminders().keys().any(is_nobodys)
    }

    /// Those of people who can be told.
    fn each_reminder(&self) -> impl Iterator<Item = (&PersonId, &TrackName, &Reminder)> {
        let people = self.reminders().iter().filter(|(person, _)| person.network().is_some());
        people.flat_map(|(person, own)| own.iter().map(move |(track, reminder)| (person, track, reminder)))
    }
}

/// When slots of tracks begin that have not begun, each track looked up once.
struct Starts<'a> {
    board: &'a Board,
    at: DateTime<Utc>,
    known: BTreeMap<&'a TrackName, Vec<DateTime<Utc>>>,
}

impl<'a> Starts<'a> {
    fn new(board: &'a Board, at: DateTime<Utc>) -> Self {
        Self { board, at, known: BTreeMap::new() }
    }

    fn of(&mut self, track: &'a TrackName) -> &[DateTime<Utc>] {
        self.known.entry(track).or_insert_with(|| {
            let held = self.board.holdings(track).into_iter();
            let starts = held.filter_map(|(_, Slot { realtime, .. }, _)| *realtime).filter(|start| *start > self.at);
            let starts: BTreeSet<_> = starts.collect();
            starts.into_iter().collect()
        })
    }
}

/// A clock may be set back, though not by more than that.
const REMEMBERED: TimeDelta = TimeDelta::days(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, TimeEvent};
    use crate::record::Record;
    use crate::stage::Stage;
    use proptest::prelude::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    /// Swift meets at 9, 11 and over midnight at 23:30; jane wants to know 10 minutes before.
    fn stage() -> Stage {
        let slot = |name: &str, start: &str| json!({"name": name, "realtime": start});
        let slots =
            [slot("A", "2026-10-19T09:00:00Z"), slot("B", "2026-10-19T11:00:00Z"), slot("N", "2026-10-19T23:30:00Z")];
        let mut stage = Stage::with(json!({
            "tracks": ["swift"], "slots": {"Monday": slots}, "schedule": {"Hall": {"A": "swift", "B": "swift", "N": "swift"}},
        }));
        stage.at = noon(0) - TimeDelta::hours(6);
        stage.say("+remind swift");
        stage
    }

    fn noon(minutes: i64) -> DateTime<Utc> {
        "2026-10-19T12:00:00Z".parse::<DateTime<Utc>>().expect("a time") + TimeDelta::minutes(minutes)
    }

    /// Time is looked at, and what is due is recorded.
    fn look(board: &mut Board, at: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let reminders = board.reminders_due(at);
        let told = reminders.iter().map(|due| due.start).collect();
        if !reminders.is_empty() {
            let event = Event::Time(TimeEvent::RemindersDue { reminders });
            board.apply(&Record::new(board.revision() + 1, at, event));
        }
        told
    }

    #[test]
    fn the_next_look_is_when_the_next_reminder_is_due() {
        let mut board = stage().board;
        let mut at = noon(0) - TimeDelta::hours(6);
        let mut looks = Vec::new();
        while let Some(next) = board.next_reminder(at) {
            at = next;
            looks.push(at.format("%H:%M").to_string());
            assert_eq!(look(&mut board, at).len(), 1);
        }
        assert_eq!(looks, ["08:50", "10:50", "23:20"]);
    }

    proptest! {
        /// Whatever the times at which somebody looks, also backwards: each slot is told once at most, never once it has
        /// begun, and always where somebody looks in time.
        #[test]
        fn each_slot_is_told_once_whenever_somebody_looks(minutes in prop::collection::vec(-400_i64..800, 1..60)) {
            let mut board = stage().board;
            let mut told: BTreeMap<DateTime<Utc>, usize> = BTreeMap::new();
            for minute in &minutes {
                for start in look(&mut board, noon(*minute)) {
                    prop_assert!(start > noon(*minute) && start <= noon(*minute + 10));
                    *told.entry(start).or_default() += 1;
                }
            }
            prop_assert!(told.values().all(|count| *count == 1));
            for start in [noon(-180), noon(-60), noon(690)] {
                let in_time = minutes.iter().any(|minute| noon(*minute) < start && start <= noon(*minute + 10));
                prop_assert_eq!(in_time, told.contains_key(&start));
            }
        }
    }
}
