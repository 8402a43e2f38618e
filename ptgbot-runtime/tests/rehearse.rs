//! `ptgbot rehearse`: the event on a copy, by a clock of its own.

mod common;

use common::{Bot, Rehearsed, run, store_in};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// An event of two days in Berlin at which swift meets at nine.
fn event() -> Value {
    let slot = |name: &str, start: &str| json!({"name": name, "realtime": start, "duration": 60});
    json!({
        "eventid": "oct2026", "timezone": "Europe/Berlin", "tracks": ["swift", "nova"],
        "slots": {
            "Monday": [slot("MonA1", "2026-10-19T07:00:00Z"), slot("MonA2", "2026-10-19T09:00:00Z")],
            "Tuesday": [slot("TueA1", "2026-10-20T07:00:00Z")],
        },
        "schedule": {"Ballroom": {"MonA1": "swift", "MonA2": "", "TueA1": "nova"}},
    })
}

/// A store in which the event was prepared on the first of October, and people wait.
fn store(folder: &Path) -> String {
    let store = store_in(folder);
    let mut bot = Bot::start(&store);
    let at = "2026-10-01T10:00:00Z";
    let file = folder.join("event.json");
    fs::write(&file, event().to_string()).expect("written");
    assert!(run(&["import", "--store", &store, file.to_str().expect("a path")], "").status.success());
    fs::remove_file(file).expect("removed");
    for line in [
        json!({"tick": at}),
        json!({"from": "john", "text": "remind swift"}),
        json!({"room": "#ptg", "from": "jane", "role": "op", "text": "~announce slots on"}),
        json!({"room": "#ptg", "from": "jane", "role": "op", "text": "#nova now moving house"}),
    ] {
        assert!(bot.send(&line));
        assert_eq!(bot.until_done().last().expect("a line")["type"], "done");
    }
    assert_eq!(bot.finish(), Some(0));
    store
}

/// All that is in a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    entries.map(|entry| (entry.file_name().display().to_string(), fs::read(entry.path()).expect("a file"))).collect()
}

#[test]
fn a_moderators_morning_is_rehearsed_and_the_store_stays_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path());
    let before = files(folder.path());
    let mut rehearsed = Rehearsed::start(&["--store", &store, "--at", "2026-10-19 08:49:40", "--speed", "30"]);
    rehearsed.says("Monday 19 October 2026, 08:49 (Europe/Berlin), 30 times as fast");
    rehearsed.says("You are an op in #ptg of the network stdio");
    // Of the person who asked in the store, at the rehearsed time.
    let told = rehearsed.says("private <ptgbot> to john: #swift meets in ");
    assert!(told.starts_with("Mon 08:5") && told.contains("09:00-10:00 CEST in Ballroom"), "{told}");
    let mut rehearsed = Rehearsed::start(&["--store", &store, "--at", "2026-10-19 08:59:30", "--speed", "30"]);
    let told = rehearsed.says("#ptg <ptgbot> MonA1 (09:00-10:00 CEST) begins: #swift in Ballroom");
    assert!(told.starts_with("Mon 09:0"), "{told}");
    rehearsed.type_in("#swift now rings");
    rehearsed.says("<ptgbot> done");
    rehearsed.type_in("#nova book Ballroom-MonA2");
    rehearsed.says("#nova now holds Ballroom-MonA2");
    // The chat goes on without anybody who types.
    rehearsed.stop_typing();
    let page = rehearsed.answers("/", |answer| answer.body.contains("rings"));
    assert!(page.headers.contains(&"cache-control: no-store".to_owned()), "{:?}", page.headers);
    for path in ["/", "/etherpads.html", "/links.html", "/signage.html", "/record/", "/record/2026-10-19.html"] {
        let page = rehearsed.answers(path, |answer| answer.status == 200);
        assert!(page.body.contains("<b>Rehearsal</b>") && page.body.contains("data-speed=\"30\""), "{path}");
    }
    rehearsed.answers("/ptg.ics", |answer| {
        answer.body.contains("NAME:Rehearsal: oct2026") && answer.body.contains("@ptgbot")
    });
    drop(rehearsed);
    assert!(before == files(folder.path()), "the store is only read");
}

