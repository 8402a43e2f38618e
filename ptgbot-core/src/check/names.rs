//! Names that people will have to type: of days, slots and rooms.

use super::finding::{Findings, Words};
use super::kind::FindingKind;
use super::{Checked, letters, place};
use crate::text::{clean_name, is_invisible};
use serde_json::Value;
use std::collections::HashMap;

pub(super) fn check(checked: Checked<'_>, findings: &mut Findings) {
    each(checked.entries("slots").map(|(day, _)| (day, Kind::Day, Place::Key("slots", day))), findings);
    each(checked.entries("slots").flat_map(|(day, slots)| slot_names(day, slots)), findings);
    each(checked.entries("schedule").map(|(room, _)| (room, Kind::Room, Place::Key("schedule", room))), findings);
    for (room, held) in checked.contents.rooms.iter().filter(|_| checked.has("schedule") || checked.has("slots")) {
        let longest = held.bookings.keys().max_by_key(|slot| slot.as_str().len());
        if let Some(slot) = longest.filter(|slot| room.as_str().len() + slot.as_str().len() + 1 > LONGEST_CODE) {
            findings.add(FindingKind::CodeTooLong, || Words {
                path: place::inner("schedule", room.as_str()),
                name: place::shown(room.as_str()),
                reason: format!(
                    "nobody can book {}: a line of chat ends before the code does",
                    place::shown(slot.as_str())
                ),
                proposal: "give room and slot short names; what they are goes into desc".into(),
            });
        }
    }
}

/// What a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Day,
    Slot,
    Room,
}

/// Where a name stands.
#[derive(Clone, Copy)]
enum Place<'a> {
    Key(&'a str, &'a str),
    Slot(&'a str, usize),
}

impl Place<'_> {
    fn path(self) -> String {
        match self {
            Self::Key(key, name) => place::inner(key, name),
            Self::Slot(day, number) => place::slot(day, number, "name"),
        }
    }
}

fn slot_names<'a>(day: &'a str, slots: &'a Value) -> impl Iterator<Item = (&'a str, Kind, Place<'a>)> {
    let slots = slots.as_array().into_iter().flatten().enumerate();
    slots.filter_map(move |(number, slot)| Some((slot.get("name")?.as_str()?, Kind::Slot, Place::Slot(day, number))))
}

/// Checks names of one kind, each by itself and with the others.
fn each<'a>(names: impl Iterator<Item = (&'a str, Kind, Place<'a>)>, findings: &mut Findings) {
    let mut seen: HashMap<String, String> = HashMap::new();
    for (raw, kind, place) in names {
        let name = clean_name(raw);
        one(raw, &name, kind, place, findings);
        if name.len() <= LONGEST_CODE {
            let first = seen.entry(name.to_lowercase()).or_insert_with(|| name.clone());
            if *first != name {
                let other = place::shown(first);
                findings.add(FindingKind::CaseOnly, || Words {
                    path: place.path(),
                    name: place::shown(&name),
                    reason: format!("there is also {other}: whoever types it in lower case means either"),
                    proposal: "give one of the two another name".into(),
                });
            }
        }
    }
}

fn one(raw: &str, name: &str, kind: Kind, place: Place<'_>, findings: &mut Findings) {
    let mut found = |finding, reason: &str, proposal: &dyn Fn() -> String| {
        findings.add(finding, || Words {
            path: place.path(),
            name: place::shown(name),
            reason: reason.to_owned(),
            proposal: proposal(),
        });
    };
    let write = |name: &str| format!("write {}", place::shown(clean_name(name).trim()));
    if name.contains(is_invisible) {
        let kind = if kind == Kind::Day { FindingKind::HardToType } else { FindingKind::InvisibleLetter };
        let reason = "it holds a letter that cannot be seen, so nobody who types what is on the page means it";
        found(kind, reason, &|| write(&name.replace(is_invisible, "")));
    }
    if raw != name {
        let reason = "blanks at its ends or in a row, line ends and control characters are no part of a name";
        found(FindingKind::OddBlanks, reason, &|| write(name));
    }
    if let Some(typed) = letters::as_typed(name) {
        let reason = "it holds letters that look like others: people will type those";
        found(FindingKind::LookAlike, reason, &|| write(&typed));
    }
    if let Some(plain) = letters::without_signs(name) {
        let reason = "it holds signs that keyboards do not have";
        found(FindingKind::HardToType, reason, &|| write(&plain));
    }
    if name.chars().nth(LONG).is_some() {
        let reason = "it is long to type, and wide on a phone";
        found(FindingKind::LongName, reason, &|| format!("keep it under {LONG} letters; what it is goes into desc"));
    }
}

/// In letters.
const LONG: usize = 40;
/// In bytes. With a track's name and the command a line of IRC (RFC 2812, 512 bytes) takes no more.
const LONGEST_CODE: usize = 350;
