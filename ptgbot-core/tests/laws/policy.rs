//! The law of the rules for booking.

use crate::play::{self, Play, Step, What};
use proptest::prelude::*;
use proptest::sample::select;
use ptgbot_core::{Board, BoardEvent, Enforcement, Event, Objection, Role, Setting, SlotCode, TrackName};
use std::collections::BTreeSet;

const RULES: [&str; 7] = [
    "~policy day 1",
    "~policy day 3.5",
    "~policy total 2",
    "~policy clash #swift #nova",
    "~policy clash #c++ #nova",
    "~policy past off",
    "~policy opens mon 12:00",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_said_breaks_an_enforced_rule(
        steps in play::steps(), rules in prop::collection::vec(select(&RULES), 1..5), more in bookings()
    ) {
        let mut play = Play::of(&steps);
        for rule in rules.into_iter().chain(["~policy enforce"]) {
            let _ = play.say(rule);
        }
        for step in &more {
            let (before, known) = (holders(&play.board), play.records.len());
            let (policy, earlier) = (play.board.contents().policy.clone(), play.board.clone());
            let _ = play.step(step);
            let undone = play.records[known..].iter().any(|record| is_undo(&record.event));
            // Rules may be taken back, too: then others hold.
            let others = policy != play.board.contents().policy || policy.enforcement == Enforcement::Warn;
            if others || play.records[known..].iter().any(|record| replaces_everything(&record.event)) {
                continue;
            }
            for (code, track) in holders(&play.board).difference(&before) {
                let mut objections = play.board.objections(track, code, None, play.at, step.role);
                objections.retain(|objection| match objection {
                    // What comes back is not booked anew.
                    Objection::NotOpen { .. } | Objection::Over => !undone,
                    // Who held too much before the rule may hold as much elsewhere.
                    Objection::DayFull { day, minutes, .. } => held(&earlier, track, Some(day)) < *minutes,
                    Objection::TotalFull { minutes, .. } => held(&earlier, track, None) < *minutes,
                    _ => true,
                });
                prop_assert!(objections.is_empty(), "{} holds {}: {:?}", track, code, objections);
            }
        }
    }

    #[test]
    fn a_rule_that_is_set_removes_no_booking(steps in play::steps(), rule in select(&RULES)) {
        let mut play = Play::of(&steps);
        let before = holders(&play.board);
        let _ = play.say("~policy enforce");
        let _ = play.say(rule);
        prop_assert_eq!(before, holders(&play.board));
    }
}

/// Steps of two tracks about a few slots, so that they get into each other's way, and now and then any other.
fn bookings() -> impl Strategy<Value = Vec<Step>> {
    let code = || {
        let (room, slot) = (select(&play::ROOMS[..2]), select(&play::SLOTS[..4]));
        (room, slot).prop_map(|(room, slot)| format!("{room}-{slot}"))
    };
    let line = prop_oneof![
        4 => code().prop_map(|code| format!("book {code}")),
        4 => code().prop_map(|code| format!("unbook {code}")),
        3 => (code(), code()).prop_map(|(from, to)| format!("move {from} {to}")),
        4 => Just("undo".to_owned()),
    ];
    let said = (select(&play::TRACKS[..2]), line).prop_map(|(track, line)| format!("#{track} {line}"));
    let said = prop_oneof![12 => said, 1 => Just("~undo".to_owned())];
    let said = (said, 0u32..60).prop_map(|(text, later)| Step {
        later,
        who: "tony",
        role: Role::Op,
        private: false,
        ask: What::Said(text),
    });
    prop::collection::vec(prop_oneof![9 => said.boxed(), 1 => play::step().boxed()], 1..60)
}

/// An op who loads data, or takes that back, says what is.
fn replaces_everything(event: &Event) -> bool {
    match event {
        Event::Board(BoardEvent::DocumentLoaded { .. } | BoardEvent::BoardEmptied) => true,
        Event::Board(BoardEvent::ChangeUndone { restored, .. }) => {
            restored.iter().any(|setting| matches!(setting, Setting::Board { .. }))
        }
        _ => false,
    }
}

fn is_undo(event: &Event) -> bool {
    matches!(event, Event::Board(BoardEvent::ChangeUndone { .. }))
}

/// How many minutes a track holds, on a day or in all.
fn held(board: &Board, track: &TrackName, day: Option<&String>) -> u32 {
    let held = holders(board)
        .into_iter()
        .filter(|(code, by)| by == track && day.is_none_or(|day| board.day_of(&code.slot) == Some(day)));
    let slots = held.filter_map(|(code, _)| board.slot(&code.slot));
    slots.map(|slot| slot.duration.unwrap_or(ptgbot_core::Slot::DEFAULT_MINUTES)).sum()
}

fn holders(board: &Board) -> BTreeSet<(SlotCode, TrackName)> {
    let rooms = board.contents().rooms.iter();
    let bookings = rooms.flat_map(|(room, held)| {
        held.bookings.iter().map(|(slot, booking)| (SlotCode { room: room.clone(), slot: slot.clone() }, booking))
    });
    bookings.flat_map(|(code, booking)| booking.holders().iter().map(move |by| (code.clone(), by.clone()))).collect()
}
