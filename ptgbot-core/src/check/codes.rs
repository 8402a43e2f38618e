//! Codes that read the same though they mean two slots: `A-B-1` is slot `B-1` of room `A`, and slot `1` of room `A-B`.

use super::finding::{Findings, Words};
use super::kind::FindingKind;
use super::{Checked, place};
use crate::programme_name::{RoomName, SlotName};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hasher};

pub(super) fn check(checked: Checked<'_>, findings: &mut Findings) {
    let rooms = &checked.contents.rooms;
    let begins_like_another = |room: &RoomName| {
        let short = &room.as_str()[..room.as_str().floor_char_boundary(LONGEST)];
        short.match_indices('-').any(|(dash, _)| rooms.contains_key(&short[..dash]))
    };
    let is_asked = checked.has("schedule") || checked.has("slots");
    if !is_asked || !rooms.keys().any(begins_like_another) {
        return;
    }
    let mut seen: HashMap<u64, (&RoomName, &SlotName)> = HashMap::new();
    for (room, held) in rooms {
        for slot in held.bookings.keys() {
            match seen.entry(hash(room, slot)) {
                Entry::Vacant(entry) => drop(entry.insert((room, slot))),
                Entry::Occupied(entry) => {
                    let (other, its) = *entry.get();
                    let code = format!("{room}-{slot}");
                    if code == format!("{other}-{its}") {
                        findings.add(FindingKind::AmbiguousCode, || found(&code, (room, slot), (other, its)));
                    }
                }
            }
        }
    }
}

fn found(code: &str, (room, slot): (&RoomName, &SlotName), (other, its): (&RoomName, &SlotName)) -> Words {
    let (other, its) = (place::shown(other.as_str()), place::shown(its.as_str()));
    Words {
        path: place::innermost("schedule", room.as_str(), slot.as_str()),
        name: place::shown(code),
        reason: format!("it is the code of slot {its} of room {other}, too, and books that one"),
        proposal: "give one of the rooms or slots a name without the dash".into(),
    }
}

/// The same for two codes that read the same.
fn hash(room: &RoomName, slot: &SlotName) -> u64 {
    let mut hasher = DefaultHasher::new();
    [room.as_str(), "-", slot.as_str()].iter().for_each(|part| hasher.write(part.as_bytes()));
    hasher.finish()
}

/// In bytes. What is longer fits in no line of chat, and is found for that.
const LONGEST: usize = 350;
