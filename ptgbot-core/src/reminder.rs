//! Reminders: who wants to be told before which tracks meet, and of which slots they were told.

use crate::board::Board;
use crate::event::DueReminder;
use crate::person::PersonId;
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

    fn each_reminder(&self) -> impl Iterator<Item = (&PersonId, &TrackName, &Reminder)> {
        let people = self.reminders().iter();
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
