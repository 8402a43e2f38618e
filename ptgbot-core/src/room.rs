//! Rooms: the places of an event and who holds them when.

use crate::booking::{Booking, Sharing};
use crate::limits;
use crate::programme_name::SlotName;
use crate::track::TrackName;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// A place with its bookings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Room {
    /// The slots that exist in this room, in the programme's order.
    pub bookings: IndexMap<SlotName, Booking>,
    /// The meeting link of everything that happens here, as the programme gives it (not yet a checked URL).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A word about the place: `Level 2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desc: Option<String>,
    /// The name of a picture for its equipment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap_icon: Option<String>,
    /// Its equipment or size in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap_desc: Option<String>,
    /// How many tracks it takes in one slot.
    #[serde(default, skip_serializing_if = "Sharing::is_exclusive")]
    pub sharing: Sharing,
    /// What other programs keep in the room, among it keys that look like bookings of slots nobody knows.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

/// What a slot of a room is to a track that would book it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Availability<'a> {
    /// It can have it.
    Free,
    /// It has it.
    Own,
    /// Another track has it, and has it alone.
    Taken(&'a TrackName),
    /// So many share it that it takes no more.
    Full,
}

impl Room {
    /// True when nothing but a limit can keep a track from a slot: it is open, or others share it.
    pub(crate) fn lets_in(&self, booking: &Booking, track: &TrackName) -> bool {
        booking.is_open() || self.sharing == Sharing::Shared && !booking.is_held_by(track)
    }

    /// True when some track or other could book a slot.
    pub fn has_place(&self, booking: &Booking) -> bool {
        booking.is_open() || self.sharing == Sharing::Shared && booking.holders().len() < limits::HOLDERS
    }

    /// What one of its slots is to a track.
    pub(crate) fn availability<'a>(&self, booking: &'a Booking, track: &TrackName) -> Availability<'a> {
        match booking.holders() {
            _ if self.has_place(booking) && self.lets_in(booking, track) => Availability::Free,
            holders if holders.contains(track) => Availability::Own,
            [one] => Availability::Taken(one),
            _ => Availability::Full,
        }
    }

    /// Only keys of a room that are slot names are bookings: new slots turn other keys into bookings and back.
    pub(crate) fn sort_keys(&mut self, slots: &HashSet<SlotName>) {
        let is_slot = |key: &str| slots.contains(&SlotName::new(key));
        let stays = self.bookings.keys().all(|slot| slots.contains(slot))
            && !self.words().any(|(key, _)| is_slot(key))
            && !self.extra.keys().any(|key| is_slot(key));
        if stays {
            return;
        }
        let old = std::mem::take(self);
        self.sharing = old.sharing;
        for (slot, booking) in &old.bookings {
            self.put(slot.as_str(), booking.write(), slots);
        }
        for (key, word) in old.words() {
            self.put(key, Value::from(word), slots);
        }
        for (key, value) in &old.extra {
            self.put(key, value.clone(), slots);
        }
    }

    /// The first key that is a slot's name, though what it says can be no booking.
    pub(crate) fn misnamed(&self, slots: &HashSet<&SlotName>) -> Option<&str> {
        let is_booking = |value: &Value| Booking::read(value, self.sharing).is_some();
        let words = self.words().filter(|(_, word)| !is_booking(&Value::from(*word))).map(|(key, _)| key);
        let extra = self.extra.iter().filter(|(_, value)| !is_booking(value)).map(|(key, _)| key.as_str());
        let shared = (self.sharing == Sharing::Shared).then_some("shared");
        words.chain(extra).chain(shared).find(|key| slots.contains(&SlotName::new(key)))
    }

    /// What the room says about itself, under the data file's keys.
    fn words(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let words =
            [("url", &self.url), ("desc", &self.desc), ("cap_icon", &self.cap_icon), ("cap_desc", &self.cap_desc)];
        words.into_iter().filter_map(|(key, word)| Some((key, word.as_deref()?)))
    }

    /// Puts a key of the data file where it belongs.
    fn put(&mut self, key: &str, value: Value, slots: &HashSet<SlotName>) {
        let slot = SlotName::new(key);
        match (Booking::read(&value, self.sharing).filter(|_| slots.contains(&slot)), key, value) {
            (Some(booking), ..) => drop(self.bookings.insert(slot, booking)),
            (None, "url", Value::String(word)) => self.url = Some(word),
            (None, "desc", Value::String(word)) => self.desc = Some(word),
            (None, "cap_icon", Value::String(word)) => self.cap_icon = Some(word),
            (None, "cap_desc", Value::String(word)) => self.cap_desc = Some(word),
            // Holders of a slot that is no more, under the name of a word: no data file could say it.
            (None, "url" | "desc" | "cap_icon" | "cap_desc" | "shared", Value::Array(_)) => {}
            (None, "shared", Value::String(_)) => {}
            (None, key, value) => drop(self.extra.insert(key.to_owned(), value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_called_shared_leaves_nothing_that_no_data_file_could_say() {
        let tracks = ["swift", "nova"].map(|name| TrackName::parse(name).expect("a name"));
        let mut room = Room { sharing: Sharing::Shared, ..Room::default() };
        room.bookings.insert(SlotName::new("shared"), Booking::of(tracks));
        room.sort_keys(&HashSet::new());
        assert_eq!(room, Room { sharing: Sharing::Shared, ..Room::default() });
    }

    #[test]
    fn keys_become_bookings_and_bookings_become_keys_again() {
        let slots = |names: &[&str]| names.iter().map(|name| SlotName::new(name)).collect::<HashSet<_>>();
        let held = Booking::Held { by: TrackName::parse("swift").expect("a name") };
        let mut room = Room { url: Some("nova".into()), desc: Some("Level 2".into()), ..Room::default() };
        room.bookings.insert(SlotName::new("MonA1"), held.clone());
        room.extra.insert("MonA2".into(), "".into());
        room.extra.insert("seats".into(), 40.into());
        let first = room.clone();
        room.sort_keys(&slots(&["MonA2", "url", "seats", "desc"]));
        let bookings: Vec<_> = room.bookings.keys().map(SlotName::as_str).collect();
        assert_eq!((bookings, room.url.as_deref()), (vec!["url", "MonA2"], None));
        assert_eq!((room.desc.as_deref(), room.extra.get("MonA1")), (Some("Level 2"), Some(&"swift".into())));
        assert_eq!(room.misnamed(&slots(&["MonA2", "desc"]).iter().collect()), Some("desc"));
        assert_eq!(room.misnamed(&slots(&["seats"]).iter().collect()), Some("seats"));
        assert_eq!(room.misnamed(&slots(&["MonA2", "url"]).iter().collect()), None);
        room.sort_keys(&slots(&["MonA1"]));
        assert_eq!(room, first);
    }
}
