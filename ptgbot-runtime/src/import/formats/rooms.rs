//! The rooms of a programme with their bookings.

use super::links;
use super::note::Notes;
use super::place::{Fault, Place};
use super::programme::{Programme, Session};
use super::slots::{Slots, Span, end_of, span_of};
use super::track_name::TrackNames;
use ptgbot_core::TrackName;
use ptgbot_core::indexmap::IndexMap;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// A session with its slot and its track.
#[derive(Debug)]
pub(super) struct Booked<'a> {
    pub(super) session: &'a Session,
    pub(super) slot: String,
    pub(super) track: Option<TrackName>,
}

/// What is known of the rooms already, and what is to be kept of that.
pub(super) struct KnownRooms<'a> {
    /// `schedule` of a data file.
    schedule: &'a Value,
    /// The names of its slots: other keys of a room are words.
    slots: HashSet<&'a str>,
    kept: Kept,
}

/// How much of a known room stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// What it says about itself: its link, its equipment, whatever other programs keep there.
    Words,
    /// Its slots, too, free or not: this is the board's own programme.
    All,
}

/// The sessions with their slots and tracks.
pub(super) fn booked<'a>(
    sessions: &'a [Session],
    slots: &Slots,
    known: &KnownRooms,
    names: &mut TrackNames,
    notes: &mut Notes,
) -> Vec<Booked<'a>> {
    let there = SlotsOfRooms::of(known, slots);
    let booked = sessions.iter().map(|session| {
        let track = session.track.as_deref().map(|name| names.take(name, notes));
        let slot = there.slot(session, track.as_ref()).or(slots.at(session)).unwrap_or_default().to_owned();
        Booked { session, slot, track }
    });
    booked.collect()
}

/// Which slot of a room a session means, where several are at its time: the one that its track holds, else the first.
#[derive(Default)]
struct SlotsOfRooms<'a> {
    held: HashMap<(&'a str, Span, &'a str), &'a str>,
    first: HashMap<(&'a str, Span), &'a str>,
}

impl<'a> SlotsOfRooms<'a> {
    fn of(known: &KnownRooms<'a>, slots: &Slots) -> Self {
        let mut there = Self::default();
        for (room, fields) in known.schedule.as_object().into_iter().flatten() {
            for (slot, holders) in fields.as_object().into_iter().flatten() {
                let Some(span) = slots.span(slot) else { continue };
                there.first.entry((room, span)).or_insert(slot);
                for holder in holders_in(holders) {
                    there.held.entry((room, span, holder)).or_insert(slot);
                }
            }
        }
        there
    }

    fn slot(&self, session: &Session, track: Option<&TrackName>) -> Option<&'a str> {
        let (room, span) = (session.room.as_str(), span_of(session));
        let held = track.and_then(|track| self.held.get(&(room, span, track.as_str())));
        held.or_else(|| self.first.get(&(room, span))).copied()
    }
}

/// The tracks that a booking of the data file names.
fn holders_in(booking: &Value) -> impl Iterator<Item = &str> {
    let one = booking.as_str().into_iter();
    let several = booking.as_array().into_iter().flatten().filter_map(Value::as_str);
    one.chain(several).filter(|holder| !holder.is_empty())
}

impl<'a> KnownRooms<'a> {
    /// Of `slots` and `schedule` of a data file.
    pub(super) fn of(file: &'a Value, kept: Kept) -> Self {
        let days = file["slots"].as_object().into_iter().flat_map(Map::values);
        let slots = days.flat_map(|day| day.as_array().into_iter().flatten());
        Self { schedule: &file["schedule"], slots: slots.filter_map(|slot| slot["name"].as_str()).collect(), kept }
    }

    /// Whether the track holds this very slot already.
    fn is_held(&self, room: &str, slot: &str, track: Option<&TrackName>) -> bool {
        track.is_some_and(|track| holders_in(&self.schedule[room][slot]).any(|holder| holder == track.as_str()))
    }

    /// Whether a room takes several tracks in a slot.
    fn is_shared(&self, room: &str) -> bool {
        self.schedule[room]["shared"] == true
    }

