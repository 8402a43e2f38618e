//! Keys that nobody knows and that look like known ones: what is said there is kept, and does nothing.

use super::finding::{Findings, Words};
use super::kind::FindingKind;
use super::{Checked, place};
use crate::data_file::KEYS;
use crate::nearest::nearest;
use serde_json::{Map, Value};

pub(super) fn check(checked: Checked<'_>, findings: &mut Findings) {
    each(checked.raw, &KEYS, place::key, findings);
    if let Some(policy) = checked.raw.get("policy").and_then(Value::as_object) {
        each(policy, &POLICY, |key| place::inner("policy", key), findings);
    }
    for (day, slots) in checked.entries("slots") {
        for (number, slot) in slots.as_array().into_iter().flatten().enumerate() {
            if let Some(slot) = slot.as_object() {
                each(slot, &SLOT, |key| place::slot(day, number, key), findings);
            }
        }
    }
    for (room, held) in checked.entries("schedule") {
        let known = checked.contents.rooms.get(crate::text::clean_name(room).as_str());
        let (Some(held), Some(known)) = (held.as_object(), known) else { continue };
        // Of its keys only those that are no bookings are asked about.
        for key in known.extra.keys() {
            one(key, held, &ROOM, |key| place::innermost("schedule", room, key), findings);
        }
    }
}

fn each(object: &Map<String, Value>, known: &[&str], path: impl Fn(&str) -> String, findings: &mut Findings) {
    for key in object.keys() {
        one(key, object, known, &path, findings);
    }
}

fn one(key: &str, object: &Map<String, Value>, known: &[&str], path: impl Fn(&str) -> String, findings: &mut Findings) {
    if known.contains(&key) {
        return;
    }
    let (there, missing): (Vec<&str>, Vec<&str>) = known.iter().partition(|known| object.contains_key(**known));
    let mut found = |proposal: String| {
        findings.add(FindingKind::MisspeltKey, || Words {
            path: path(key),
            name: place::shown(key),
            reason: "nobody knows this key: it is kept and does nothing".into(),
            proposal,
        });
    };
    if let Some(meant) = nearest(key, missing.iter().copied()).or_else(|| shortened(key, &missing)) {
        found(format!("write {meant}"));
    } else if let Some(meant) = nearest(key, there).filter(|meant| is_surely(key, meant)) {
        found(format!("leave it out: there is also {meant}"));
    }
}

/// The key of which a word is the beginning, if it is of one only: `dur` of `duration`.
fn shortened<'a>(key: &str, known: &[&'a str]) -> Option<&'a str> {
    let key = key.to_lowercase();
    let mut begun = known.iter().filter(|known| key.len() >= SHORTEST && known.starts_with(&key));
    begun.next().filter(|_| begun.next().is_none()).copied()
}

/// True when a key is no other program's although the one that it resembles is there: a number behind it would tell it apart.
fn is_surely(key: &str, meant: &str) -> bool {
    key.eq_ignore_ascii_case(meant) || (meant.len() >= LONG && key.bytes().all(|b| b.is_ascii_alphabetic()))
}

/// In bytes: of shorter words nobody can say what they begin.
const SHORTEST: usize = 3;
/// In bytes: shorter words resemble each other by chance.
const LONG: usize = 6;

const SLOT: [&str; 4] = ["name", "desc", "realtime", "duration"];
const POLICY: [&str; 6] = ["day_hours", "total_hours", "opens", "clashes", "past", "enforce"];
const ROOM: [&str; 5] = ["url", "desc", "cap_icon", "cap_desc", "shared"];
