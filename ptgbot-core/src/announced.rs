//! What rooms are told by themselves: where ops want that, and which slots were told already.

use crate::board::Board;
use crate::due::RoomAddress;
use crate::slot::Slot;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// What a room can be told by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Announced {
    /// That a slot begins: until when, and who meets where.
    Slots,
    /// Which bookings of today have changed.
    Changes,
}

impl fmt::Display for Announced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Slots => "slots",
            Self::Changes => "changes",
        })
    }
}

/// The rooms that are told something by themselves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct AnnouncedIn {
    /// Those that are told of slots.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub slots: BTreeSet<RoomAddress>,
    /// Those that are told of changed bookings.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub changes: BTreeSet<RoomAddress>,
}

impl AnnouncedIn {
    /// The rooms that are told this.
    pub fn rooms(&self, what: Announced) -> &BTreeSet<RoomAddress> {
        match what {
            Announced::Slots => &self.slots,
            Announced::Changes => &self.changes,
        }
    }

    pub(crate) fn set(&mut self, what: Announced, room: &RoomAddress, on: bool) {
        let rooms = match what {
            Announced::Slots => &mut self.slots,
            Announced::Changes => &mut self.changes,
        };
        if on {
            rooms.insert(room.clone());
        } else {
            rooms.remove(room);
        }
    }

    /// True where no room is told anything.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty() && self.changes.is_empty()
    }
}

impl Board {
    /// When slots have begun of which rooms are to be told at a moment: each start once, and not once people have long
    /// found their rooms.
    pub(crate) fn slot_starts_due(&self, at: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let untold = self.untold_starts();
        untold.filter(|start| *start <= at && at < *start + STILL_NEWS).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// When the next slot begins of which rooms are to be told; now where one has.
    pub(crate) fn next_slot_start(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.untold_starts().filter(|start| at < *start + STILL_NEWS).map(|start| start.max(at)).min()
    }

    /// Rooms were told of slots. What is long over is not remembered.
    pub(crate) fn told_of_slots(&mut self, starts: &[DateTime<Utc>], at: DateTime<Utc>) {
        let told = Arc::make_mut(&mut self.slots_told);
        told.retain(|start| *start + REMEMBERED > at);
        told.extend(starts);
    }

    /// The starts of slots in which somebody meets.
    fn untold_starts(&self) -> impl Iterator<Item = DateTime<Utc>> {
        let contents = self.contents();
        let anybody_listens = !contents.announced.slots.is_empty();
        let is_used = |slot: &&Slot| {
            contents.rooms.values().any(|room| room.bookings.get(&slot.name).is_some_and(|held| !held.is_open()))
        };
        let slots = contents.days.values().flatten().filter(move |_| anybody_listens);
        let starts = slots.filter(is_used).filter_map(|slot| slot.realtime);
        starts.filter(|start| !self.slots_told.contains(start))
    }
}

/// How late a room is still told that a slot has begun.
const STILL_NEWS: TimeDelta = TimeDelta::minutes(10);
/// A clock may be set back, though not by more than that.
const REMEMBERED: TimeDelta = TimeDelta::days(1);
