//! Bookings: of slots that nobody knows, and of one track or one room twice at the same time.

use super::finding::{Findings, Words};
use super::kind::FindingKind;
use super::near::Near;
use super::{Checked, place};
use crate::booking::{Booking, Sharing};
use crate::programme_name::{RoomName, SlotName};
use crate::slot::Slot;
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

pub(super) fn check(checked: Checked<'_>, findings: &mut Findings) {
    let is_programme = checked.has("schedule") || checked.has("slots");
    if !is_programme && !checked.has("policy") {
        return;
    }
    let mut slots: HashMap<&SlotName, &Slot> = HashMap::new();
    for (_, _, slot) in checked.slots() {
        slots.entry(&slot.name).or_insert(slot);
    }
    if !slots.is_empty() && checked.has("schedule") {
        unknown_slots(checked, &slots, findings);
    }
    holders_twice(checked, findings);
    let mut held: BTreeMap<&TrackName, Vec<Held<'_>>> = BTreeMap::new();
    for (room, of_room) in &checked.contents.rooms {
        let mut in_room = Vec::new();
        for (name, booking) in &of_room.bookings {
            let Some(slot) = slots.get(name) else { continue };
            for track in booking.holders() {
                let one = Held { room, slot, track };
                held.entry(track).or_default().push(one);
                in_room.push(one);
            }
        }
        match of_room.sharing {
            Sharing::Exclusive if is_programme => room_twice(in_room, findings),
            Sharing::Exclusive | Sharing::Shared => {}
        }
    }
    clashes(checked, &held, findings);
    if is_programme {
        held.into_values().for_each(|held| meets_twice(held, findings));
    }
}

/// Lists of holders with a name that stands there before.
fn holders_twice(checked: Checked<'_>, findings: &mut Findings) {
    for (room, held) in checked.entries("schedule") {
        for (slot, holders) in held.as_object().into_iter().flatten() {
            let named = holders.as_array().into_iter().flatten().filter_map(Value::as_str);
            let mut tracks = HashSet::new();
            let twice =
                named.filter_map(|name| TrackName::parse(name.trim()).ok()).find(|by| !tracks.insert(by.clone()));
            if let Some(by) = twice {
                findings.add(FindingKind::HolderTwice, || Words {
                    path: place::innermost("schedule", room, slot),
                    name: by.to_string(),
                    reason: format!("{} names it several times, and it holds it once", place::shown(slot)),
                    proposal: "name it once; perhaps another track was meant".into(),
                });
            }
        }
    }
}

/// One booking.
#[derive(Clone, Copy)]
struct Held<'a> {
    room: &'a RoomName,
    slot: &'a Slot,
    track: &'a TrackName,
}

impl Held<'_> {
    fn path(self) -> String {
        place::innermost("schedule", self.room.as_str(), self.slot.name.as_str())
    }

    fn code(self) -> String {
        place::shown(&format!("{}-{}", self.room, self.slot.name))
    }
}

/// Keys of a room that look like bookings.
fn unknown_slots(checked: Checked<'_>, slots: &HashMap<&SlotName, &Slot>, findings: &mut Findings) {
    let mut near = Near::new();
    for (room, held) in &checked.contents.rooms {
        for (key, value) in &held.extra {
            let booking = Booking::read(value, held.sharing);
            let by = booking.iter().flat_map(Booking::holders).find(|by| checked.listed.contains(*by));
            if by.is_none() && value.as_str() != Some("") {
                continue;
            }
            let meant = near.find(key, slots.len(), checked.slots().map(|(_, _, slot)| slot.name.as_str()));
            findings.add(FindingKind::UnknownSlot, || Words {
                path: place::innermost("schedule", room.as_str(), key),
                name: place::shown(&format!("{room}-{key}")),
                reason: match by {
                    Some(by) => format!("no slot is called {}, so {by} does not hold it", place::shown(key)),
                    None => format!("no slot is called {}, so nobody can book it", place::shown(key)),
                },
                proposal: match meant {
                    Some(meant) => format!("write {}", place::shown(meant)),
                    None => "give a day a slot of that name, or leave it out".into(),
                },
            });
        }
    }
}

/// Another track holds the room while one does. Slots that give no duration may be shorter than they seem.
fn room_twice(held: Vec<Held<'_>>, findings: &mut Findings) {
    let timed = held.into_iter().filter(|held| held.slot.duration.is_some());
    at_once(timed.collect(), |one, other| {
        if one.slot.name != other.slot.name && one.track != other.track {
            findings.add(FindingKind::RoomTwice, || Words {
                path: one.path(),
                name: one.code(),
                reason: format!(
                    "{} holds it while {} holds {} there",
                    one.track,
                    other.track,
                    place::shown(other.slot.name.as_str())
                ),
                proposal: "give one of the two another room or time".into(),
            });
        }
    });
}

fn meets_twice(held: Vec<Held<'_>>, findings: &mut Findings) {
    let mut found = |one: Held<'_>, other: Held<'_>| {
        findings.add(FindingKind::MeetsTwice, || Words {
            path: one.path(),
            name: one.track.to_string(),
            reason: format!("it holds {} and {} at the same time", other.code(), one.code()),
            proposal: "free one of the two, unless the track meets in both rooms".into(),
        });
    };
    // Without times only the same slot is at the same time.
    let mut untimed: HashMap<&SlotName, Held<'_>> = HashMap::new();
    for one in held.iter().filter(|held| held.slot.span().is_none()) {
        if let Some(other) = untimed.insert(&one.slot.name, *one) {
            found(*one, other);
        }
    }
    at_once(held, |one, other| {
        let is_sure =
            one.slot.name == other.slot.name || (one.slot.duration.is_some() && other.slot.duration.is_some());
        if is_sure {
            found(one, other);
        }
    });
}

/// Tracks that the policy keeps apart. It was set after they were booked, or only warns.
fn clashes(checked: Checked<'_>, held: &BTreeMap<&TrackName, Vec<Held<'_>>>, findings: &mut Findings) {
    let mut left = MOST_COMPARED;
    for (one, other) in &checked.contents.policy.clashes {
        let (Some(of_one), Some(of_other)) = (held.get(one), held.get(other)) else { continue };
        let count = of_one.len() + of_other.len();
        if count > left {
            return;
        }
        left -= count;
        at_once(of_one.iter().chain(of_other).copied().collect(), |later, running| {
            if later.track != running.track {
                findings.add(FindingKind::Clash, || Words {
                    path: later.path(),
                    name: format!("{one} and {other}"),
                    reason: format!(
                        "{} holds {} while {} holds {}",
                        later.track,
                        later.code(),
                        running.track,
                        running.code()
                    ),
                    proposal: "move one of the two, or take the clash out of the policy".into(),
                });
            }
        });
    }
}

/// Tells of each booking that begins while another runs that one which lasts longest.
fn at_once<'a>(held: Vec<Held<'a>>, mut found: impl FnMut(Held<'a>, Held<'a>)) {
    let spans = held.into_iter().filter_map(|held| Some((held.slot.span()?, held)));
    let mut spans: Vec<_> = spans.collect();
    spans.sort_by_key(|(span, _)| span.0);
    let mut longest: Option<(DateTime<Utc>, Held<'a>)> = None;
    for ((start, end), one) in spans {
        if let Some((_, other)) = longest.filter(|(until, _)| start < *until) {
            found(one, other);
        }
        if longest.is_none_or(|(until, _)| until < end) {
            longest = Some((end, one));
        }
    }
}

/// How many bookings are compared with those of tracks that clash: a strange file may name every pair.
const MOST_COMPARED: usize = 500_000;
