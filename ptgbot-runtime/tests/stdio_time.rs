//! `ptgbot stdio` and the time: lines move the clock, and what is due by then is told before their end.

mod common;

use common::{Bot, lines, run, store_in};
use ptgbot_runtime::{Clock, SystemClock};
use serde_json::{Value, json};
use std::path::Path;

/// A store with two tracks, of which swift meets at 14:00 and at 16:00, nova at 14:00.
fn store(folder: &Path) -> String {
    let slot = |name: &str, start: &str| json!({"name": name, "desc": name, "realtime": start});
    let slots = [slot("A", "2026-10-19T14:00:00Z"), slot("B", "2026-10-19T16:00:00Z")];
    let schedule = json!({"Hall": {"A": "swift", "B": "swift"}, "Attic": {"A": "nova", "B": ""}});
    let data = json!({"tracks": ["swift", "nova"], "slots": {"Monday": slots}, "schedule": schedule});
    let store = store_in(folder);
    let imported = run(&["import", "--store", &store, "-"], &data.to_string());
    assert_eq!(imported.status.code(), Some(0), "{}", String::from_utf8_lossy(&imported.stderr));
    store
}

fn private(from: &str, text: &str, at: &str) -> Value {
    json!({"from": from, "text": text, "at": format!("2026-10-19T{at}:00Z")})
}

fn tick(at: &str) -> Value {
    json!({"tick": format!("2026-10-19T{at}:00Z")})
}

/// What is said to each line up to its end.
fn conversation(bot: &mut Bot, input: &[Value]) -> Vec<Vec<Value>> {
    input.iter().for_each(|line| assert!(bot.send(line)));
    input.iter().map(|_| bot.until_done()).collect()
}

fn kinds(answer: &[Value]) -> Vec<&str> {
    answer.iter().map(|line| line["type"].as_str().expect("a type")).collect()
}

fn texts(answer: &[Value], kind: &str) -> Vec<String> {
    let of_kind = answer.iter().filter(|line| line["type"] == kind);
    of_kind.map(|line| line["text"].as_str().expect("a text").to_owned()).collect()
}

#[test]
fn what_is_due_by_a_tick_is_told_before_its_end_and_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut bot = Bot::start(&store(folder.path()));
    let input = [
        private("Jane", "remind #swift", "13:00"),
        private("jane", "remind nova 15", "13:00"),
        tick("13:44"),
        tick("13:45"),
        tick("13:50"),
        tick("13:55"),
        tick("15:50"),
    ];
    let answers = conversation(&mut bot, &input);
    let kinds: Vec<_> = answers.iter().map(|answer| kinds(answer)).collect();
    let (quiet, told) = (vec!["done"], vec!["notify", "done"]);
    assert_eq!(kinds[2..], [quiet.clone(), told.clone(), told.clone(), quiet, told]);
    assert_eq!(answers[3][0]["to"], json!({"user": "jane"}));
    assert!(texts(&answers[3], "notify")[0].starts_with("#nova meets in 15 minutes: "), "{answers:?}");
    assert!(texts(&answers[4], "notify")[0].starts_with("#swift meets in 10 minutes: "), "{answers:?}");
    assert_eq!(answers[4][1], json!({"type": "done", "id": null, "outcome": "changed", "revision": 5}));
    assert_eq!(answers[5][0]["outcome"], "ignored");
}

#[test]
fn what_is_due_by_the_time_of_a_line_is_told_before_its_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut bot = Bot::start(&store(folder.path()));
    let answers = conversation(
        &mut bot,
        &[
            private("jane", "remind swift", "13:00"),
            private("john", "now", "13:51"),
            private("john", "remind swift 240", "13:51"),
            private("john", "good morning", "13:52"),
            private("jane", "now", "13:52"),
        ],
    );
    assert_eq!(kinds(&answers[1]), ["notify", "reply", "done"]);
    assert_eq!(answers[1][2]["outcome"], "answered");
    assert!(texts(&answers[1], "notify")[0].contains("in 9 minutes"), "{answers:?}");
    assert_eq!(kinds(&answers[2]), ["reply", "done"], "nothing is due before it is asked for");
    assert_eq!(answers[3][0]["to"], json!({"user": "john"}));
    let both = texts(&answers[3], "notify").concat();
    assert!(both.contains("in 8 minutes") && both.contains("in 128 minutes"), "{both}");
    assert_eq!(kinds(&answers[4]), ["reply", "done"]);
}