    /// `schedule` of the data file.
    pub(super) fn with(
        &self,
        text: &str,
        programme: &Programme,
        booked: &[Booked],
        slots: &Slots,
    ) -> Result<IndexMap<String, Map<String, Value>>, Fault> {
        let mut rooms: IndexMap<String, Map<String, Value>> = IndexMap::new();
        if self.kept == Kept::All {
            for name in self.schedule.as_object().into_iter().flat_map(Map::keys) {
                rooms.insert(name.clone(), self.start(name, slots));
            }
        }
        for room in &programme.rooms {
            let fields = rooms.entry(room.name.clone()).or_insert_with(|| self.start(&room.name, slots));
            put(fields, "url", room.url.as_deref());
            put(fields, "desc", room.desc.as_deref());
        }
        let mut by_room: HashMap<&str, Vec<&Booked>> = HashMap::new();
        for one in booked {
            by_room.entry(&one.session.room).or_default().push(one);
        }
        for (name, fields) in &mut rooms {
            let mut booked = by_room.remove(name.as_str()).unwrap_or_default();
            booked.sort_by_key(|one| (span_of(one.session), one.session.at));
            self.without_overlaps(text, name, &booked)?;
            // The sessions that the board does not have, in the order of their starts and, as none overlaps, of their ends.
            let is_new = |one: &&&Booked| !self.is_held(name, &one.slot, one.track.as_ref());
            let new: Vec<_> = booked.iter().filter(is_new).collect();
            fields.retain(|key, value| {
                let Some(span) = slots.span(key).filter(|_| self.kept == Kept::All && *value == "") else {
                    return true;
                };
                let before = new.partition_point(|one| one.session.start < end_of(span));
                let last = new[..before].last();
                last.is_none_or(|last| last.slot == *key || last.session.end() <= span.0)
            });
            for one in booked {
                let track = one.track.as_ref().map(TrackName::as_str).unwrap_or_default();
                match fields.get_mut(&one.slot) {
                    Some(Value::String(first)) if !first.is_empty() && !track.is_empty() => {
                        let both = vec![std::mem::take(first), track.to_owned()];
                        fields.insert(one.slot.clone(), both.into());
                    }
                    Some(Value::Array(holders)) => holders.push(track.into()),
                    Some(booking) => *booking = track.into(),
                    None => drop(fields.insert(one.slot.clone(), track.into())),
                }
            }
        }
        Ok(rooms)
    }

    /// What a room has before its sessions are entered.
    fn start(&self, name: &str, slots: &Slots) -> Map<String, Value> {
        let fields = self.schedule[name].as_object().into_iter().flatten();
        let fields = fields.filter_map(|(key, value)| {
            let is_word = !self.slots.contains(key.as_str()) && !slots.has(key);
            match self.kept {
                // Who holds a slot that has a time, the sessions say.
                Kept::All if !is_word && slots.span(key).is_some() => Some((key.clone(), Value::from(""))),
                Kept::All => Some((key.clone(), value.clone())),
                Kept::Words => is_word.then(|| (key.clone(), value.clone())),
            }
        });
        fields.collect()
    }

    /// Refuses two sessions of one room at once. `booked` is sorted by their starts.
    fn without_overlaps(&self, text: &str, room: &str, booked: &[&Booked]) -> Result<(), Fault> {
        let mut last: Option<&Booked> = None;
        for one in booked {
            if let Some(last) = last.filter(|last| one.session.start < last.session.end()) {
                let both_held = [last, one].iter().all(|one| self.is_held(room, &one.slot, one.track.as_ref()));
                let as_on_the_board = both_held && last.slot != one.slot;
                let is_same_time = span_of(last.session) == span_of(one.session);
                let differ = last.track != one.track && last.track.is_some() && one.track.is_some();
                let together = self.is_shared(room) && is_same_time && differ;
                if !(as_on_the_board || together) {
                    return Err(Fault::at(one.session.at, overlap(text, room, last, one)));
                }
            }
            if last.is_none_or(|last| last.session.end() < one.session.end()) {
                last = Some(one);
            }
        }
        Ok(())
    }
}

fn overlap(text: &str, room: &str, first: &Booked, second: &Booked) -> String {
    let named = |one: &Booked| match &one.track {
        Some(track) => track.to_string(),
        None => "a free slot".to_owned(),
    };
    let line = Place::of(text, first.session.at).line();
    let time = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d %H:%M UTC").to_string();
    format!(
        "in '{room}' {} begins at {}, when {} (line {line}) goes on until {}; a room holds one at a time",
        named(second),
        time(second.session.start),
        named(first),
        time(first.session.end()),
    )
}

/// Puts what the file says, unless it says the same in other letters.
fn put(fields: &mut Map<String, Value>, key: &str, said: Option<&str>) {
    let Some(said) = said.map(str::trim).filter(|said| !said.is_empty()) else { return };
    let known = fields.get(key).and_then(Value::as_str);
    if !known.is_some_and(|known| links::is_same(known, said)) {
        fields.insert(key.to_owned(), said.into());
    }
}
