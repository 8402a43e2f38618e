//! The sample event that the tests of this crate look at.
#![allow(dead_code, reason = "each test file uses a part")]

use chrono::{DateTime, Utc};
use ptgbot_core::{
    Board, BoardEvent, Document, Event, Folding, Origin, Record, RoomName, SlotCode, SlotName, Text, TrackEvent,
    TrackName,
};
use serde_json::Value;

pub(crate) fn time(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

pub(crate) fn track(name: &str) -> TrackName {
    TrackName::parse(name).expect("a track name")
}

/// A board that loaded a data file at a time.
pub(crate) fn loaded(file: &Value, at: DateTime<Utc>) -> Board {
    let mut board = Board::default();
    let document = Document::check(file, &board, Folding::Lowercase).expect("a data file");
    happen(&mut board, at, Event::Board(BoardEvent::DocumentLoaded { document: Box::new(document), source: None }));
    board
}

pub(crate) fn happen(board: &mut Board, at: DateTime<Utc>, event: Event) {
    board.apply(&Record { revision: board.revision() + 1, at, by: None, origin: Origin::default(), event });
}

/// A Monday morning: two topics announced, one booking moved, one taken back.
pub(crate) fn monday() -> Board {
    let file = serde_json::from_str(include_str!("../data/event.json")).expect("JSON");
    let mut board = loaded(&file, time("2026-10-12T08:00:00Z"));
    let mut minute = 0;
    let mut next = |event| {
        minute += 1;
        happen(&mut board, time("2026-10-19T09:00:00Z") + chrono::TimeDelta::minutes(minute), event);
    };
    let code = |room: &str, slot: &str| SlotCode { room: RoomName::new(room), slot: SlotName::new(slot) };
    let keystone = track("keystone");
    next(Event::Track(TrackEvent::SlotFreed { track: keystone.clone(), code: code("Pike's Peak", "MonP1") }));
    next(Event::Track(TrackEvent::SlotBooked { track: keystone, code: code("Ballroom A", "MonP1") }));
    next(Event::Track(TrackEvent::SlotFreed { track: track("cinder"), code: code("Pike's Peak", "TueA2") }));
    next(Event::Track(TrackEvent::TopicPlanned {
        track: track("c++"),
        topic: Text::new("Modules ]]> <b>now</b> & \u{fffe}then"),
    }));
    next(Event::Track(TrackEvent::TopicSet {
        track: track("swift"),
        topic: Text::new("Ring placement: \"what\" moves, and why; שלום"),
    }));
    board
}
