//! How long it takes to say what will be regretted in a data file of 60 rooms and 1,000 slots, every room with all of them and
//! half of them held by 200 tracks: the file as it is read from JSON, without reading the JSON.
//!
//! ```text
//! cargo bench -p ptgbot-core --bench check
//! ```
#![allow(clippy::unwrap_used, reason = "a measurement ends where something is missing")]
#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "it measures and prints"
)]

use chrono::{DateTime, TimeDelta, Utc};
use ptgbot_core::check_file;
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

fn main() {
    let start: DateTime<Utc> = "2026-10-19T08:00:00Z".parse().unwrap();
    let file = file(start);
    let took = fastest(|| {
        let begun = Instant::now();
        let findings = check_file(&file, start);
        assert_eq!(findings.errors(), 0);
        begun.elapsed()
    });
    let what = "a file of 60 rooms with 1,000 slots each, half of them held: checked";
    println!("| {what} | {:.0} ms | 100 ms |", took.as_secs_f64() * 1e3);
}

fn fastest(mut run: impl FnMut() -> Duration) -> Duration {
    (0..RUNS).map(|_| run()).min().unwrap_or_default()
}

/// Twenty days of fifty slots of ten minutes each.
fn file(start: DateTime<Utc>) -> Value {
    let name = |day: usize, number: usize| format!("D{day}S{number}");
    let slot = |day: usize, number: usize| {
        let at = start + TimeDelta::days(day as i64) + TimeDelta::minutes(10 * number as i64);
        json!({"name": name(day, number), "desc": "", "realtime": at, "duration": 10})
    };
    let day = |day| (format!("Day {day}"), (0..SLOTS_A_DAY).map(|number| slot(day, number)).collect::<Value>());
    let track = |room: usize, slot: usize| match (room + slot) % 2 {
        0 => format!("track{}", (room + slot * 7) % TRACKS),
        _ => String::new(),
    };
    let bookings = |room: usize| {
        let slots = (0..DAYS).flat_map(|day| (0..SLOTS_A_DAY).map(move |number| (day, number)));
        let held = slots.map(|(day, number)| (name(day, number), track(room, day * SLOTS_A_DAY + number).into()));
        Value::Object(held.collect())
    };
    json!({
        "eventid": "oct2026", "timezone": "Europe/Dublin",
        "tracks": (0..TRACKS).map(|number| format!("track{number}")).collect::<Vec<_>>(),
        "slots": (0..DAYS).map(day).collect::<Map<_, _>>(),
        "schedule": (0..ROOMS).map(|room| (format!("Room {room}"), bookings(room))).collect::<Map<_, _>>(),
    })
}

const ROOMS: usize = 60;
const DAYS: usize = 20;
const SLOTS_A_DAY: usize = 50;
const TRACKS: usize = 200;
const RUNS: usize = 10;
