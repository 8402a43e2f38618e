//! Whatever a person types and whatever a file holds: no panic, no hang, no reply that could break a protocol, and no
//! change but by an event.
//!
//! Each test runs for one second, or for `FUZZ_SECONDS`, with new random input each time; a finding prints its seed.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test may look at the clock and the environment"
)]

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use ptgbot_core::{
    Answer, Ask, Board, Event, Folding, Network, Person, Place, Record, Request, Role, data_file, decide, notification,
};
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

#[test]
fn fuzz_any_line_is_a_command_or_ignored_or_explains_itself() {
    let line = (line(), prop_oneof![Just(Role::Member), Just(Role::Voice), Just(Role::Op)], any::<bool>(), 0..4_usize);
    let mut board = start();
    let mut said = 0_u32;
    for_a_while(proptest::collection::vec(line, 1..40), |lines| {
        for (text, role, private, who) in lines {
            let place = if private { Place::Private } else { Place::Room("#ptg".into()) };
            let original = format!("${}", said / 3 * 3);
            let ask = match said % 3 {
                0 => Ask::Said(text.clone()),
                1 => Ask::Edited { original, was: Some(text.clone()).filter(|_| private), text: text.clone() + "x" },
                _ => Ask::Deleted { original },
            };
            let request = request(["jane", "john", "ptgbot", "x[y]"][who], role, place, ask);
            let request = request.message(format!("${said}"));
            step(&mut board, &request).map_err(|why| TestCaseError::fail(format!("{text:?}: {why}")))?;
            said += 1;
        }
        // A board of a day, not of a year.
        if said > 5_000 {
            board = start();
            said = 0;
        }
        Ok(())
    });
}

#[test]
fn fuzz_any_document_is_loaded_whole_or_refused_whole() {
    for_a_while(proptest::collection::vec(data_file(), 1..4), |documents| {
        let mut board = start();
        for document in documents {
            let ask = Ask::Load { document: document.clone(), source: Some("a file".into()) };
            let fail = |why: String| TestCaseError::fail(format!("{document}: {why}"));
            step(&mut board, &request("jane", Role::Op, Place::Private, ask)).map_err(fail)?;
            let written = data_file::full(&board);
            let mut again = Board::default();
            let ask = Ask::Load { document: written.clone(), source: None };
            step(&mut again, &request("jane", Role::Op, Place::Private, ask)).map_err(fail)?;
            let mut read = data_file::full(&again);
            for key in ["revision", "timestamp"] {
                read[key] = written[key].clone();
            }
            prop_assert_eq!(&written, &read, "a round trip changed the file");
        }
        Ok(())
    });
}

/// Decides and applies, as the driver does, and checks what is said.
fn step(board: &mut Board, request: &Request) -> Result<(), String> {
    let decision = match decide(board, request) {
        Ok(decision) => decision,
        Err(refusal) => return is_presentable(&refusal.to_string(), true),
    };
    if let Answer::Say(reply) = &decision.answer {
        is_presentable(&reply.to_string(), true)?;
    }
    decision.events.into_iter().try_for_each(|event| record(board, request, event))
}

fn record(board: &mut Board, request: &Request, event: Event) -> Result<(), String> {
    let record = Record::of(board.revision() + 1, request, event);
    let row = serde_json::to_string(&record).map_err(|error| error.to_string())?;
    let kept: Record = serde_json::from_str(&row).map_err(|error| format!("{row}: {error}"))?;
    if kept != record {
        return Err(format!("the journal would keep something else: {row}"));
    }
    board.apply(&record);
    if let Some(announcement) = ptgbot_core::Announcement::of(&record.event) {
        is_presentable(&notification(board, &announcement, request.at).to_string(), false)?;
    }
    if board.revision() != record.revision { Err("the change was not counted".into()) } else { Ok(()) }
}

fn is_presentable(text: &str, lines: bool) -> Result<(), String> {
    let bad = |c: char| c.is_control() && !(lines && c == '\n');
    if text.is_empty() || text.contains(bad) { Err(format!("the reply cannot be said: {text:?}")) } else { Ok(()) }
}

fn for_a_while<S: Strategy>(input: S, test: impl FnMut(S::Value) -> Result<(), TestCaseError>)
where
    S::Value: std::fmt::Debug,
{
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(1);
    let end = Instant::now() + Duration::from_secs(seconds);
    let test = std::cell::RefCell::new(test);
    while Instant::now() < end {
        let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
        let run = TestRunner::new(config).run(&input, |value| (test.borrow_mut())(value));
        if let Err(found) = run {
            panic!("{found}");
        }
    }
}

