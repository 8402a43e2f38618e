//! `ptgbot new` from a shell, where it takes everything as flags.

mod common;

use common::{run, store_in};
use serde_json::Value;
use std::fs;

const FLAGS: [&str; 14] = [
    "--at",
    "2026-10-01T09:00:00Z",
    "--name",
    "oct2026-ptg",
    "--zone",
    "europe/dublin",
    "--days",
    "2026-10-19 5",
    "--slots",
    "09:00-10:30 11:00-12:30 13:30-17:30/60",
    "--slots",
    "Fri=09:00-10:30",
    "--room",
    "Ballroom A, Pike's Peak",
];

#[test]
fn what_it_writes_is_what_check_likes_and_a_board_takes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("event.json");
    let path = file.to_str().expect("a path");
    let written = run(&[&["new", path, "--room", "Roof"], &FLAGS[..]].concat(), "");
    let said = String::from_utf8_lossy(&written.stdout);
    assert_eq!(written.status.code(), Some(0), "{}", String::from_utf8_lossy(&written.stderr));
    assert!(said.contains("5 days with 25 slots in 3 rooms.\nThen: ptgbot check "), "{said}");
    let checked = run(&["check", path, "--at", "2026-10-01T09:00:00Z"], "");
    assert_eq!(String::from_utf8_lossy(&checked.stdout), format!("{path}: no errors, no advice.\n"));
    assert_eq!(checked.status.code(), Some(0));
    let store = store_in(folder.path());
    let imported = run(&["import", "--store", &store, path], "");
    let said = String::from_utf8_lossy(&imported.stdout);
    assert!(said.starts_with("Loaded: the board now has 0 tracks, 5 days, 3 rooms."), "{said}");
    let line = r##"{"room": "#ptg", "from": "jane", "role": "op", "text": "+free fri", "at": "2026-10-19T07:00:00Z"}"##;
    let free = run(&["stdio", "--store", &store], &format!("{line}\n"));
    let free = String::from_utf8_lossy(&free.stdout).into_owned();
    assert!(free.contains("Free on Friday: Roof-FriA1, Ballroom A-FriA1, Pike's Peak-FriA1"), "{free}");
}

#[test]
fn standard_output_goes_into_check() {
    let written = run(&[&["new", "-"], &FLAGS[..]].concat(), "");
    let file: Value = serde_json::from_slice(&written.stdout).expect("JSON");
    assert_eq!(file["slots"]["Monday"][0]["realtime"], "2026-10-19T08:00:00Z");
    let checked = run(&["check", "-", "--json", "--at", "2026-10-01T09:00:00Z"], &file.to_string());
    let found: Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    assert_eq!((&found["errors"], &found["advice"]), (&0.into(), &0.into()), "{found}");
}

#[test]
fn a_file_that_is_there_is_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("event.json");
    fs::write(&file, "mine").expect("written");
    let output = run(&[&["new", file.to_str().expect("a path")], &FLAGS[..]].concat(), "");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && error.contains("is there already"), "{error}");
    assert_eq!(fs::read_to_string(&file).expect("a file"), "mine");
}

#[test]
fn without_a_terminal_it_says_which_flags_are_missing_and_with_a_wrong_one_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("event.json");
    let path = file.to_str().expect("a path");
    let replaced = |flag: &str, value: &'static str| {
        let mut flags = FLAGS.to_vec();
        let place = flags.iter().position(|word| *word == flag).expect("a flag");
        flags[place + 1] = value;
        flags
    };
    for (flags, words) in [
        (Vec::new(), "no terminal to ask on: give --name, --zone, --days, --slots, --room\n"),
        (FLAGS[..8].to_vec(), "give --slots, --room\n"),
        (replaced("--zone", "Europe/Dubln"), "--zone: 'Europe/Dubln' is no time zone: did you mean Europe/Dublin?"),
        (replaced("--zone", "EST"), "--zone: EST: it knows no summer time"),
        (replaced("--days", "2026-09-19 5"), "--days: 2026-09-19 is over"),
        (replaced("--slots", "02:00-03:00"), "--slots: Europe/Dublin: 4 of 5 slots begin between 23:00 and 06:00"),
        (replaced("--room", "Hall\u{200b}"), "--room: Hall"),
        (replaced("--name", "Oct 2026"), "--name: Oct 2026: it is part of the pads' addresses"),
    ] {
        let output = run(&[vec!["new", path], flags].concat(), "oct2026\n");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(words) && output.stdout.is_empty() && !file.exists(), "{error}");
    }
}