#[test]
fn a_bot_that_is_killed_tells_nothing_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path());
    let mut bot = Bot::start(&store);
    let told = conversation(&mut bot, &[private("jane", "remind swift", "13:00"), tick("13:50")]);
    assert_eq!(kinds(&told[1]), ["notify", "done"]);
    bot.kill();
    let mut bot = Bot::start(&store);
    assert_eq!(kinds(&conversation(&mut bot, &[tick("13:51")])[0]), ["done"]);
}

#[test]
fn whoever_is_named_without_a_network_is_told_by_the_first_that_can() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path());
    let reminders = json!({"reminders": {"ann": {"swift": 30}, "@kim:example.org": {"swift": 30}}});
    assert_eq!(run(&["import", "--store", &store, "-"], &reminders.to_string()).status.code(), Some(0));
    let mut bot = Bot::start(&store);
    let answers = conversation(&mut bot, &[tick("13:00"), tick("13:30"), tick("13:31")]);
    let told: Vec<_> = answers.iter().map(|answer| texts(answer, "notify").len()).collect();
    assert_eq!(told, [0, 1, 0]);
    assert_eq!(answers[1][0]["to"]["user"], "ann");
}

#[test]
fn a_slot_that_began_while_no_bot_ran_is_not_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path());
    let mut bot = Bot::start(&store);
    conversation(&mut bot, &[private("jane", "remind swift", "13:00")]);
    assert_eq!(bot.finish(), Some(0));
    let mut bot = Bot::start(&store);
    assert_eq!(kinds(&conversation(&mut bot, &[tick("14:00")])[0]), ["done"]);
    assert_eq!(kinds(&conversation(&mut bot, &[tick("15:51")])[0]), ["notify", "done"]);
}

#[test]
fn what_one_process_finds_due_another_does_not_tell_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path());
    let (mut one, mut two) = (Bot::start(&store), Bot::start(&store));
    conversation(&mut one, &[private("jane", "remind swift", "13:00")]);
    conversation(&mut two, &[tick("13:49")]);
    assert_eq!(kinds(&conversation(&mut one, &[tick("13:50")])[0]), ["notify", "done"]);
    let heard = conversation(&mut two, &[tick("13:51"), private("jane", "now", "13:51")]).concat();
    // Both are the network's, so that each of them tells its people what others have found; neither finds it again.
    assert_eq!(heard.iter().filter(|line| line["type"] == "notify").count(), 1, "{heard:?}");
    let changes = lines(&run(&["history", "--store", &store, "--json"], ""));
    assert_eq!(changes.len(), 1, "time is no change: {changes:?}");
}

#[test]
fn before_any_line_has_a_time_a_bot_tells_by_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let start = SystemClock.now() + chrono::TimeDelta::minutes(5);
    let slot = json!({"name": "A", "desc": "A", "realtime": start.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)});
    let data = json!({"tracks": ["swift"], "slots": {"Monday": [slot]}, "schedule": {"Hall": {"A": "swift"}}});
    let store = store_in(folder.path());
    assert_eq!(run(&["import", "--store", &store, "-"], &data.to_string()).status.code(), Some(0));
    let mut bot = Bot::start(&store);
    assert!(bot.send(&json!({"from": "jane", "text": "remind swift"})));
    assert_eq!(kinds(&bot.until_done()), ["reply", "done"]);
    let told = bot.next().expect("a notification");
    assert_eq!((&told["type"], &told["to"]), (&json!("notify"), &json!({"user": "jane"})));
    assert_eq!(bot.finish(), Some(0));
}

#[test]
fn a_room_that_wants_it_is_told_when_a_slot_begins() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut bot = Bot::start(&store(folder.path()));
    let wanted = json!({"room": "#ptg", "from": "jane", "role": "op", "text": "~announce slots on", "at": "2026-10-19T13:00:00Z"});
    let answers = conversation(&mut bot, &[wanted, tick("13:59"), tick("14:00"), tick("14:01")]);
    assert_eq!(kinds(&answers[1]), ["done"]);
    assert_eq!((kinds(&answers[2]), kinds(&answers[3])), (vec!["announce", "done"], vec!["done"]));
    assert_eq!(answers[2][0]["to"], json!({"room": "#ptg"}));
    let text = &texts(&answers[2], "announce")[0];
    assert!(text.contains("#swift") && text.contains("#nova"), "{text}");
}
