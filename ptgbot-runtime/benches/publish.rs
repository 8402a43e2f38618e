//! How long it takes from a change on a board of 1,000 tracks until a client has the new page: rendered,
//! hashed, compressed, and fetched over a socket of this machine, as browsers do it (gzip).
//!
//! ```text
//! cargo bench -p ptgbot-runtime --bench publish
//! ```
//!
//! Two rows: one change at a time, as at an event; and one change after the other without a pause. The event is
//! that of `cargo bench -p ptgbot-render`.
#![allow(clippy::unwrap_used, reason = "a measurement ends where something is missing")]

use ptgbot_core::{Board, BoardEvent, Document, Event, Folding, Record, Text, TrackEvent, TrackName};
use ptgbot_runtime::{CancellationToken, Clock, Metrics, PublishOptions, Publisher, SystemClock, serve};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[tokio::main]
async fn main() {
    let mut board = board();
    let (mut publisher, site) =
        Publisher::start(board.clone(), PublishOptions::default(), Metrics::default(), Arc::new(SystemClock)).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    tokio::spawn(serve(listener, site, CancellationToken::new()));
    let mut last = get(&mut client).await;
    for (what, pause) in [("one at a time", Duration::from_millis(300)), ("without a pause", Duration::ZERO)] {
        let mut taken = Vec::new();
        for number in 0..CHANGES {
            change(&mut board, number);
            tokio::time::sleep(pause).await;
            let begun = Instant::now();
            publisher.publish(board.clone()).await;
            let page = get(&mut client).await;
            taken.push(begun.elapsed());
            assert_ne!(page, last, "the page is new");
            last = page;
        }
        taken.sort();
        let (median, worst) = (taken[taken.len() / 2], taken[taken.len() - 1]);
        println!("1000 tracks, {what}: median {median:.1?}, worst of {CHANGES} {worst:.1?}, {} bytes", last.len());
    }
}

/// Fetches the board's page.
async fn get(client: &mut TcpStream) -> Vec<u8> {
    client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip, deflate\r\n\r\n").await.unwrap();
    let mut all = Vec::new();
    loop {
        assert_ne!(client.read_buf(&mut all).await.unwrap(), 0);
        let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&all[..end]).unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if all.len() == end + 4 + length.parse::<usize>().unwrap() {
            return all.split_off(end + 4);
        }
    }
}

fn change(board: &mut Board, number: usize) {
    let track = TrackName::parse(&format!("track-{}", number % 1000)).unwrap();
    happen(board, Event::Track(TrackEvent::TopicSet { track, topic: Text::new(&format!("topic {number}")) }));
}

fn happen(board: &mut Board, event: Event) {
    let at = SystemClock.now();
    board.apply(&Record::new(board.revision() + 1, at, event));
}

/// 1,000 tracks, 5 days of 8 slots, 50 rooms (2,000 bookings of which half are held), 300 topics, 500 people.
fn board() -> Board {
    let track = |number: usize| format!("track-{number}");
    let day = |day: usize| {
        let slot = |number: usize| {
            let start = format!("2026-10-{:02}T{:02}:00:00Z", 19 + day, 8 + number);
            json!({"name": format!("D{day}S{number}"), "desc": "", "realtime": start, "duration": 60})
        };
        (format!("Day {day}"), (0..8).map(slot).collect::<Value>())
    };
    let room = |room: usize| {
        let mut held = Map::from_iter([("url".to_owned(), json!(format!("https://meet.example.org/room-{room}")))]);
        for place in 0..40 {
            let holder = if (room + place).is_multiple_of(2) { track((room * 40 + place) / 2) } else { String::new() };
            held.insert(format!("D{}S{}", place / 8, place % 8), json!(holder));
        }
        (format!("Room {room}"), Value::Object(held))
    };
    let person = |number: usize| {
        let place = format!("#{}", track(number % 300));
        let here = json!({"nick": format!("P{number}"), "location": place, "in": "2026-10-19T09:00:00Z", "out": null});
        (format!("p{number}"), here)
    };
    let file = json!({
        "eventid": "bench", "timezone": "Europe/Berlin",
        "slots": (0..5).map(day).collect::<Map<_, _>>(),
        "schedule": (0..50).map(room).collect::<Map<_, _>>(),
        "tracks": (0..1000).map(track).collect::<Value>(),
        "now": (0..300).map(|number| (track(number), json!(format!("what track {number} discusses")))).collect::<Map<_, _>>(),
        "colors": (0..500).map(|number| (track(number), json!("#639"))).collect::<Map<_, _>>(),
        "last_check_in": (0..500).map(person).collect::<Map<_, _>>(),
    });
    let mut board = Board::default();
    let document = Document::check(&file, &board, Folding::Lowercase).unwrap();
    happen(&mut board, Event::Board(BoardEvent::DocumentLoaded { document: Box::new(document), source: None }));
    board
}

const CHANGES: usize = 40;
