//! Slugs: what a room is called in addresses.
//!
//! A slug is made of the room's name: its letters and digits in lower case, everything else one dash, at most
//! [`MAX_CHARS`] characters; `Ballroom A` is `ballroom-a`, `Großer Saal` is `großer-saal`. It depends on no other
//! room, so subscribers keep their calendar when the programme is loaded again in another order. Only where two
//! names give the same slug, the first room in the programme's order has it, and the others have it with a
//! number made of their exact name: `ballroom-a-81c7f3a2`.

use crate::name_hash::name_hash;
use ptgbot_core::{Board, RoomName};
use std::collections::HashMap;

/// The slug that a name gives by itself.
pub(crate) fn slug(name: &str) -> String {
    let mut slug = String::new();
    let letters = name.chars().flat_map(char::to_lowercase).map(|c| if c.is_alphanumeric() { c } else { '-' });
    for c in letters.take(4 * MAX_CHARS) {
        if c != '-' || !(slug.is_empty() || slug.ends_with('-')) {
            slug.push(c);
        }
    }
    let slug: String = slug.chars().take(MAX_CHARS).collect();
    match slug.trim_end_matches('-') {
        "" => "room".to_owned(),
        slug => slug.to_owned(),
    }
}

/// Every room with its slug, in the programme's order. No two slugs are the same.
pub(crate) fn slugs(board: &Board) -> Vec<(String, &RoomName)> {
    let rooms = board.contents().rooms.keys();
    let own: Vec<_> = rooms.map(|room| (slug(room.as_str()), room)).collect();
    let mut first: HashMap<String, &RoomName> = HashMap::new();
    for (slug, room) in &own {
        first.entry(slug.clone()).or_insert(room);
    }
    let mut slugs = Vec::with_capacity(own.len());
    for (slug, room) in own {
        let mut unique = slug.clone();
        let mut turn = 0;
        while first.get(&unique).is_some_and(|holder| *holder != room) {
            let short: String = slug.chars().take(MAX_CHARS - SUFFIX).collect();
            unique = format!(
                "{}-{:08x}",
                short.trim_end_matches('-'),
                name_hash(room.as_str().bytes().chain((turn > 0).then_some(turn)))
            );
            turn += 1;
        }
        first.insert(unique.clone(), room);
        slugs.push((unique, room));
    }
    slugs
}

/// So that a file of that name fits into any folder, whatever the alphabet.
const MAX_CHARS: usize = 50;
/// A dash and eight digits.
const SUFFIX: usize = 9;

#[cfg(test)]
mod tests {
    use super::*;
    use ptgbot_core::{BoardEvent, Document, Event, Folding, Record};
    use serde_json::{Map, Value, json};

    fn slugs_of(names: &[&str]) -> Vec<String> {
        let rooms: Map<String, Value> = names.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
        let mut board = Board::default();
        let document = Document::check(&json!({ "schedule": rooms }), &board, Folding::Lowercase).expect("a data file");
        let event = Event::Board(BoardEvent::DocumentLoaded { document: Box::new(document), source: None });
        let at = "2026-10-19T09:00:00Z".parse().expect("a time");
        board.apply(&Record::new(1, at, event));
        slugs(&board).into_iter().map(|(slug, _)| slug).collect()
    }

    #[test]
    fn a_slug_is_the_letters_and_digits_of_a_name() {
        let names = ["Ballroom A", " Pike's -- Peak! ", "Großer Saal", "会議室 1", "../../etc", "<b>", "🎪", "ПТГ"];
        let slugs = ["ballroom-a", "pike-s-peak", "großer-saal", "会議室-1", "etc", "b", "room", "птг"];
        assert_eq!(names.map(slug), slugs);
        assert_eq!(slug(&"会".repeat(500)).chars().count(), MAX_CHARS);
        assert_eq!(slug(&" !".repeat(500)), "room");
    }

    #[test]
    fn a_slug_read_again_is_the_same() {
        for name in ["Ballroom A", &format!("{} b", "a".repeat(49)), "İstanbul", "ΣΑΣ", "Ǆ"] {
            assert_eq!(slug(&slug(name)), slug(name), "{name}");
        }
    }

    #[test]
    fn rooms_whose_names_differ_in_signs_alone_have_slugs_of_their_own_that_stay() {
        let all = slugs_of(&["Room A", "room-a", "Room (A)", "room a 2"]);
        assert_eq!((all[0].as_str(), all[3].as_str()), ("room-a", "room-a-2"));
        assert!(all[1].starts_with("room-a-") && all[2].starts_with("room-a-") && all[1] != all[2]);
        assert_eq!(slugs_of(&["Room A", "Room (A)"])[1], all[2]);
        let number = all[1].strip_prefix("room-a-").expect("a number");
        let taken = slugs_of(&["Room A", "room-a", &format!("Room A {number}")]);
        assert_eq!(taken[2], all[1]);
        assert!(taken[1].starts_with("room-a-") && taken[1] != taken[2]);
    }
}
