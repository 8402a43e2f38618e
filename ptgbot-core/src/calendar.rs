//! Calendar entries: what subscribers' calendars know of each booking (RFC 5545, RFC 5546).
//!
//! A calendar needs a memory that the schedule itself does not have: an identity that stays when a track moves
//! to another room, a sequence that grows and never falls, and entries that say that they were cancelled.

use crate::board::Board;
use crate::room::RoomName;
use crate::slot::{Slot, SlotName};
use crate::track::TrackName;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All entries there ever were, in the order of their identities.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Calendar {
    entries: Vec<Entry>,
}

/// One booking as calendars see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What makes it this booking and no other.
    pub id: EntryId,
    /// Where it is held.
    pub room: RoomName,
    /// When it starts.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// Counts the changes of its time or place, from 0 (RFC 5545 section 3.8.7.4).
    pub sequence: u32,
    /// When the booking last changed.
    pub changed_at: DateTime<Utc>,
    /// Whether it still stands.
    pub status: Status,
}

/// What makes a booking this one: event, track and slot, not the room. A second room of the same track in the
/// same slot is number 2.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EntryId {
    /// The event's short name.
    pub event: String,
    /// The holder.
    pub track: TrackName,
    /// The slot.
    pub slot: SlotName,
    /// 1 for the first room, 2 for a second one in the same slot.
    pub number: u32,
}

/// Whether a booking stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It stands.
    Confirmed,
    /// It was taken back.
    Cancelled,
}

impl Calendar {
    /// How long a booking that was taken back is still told, so that every calendar can hear of it (SPEC
    /// section 8).
    pub const CANCELLED_SHOWN: TimeDelta = TimeDelta::days(7);

    /// The entries that a calendar shows at a moment: what stands, and what was taken back lately.
    pub fn shown_at(&self, at: DateTime<Utc>) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| match entry.status {
            Status::Confirmed => true,
            Status::Cancelled => at < entry.changed_at + Self::CANCELLED_SHOWN,
        })
    }

    /// The bookings of one track in one slot are now in `rooms`.
    pub(crate) fn follow_slot(
        &mut self,
        event: &str,
        track: &TrackName,
        slot: &SlotName,
        span: Option<(DateTime<Utc>, DateTime<Utc>)>,
        rooms: &[RoomName],
        at: DateTime<Utc>,
    ) {
        let first = EntryId { event: event.to_owned(), track: track.clone(), slot: slot.clone(), number: 0 };
        let from = self.entries.partition_point(|entry| entry.id < first);
        let count = self.entries[from..].iter().take_while(|entry| entry.id.is_kin_of(&first)).count();
        let rooms = if span.is_some() { rooms } else { &[] };
        let mut waiting: Vec<&RoomName> = rooms.iter().collect();
        let known = &mut self.entries[from..from + count];
        // A room that an entry already names stays with it; only then do entries without a room take new ones.
        let mut keeps = vec![false; known.len()];
        for (entry, keeps) in known.iter().zip(&mut keeps) {
            if entry.status == Status::Confirmed
                && let Some(place) = waiting.iter().position(|room| **room == entry.room)
            {
                waiting.remove(place);
                *keeps = true;
            }
        }
        let mut waiting = waiting.into_iter();
        for (entry, keeps) in known.iter_mut().zip(keeps) {
            let room = if keeps { Some(entry.room.clone()) } else { waiting.next().cloned() };
            entry.settle(room, span, at);
        }
        if let Some((start, end)) = span {
            for (number, room) in (count + 1..).zip(waiting) {
                let id = EntryId { number: u32::try_from(number).unwrap_or(u32::MAX), ..first.clone() };
                let entry = Entry {
                    id,
                    room: room.clone(),
                    start,
                    end,
                    sequence: 0,
                    changed_at: at,
                    status: Status::Confirmed,
                };
                self.entries.insert(from + number - 1, entry);
            }
        }
    }

    /// Everything may have changed: follows the whole schedule of `board`.
    pub(crate) fn follow(&mut self, board: &Board, at: DateTime<Utc>) {
        let event = board.contents().event_id.as_str();
        let mut wanted: BTreeMap<(&TrackName, &SlotName), Vec<RoomName>> = BTreeMap::new();
        for (name, room) in &board.contents().rooms {
            for (slot, booking) in &room.bookings {
                if let Some(track) = booking.holder() {
                    wanted.entry((track, slot)).or_default().push(name.clone());
                }
            }
        }
        for entry in &mut self.entries {
            if entry.id.event != event || !wanted.contains_key(&(&entry.id.track, &entry.id.slot)) {
                entry.settle(None, None, at);
            }
        }
        for ((track, slot), rooms) in wanted {
            let span = board.slot(slot).and_then(Slot::span);
            self.follow_slot(event, track, slot, span, &rooms, at);
        }
    }
}

impl Entry {
    /// Takes over a room and a time, or stands no more; counts it only if something changed.
    fn settle(&mut self, room: Option<RoomName>, span: Option<(DateTime<Utc>, DateTime<Utc>)>, at: DateTime<Utc>) {
        let old = (self.room.clone(), self.start, self.end, self.status);
        match (room, span) {
            (Some(room), Some((start, end))) => {
                self.room = room;
                self.start = start;
                self.end = end;
                self.status = Status::Confirmed;
            }
            _ => self.status = Status::Cancelled,
        }
        if old != (self.room.clone(), self.start, self.end, self.status) {
            self.sequence = self.sequence.saturating_add(1);
            self.changed_at = at;
        }
    }
}

impl EntryId {
    fn is_kin_of(&self, other: &Self) -> bool {
        self.event == other.event && self.track == other.track && self.slot == other.slot
    }
}
