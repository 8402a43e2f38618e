//! Slot ids: where an address leads that names a slot of the schedule, as `#slot/monday/mona1`.
//!
//! An id is made of the names of the day and of the slot, so it stays when the programme is loaded again in another
//! order. The `/` keeps it apart from the ids of tracks, whose names have none, and from those of the page's own parts,
//! which begin with `_`. Where two slots give the same id, the later one has it with a number made of the exact names.

use crate::name_hash::name_hash;
use crate::room_slug::slug;
use ptgbot_core::Board;
use std::collections::HashSet;

/// An id for each slot, by day, in the programme's order. No two are the same.
pub(crate) fn slot_ids(board: &Board) -> Vec<Vec<String>> {
    let mut taken = HashSet::new();
    let mut unique = |day: &str, slot: &str| {
        let plain = format!("slot/{}/{}", slug(day), slug(slot));
        let (mut id, mut turn) = (plain.clone(), 0_u32);
        while !taken.insert(id.clone()) {
            let exact = [day, "/", slot].into_iter().flat_map(str::bytes);
            id = format!("{plain}-{:08x}", name_hash(exact.chain(turn.to_be_bytes())));
            turn += 1;
        }
        id
    };
    let days = board.contents().days.iter();
    days.map(|(day, slots)| slots.iter().map(|slot| unique(day, slot.name.as_str())).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ptgbot_core::{BoardEvent, Document, Event, Folding, Record};
    use serde_json::{Map, Value, json};

    fn ids_of(days: &[(&str, &[&str])]) -> Vec<String> {
        let slots = |names: &[&str]| names.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>();
        let days: Map<String, Value> =
            days.iter().map(|(day, names)| ((*day).to_owned(), slots(names).into())).collect();
        let mut board = Board::default();
        let document = Document::check(&json!({ "slots": days }), &board, Folding::Lowercase).expect("a data file");
        let event = Event::Board(BoardEvent::DocumentLoaded { document: Box::new(document), source: None });
        let at = "2026-10-19T09:00:00Z".parse().expect("a time");
        board.apply(&Record::new(1, at, event));
        slot_ids(&board).concat()
    }

    #[test]
    fn an_id_is_made_of_day_and_slot_and_stays_in_another_order() {
        let ids = ids_of(&[("Monday", &["MonA1", "Mon P-2"]), ("Vendredi 1er", &["A"])]);
        assert_eq!(ids, ["slot/monday/mona1", "slot/monday/mon-p-2", "slot/vendredi-1er/a"]);
        let other = ids_of(&[("Vendredi 1er", &["A"]), ("Monday", &["Mon P-2", "MonA1"])]);
        assert_eq!(other, ["slot/vendredi-1er/a", "slot/monday/mon-p-2", "slot/monday/mona1"]);
    }

    #[test]
    fn slots_whose_names_differ_in_case_or_signs_have_ids_of_their_own() {
        let ids = ids_of(&[("Monday", &["MonA1", "mona1", "Mon-A1", "!", "?"]), ("monday", &["MonA1x", "monA1"])]);
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "{ids:?}");
        assert!(ids.iter().all(|id| id.starts_with("slot/monday/") && !id.contains([' ', '"', '<'])), "{ids:?}");
    }
}
