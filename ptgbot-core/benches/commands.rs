//! How many commands a second the core takes: read, decided, applied, and matched against all subscriptions.
//!
//! `cargo bench -p ptgbot-core`. The board has 50 tracks, 10 rooms and 5 days; the lines are what moderators
//! type (each track in turn, first `now`, then `next`). With subscriptions, each line is also matched
//! against every pattern, as the driver does before it tells anyone.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ptgbot_core::subscription::SubscriptionIndex;
use ptgbot_core::{Announcement, Ask, Board, Folding, Person, PersonId, Place, Record, Request, Role, decide};
use serde_json::{Value, json};
use std::hint::black_box;

fn commands(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("commands");
    group.throughput(Throughput::Elements(LINES as u64));
    let lines: Vec<Request> = (0..LINES).map(line).collect();
    group.bench_function("no subscriptions", |bencher| {
        let mut board = event();
        bencher.iter(|| {
            for request in &lines {
                black_box(step(&mut board, request));
            }
        });
    });
    for (kind, pattern) in [("literal", literal as fn(usize) -> String), ("alternation", alternation)] {
        for count in [1_000, 10_000] {
            group.bench_function(BenchmarkId::new(kind, count), |bencher| {
                let mut board = event();
                let mut index = SubscriptionIndex::new();
                for number in 0..count {
                    index.insert(PersonId::new(&format!("person{number}"), Folding::Ascii), &pattern(number));
                }
                bencher.iter(|| {
                    for request in &lines {
                        if let Some(announcement) = step(&mut board, request) {
                            black_box(index.matching(&announcement.to_string()));
                        }
                    }
                });
            });
        }
    }
    group.finish();
}

/// One line, as the driver takes it.
fn step(board: &mut Board, request: &Request) -> Option<Announcement> {
    let event = decide(board, request).ok()?.events.pop()?;
    let origin = request.origin("bench");
    let record = Record { revision: board.revision() + 1, at: request.at, by: request.from.clone(), origin, event };
    board.apply(&record);
    Announcement::of(&record.event)
}

fn line(number: usize) -> Request {
    let track = number % TRACKS;
    let verb = if (number / TRACKS).is_multiple_of(2) { "now" } else { "next" };
    request(Ask::Said(format!("#track{track} {verb} ring placement and the cold storage features, part {number}")))
}

/// A word of its own for each person; one topic in fifty has one.
fn literal(number: usize) -> String {
    format!("part {number}x")
}

fn alternation(number: usize) -> String {
    format!("#track{} next never{number}|oslo{number}|python *{number}x", number % TRACKS)
}

fn event() -> Board {
    let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
    let slots: serde_json::Map<String, Value> = days
        .iter()
        .enumerate()
        .map(|(day, name)| {
            let slots = (0..6).map(|slot| {
                let start = format!("2026-10-{:02}T{:02}:00:00Z", 19 + day, 8 + 2 * slot);
                json!({"name": format!("{}{slot}", &name[..3]), "desc": "two hours", "realtime": start, "duration": 105})
            });
            ((*name).to_owned(), slots.collect())
        })
        .collect();
    let room = |room: usize| {
        let held = days.iter().flat_map(move |day| (0..6).map(move |slot| (day, slot)));
        let held = held.map(move |(day, slot)| {
            (format!("{}{slot}", &day[..3]), format!("track{}", (room * 6 + slot) % TRACKS).into())
        });
        (format!("Room {room}"), Value::Object(held.collect()))
    };
    let schedule: serde_json::Map<String, Value> = (0..10).map(room).collect();
    let tracks: Vec<_> = (0..TRACKS).map(|track| format!("track{track}")).collect();
    let document = json!({"eventid": "bench", "tracks": tracks, "slots": slots, "schedule": schedule});
    let mut board = Board::default();
    step(&mut board, &request(Ask::Load { document, source: None }));
    board
}

fn request(ask: Ask) -> Request {
    Request {
        at: "2026-10-19T09:30:00Z".parse().expect("a time"),
        from: Some(Person::new("jane", Folding::Rfc1459)),
        role: Role::Op,
        place: Place::Room("#ptg".into()),
        folding: Folding::Rfc1459,
        bot: "ptgbot".into(),
        message: None,
        ask,
    }
}

const TRACKS: usize = 50;
const LINES: usize = 1_000;

criterion_group!(benches, commands);
criterion_main!(benches);
