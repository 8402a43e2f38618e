//! Rooms without slots, and slots without a room.

use super::finding::{Findings, Words};
use super::kind::FindingKind;
use super::{Checked, Extent, place};
use crate::programme_name::SlotName;
use std::collections::HashSet;

pub(super) fn check(checked: Checked<'_>, findings: &mut Findings) {
    if checked.is_unread("slots") {
        return;
    }
    let rooms = &checked.contents.rooms;
    let has_slots = checked.slots().next().is_some();
    if !has_slots {
        if checked.has("schedule") && !rooms.is_empty() {
            findings.add(FindingKind::NoSlots, || Words {
                path: place::key("schedule"),
                name: "all rooms".into(),
                reason: "there are no slots, so nothing can be booked".into(),
                proposal: "give the days slots, under slots".into(),
            });
        }
        return;
    }
    if checked.has("schedule") {
        for (room, _) in rooms.iter().filter(|(_, held)| held.bookings.is_empty()) {
            findings.add(FindingKind::NoSlots, || Words {
                path: place::inner("schedule", room.as_str()),
                name: place::shown(room.as_str()),
                reason: "it has none of the slots, so nobody can book it".into(),
                proposal: "add the names of its slots, each with \"\" or the track that holds it".into(),
            });
        }
    }
    let lacks_rooms = checked.extent == Extent::Whole && !checked.is_unread("schedule");
    if checked.has("slots") && (checked.has("schedule") || lacks_rooms) {
        without_room(checked, findings);
    }
}

fn without_room(checked: Checked<'_>, findings: &mut Findings) {
    let bookable: HashSet<&SlotName> = checked.contents.rooms.values().flat_map(|room| room.bookings.keys()).collect();
    if bookable.is_empty() {
        findings.add(FindingKind::NoRoom, || Words {
            path: place::key("schedule"),
            name: "all slots".into(),
            reason: "no room has any of the slots, so nothing can be booked".into(),
            proposal: "add rooms with the names of their slots".into(),
        });
        return;
    }
    for (day, number, slot) in checked.slots().filter(|(_, _, slot)| !bookable.contains(&slot.name)) {
        findings.add(FindingKind::NoRoom, || Words {
            path: place::slot(day, number, "name"),
            name: place::shown(slot.name.as_str()),
            reason: "no room has it, so nobody can book it".into(),
            proposal: "add it to the rooms that are open then, or leave it out".into(),
        });
    }
}
