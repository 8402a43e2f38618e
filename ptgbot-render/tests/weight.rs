//! What a phone loads before it shows the board.

mod sample;

use flate2::Compression;
use flate2::write::GzEncoder;
use sample::{MORNING, page};
use serde_json::{Map, Value, json};
use std::io::Write;

#[test]
fn an_event_of_forty_tracks_weighs_less_than_60_kilobytes() {
    let board = sample::loaded(&forty_tracks(), sample::time("2026-10-12T08:00:00Z"));
    let files = ["index.html", "style.css", "colors.css", "board.js", "icon.svg"];
    let weights = files.map(|path| (path, compressed(&page(&board, MORNING, path))));
    let sum: usize = weights.iter().map(|(_, weight)| weight).sum();
    assert!(sum < 60_000, "{sum}: {weights:?}");
}

/// As it travels.
fn compressed(text: &str) -> usize {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(text.as_bytes()).and_then(|()| gzip.finish()).expect("memory takes all").len()
}

/// Five days of nine slots in 23 rooms, most of them booked, and something to say of nearly all tracks.
fn forty_tracks() -> Value {
    let tracks: Vec<_> =
        (0..44).map(|number| format!("group-{}{number}", ["storage", "compute", "qa"][number % 3])).collect();
    let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"].into_iter().zip(19..);
    let slot = |day: &str, date: u32, place: usize| {
        let start = format!("2026-10-{date}T{:02}:00:00Z", place + 7);
        json!({"name": format!("{}{place}", &day[..3]), "realtime": start, "desc": format!("{}:00-{}:00", place + 7, place + 8)})
    };
    let slots: Map<_, _> =
        days.map(|(day, date)| (day.to_owned(), (0..9).map(|place| slot(day, date, place)).collect())).collect();
    let names: Vec<_> =
        slots.values().flat_map(|day| day.as_array()).flatten().map(|slot| slot["name"].clone()).collect();
    let room = |number: usize| {
        // Rooms and tracks meet without a pattern that would compress well.
        let holder = |place: usize| match (number * 7919 + place / 3 * 104_729) % 61 {
            track @ 0..44 => tracks[track].as_str(),
            _ => "",
        };
        let bookings = names
            .iter()
            .enumerate()
            .map(|(place, slot)| (slot.as_str().unwrap_or_default().to_owned(), holder(place).into()));
        let mut room: Map<_, Value> = bookings.collect();
        room.insert(
            "url".into(),
            format!("https://meet.example.org/j/{}?pwd={:x}", number * 7_919_191, number * 104_729_977).into(),
        );
        room.insert("desc".into(), format!("Level {}", number % 4).into());
        (format!("Room {number}"), Value::from(room))
    };
    let topic = |number: usize| format!("The state of item {:x}, and who does what until {number}", number * 7_919_191);
    let now = tracks.iter().enumerate().skip(8).map(|(number, track)| (track.clone(), topic(number).into()));
    let next = tracks.iter().enumerate().skip(20).map(|(number, track)| (track.clone(), json!([topic(3 * number)])));
    let colors =
        tracks.iter().enumerate().map(|(number, track)| (track.clone(), format!("#{:06x}", number * 379_191).into()));
    json!({
        "eventid": "forty", "tracks": tracks, "slots": slots, "schedule": (0..23).map(room).collect::<Map<_, _>>(),
        "now": now.collect::<Map<_, _>>(), "next": next.collect::<Map<_, _>>(), "colors": colors.collect::<Map<_, _>>(),
    })
}
