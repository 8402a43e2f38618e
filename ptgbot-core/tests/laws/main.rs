//! The laws of the board: what holds whatever people say, in whatever order.
#![allow(clippy::unwrap_used)]

mod check;
mod messages;
mod play;
mod policy;
mod sharing;

use play::{FOLDING, Play, Step, What};
use proptest::prelude::*;
use ptgbot_core::data_file::{full, public};
use ptgbot_core::{
    Board, BoardEvent, Booking, CalendarEntry, CalendarEntryId, Contents, Document, EntryStatus, Event, NameForm,
    Outcome, PersonEvent, Record, Role, SlotCode, TrackEvent, TrackName, may_be_command,
};
use std::collections::{BTreeMap, BTreeSet};

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_ignored_or_done_or_explained(steps in play::steps(), texts in prop::collection::vec(play::text(), 1..20)) {
        let mut play = Play::of(&steps);
        for text in texts {
            for role in [Role::Member, Role::Voice, Role::Op] {
                for private in [false, true] {
                    let revision = play.board.revision();
                    let ask = What::Said(text.clone());
                    let decision = play.step(&Step { later: 1, who: "bob", role, private, ask });
                    let is_ignored = matches!(&decision, Ok(decision) if decision.outcome() == Outcome::Ignored);
                    prop_assert!(is_ignored || private || may_be_command(&text, "ptgbot", FOLDING));
                    let changed = matches!(decision, Ok(decision) if decision.outcome() == Outcome::Changed);
                    prop_assert_eq!(play.board.revision() > revision, changed);
                }
            }
        }
    }

    #[test]
    fn what_is_recorded_changes_something(steps in play::steps()) {
        let mut play = Play::new();
        for step in steps {
            let before = play.board.clone();
            let events = play.step(&step).map(|decision| decision.events).unwrap_or_default();
            let [event] = events.as_slice() else {
                prop_assert!(!events.is_empty() || before == play.board);
                continue;
            };
            // The same topic again is news; being forgotten also reaches what the board no longer holds; a change
            // that is taken back may have changed nothing that can be seen any more.
            let may_repeat = matches!(
                event,
                Event::Track(TrackEvent::TopicSet { .. }) | Event::Person(PersonEvent::CheckedIn { .. }) | Event::Person(PersonEvent::PersonForgotten { .. })
                    | Event::Board(BoardEvent::ChangeUndone { .. }) | Event::Board(BoardEvent::MotdReordered { .. })
            );
            let same = in_order(before.contents()) == in_order(play.board.contents())
                && before.check_ins() == play.board.check_ins()
                && before.moderators() == play.board.moderators()
                && before.subscriptions() == play.board.subscriptions();
            prop_assert!(!same || may_repeat, "{event:?}");
        }
    }

    #[test]
    fn replay_equals_live_and_both_survive_being_written_down(steps in play::steps()) {
        let play = Play::of(&steps);
        let mut replayed = Board::default();
        for record in &play.records {
            let written = serde_json::to_string(record).unwrap();
            let read: Record = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(record, &read);
            prop_assert_eq!(&written, &serde_json::to_string(&read).unwrap());
            replayed.apply(&read);
        }
        prop_assert_eq!(&replayed, &play.board);
        let written = serde_json::to_string(&play.board).unwrap();
        let read: Board = serde_json::from_str(&written).unwrap();
        prop_assert_eq!(&read, &play.board);
        prop_assert_eq!(written, serde_json::to_string(&read).unwrap());
    }

    #[test]
    fn undo_again_and_again_leads_back_to_the_start(steps in play::steps()) {
        let mut play = Play::of(&steps);
        let mut count = 0;
        while !play.say("~undo").unwrap().events.is_empty() {
            count += 1;
            prop_assert!(count <= steps.len());
        }
        prop_assert_eq!(in_order(play.board.contents()), in_order(&Contents::default()));
    }

    #[test]
    fn one_undo_leads_one_change_back(steps in play::steps()) {
        let mut play = Play::new();
        for step in steps {
            let before = in_order(play.board.contents());
            let events = play.step(&step).map(|decision| decision.events).unwrap_or_default();
            let [event] = events.as_slice() else { continue };
            let newest = play.board.history().newest_first().next();
            if event.is_personal() {
                prop_assert_eq!(&before, &in_order(play.board.contents()), "{:?}", event);
            } else if !matches!(event, Event::Board(BoardEvent::ChangeUndone { .. })) && newest.is_some_and(|change| change.can_be_undone()) {
                let after = play.board.clone();
                play.say("~undo").unwrap();
                prop_assert_eq!(&before, &in_order(play.board.contents()), "{:?}", event);
                prop_assert_eq!(after.check_ins(), play.board.check_ins());
                prop_assert_eq!(after.subscriptions(), play.board.subscriptions());
                play.board = after;
            }
        }
    }

    #[test]
    fn a_tracks_undo_touches_that_track_alone(steps in play::steps(), names in prop::collection::vec(prop::sample::select(&play::TRACKS), 1..12)) {
        let mut play = Play::of(&steps);
        for name in names {
            let track = TrackName::parse(name).unwrap();
            let before = play.board.contents().clone();
            let _ = play.say(&format!("#{name} undo"));
            let after = play.board.contents();
            for other in play::TRACKS {
                let other = TrackName::parse(other).unwrap();
                if other != track {
                    prop_assert_eq!(of_track(&before, &other), of_track(after, &other));
                }
            }
            prop_assert_eq!(of_nobody(&before), of_nobody(after));
        }
    }

    #[test]
    fn a_board_comes_back_from_its_data_file(steps in play::steps()) {
        let board = Play::of(&steps).board;
        let file = serde_json::from_str(&serde_json::to_string(&full(&board)).unwrap()).unwrap();
        let mut loaded = Board::default();
        let names = [NameForm::Nick].into_iter().filter_map(|form| Some((form, board.homes().of(form)?.clone())));
        for (form, network) in names {
            let event = Event::Person(PersonEvent::NamesAdopted { form, network });
            loaded.apply(&Record::new(1, "2026-10-19T09:00:00Z".parse().unwrap(), event));
        }
        let document = Document::check(&file, &loaded, FOLDING).unwrap();
        let event = Event::Board(BoardEvent::DocumentLoaded { document: Box::new(document), source: None });
        loaded.apply(&Record::new(1, "2026-10-19T09:00:00Z".parse().unwrap(), event));
        // Holders join the list, and a place that is the track's own room is none.
        let mut expected = board.contents().clone();
        expected.tracks.extend(holders(&expected).into_keys().map(|(track, _)| track));
        let held = holders(&expected);
        expected.locations.retain(|track, place| {
            !held.iter().any(|((holder, _), rooms)| holder == track && rooms.contains(place.as_str()))
        });
        prop_assert_eq!(in_order(&expected), in_order(loaded.contents()));
        prop_assert_eq!(board.check_ins(), loaded.check_ins());
        prop_assert_eq!(board.subscriptions(), loaded.subscriptions());
        prop_assert_eq!(board.moderators(), loaded.moderators());
        let mut again = full(&loaded);
        for key in ["revision", "timestamp", "tracks", "location"] {
            again[key] = full(&board)[key].clone();
        }
        prop_assert_eq!(serde_json::to_string(&again).unwrap(), serde_json::to_string(&full(&board)).unwrap());
    }

    #[test]
    fn the_public_file_tells_who_is_there_and_where_tracks_meet(steps in play::steps()) {
        let play = Play::of(&steps);
        let file = public(&play.board, play.at);
        prop_assert!(file.get("subscriptions").is_none());
        for (id, check_in) in play.board.check_ins() {
            prop_assert_eq!(file["last_check_in"].get(id.key()).is_some(), check_in.is_open());
        }
        for name in play::TRACKS {
            let track = TrackName::parse(name).unwrap();
            prop_assert_eq!(file["location"].get(name).and_then(|place| place.as_str()), play.board.place_of(&track, play.at));
        }
    }

    #[test]
    fn every_code_is_found_in_any_case(steps in play::steps()) {
        let board = Play::of(&steps).board;
        let codes: Vec<SlotCode> = board.codes().collect();
        for code in &codes {
            let typed = code.to_string();
            for spelt in [typed.clone(), typed.to_uppercase(), typed.to_lowercase(), format!("  {} ", typed.replace(' ', "   "))] {
                let found = board.find_code(&spelt).unwrap();
                prop_assert_eq!(found.to_string(), typed.clone());
                let alone = codes.iter().filter(|other| other.to_string() == typed).count() == 1;
                prop_assert!(!alone || found == *code);
            }
        }
    }

    #[test]
    fn calendar_entries_follow_the_bookings_and_count_every_change(steps in play::steps()) {
        let (mut board, mut moved) = (Board::default(), false);
        for record in Play::of(&steps).records {
            let before = entries(&board);
            let places = board.contents().locations.clone();
            board.apply(&record);
            let after = entries(&board);
            for (id, old) in &before {
                let new = &after[id];
                let elsewhere = places.get(&id.track) != board.contents().locations.get(&id.track);
                let same = (&old.room, old.start, old.end, old.status) == (&new.room, new.start, new.end, new.status);
                // Another place concerns the entries of the day.
                if old == new {
                    prop_assert!(same);
                } else {
                    prop_assert!(!same || elsewhere);
                    prop_assert!(new.sequence > old.sequence && new.changed_at == record.at);
                }
            }
            let contents = board.contents();
            let mut standing: BTreeMap<(TrackName, String), BTreeSet<String>> = BTreeMap::new();
            let mut numbers: BTreeMap<(TrackName, String), Vec<u32>> = BTreeMap::new();
            for (id, entry) in after.iter().filter(|(_, entry)| entry.status == EntryStatus::Confirmed) {
                let key = (id.track.clone(), entry.slot().to_string());
                prop_assert_eq!(&id.event, &contents.event_id);
                prop_assert_eq!(Some((entry.start, entry.end)), board.slot(entry.slot()).and_then(|slot| slot.span()));
                prop_assert!(standing.entry(key.clone()).or_default().insert(entry.room.to_string()));
                if entry.moved_to.is_none() {
                    numbers.entry(key).or_default().push(id.number);
                }
            }
            let moves = after.values().any(|entry| entry.moved_to.is_some()) || moved;
            moved |= moves;
            for numbers in numbers.values().filter(|_| !moves) {
                prop_assert!(numbers.iter().copied().eq(1..=u32::try_from(numbers.len()).unwrap()));
            }
            let mut held = holders(contents);
            held.retain(|(_, slot), _| board.slot(&ptgbot_core::SlotName::new(slot)).is_some_and(|slot| slot.realtime.is_some()));
            prop_assert_eq!(held, standing);
        }
    }

    #[test]
    fn a_forgotten_person_is_nowhere(steps in play::steps(), more in play::steps()) {
        let mut play = Play::of(&steps);
        let ask = What::Said("+forget".into());
        for step in steps.iter().chain(&more) {
            let _ = play.step(&Step { who: "quirin", ..step.clone() });
        }
        play.step(&Step { later: 0, who: "Quirin", role: Role::Member, private: false, ask }).unwrap();
        let mut left = serde_json::to_string(&play.board).unwrap();
        let mut kept: Vec<Record> = Vec::new();
        for record in &play.records {
            kept.push(record.clone());
            if let Some(forgotten) = record.forgotten() {
                kept.iter_mut().for_each(|record| {
                    record.forget(&forgotten);
                });
            }
        }
        left.push_str(&serde_json::to_string(&kept).unwrap());
        // Others may have names that begin so.
        let left = left.to_lowercase();
        let is_whole = |rest: &str| rest.starts_with(['"', '\\', ' ', ',', '/']);
        prop_assert!(!left.split("quirin").skip(1).any(is_whole));
        let mut again = Board::default();
        kept.iter().for_each(|record| again.apply(record));
        prop_assert_eq!(again, play.board);
    }
}