#[test]
fn the_screen_shows_what_runs_by_the_rehearsed_clock_before_amid_and_after_the_event() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("event.json");
    fs::write(&file, event().to_string()).expect("written");
    let file = file.to_str().expect("a path");
    for (at, words) in [
        ("2020-02-29 12:00", "Nothing is scheduled today."),
        ("MonA1", "<b><bdi>MonA1</bdi></b> until"),
        ("tue 9:30", "<b><bdi>TueA1</bdi></b> until"),
        ("2026-10-30", "Nothing is scheduled today."),
    ] {
        let mut rehearsed = Rehearsed::start(&["--file", file, "--at", at, "--speed", "1"]);
        let screen = rehearsed.get("/signage.html");
        assert!(screen.body.contains(words) && screen.body.contains("and goes as fast as any."), "{at}: {screen:?}");
        if at == "2026-10-30" {
            rehearsed.says("The event is over then: its last slot ended on Tuesday 20 October 2026, 10:00.");
        }
    }
    // A little before the first slot, and before anything else where no slot has a time.
    let mut rehearsed = Rehearsed::start(&["--file", file]);
    rehearsed.says("Monday 19 October 2026, 08:45 (Europe/Berlin), 60 times as fast");
    let timeless = folder.path().join("timeless.json");
    fs::write(&timeless, r#"{"slots": {"Monday": [{"name": "MonA1"}]}}"#).expect("written");
    Rehearsed::start(&["--file", timeless.to_str().expect("a path")]).says("No slot has a time");
}

#[test]
fn people_of_every_network_are_told_in_one_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("event.json");
    let mut event = event();
    event["reminders"] = json!({
        "jane": {"swift": 10}, "oftc/john": {"swift": 9}, "@mary:example.org": {"swift": 8},
    });
    fs::write(&file, event.to_string()).expect("written");
    let file = file.to_str().expect("a path");
    let mut rehearsed = Rehearsed::start(&["--file", file, "--at", "2026-10-19 08:49:30", "--speed", "60"]);
    for told in [
        "  private <ptgbot> to jane: #swift meets in ",
        "  oftc: private <ptgbot> to john: #swift meets in ",
        "  matrix: private <ptgbot> to @mary:example.org: #swift meets in ",
    ] {
        rehearsed.says(told);
    }
}

#[test]
fn a_replay_ends_in_the_board_of_the_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path());
    let before = files(folder.path());
    let exported = run(&["export", "--store", &store, "--public", "--at", "2026-10-01T10:00:00Z"], "").stdout;
    let exported = String::from_utf8(exported).expect("text");
    let mut full = Rehearsed::start(&["--store", &store, "--replay", "--speed", "max"]);
    full.says("All is played at once: its clock shows Thursday 1 October 2026, 12:00 (Europe/Berlin) after that");
    full.says("Played back 4 changes in ");
    full.answers("/ptg.json", |answer| answer.body == exported);
    assert!(full.get("/").body.contains("<b>Rehearsal</b>"));
    // From a time in the middle of it: what was before is there, and what comes happens at its time.
    let mut timed =
        Rehearsed::start(&["--store", &store, "--replay", "--at", "2026-10-01T09:59:00Z", "--speed", "600"]);
    timed.says("Thu 12:00  jane  stdio #ptg  #nova now moving house");
    timed.says("Played back 4 changes in ");
    timed.answers("/ptg.json", |answer| answer.body == exported);
    let mut later = Rehearsed::start(&["--store", &store, "--replay", "--at", "2026-10-02", "--speed", "600"]);
    later.says("Played back 0 changes in ");
    later.answers("/ptg.json", |answer| answer.body == exported);
    drop((full, timed, later));
    assert!(before == files(folder.path()), "the store is only read");
}

