//! Calendar entries: what subscribers' calendars know of each booking (RFC 5545, RFC 5546).
//!
//! A calendar needs a memory that the schedule itself does not have: an identity that stays when a track moves
//! to another room, a sequence that grows and never falls, and entries that say that they were cancelled.

use crate::contents::Contents;
use crate::programme_name::{RoomName, SlotName};
use crate::slot::SlotCode;
use crate::track::TrackName;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

/// All entries there ever were, in the order of their identities.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Calendar {
    entries: Vec<CalendarEntry>,
}

/// One booking as calendars see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CalendarEntry {
    /// What makes it this booking and no other.
    pub id: CalendarEntryId,
    /// The slot to which it was moved, if it is another one than that of its identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<SlotName>,
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
    pub status: EntryStatus,
}

/// What makes a booking this one: event, track and the slot for which it was made, not the room. A second room of the same
/// track in the same slot is number 2, and so is a booking of the slot from which another one was moved away.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CalendarEntryId {
    /// The event's short name.
    pub event: String,
    /// The holder.
    pub track: TrackName,
    /// The slot for which it was made.
    pub slot: SlotName,
    /// 1 for the first room, 2 for a second one in the same slot.
    pub number: u32,
}

/// Whether a booking stands.
///
/// Exhaustive: whoever writes calendars writes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryStatus {
    /// It stands.
    Confirmed,
    /// It was taken back.
    Cancelled,
}

impl Calendar {
    /// How long a booking that was taken back is still told, so that every calendar can hear of it.
    pub const CANCELLED_SHOWN: TimeDelta = TimeDelta::days(7);

    /// The entries that a calendar shows at a moment: what stands, and what was taken back lately.
    pub fn shown_at(&self, at: DateTime<Utc>) -> impl Iterator<Item = &CalendarEntry> {
        self.entries.iter().filter(move |entry| match entry.status {
            EntryStatus::Confirmed => true,
            EntryStatus::Cancelled => at < entry.changed_at + Self::CANCELLED_SHOWN,
        })
    }

    /// When the last of the bookings that were taken back stopped being told, of those that somebody looks at.
    pub fn last_gone(&self, at: DateTime<Utc>, is_meant: impl Fn(&CalendarEntry) -> bool) -> Option<DateTime<Utc>> {
        let gone = self.entries.iter().filter(|entry| entry.status == EntryStatus::Cancelled && is_meant(entry));
        gone.map(|entry| entry.changed_at + Self::CANCELLED_SHOWN).filter(|end| *end <= at).max()
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
        let rooms = if span.is_some() { rooms } else { &[] };
        let of_track = self.of_track(event, track);
        let known = self.entries[of_track].iter_mut().filter(|entry| entry.slot() == slot);
        let mut known: Vec<_> = known.collect();
        // One that was moved here and stands comes before one that was taken back.
        known.sort_by_key(|entry| entry.status == EntryStatus::Cancelled);
        let seats = seats(&known, rooms);
        let count = known.len();
        for (entry, (room, status)) in known.into_iter().zip(seats.iter().cloned()) {
            entry.settle(room, span, status, at);
        }
        let Some((start, end)) = span else { return };
        for (room, _) in seats.into_iter().skip(count) {
            let status = EntryStatus::Confirmed;
            let (place, id) = self.next_id(event, track, slot);
            let entry = CalendarEntry { id, moved_to: None, room, start, end, sequence: 0, changed_at: at, status };
            self.entries.insert(place, entry);
        }
    }

    /// A booking was moved to another slot: its entry goes there, too, and counts that.
    pub(crate) fn moved(
        &mut self,
        event: &str,
        track: &TrackName,
        from: &SlotCode,
        to: &SlotCode,
        span: Option<(DateTime<Utc>, DateTime<Utc>)>,
        at: DateTime<Utc>,
    ) {
        let of_track = self.of_track(event, track);
        let stands = |entry: &&mut CalendarEntry| {
            entry.status == EntryStatus::Confirmed && *entry.slot() == from.slot && entry.room == from.room
        };
        let Some(entry) = self.entries[of_track].iter_mut().find(stands) else { return };
        entry.moved_to = Some(to.slot.clone()).filter(|slot| *slot != entry.id.slot);
        entry.settle(to.room.clone(), span, EntryStatus::Confirmed, at);
    }

