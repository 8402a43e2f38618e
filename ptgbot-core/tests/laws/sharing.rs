//! Tracks that share a room: each books, frees and takes back for itself, whatever the others do.

use crate::play::{Play, SHARED_ROOM};
use proptest::prelude::*;
use proptest::sample::select;
use ptgbot_core::{Board, Refusal, RoomName, SlotName, TrackName};
use std::collections::{BTreeMap, BTreeSet};

const TRACKS: [&str; 4] = ["swift", "nova", "c++", "a.b"];
const SLOTS: [&str; 2] = ["MonA1", "TueA1"];

#[derive(Clone, Copy, Debug)]
enum Act {
    Book(&'static str),
    Unbook(&'static str),
    Undo,
}

/// What each track would hold if it were alone, with how things were before each of its changes that stand.
#[derive(Default)]
struct Alone {
    held: BTreeSet<&'static str>,
    before: Vec<BTreeSet<&'static str>>,
}

impl Alone {
    fn act(&mut self, act: Act) {
        let before = self.held.clone();
        let changed = match act {
            Act::Book(slot) => self.held.insert(slot),
            Act::Unbook(slot) => self.held.remove(slot),
            Act::Undo => {
                self.held = self.before.pop().unwrap_or(before);
                return;
            }
        };
        if changed {
            self.before.push(before);
        }
    }
}

fn holders(board: &Board, slot: &str) -> BTreeSet<TrackName> {
    let booking = &board.contents().rooms[&RoomName::new(SHARED_ROOM)].bookings[&SlotName::new(slot)];
    let holders: BTreeSet<_> = booking.holders().iter().cloned().collect();
    assert_eq!(holders.len(), booking.holders().len(), "each holder once");
    holders
}

fn acts() -> impl Strategy<Value = Vec<(&'static str, Act)>> {
    let act = prop_oneof![
        3 => select(&SLOTS).prop_map(Act::Book),
        2 => select(&SLOTS).prop_map(Act::Unbook),
        2 => Just(Act::Undo),
    ];
    prop::collection::vec((select(&TRACKS), act), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_track_holds_what_it_would_hold_alone(acts in acts()) {
        let mut play = Play::with_programme();
        let mut alone: BTreeMap<&str, Alone> = BTreeMap::new();
        for (track, act) in acts {
            let said = match act {
                Act::Book(slot) => format!("#{track} book {SHARED_ROOM}-{slot}"),
                Act::Unbook(slot) => format!("#{track} unbook {SHARED_ROOM}-{slot}"),
                Act::Undo => format!("#{track} undo"),
            };
            let outcome = play.say(&said);
            let not_theirs = matches!(outcome, Err(Refusal::NotYours { .. }));
            prop_assert!(outcome.is_ok() || not_theirs && matches!(act, Act::Unbook(_)), "{said}: {outcome:?}");
            alone.entry(track).or_default().act(act);
            for slot in SLOTS {
                let expected = alone.iter().filter(|(_, alone)| alone.held.contains(slot));
                let expected: BTreeSet<_> = expected.map(|(track, _)| TrackName::parse(track).unwrap()).collect();
                prop_assert_eq!(&holders(&play.board, slot), &expected);
                for (track, code) in TRACKS.iter().flat_map(|track| SLOTS.map(|slot| (track, slot))) {
                    let entries = play.board.calendar().shown_at(play.at);
                    let stands = entries.filter(|entry| entry.status == ptgbot_core::EntryStatus::Confirmed);
                    let standing = stands.filter(|entry| entry.id.track.as_str() == *track && entry.id.slot.as_str() == code);
                    let holds = alone.get(track).is_some_and(|alone| alone.held.contains(code));
                    prop_assert_eq!(standing.count(), usize::from(holds));
                }
            }
        }
        let mut replayed = Board::default();
        play.records.iter().for_each(|record| replayed.apply(record));
        prop_assert_eq!(replayed, play.board);
    }
}

#[test]
fn a_shared_slot_takes_so_many_tracks_and_no_more_also_when_one_is_taken_back() {
    let mut play = Play::with_programme();
    let names: Vec<String> = (0..51).map(|number| format!("t{number}")).collect();
    play.say(&format!("~add {}", names.join(" "))).unwrap();
    let book = |name: &String| format!("#{name} book {SHARED_ROOM}-MonA1");
    names[..50].iter().for_each(|name| drop(play.say(&book(name)).unwrap()));
    let full = play.say(&book(&names[50])).unwrap_err();
    assert!(
        full.to_string().starts_with("Pike's Peak-MonA1 is shared by 50 tracks and takes no more. Free on Monday: ")
    );
    play.say(&format!("#t7 unbook {SHARED_ROOM}-MonA1")).unwrap();
    play.say(&book(&names[50])).unwrap();
    assert!(matches!(play.say("#t7 undo"), Err(Refusal::SlotFull { .. })));
    play.say(&format!("#t8 unbook {SHARED_ROOM}-MonA1")).unwrap();
    play.say("#t7 undo").unwrap();
    assert_eq!(holders(&play.board, "MonA1").len(), 50);
}