#[test]
fn a_replay_passes_over_long_pauses_and_goes_on_where_one_change_lies_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, file) = (store_in(folder.path()), folder.path().join("event.json"));
    fs::write(&file, event().to_string()).expect("written");
    let mut bot = Bot::start(&store);
    assert!(run(&["import", "--store", &store, file.to_str().expect("a path")], "").status.success());
    for (at, text) in [
        ("2026-09-01T10:00:00Z", "#swift url https://example.org/s"),
        ("2026-10-01T06:50:00Z", "~announce slots on"),
        ("2026-10-19T07:10:00Z", "#swift now rings"),
        ("2026-10-20T07:00:10Z", "#nova now moving"),
        ("2026-10-19T08:00:00Z", "#swift now late"),
        ("2026-10-20T07:01:00Z", "#nova now last"),
    ] {
        assert!(bot.send(&json!({"room": "#ptg", "from": "jane", "role": "op", "text": text, "at": at})));
        assert_eq!(bot.until_done().last().expect("a line")["type"], "done", "{text}");
    }
    assert_eq!(bot.finish(), Some(0));
    let mut whole = Rehearsed::start(&["--store", &store, "--replay", "--speed", "600"]);
    whole.says("Its clock begins at Monday 19 October 2026, 09:10 (Europe/Berlin), 600 times");
    whole.says("3 changes are of an earlier time, and in it from the start");
    whole.says("Mon 09:10  jane  stdio #ptg  #swift now rings");
    let mut tuesday = Rehearsed::start(&["--store", &store, "--replay", "--at", "tue 09:00", "--speed", "600"]);
    for line in [
        "Tue 09:00  jane  stdio #ptg  #nova now moving",
        "#swift now late",
        "Tue 09:01  jane  stdio #ptg  #nova now last",
    ] {
        tuesday.says(line);
    }
}

#[test]
fn what_cannot_be_rehearsed_is_refused_in_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path());
    let empty = folder.path().join("empty.json");
    fs::write(&empty, "{").expect("written");
    let empty = empty.to_str().expect("a path");
    let speed = "a number from 1 to 100000";
    for (arguments, status, words) in [
        (&["--speed", "0"][..], 2, speed),
        (&["--speed", "nan"], 2, speed),
        (&["--speed", "inf"], 2, speed),
        (&["--speed", "-1"], 2, speed),
        (&["--speed", "1000000"], 2, speed),
        (&["--speed", "999999999999999999999999"], 2, speed),
        (&["--speed", "max"], 2, "is for --replay"),
        (&["--at", "noon"], 2, "is no time that this event has"),
        (&["--at", "nan"], 2, "is no time that this event has"),
        (&["--at", "-1"], 2, "is no time that this event has"),
        (&["--at", "Wednesday 09:00"], 2, "Monday, Tuesday"),
        (&["--at", "+262142-01-01T00:00:00Z"], 2, "from 1970 to 9999"),
        (&["--at", "99999999999999999999"], 2, "is no time that this event has"),
        (&["--replay", "--at", "noon"], 2, "is no time that this event has"),
        (&["--replay", "--file", empty], 2, "cannot be used with"),
        (&["--file", empty], 1, "empty.json is no JSON"),
        (&["--file", "/nowhere.json"], 1, "cannot read /nowhere.json"),
        (&["--listen", "nowhere"], 2, "invalid"),
    ] {
        let output = run(&[&["rehearse", "--store", &store], arguments].concat(), "");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {error}");
        assert!(error.contains(words) && output.stdout.is_empty(), "{arguments:?}: {error}");
    }
    let nothing = run(&["rehearse", "--store", "memory:", "--replay"], "");
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("nothing to play back"));
    let nowhere = format!("sqlite:{}", folder.path().join("missing.db").display());
    let output = run(&["rehearse", "--store", &nowhere], "");
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no store at"));
    assert!(!folder.path().join("missing.db").exists());
}
