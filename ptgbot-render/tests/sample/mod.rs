//! The sample event that the tests of this crate look at.
#![allow(dead_code, reason = "each test file uses a part")]

use chrono::{DateTime, Utc};
use ptgbot_core::{
    Board, BoardEvent, Document, Event, Folding, Record, RoomName, SlotCode, SlotName, Text, TrackEvent, TrackName,
};
use ptgbot_render::{Host, Site, SiteOptions, SitePath, View};
use serde_json::{Value, json};

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
    board.apply(&Record::new(board.revision() + 1, at, event));
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

/// A day and a half of discussions: several at once in a room, one without a place, one over midnight, one that goes on
/// on Tuesday at 08:00 (UTC), and one that was a mistake.
pub(crate) fn tuesday() -> Board {
    let mut file: Value = serde_json::from_str(include_str!("../data/event.json")).expect("JSON");
    file.as_object_mut().expect("an object").retain(|key, _| key != "now" && key != "now_since");
    let night = json!({"name": "MonN", "desc": "", "realtime": "2026-10-19T21:00:00Z", "duration": 120});
    file["slots"]["Monday"].as_array_mut().expect("a list").push(night);
    file["schedule"]["Ballroom A"]["MonN"] = json!("neutron");
    let mut board = loaded(&file, time("2026-10-12T08:00:00Z"));
    let mut next = |at: &str, event| happen(&mut board, time(&format!("2026-10-{at}:00Z")), event);
    let topic =
        |name: &str, topic: &str| Event::Track(TrackEvent::TopicSet { track: track(name), topic: Text::new(topic) });
    next("19T07:02", topic("swift", "Ring placement: https://example.org/rings?a=1&b=2, with #nova and #i18n"));
    next("19T07:05", topic("cinder", "Backups to object storage | *what* is `lost` & <b>what</b> not"));
    next("19T07:20", topic("i18n", "שלום עולם: תרגום ממשק המשתמש (2026)"));
    next("19T07:50", topic("swift", "# Erasure coding_with_fewer disks, ask @jane or jane@example.org"));
    next("19T08:00", topic("nova", "1. Live migration ![of](large) guests\u{202e}x"));
    next("19T08:30", topic("interop", "www.example.org [guidelines](javascript:alert(1))"));
    next("19T08:40", Event::Board(BoardEvent::TopicsCleared { tracks: vec![track("nova")] }));
    next("19T08:41", topic("oslo.config", "a mistake"));
    let mistake = board.revision();
    let mut next = |at: &str, event| happen(&mut board, time(&format!("2026-10-{at}:00Z")), event);
    next("19T08:42", Event::Board(BoardEvent::ChangeUndone { revision: mistake, track: None, restored: Vec::new() }));
    next("19T21:30", topic("neutron", "A late one"));
    next("19T22:30", topic("neutron", "A later one"));
    next("20T07:30", topic("nova", "Cells"));
    board
}

/// The second slot of the Monday runs.
pub(crate) const MORNING: &str = "2026-10-19T09:30:00Z";

/// A page of the web server.
pub(crate) fn page(board: &Board, at: &str, path: &str) -> String {
    body(&Site::new(board, time(at), &live()), path)
}

pub(crate) fn page_at(board: &Board, at: &str) -> String {
    page(board, at, "index.html")
}

/// A page as a query shows it.
pub(crate) fn viewed(board: &Board, query: &str, path: &str) -> String {
    let options = live();
    body(&Site::new(board, time(MORNING), &options).view(View::parse(query).expect("a view")), path)
}

fn live() -> SiteOptions {
    SiteOptions::default().with_host(Host::Live)
}

fn body(site: &Site, path: &str) -> String {
    let file = site.render(&SitePath::parse(path).expect("a path")).expect("a file");
    String::from_utf8(file.body).expect("text")
}

/// The part of a page from one words to others.
pub(crate) fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let rest = &page[page.find(from).unwrap_or_else(|| panic!("{from} is missing"))..];
    &rest[..rest.find(to).unwrap_or(rest.len())]
}
