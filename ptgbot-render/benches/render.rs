//! How long a change takes until its files are new: an event of 1,000 tracks; and a full day of the record.

use criterion::{Criterion, criterion_group, criterion_main};
use ptgbot_core::{Board, BoardEvent, Document, Event, Folding, Record, Text, TrackEvent, TrackName};
use ptgbot_render::{RecordForm, Site, SiteOptions, SitePath, next_change};
use serde_json::{Map, json};
use std::hint::black_box;

/// 1,000 tracks, 5 days of 8 slots, 50 rooms (2,000 bookings of which half are held), 300 topics, 500 people.
fn board() -> Board {
    let track = |number: usize| format!("track-{number}");
    let (mut days, mut rooms) = (Map::new(), Map::new());
    for day in 0..5 {
        let slot = |number: usize| {
            json!({
                "name": format!("D{day}S{number}"), "desc": "",
                "realtime": format!("2026-10-{:02}T{:02}:00:00Z", 19 + day, 8 + number), "duration": 60,
            })
        };
        days.insert(format!("Day {day}"), (0..8).map(slot).collect());
    }
    for room in 0..50 {
        let mut held = Map::new();
        held.insert("url".into(), json!(format!("https://meet.example.org/room-{room}")));
        for place in 0..40 {
            let holder = if (room + place) % 2 == 0 { track((room * 40 + place) / 2) } else { String::new() };
            held.insert(format!("D{}S{}", place / 8, place % 8), json!(holder));
        }
        rooms.insert(format!("Room {room}"), held.into());
    }
    let topic = |number| (track(number), json!(format!("what track {number} discusses & \"why\"")));
    let person = |number: usize| {
        let place = format!("#{}", track(number % 300));
        (
            format!("p{number}"),
            json!({"nick": format!("P{number}"), "location": place, "in": "2026-10-19T09:00:00Z", "out": null}),
        )
    };
    let file = json!({
        "eventid": "bench", "timezone": "Europe/Berlin", "slots": days, "schedule": rooms,
        "tracks": (0..1000).map(track).collect::<Vec<_>>(),
        "now": (0..300).map(topic).collect::<Map<_, _>>(),
        "colors": (0..500).map(|number| (track(number), json!("#639"))).collect::<Map<_, _>>(),
        "last_check_in": (0..500).map(person).collect::<Map<_, _>>(),
    });
    let mut board = Board::default();
    let document = Document::check(&file, &board, Folding::Lowercase).expect("a data file");
    let happen = |board: &mut Board, event| {
        let at = "2026-10-19T08:30:00Z".parse().expect("a time");
        board.apply(&Record::new(board.revision() + 1, at, event));
    };
    happen(&mut board, Event::Board(BoardEvent::DocumentLoaded { document: Box::new(document), source: None }));
    for number in 0..100 {
        let track = TrackName::parse(&track(number)).expect("a name");
        happen(&mut board, Event::Track(TrackEvent::TopicSet { track, topic: Text::new("a new topic") }));
    }
    board
}

/// 40 tracks in 20 rooms, each with 20 topics on one day.
fn discussed() -> Board {
    let track = |number: usize| format!("track-{number}");
    let slot = json!({"name": "Mon", "realtime": "2026-10-19T08:00:00Z", "duration": 600});
    let room = |number: usize| (format!("Room {number}"), json!({"Mon": track(number)}));
    let file = json!({
        "eventid": "bench", "timezone": "Europe/Berlin", "slots": {"Monday": [slot]},
        "tracks": (0..40).map(track).collect::<Vec<_>>(), "schedule": (0..20).map(room).collect::<Map<_, _>>(),
        "colors": (0..40).map(|number| (track(number), json!("#639"))).collect::<Map<_, _>>(),
    });
    let mut board = Board::default();
    let document = Document::check(&file, &board, Folding::Lowercase).expect("a data file");
    let mut happen = |minute: i64, event| {
        let start: chrono::DateTime<chrono::Utc> = "2026-10-19T08:00:00Z".parse().expect("a time");
        let at = start + chrono::TimeDelta::minutes(minute);
        board.apply(&Record::new(board.revision() + 1, at, event));
    };
    happen(0, Event::Board(BoardEvent::DocumentLoaded { document: Box::new(document), source: None }));
    for turn in 0..20 {
        for number in 0..40 {
            let track = TrackName::parse(&track(number)).expect("a name");
            let topic =
                Text::new(&format!("what {track} discusses in turn {turn}, with #track-7: https://example.org/{turn}"));
            happen(turn * 25, Event::Track(TrackEvent::TopicSet { track, topic }));
        }
    }
    board
}

fn record(criterion: &mut Criterion) {
    let board = discussed();
    let options = SiteOptions::default();
    let site = Site::new(&board, "2026-10-20T09:10:00Z".parse().expect("a time"), &options);
    let date = site.recorded_days()[0];
    let days = RecordForm::ALL.map(|form| SitePath::RecordDay(date, form));
    for path in days.into_iter().chain([SitePath::Record]) {
        let size = site.render(&path).map_or(0, |file| file.body.len());
        criterion.bench_function(&format!("40 tracks with 20 topics: {path} ({} KB)", size / 1024), |bench| {
            bench.iter(|| black_box(site.render(black_box(&path))));
        });
    }
}

fn render(criterion: &mut Criterion) {
    let board = board();
    let options = SiteOptions::default();
    let at = "2026-10-19T09:10:00Z".parse().expect("a time");
    let site = Site::new(&board, at, &options);
    for path in [
        SitePath::Board,
        SitePath::Etherpads,
        SitePath::Signage,
        SitePath::Data,
        SitePath::Calendar,
        SitePath::TrackCalendar(TrackName::parse("track-7").expect("a name")),
        SitePath::Feed,
        SitePath::Colors,
    ] {
        let size = site.render(&path).map_or(0, |file| file.body.len());
        criterion.bench_function(&format!("1000 tracks: {path} ({} KB)", size / 1024), |bench| {
            bench.iter(|| black_box(site.render(black_box(&path))));
        });
    }
    criterion.bench_function("1000 tracks: next_change", |bench| {
        bench.iter(|| black_box(next_change(black_box(&board), at)));
    });
}

criterion_group!(benches, render, record);
criterion_main!(benches);