/// A text that is different where only an order is.
fn in_order(contents: &Contents) -> String {
    serde_json::to_string(contents).unwrap()
}

/// Everything of one track.
fn of_track(contents: &Contents, track: &TrackName) -> String {
    let mut held = holders(contents);
    held.retain(|(holder, _), _| holder == track);
    format!(
        "{:?}",
        (
            contents.now.get(track),
            contents.next.get(track),
            contents.etherpads.get(track),
            contents.urls.get(track),
            contents.colors.get(track),
            contents.locations.get(track),
            held,
        )
    )
}

/// Everything that belongs to no single track.
fn of_nobody(contents: &Contents) -> String {
    let mut rest = contents.clone();
    rest.now.clear();
    rest.next.clear();
    rest.etherpads.clear();
    rest.urls.clear();
    rest.colors.clear();
    rest.locations.clear();
    for room in rest.rooms.values_mut() {
        room.bookings.values_mut().for_each(|booking| *booking = Booking::Open);
    }
    in_order(&rest)
}

/// Who holds which slot, where.
fn holders(contents: &Contents) -> BTreeMap<(TrackName, String), BTreeSet<String>> {
    let mut held: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for (name, room) in &contents.rooms {
        for (slot, booking) in &room.bookings {
            for track in booking.holders() {
                held.entry((track.clone(), slot.to_string())).or_default().insert(name.to_string());
            }
        }
    }
    held
}

fn entries(board: &Board) -> BTreeMap<CalendarEntryId, CalendarEntry> {
    // Nothing is shown longer than what was taken back at the very end.
    let start = "1970-01-01T00:00:00Z".parse().unwrap();
    board.calendar().shown_at(start).map(|entry| (entry.id.clone(), entry.clone())).collect()
}
