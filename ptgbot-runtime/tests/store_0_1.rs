//! A store as version 0.1 left it: what it held is there, and it is carried over only by who writes.

mod common;

use common::run;
use ptgbot_core::{Event, Journal, Mark, Network, PersonEvent, Record, data_file};
use ptgbot_runtime::store::{Access, Blocking, SqliteJournal};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn it_is_told_as_version_0_1_told_it_and_reading_changes_no_byte() {
    let (folder, path) = copy();
    tells_the_same(&path);
    assert!(fs::read(&path).expect("a file") == fs::read(fixture("board.db")).expect("a file"));
    let files = fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    assert!(files.into_iter().all(|name| name != "board.db.format-1"));
}

#[tokio::test]
async fn it_is_carried_over_with_people_and_cursors_after_a_backup() {
    let (folder, path) = copy();
    let mut journal = open(&path).await;
    let board = journal.load().await.expect("a board");
    let mut exported = serde_json::to_string_pretty(&data_file::full(&board)).expect("JSON");
    exported.push('\n');
    assert_eq!(exported, text("export.json"));
    for (network, told) in [("irc", 176), ("matrix", 175)] {
        let delivered = journal.delivered(&network_named(network)).await.expect("an answer");
        assert_eq!((delivered.everyone, delivered.people.len()), (Some(told), 0), "{network}");
    }
    drop(journal);
    tells_the_same(&path);
    let backup = folder.path().join("board.db.format-1");
    assert!(database(&backup).query_row("SELECT count(*) FROM journal", [], |row| row.get::<_, i64>(0)) == Ok(176));
    tells_the_same(&backup);
    open(&path).await;
    assert!(!folder.path().join("board.db.format-1-2").exists(), "it is carried over once");
}

#[tokio::test]
async fn whoever_is_forgotten_afterwards_is_named_in_none_of_its_rows() {
    let (_folder, path) = copy();
    let mut journal = open(&path).await;
    let mut board = journal.load().await.expect("a board");
    let everyone = journal.read_after(0, 1000).await.expect("records");
    let mut people: Vec<_> = everyone.iter().flat_map(Record::people).cloned().collect();
    people.sort();
    people.dedup();
    assert_eq!(people.len(), 7);
    let told = people.iter().map(|person| (person.clone(), 200)).collect();
    journal.mark_delivered(&network_named("matrix"), Mark::People(told)).await.expect("kept");
    for person in people {
        let (revision, at) = (board.revision() + 1, everyone[0].at);
        let event = Event::Person(PersonEvent::PersonForgotten { person: Some(person), plain: true });
        let record = Record::new(revision, at, event);
        board.apply(&record);
        journal.append(revision - 1, &[record], &board, None).await.expect("appended");
    }
    drop(journal);
    let left = String::from_utf8_lossy(&fs::read(&path).expect("a file")).to_lowercase().replace("primary key", "");
    for name in ["jane", "john", "mary", "odd}|nick", "@bob", "@ann"] {
        assert!(!left.contains(name), "{name}");
    }
    assert_eq!(open(&path).await.load().await.expect("a board"), board);
}

/// The programs tell of a store what version 0.1 told.
fn tells_the_same(path: &Path) {
    let store = format!("sqlite:{}", path.display());
    let told = |arguments: &[&str]| {
        let output = run(arguments, "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    assert_eq!(told(&["export", "--store", &store]), text("export.json"));
    let history = told(&["history", "--store", &store, "--json"]);
    let (found, wanted) = (values(&history), values(&text("history.jsonl")));
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(&wanted) {
        let kept = wanted.as_object().expect("an object").iter().all(|(key, value)| found[key] == *value);
        assert!(kept, "{found} was {wanted}");
    }
    let site = tempfile::tempdir().expect("a folder");
    let out = site.path().to_str().expect("a name");
    told(&["render", "--store", &store, "--out", out, "--at", "2026-10-19T09:30:00Z"]);
    let calendar = fs::read_to_string(site.path().join("ptg.ics")).expect("a calendar");
    let lasting = |calendar| ["UID:", "DTSTART:", "DTEND:", "SUMMARY:", "STATUS:"].map(|name| lines(calendar, name));
    assert_eq!(lasting(&calendar), lasting(&text("ptg.ics")));
    // The place of today counts as a change since then: a sequence may be higher, and is never lower.
    let sequences = |calendar| lines(calendar, "SEQUENCE:").into_iter().map(|n| n.parse::<u32>().expect("a number"));
    assert!(sequences(&calendar).zip(sequences(&text("ptg.ics"))).all(|(found, was)| found >= was));
}

/// What follows a name in a calendar, once for each entry.
fn lines(calendar: &str, name: &str) -> Vec<String> {
    calendar.lines().filter_map(|line| line.strip_prefix(name)).map(str::to_owned).collect()
}

fn values(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

async fn open(path: &Path) -> SqliteJournal {
    SqliteJournal::open(path, Access::ReadWrite, Blocking::Thread).await.expect("a store")
}

fn copy() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("board.db");
    fs::copy(fixture("board.db"), &path).expect("copied");
    (folder, path)
}

fn text(name: &str) -> String {
    fs::read_to_string(fixture(name)).expect("a file")
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/store-0.1").join(name)
}

fn network_named(name: &str) -> Network {
    Network::parse(name).expect("a name")
}

fn database(path: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(path).expect("a database")
}