/// Lines that come near to commands, and lines that do not.
fn line() -> impl Strategy<Value = String> {
    let words = [
        "#swift",
        "#nova",
        "#swfit",
        "#Infra",
        "+",
        "~",
        "#",
        "now",
        "next",
        "advance",
        "drop",
        "clean",
        "clear",
        "etherpad",
        "url",
        "color",
        "location",
        "book",
        "unbook",
        "undo",
        "show",
        "in",
        "out",
        "seen",
        "subscribe",
        "unsubscribe",
        "where",
        "who",
        "free",
        "forget",
        "help",
        "+in",
        "+out",
        "+seen",
        "+subscribe",
        "+where",
        "+free",
        "+help",
        "#help",
        "~list",
        "~add",
        "~del",
        "~clean",
        "~newday",
        "~motd",
        "add",
        "del",
        "reorder",
        "info",
        "danger",
        "~emptydb",
        "~fetchdb",
        "~requirevoice",
        "~alloweveryone",
        "~undo",
        "~history",
        "ptgbot:",
        "auto",
        "none",
        "1",
        "2",
        "0",
        "99999999999999999999",
        "-1",
        "Ballroom A-MonP1",
        "Pike's Peak-MonA1",
        "https://example.org/x",
        "javascript:alert(1)",
        "red",
        "#42f4c5",
        "rgb(1, 2, 3)",
        "\u{202e}",
        "\r\n",
        "\0",
        "\u{1}",
        "ſwift",
        "K",
        "(a|b)+",
        "\\w{900}",
        "[",
        "today",
        "Monday",
        "\u{feff}",
        "\u{2028}",
    ];
    let word = prop_oneof![
        6 => proptest::sample::select(words.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "[#+~]?[a-zA-Z0-9._-]{1,12}",
        1 => "[a-z]{300,600}",
    ];
    proptest::collection::vec(word, 0..7).prop_map(|words| words.join(" "))
}

/// Data files: right ones with something odd in each place.
fn data_file() -> impl Strategy<Value = Value> {
    let written = data_file::full(&Board::default());
    let written = written.as_object().into_iter().flat_map(Map::keys).cloned();
    let only_where_used = ["mentions", "moderators", "policy", "reminders", "other"].map(str::to_owned);
    let keys: Vec<String> = written.chain(only_where_used).collect();
    let entry = (proptest::sample::select(keys), value());
    proptest::collection::vec(entry, 0..8).prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>()))
}

fn value() -> impl Strategy<Value = Value> {
    let names = [
        "swift",
        "Nova",
        "#cinder",
        "MonA1",
        "Monday",
        "Ballroom A",
        "jane",
        "Jane",
        "x[y",
        "two words",
        "",
        "url",
        "name",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0..3_u64).prop_map(Value::from),
        proptest::sample::select(names.to_vec()).prop_map(Value::from),
        proptest::sample::select(vec![
            "2026-10-19T09:00:00Z",
            "2026-10-19 09:00:00",
            "Europe/Dublin",
            "info",
            "red",
            "https://example.org"
        ])
        .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!({"name": "MonA1", "desc": "09:00", "realtime": "2026-10-19T09:00:00Z", "duration": 45, "x": [1]})),
        Just(json!({"level": "info", "message": "hello"})),
        Just(json!({"nick": "Jane", "location": "#swift", "in": "2026-10-19 09:00:00", "out": null})),
    ];
    leaf.prop_recursive(3, 24, 4, move |inner| {
        let key =
            prop_oneof![4 => proptest::sample::select(names.to_vec()).prop_map(str::to_owned), 1 => any::<String>()];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key, inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn start() -> Board {
    let document = serde_json::from_str(include_str!("transcripts/event.json")).expect("the sample event is JSON");
    let mut board = Board::default();
    step(&mut board, &request("op", Role::Op, Place::Private, Ask::Load { document, source: None })).expect("it loads");
    board
}

fn request(name: &str, role: Role, place: Place, ask: Ask) -> Request {
    let (network, at) = (Network::nearest("oftc"), "2026-10-19T09:30:00Z".parse().expect("a time"));
    let mut request = Request::new(&network, at, ask).by(Person::new(&network, name, Folding::Rfc1459), role);
    request.place = place;
    request.folding(Folding::Rfc1459).bot("ptgbot")
}