    /// Where the entries of a track are.
    fn of_track(&self, event: &str, track: &TrackName) -> Range<usize> {
        let order = |entry: &CalendarEntry| (entry.id.event.as_str(), &entry.id.track).cmp(&(event, track));
        let start = self.entries.partition_point(|entry| order(entry) == Ordering::Less);
        let end = self.entries.partition_point(|entry| order(entry) != Ordering::Greater);
        start..end
    }

    /// The identity of another booking of a track and slot, and its place among the entries.
    fn next_id(&self, event: &str, track: &TrackName, slot: &SlotName) -> (usize, CalendarEntryId) {
        let mut id =
            CalendarEntryId { event: event.to_owned(), track: track.clone(), slot: slot.clone(), number: u32::MAX };
        let place = self.entries.partition_point(|entry| entry.id < id);
        let last = place.checked_sub(1).map(|last| &self.entries[last].id).filter(|last| last.is_kin_of(&id));
        id.number = last.map_or(1, |last| last.number.saturating_add(1));
        (place, id)
    }

    /// A track meets in another place than before in these slots, without a change of its rooms.
    pub(crate) fn place_changed(&mut self, event: &str, track: &TrackName, slots: &[SlotName], at: DateTime<Utc>) {
        let is_meant = |entry: &&mut CalendarEntry| {
            let CalendarEntryId { event: of, track: by, .. } = &entry.id;
            of == event && by == track && entry.status == EntryStatus::Confirmed && slots.contains(entry.slot())
        };
        for entry in self.entries.iter_mut().filter(is_meant) {
            entry.sequence = entry.sequence.saturating_add(1);
            entry.changed_at = at;
        }
    }

    /// Everything may have changed: follows the whole schedule. `span` is when a slot begins and ends.
    pub(crate) fn follow(
        &mut self,
        contents: &Contents,
        span: impl Fn(&SlotName) -> Option<(DateTime<Utc>, DateTime<Utc>)>,
        at: DateTime<Utc>,
    ) {
        let event = contents.event_id.as_str();
        let mut wanted: BTreeMap<(&TrackName, &SlotName), Vec<RoomName>> = BTreeMap::new();
        for (name, room) in &contents.rooms {
            for (slot, booking) in &room.bookings {
                for track in booking.holders() {
                    wanted.entry((track, slot)).or_default().push(name.clone());
                }
            }
        }
        for entry in &mut self.entries {
            if entry.id.event != event || !wanted.contains_key(&(&entry.id.track, entry.slot())) {
                entry.settle(entry.room.clone(), None, EntryStatus::Cancelled, at);
            }
        }
        for ((track, slot), rooms) in wanted {
            self.follow_slot(event, track, slot, span(slot), &rooms, at);
        }
    }
}

impl CalendarEntry {
    /// The slot in which it is.
    pub fn slot(&self) -> &SlotName {
        self.moved_to.as_ref().unwrap_or(&self.id.slot)
    }

    /// Takes over a room, a time and whether it stands; counts it only if something changed. What stands no more
    /// keeps the time it had.
    fn settle(
        &mut self,
        room: RoomName,
        span: Option<(DateTime<Utc>, DateTime<Utc>)>,
        status: EntryStatus,
        at: DateTime<Utc>,
    ) {
        let (start, end) = match status {
            EntryStatus::Confirmed => span.unwrap_or((self.start, self.end)),
            EntryStatus::Cancelled => (self.start, self.end),
        };
        if (&self.room, self.start, self.end, self.status) != (&room, start, end, status) {
            *self = Self {
                room,
                start,
                end,
                status,
                changed_at: at,
                sequence: self.sequence.saturating_add(1),
                moved_to: self.moved_to.take(),
                id: self.id.clone(),
            };
        }
    }
}

impl CalendarEntryId {
    fn is_kin_of(&self, other: &Self) -> bool {
        self.event == other.event && self.track == other.track && self.slot == other.slot
    }
}

