//! How many commands a second the core takes: read, decided, applied, and matched against all subscriptions; and how long
//! the hardest patterns take for one topic.
//!
//! `cargo bench -p ptgbot-core`. The board has 50 tracks, 10 rooms and 5 days; the lines are what moderators
//! type (each track in turn, first `now`, then `next`). With subscriptions, each line is also matched
//! against every pattern, as the driver does before it tells anyone.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ptgbot_core::subscription::{PatternCache, SubscriptionIndex};
use ptgbot_core::{Announcement, Ask, Board, Folding, Network, Person, Record, Request, Role, decide};
use serde_json::{Value, json};
use std::hint::black_box;

/// Makes the pattern of a person from the person's number.
type Pattern = fn(usize) -> String;

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
    let kinds: [(&str, Pattern, usize); 5] = [
        ("literal", literal, 10_000),
        ("alternation", alternation, 10_000),
        ("common word", common_word, 10_000),
        ("dots", dots, 1_000),
        ("no literal", no_literal, 1_000),
    ];
    for (kind, pattern, count) in kinds {
        group.bench_function(BenchmarkId::new(kind, count), |bencher| {
            let mut board = event();
            let index: SubscriptionIndex<usize> = (0..count).map(|number| (number, pattern(number))).collect();
            assert_eq!(index.len(), count, "all patterns are accepted");
            let mut cache = PatternCache::default();
            bencher.iter(|| {
                for request in &lines {
                    if let Some(announcement) = step(&mut board, request) {
                        black_box(index.matching_with(&mut cache, &announcement.to_string()));
                    }
                }
            });
        });
    }
    group.finish();
}

/// One topic of 1,000 letters against 10,000 patterns of the hardest kinds that are accepted, all different.
fn hardest(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("one topic, 10,000 patterns");
    group.sample_size(10);
    let repeated = "ab ba ab a bba ".repeat(67)[..1_000].to_owned();
    let mut random = 12_345_u64;
    let letters = std::iter::repeat_with(|| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if (random >> 40).is_multiple_of(2) { 'a' } else { 'c' }
    });
    let mixed: String = letters.take(1_000).collect();
    let kinds: [(&str, &str, Pattern); 5] = [
        ("counted in counted", &repeated, |n| format!(r"([ab ]{{1,9}}){{1,7}}\d{{1,{}}}|{}", n % 90 + 1, tail(n))),
        ("counted after an anchor", &repeated, |n| format!(r"^([ab ]{{1,9}}){{1,7}}\d|{}", tail(n))),
        ("exactly so many", &repeated, |n| format!(r"[ab ][ab ]{{64}}\d|{}", tail(n))),
        ("exactly so many, mixed letters", &mixed, |n| format!(r"[ab][ac]{{64}}\d|{}", tail(n))),
        ("512 bytes", &repeated, |n| format!("{}{}", r"[ab ]".repeat(98), tail(n))),
    ];
    for (kind, text, pattern) in kinds {
        let index: SubscriptionIndex<usize> = (0..10_000).map(|number| (number, pattern(number))).collect();
        assert_eq!(index.len(), 10_000, "all patterns are accepted");
        let mut cache = PatternCache::default();
        group.bench_function(kind, |bencher| bencher.iter(|| black_box(index.matching_with(&mut cache, text).len())));
    }
    group.finish();
}

/// Makes a pattern differ from all others, with letters that no topic has.
fn tail(number: usize) -> String {
    number.to_string().bytes().map(|digit| char::from(b'p' + digit - b'0')).map(|c| format!("[{c}z]")).collect()
}

/// One line, as the driver takes it.
fn step(board: &mut Board, request: &Request) -> Option<Announcement> {
    let event = decide(board, request).ok()?.events.pop()?;
    let record = Record::of(board.revision() + 1, request, event);
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

/// A word that many topics have, and one that hardly any has.
fn common_word(number: usize) -> String {
    format!("ring.*never *{number}x")
}

fn dots(number: usize) -> String {
    format!(".*{number}x")
}

/// Requires no word; a topic hardly ever matches.
fn no_literal(number: usize) -> String {
    format!(r"\w\d{{{}}}-\d[{}-9]\s", number % 30 + 1, number / 30 % 9)
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
    let (network, at) = (Network::nearest("oftc"), "2026-10-19T09:30:00Z".parse().expect("a time"));
    let jane = Person::new(&network, "jane", Folding::Rfc1459);
    Request::new(&network, at, ask).by(jane, Role::Op).in_room("#ptg").folding(Folding::Rfc1459).bot("ptgbot")
}

const TRACKS: usize = 50;
const LINES: usize = 1_000;

criterion_group!(benches, commands, hardest);
criterion_main!(benches);
