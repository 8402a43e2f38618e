//! What is lost because two keys or slots have one name.

use super::finding::{Findings, Words};
use super::kind::FindingKind;
use super::{Checked, place};
use crate::programme_name::SlotName;
use crate::text::{clean, clean_name};
use crate::track::TrackName;
use std::collections::{HashMap, HashSet};

pub(super) fn check(checked: Checked<'_>, findings: &mut Findings) {
    for (key, read) in [("slots", clean_name as fn(&str) -> String), ("schedule", clean_name), ("links", clean)] {
        twice(checked.entries(key).map(|(name, _)| name), read, |name| place::inner(key, name), findings);
    }
    for key in BY_TRACK {
        twice(checked.entries(key).map(|(name, _)| name), track, |name| place::inner(key, name), findings);
    }
    let slots: HashSet<&SlotName> = checked.slots().map(|(_, _, slot)| &slot.name).collect();
    for (room, held) in checked.entries("schedule") {
        let keys = held.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
        // JSON has each key once: plain ones differ.
        if keys.clone().all(is_plain) {
            continue;
        }
        let keys = keys.filter(|key| slots.contains(&SlotName::new(key)));
        twice(keys, clean_name, |key| place::innermost("schedule", room, key), findings);
    }
    if checked.has("slots") {
        slots_twice(checked, findings);
    }
}

fn twice<'a>(
    names: impl Iterator<Item = &'a str>,
    read: impl Fn(&str) -> String,
    path: impl Fn(&str) -> String,
    findings: &mut Findings,
) {
    let mut seen: HashSet<String> = HashSet::new();
    for name in names {
        let is_new = seen.insert(read(name));
        if !is_new {
            findings.add(FindingKind::KeyTwice, || Words {
                path: path(name),
                name: place::shown(name),
                reason: "another key is the same name when blanks and case are put right: only the last one counts"
                    .into(),
                proposal: "keep one of the two, or give it another name".into(),
            });
        }
    }
}

/// A slot's name is what is booked, in every room and on every day.
fn slots_twice(checked: Checked<'_>, findings: &mut Findings) {
    let mut first: HashMap<&SlotName, &str> = HashMap::new();
    for (day, number, slot) in checked.slots() {
        match first.get(&slot.name) {
            None => drop(first.insert(&slot.name, day)),
            Some(other) => findings.add(FindingKind::SlotTwice, || Words {
                path: place::slot(day, number, "name"),
                name: place::shown(slot.name.as_str()),
                reason: format!(
                    "{} has a slot of that name already: a booking of one would be of both",
                    place::shown(other)
                ),
                proposal: format!("give it a name of its own, such as {}", of_its_own(day, slot.name.as_str())),
            }),
        }
    }
}

/// A name that has the day in it.
fn of_its_own(day: &str, name: &str) -> String {
    let day: String = day.chars().filter(|c| c.is_alphanumeric()).take(3).collect();
    if name.starts_with(&day) { place::shown(&format!("{name}b")) } else { place::shown(&format!("{day}{name}")) }
}

/// True for a name that is read as it is written.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_graphic())
}

fn track(name: &str) -> String {
    TrackName::parse(name).map_or_else(|_| name.to_owned(), String::from)
}

/// The objects of the data file whose keys are tracks.
const BY_TRACK: [&str; 6] = ["now", "next", "etherpads", "urls", "colors", "location"];
