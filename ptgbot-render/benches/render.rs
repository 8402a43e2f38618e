//! How long a change takes until its files are new: an event of 1,000 tracks.

use criterion::{Criterion, criterion_group, criterion_main};
use ptgbot_core::{Board, BoardEvent, Document, Event, Folding, Origin, Record, Text, TrackEvent, TrackName};
use ptgbot_render::{Site, SiteOptions, SitePath, next_change};
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
        board.apply(&Record { revision: board.revision() + 1, at, by: None, origin: Origin::default(), event });
    };
    happen(&mut board, Event::Board(BoardEvent::DocumentLoaded { document: Box::new(document), source: None }));
    for number in 0..100 {
        let track = TrackName::parse(&track(number)).expect("a name");
        happen(&mut board, Event::Track(TrackEvent::TopicSet { track, topic: Text::new("a new topic") }));
    }
    board
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

criterion_group!(benches, render);
criterion_main!(benches);
