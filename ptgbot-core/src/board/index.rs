//! What is looked up on every command, prepared: derived from the contents and never stored.

use crate::contents::Contents;
use crate::programme_name::SlotName;
use crate::slot::{Slot, SlotCode};
use crate::track::TrackName;
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};

/// Quick answers to: which day is it, where is that slot, what does this track hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Index {
    /// For each day, the dates in the event's zone on which its slots start, and how many start on each; empty
    /// where no slot has a time.
    pub(super) dates: Vec<BTreeMap<NaiveDate, usize>>,
    /// For each slot name, its day and its place in that day.
    pub(super) slots: HashMap<SlotName, (usize, usize)>,
    /// What each track holds, in the order of rooms and of the slots in them.
    pub(super) holdings: HashMap<TrackName, Vec<Holding>>,
}

/// One slot that a track holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Holding {
    /// The room's place in the programme's order.
    pub(super) room: usize,
    /// The slot.
    pub(super) slot: SlotName,
}

impl Index {
    /// Reads it off the contents.
    pub(super) fn of(contents: &Contents) -> Self {
        let mut index = Self::default();
        for (day, slots) in contents.days.values().enumerate() {
            let mut dates = BTreeMap::new();
            for (place, slot) in slots.iter().enumerate() {
                index.slots.entry(slot.name.clone()).or_insert((day, place));
                if let Some(start) = slot.realtime {
                    let date = start.with_timezone(&contents.timezone.0).date_naive();
                    *dates.entry(date).or_default() += 1;
                }
            }
            index.dates.push(dates);
        }
        for (room, (_, held)) in contents.rooms.iter().enumerate() {
            for (slot, booking) in &held.bookings {
                for track in booking.holders() {
                    index.holdings.entry(track.clone()).or_default().push(Holding { room, slot: slot.clone() });
                }
            }
        }
        index
    }

    /// The slot of a name.
    pub(super) fn slot<'a>(&self, contents: &'a Contents, name: &SlotName) -> Option<&'a Slot> {
        let (day, place) = *self.slots.get(name)?;
        contents.days.get_index(day)?.1.get(place)
    }

    /// A slot was given to a track.
    pub(super) fn hold(&mut self, contents: &Contents, track: &TrackName, code: &SlotCode) {
        let Some((room, _, known)) = contents.rooms.get_full(&code.room) else { return };
        let order = |h: &Holding| (h.room, if h.room == room { known.bookings.get_index_of(&h.slot) } else { None });
        let new = Holding { room, slot: code.slot.clone() };
        let held = self.holdings.entry(track.clone()).or_default();
        let place = held.partition_point(|h| order(h) < order(&new));
        held.insert(place, new);
    }

    /// A track gave a slot back.
    pub(super) fn free(&mut self, contents: &Contents, track: &TrackName, code: &SlotCode) {
        let Some(room) = contents.rooms.get_index_of(&code.room) else { return };
        let Some(held) = self.holdings.get_mut(track) else { return };
        held.retain(|h| h.room != room || h.slot != code.slot);
        if held.is_empty() {
            self.holdings.remove(track);
        }
    }
}
