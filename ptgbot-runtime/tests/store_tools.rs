//! `ptgbot copy`, `backup`, `verify` and `boards` on a SQLite store.

mod common;

use common::{run, store_in};
use rusqlite::Connection;
use std::fs;
use std::path::Path;

/// A store with some changes of several people in it.
fn store(folder: &Path) -> String {
    let store = store_in(folder);
    let lines = [
        r##"{"id":"1","room":"#ptg","from":"jane","role":"op","text":"~add swift nova"}"##,
        r##"{"id":"2","room":"#ptg","from":"jane","text":"#swift now ring placement"}"##,
        r##"{"id":"3","from":"john","text":"subscribe rings?"}"##,
        r##"{"id":"4","from":"mira","text":"in #nova"}"##,
        r##"{"id":"5","from":"mira","text":"forget"}"##,
        r##"{"id":"6","room":"#ptg","from":"jane","text":"#swift next erasure codes"}"##,
    ];
    assert!(run(&["stdio", "--store", &store], &(lines.join("\n") + "\n")).status.success());
    store
}

fn said(arguments: &[&str]) -> String {
    let output = run(arguments, "");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn refused(arguments: &[&str]) -> String {
    let output = run(arguments, "");
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).expect("text")
}

#[test]
fn a_copy_is_the_same_board_with_its_history() {
    let folder = tempfile::tempdir().expect("a folder");
    let from = store(folder.path());
    let to = format!("sqlite:{}", folder.path().join("copy.db").display());
    assert_eq!(said(&["copy", "--from", &from, "--to", &to]), "Copied 6 changes and compared them.\n");
    for command in ["export", "history"] {
        assert_eq!(said(&[command, "--store", &to]), said(&[command, "--store", &from]));
    }
    let error = refused(&["copy", "--from", &from, "--to", &to]);
    assert!(error.contains("holds a board already"), "{error}");
    let error = refused(&["copy", "--from", &from, "--to", &from]);
    assert!(error.contains("holds a board already"), "{error}");
}

#[test]
fn a_backup_is_a_store_that_only_its_owner_reads() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path());
    let file = folder.path().join("kept.sqlite");
    let path = file.display().to_string();
    said(&["backup", "--store", &store, &path]);
    assert!(refused(&["backup", "--store", &store, &path]).contains("is there already: --force writes over it"));
    said(&["backup", "--force", "--store", &store, &path]);
    let copy = format!("sqlite:{path}");
    assert_eq!(said(&["export", "--store", &copy]), said(&["export", "--store", &store]));
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        assert_eq!(fs::metadata(&file).expect("a file").mode() & 0o777, 0o600);
    }
    let output = run(&["backup", "--store", &store, "-"], "");
    assert!(output.status.success() && output.stdout.starts_with(b"SQLite format 3\0"));
    let missing = format!("{store}.missing");
    assert!(refused(&["backup", "--force", "--store", &missing, &path]).contains("there is no store at"));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").filter(is_unfinished).count(), 0);
}

fn is_unfinished(entry: &std::io::Result<fs::DirEntry>) -> bool {
    entry.as_ref().is_ok_and(|entry| entry.path().extension().is_some_and(|ending| ending == "part"))
}

#[test]
fn a_damaged_store_is_told_with_the_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path());
    let sound = said(&["verify", "--store", &store]);
    assert!(sound.starts_with("All 6 changes are there"), "{sound}");
    let change = |statement: &str| {
        let path = store.strip_prefix("sqlite:").expect("a file");
        Connection::open(path).and_then(|file| file.execute(statement, [])).expect("it is changed");
    };
    change("UPDATE change SET record = replace(record, 'ring placement', 'nonsense') WHERE revision = 2");
    // No snapshot tells otherwise yet.
    said(&["verify", "--store", &store]);
    change("UPDATE change SET record = '{' WHERE revision = 3");
    let error = refused(&["verify", "--store", &store]);
    assert!(error.contains("change 3"), "{error}");
    change("DELETE FROM change WHERE revision = 3");
    let error = refused(&["verify", "--store", &store]);
    assert!(error.contains("change 4 follows change 2"), "{error}");
}

#[test]
fn the_boards_of_a_file_are_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path());
    let listed = said(&["boards", "--store", &store]);
    let [head, board] = listed.lines().collect::<Vec<_>>()[..] else { panic!("{listed}") };
    assert!(head.starts_with("board") && board.contains(store.strip_prefix("sqlite:").expect("a file")), "{listed}");
    assert!(board.split_whitespace().any(|word| word == "6"), "{listed}");
}