/// Which room each entry of one track and slot has, and whether it stands: the first entries stand, as many as
/// there are rooms. An entry keeps its room where it can; one that is cancelled takes over the room that was left.
fn seats(known: &[&mut CalendarEntry], rooms: &[RoomName]) -> Vec<(RoomName, EntryStatus)> {
    let stood = |place: usize| known.get(place).is_some_and(|entry| entry.status == EntryStatus::Confirmed);
    let stays = |place: usize| stood(place) && rooms.contains(&known[place].room);
    let count = rooms.len();
    let kept: Vec<&RoomName> = (0..count).filter(|place| stays(*place)).map(|place| &known[place].room).collect();
    let mut new = rooms.iter().filter(|room| !kept.contains(room));
    let mut left = (0..count).filter(|place| stood(*place) && !stays(*place)).map(|place| &known[place].room);
    let seat = |place: usize| {
        let own = known.get(place).map(|entry| &entry.room);
        let room = match (place < count, stays(place)) {
            (true, false) => new.next(),
            (false, true) => left.next().or(own),
            (true, true) | (false, false) => own,
        };
        let status = if place < count { EntryStatus::Confirmed } else { EntryStatus::Cancelled };
        room.map(|room| (room.clone(), status))
    };
    (0..count.max(known.len())).filter_map(seat).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u32) -> DateTime<Utc> {
        format!("2026-10-19T{hour:02}:00:00Z").parse().expect("a time")
    }

    /// Plays a track through rooms, an hour each; tells each entry as `number room sequence`, cancelled in brackets.
    fn after(steps: &[&[&str]]) -> Vec<String> {
        let mut calendar = Calendar::default();
        let track = TrackName::parse("swift").expect("a name");
        for (hour, rooms) in (10..).zip(steps) {
            let rooms: Vec<_> = rooms.iter().map(|room| RoomName::new(room)).collect();
            calendar.follow_slot("e", &track, &SlotName::new("MonA1"), Some((at(8), at(9))), &rooms, at(hour));
        }
        let told = |entry: &CalendarEntry| {
            let told = format!("{} {} {}", entry.id.number, entry.room, entry.sequence);
            if entry.status == EntryStatus::Confirmed { told } else { format!("({told})") }
        };
        calendar.entries.iter().map(told).collect()
    }

    #[test]
    fn a_booking_keeps_its_identity_in_another_room() {
        assert_eq!(after(&[&["A"]]), ["1 A 0"]);
        assert_eq!(after(&[&["A"], &[]]), ["(1 A 1)"]);
        assert_eq!(after(&[&["A"], &[], &["B"]]), ["1 B 2"]);
        assert_eq!(after(&[&["A"], &["B"]]), ["1 B 1"]);
        assert_eq!(after(&[&["A"], &["A", "B"], &["B"]]), ["1 B 1", "(2 A 1)"]);
    }

    #[test]
    fn a_second_room_has_an_identity_of_its_own() {
        assert_eq!(after(&[&["A"], &["B", "A"]]), ["1 A 0", "2 B 0"]);
        assert_eq!(after(&[&["A", "B"], &["A"]]), ["1 A 0", "(2 B 1)"]);
        assert_eq!(after(&[&["A", "B"], &["A"], &["C", "A"]]), ["1 A 0", "2 C 2"]);
        assert_eq!(after(&[&["A", "B", "C"], &["C", "B"]]), ["1 C 1", "2 B 0", "(3 A 1)"]);
        assert_eq!(after(&[&["A", "B"], &["B", "A"]]), ["1 A 0", "2 B 0"]);
        assert_eq!(after(&[&["A", "B"], &[], &["B"]]), ["1 B 2", "(2 B 1)"]);
    }

    #[test]
    fn nothing_is_counted_when_nothing_changes() {
        assert_eq!(after(&[&["A"], &["A"], &["A"]]), ["1 A 0"]);
        assert_eq!(after(&[&["A"], &[], &[], &[]]), ["(1 A 1)"]);
    }

    #[test]
    fn a_slot_without_a_time_has_no_entry_and_loses_the_one_it_had() {
        let mut calendar = Calendar::default();
        let (track, slot) = (TrackName::parse("swift").expect("a name"), SlotName::new("MonA1"));
        let rooms = [RoomName::new("A")];
        calendar.follow_slot("e", &track, &slot, None, &rooms, at(10));
        assert!(calendar.entries.is_empty());
        calendar.follow_slot("e", &track, &slot, Some((at(8), at(9))), &rooms, at(11));
        calendar.follow_slot("e", &track, &slot, None, &rooms, at(12));
        assert_eq!(calendar.entries[0].status, EntryStatus::Cancelled);
        assert_eq!(calendar.shown_at(at(12) + Calendar::CANCELLED_SHOWN - TimeDelta::seconds(1)).count(), 1);
        assert_eq!(calendar.shown_at(at(12) + Calendar::CANCELLED_SHOWN).count(), 0);
    }
}
