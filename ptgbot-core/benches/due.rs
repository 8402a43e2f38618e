//! How long it takes when 10,000 people are to be told at the same minute that their track meets soon: decided, applied, put
//! into words; and what it costs to find out that nothing is due yet.
//!
//! ```text
//! cargo bench -p ptgbot-core --bench due
//! ```
#![allow(clippy::unwrap_used, reason = "a measurement ends where something is missing")]
#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "it measures and prints"
)]

use chrono::{DateTime, TimeDelta, Utc};
use ptgbot_core::{
    Ask, Board, Event, Folding, Network, PersonEvent, PersonId, Record, Request, TrackName, decide, due_messages,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn main() {
    let start: DateTime<Utc> = "2026-10-19T09:00:00Z".parse().unwrap();
    let board = board(start);
    let due = start - TimeDelta::minutes(10);
    let told = fastest(|| {
        let (mut board, begun) = (board.clone(), Instant::now());
        let request = Request::new(&Network::nearest("oftc"), due, Ask::Tick);
        let event = decide(&board, &request).unwrap().events.remove(0);
        board.apply(&record(&board, due, event.clone()));
        let Event::Time(event) = &event else { panic!("time brings what is due") };
        assert_eq!(due_messages(&board, event, due).len(), PEOPLE);
        begun.elapsed()
    });
    let asked = fastest(|| {
        let begun = Instant::now();
        assert_eq!(board.next_due(due - TimeDelta::minutes(1)), Some(due));
        begun.elapsed()
    });
    for (what, took, goal) in [
        ("10,000 reminders due at once: decided, applied, in words", told, "50 ms"),
        ("of 10,000 reminders the next: found out", asked, ""),
    ] {
        println!("| {what} | {:.1} ms | {goal} |", took.as_secs_f64() * 1e3);
    }
}

fn fastest(mut run: impl FnMut() -> Duration) -> Duration {
    (0..RUNS).map(|_| run()).min().unwrap_or_default()
}

/// Forty tracks that meet at once, and people who want to be told.
fn board(start: DateTime<Utc>) -> Board {
    let names: Vec<_> = (0..TRACKS).map(|number| format!("track{number}")).collect();
    let schedule = names.iter().map(|name| (format!("Room {name}"), json!({"A": name})));
    let document = json!({
        "tracks": names, "slots": {"Monday": [{"name": "A", "realtime": start}]},
        "schedule": Value::Object(schedule.collect()),
    });
    let at = start - TimeDelta::hours(1);
    let load = Request::new(&Network::nearest("cli"), at, Ask::Load { document, source: None });
    let mut board = Board::default();
    let loaded = decide(&board, &load).unwrap().events.remove(0);
    board.apply(&record(&board, at, loaded));
    for number in 0..PEOPLE {
        let person = PersonId::new(&Network::nearest("oftc"), &format!("person{number}"), Folding::Ascii);
        let track = TrackName::parse(&names[number % TRACKS]).unwrap();
        let set = PersonEvent::ReminderSet { person, track, minutes: 10 };
        board.apply(&record(&board, at, set.into()));
    }
    board
}

fn record(board: &Board, at: DateTime<Utc>, event: Event) -> Record {
    Record::new(board.revision() + 1, at, event)
}

const PEOPLE: usize = 10_000;
const TRACKS: usize = 40;
const RUNS: usize = 10;
