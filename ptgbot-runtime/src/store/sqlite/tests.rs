//! What only a file can get wrong.

mod absence;
mod forgetting;

use super::found::beside;
use super::*;
use crate::testing::records::{added, applied, topic};
use ptgbot_core::{Folding, PersonId};
use std::fs;

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let (folder, path) = place();
    fs::write(&path, "a shopping list, longer than the header of a database would be: ".repeat(4)).expect("written");
    refuses(&path, "is not a database").await;
    fs::write(&path, "short").expect("written");
    refuses(&path, "is not a database").await;
    drop(folder);
}

#[tokio::test]
async fn another_programs_database_is_left_alone() {
    for setup in ["PRAGMA journal_mode=delete", "PRAGMA journal_mode=wal", "PRAGMA application_id=7"] {
        let (_folder, path) = place();
        let theirs = rusqlite::Connection::open(&path).expect("a database");
        theirs.query_row(setup, [], |_| Ok(())).ok();
        theirs.execute_batch("CREATE TABLE change (revision INTEGER PRIMARY KEY, record TEXT)").expect("a table");
        drop(theirs);
        refuses(&path, "another program's database").await;
    }
}

#[tokio::test]
async fn a_newer_format_is_left_alone() {
    let (_folder, path) = place();
    fill(&path, 1).await;
    database(&path).pragma_update(None, "user_version", 9).expect("set");
    refuses(&path, "has format 9, and this version reads formats up to 3").await;
}

#[cfg(unix)]
#[tokio::test]
async fn what_root_makes_belongs_to_whom_the_folder_belongs() {
    use std::os::unix::fs::{MetadataExt, chown};
    let (folder, path) = place();
    if chown(folder.path(), Some(1234), Some(1235)).is_err() {
        // Only root can, and for nobody else is there a difference.
        return;
    }
    fill(&path, 1).await;
    for file in fs::read_dir(folder.path()).expect("a folder") {
        let file = file.expect("an entry");
        let found = file.metadata().expect("a file");
        assert_eq!((found.uid(), found.gid()), (1234, 1235), "{}", file.path().display());
    }
    assert!(beside(&path, "-turn").exists());
}

#[tokio::test]
async fn nobody_acts_on_a_store_that_was_carried_over_to_a_newer_format_meanwhile() {
    let (_folder, path) = place();
    let mut store = SqliteJournal::open(&path, Access::ReadWrite, Blocking::Inline).await.expect("a store");
    let account = PersonId::new(&Network::nearest("oftc"), "ptgbot", Folding::Ascii);
    let claim = Claim::new(account, "one");
    assert!(matches!(store.take_lease(&claim).await, Ok(Taken::Ours(_))));
    database(&path).pragma_update(None, "user_version", 9).expect("set");
    let refused = store.take_lease(&claim).await.expect_err("it is not known");
    assert!(StoreError::is_newer(&refused), "{refused}");
    assert_eq!(store.leases().await.expect("leases")[0].number, 1, "nothing was written");
}

#[tokio::test]
async fn a_torn_file_is_named_and_left_alone() {
    let (_folder, path) = place();
    fill(&path, 400).await;
    let whole = fs::read(&path).expect("the file");
    fs::write(&path, &whole[..whole.len() / 2]).expect("torn");
    refuses(&path, "is damaged").await;
    let mut holed = whole.clone();
    for page in holed.chunks_mut(4096).skip(3) {
        page.fill(0);
    }
    fs::write(&path, &holed).expect("holed");
    refuses(&path, "is damaged").await;
}

#[tokio::test]
async fn an_event_of_a_later_version_stops_the_start() {
    let (_folder, path) = place();
    fill(&path, 3).await;
    let change = "UPDATE change SET record = replace(record, 'TracksAdded', 'TracksPainted') WHERE revision = 2";
    database(&path).execute(change, []).expect("changed");
    refuses(&path, "cannot read change 2 in").await;
}

#[tokio::test]
async fn a_missing_change_stops_the_start() {
    let (_folder, path) = place();
    fill(&path, 3).await;
    let delete = "DELETE FROM change WHERE revision = 2";
    database(&path).execute(delete, []).expect("deleted");
    refuses(&path, "change 3 follows change 1").await;
}

/// Lets the file grow no more.
async fn fill_disk(journal: &mut SqliteJournal) {
    let limit = journal.worker.run(|file| {
        file.connection
            .query_row("SELECT page_count FROM pragma_page_count", [], |row| row.get::<_, i64>(0))
            .and_then(|pages| file.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())))
    });
    limit.await.expect("the worker runs").expect("a limit");
}

#[tokio::test]
async fn a_full_disk_is_named_and_loses_nothing() {
    let (_folder, path) = place();
    fill(&path, 3).await;
    let mut journal = open(&path).await;
    fill_disk(&mut journal).await;
    let long = topic(4, "swift", &"x".repeat(100_000));
    let board = journal.load().await.expect("a board");
    let error = journal.append(3, &[long], &board, None).await.expect_err("no room").to_string();
    assert_eq!(error, format!("cannot append change 4 to {}: disk full", path.display()));
    journal.append(3, &[added(4, "nova")], &board, None).await.expect("a small one still fits");
}

#[tokio::test]
async fn on_a_full_disk_a_lease_goes_on_and_says_that_its_place_is_not_kept() {
    let (_folder, path) = place();
    fill(&path, 3).await;
    let mut journal = open(&path).await;
    let account = PersonId::new(&Network::nearest("oftc"), "ptgbot", Folding::Ascii);
    let claim = Claim::new(account, "this");
    journal.take_lease(&claim).await.expect("it is free");
    journal.renew_lease(Some("line 1")).await.expect("there is room");
    fill_disk(&mut journal).await;
    let renewed = journal.renew_lease(Some(&"x".repeat(100_000))).await;
    assert!(matches!(renewed, Err(JournalError::NotRemembered)), "{renewed:?}");
    journal.renew_lease(None).await.expect("it goes on");
    let Ok(Taken::Ours(lease)) = journal.take_lease(&claim).await else { panic!("it is ours") };
    assert_eq!(lease.place.as_deref(), Some("line 1"));
}

#[tokio::test]
async fn a_folder_that_does_not_exist_is_named() {
    let (folder, _) = place();
    let path = folder.path().join("nowhere").join("board.db");
    let error =
        SqliteJournal::open(&path, Access::ReadWrite, Blocking::Thread).await.err().expect("no store").to_string();
    assert!(error.starts_with(&format!("cannot open {}: ", path.display())), "{error}");
    let error = SqliteJournal::open(folder.path(), Access::ReadWrite, Blocking::Thread)
        .await
        .err()
        .expect("no store")
        .to_string();
    assert!(error.contains("directory"), "{error}");
}

#[tokio::test]
async fn looking_makes_no_store() {
    let (_folder, path) = place();
    let error =
        SqliteJournal::open(&path, Access::ReadOnly, Blocking::Thread).await.err().expect("no store").to_string();
    assert_eq!(error, format!("there is no store at {}", path.display()));
    assert!(!path.exists());
}

#[tokio::test]
async fn an_old_snapshot_and_a_broken_one_are_no_loss() {
    let (_folder, path) = place();
    fill(&path, 30).await;
    let mut journal = open(&path).await;
    let board = journal.load().await.expect("a board");
    journal.snapshot(&board).await.expect("a snapshot");
    drop(journal);
    for change in ["UPDATE snapshot SET made_by = '0.0.1', board = x'00'", "UPDATE snapshot SET board = x'7b'"] {
        database(&path).execute(change, []).expect("changed");
        let mut journal = open(&path).await;
        assert_eq!(journal.load().await.expect("a board"), board);
    }
}

#[tokio::test]
async fn a_long_journal_gets_a_snapshot_when_it_is_loaded() {
    let (_folder, path) = place();
    fill(&path, 2500).await;
    let count = |path: &Path| number(&database(path), "SELECT count(*) FROM snapshot");
    let mut looking = SqliteJournal::open(&path, Access::ReadOnly, Blocking::Thread).await.expect("a store");
    assert_eq!(looking.load().await.expect("a board").revision(), 2500);
    assert_eq!(count(&path), 0);
    let mut journal = open(&path).await;
    assert_eq!(journal.load().await.expect("a board").revision(), 2500);
    assert_eq!(count(&path), 1);
}

#[tokio::test]
async fn a_large_board_is_kept_in_parts() {
    let (_folder, path) = place();
    let mut journal = open(&path).await;
    let records: Vec<_> = (1..=1500).map(|n| topic(n, &format!("t{n}"), &"long words ".repeat(300))).collect();
    let board = applied(&Board::default(), &records);
    journal.append(0, &records, &board, None).await.expect("appended");
    journal.snapshot(&board).await.expect("a snapshot");
    drop(journal);
    let database = database(&path);
    assert!(number(&database, "SELECT count(*) FROM snapshot") > 5);
    database.execute("UPDATE change SET record = '{' WHERE revision < 1500", []).expect("damaged");
    assert_eq!(open(&path).await.load().await.expect("a board"), board);
}

#[tokio::test]
async fn changes_that_are_missing_before_a_snapshot_are_counted() {
    let (_folder, path) = place();
    fill(&path, 30).await;
    let mut journal = open(&path).await;
    let board = journal.load().await.expect("a board");
    journal.snapshot(&board).await.expect("a snapshot");
    database(&path).execute("DELETE FROM change WHERE revision BETWEEN 3 AND 5", []).expect("deleted");
    let missing = journal.worker.run(|file| file.missing_changes()).await.expect("the worker runs");
    assert_eq!(missing.expect("a count"), 3);
    assert_eq!(open(&path).await.load().await.expect("a board"), board);
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_can_read_a_store() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = place();
    fill(&path, 3).await;
    let modes = || {
        let files = fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.expect("an entry").path());
        let mode = |file: PathBuf| fs::metadata(file).expect("a file").permissions().mode() & 0o777;
        files.map(mode).collect::<Vec<_>>()
    };
    assert_eq!(modes(), [0o600; 3], "the store, its journal, and whose turn it is");
    for file in ["board.db", "board.db-journal", "board.db-turn"] {
        fs::set_permissions(folder.path().join(file), fs::Permissions::from_mode(0o664)).expect("set");
    }
    open(&path).await;
    assert_eq!(modes(), [0o600; 3]);
}

#[tokio::test]
async fn many_may_start_on_one_new_file_at_once() {
    let (_folder, path) = place();
    let start = |_| {
        let path = path.clone();
        tokio::spawn(async move { SqliteJournal::open(&path, Access::ReadWrite, Blocking::Thread).await.map(drop) })
    };
    for started in (0..8).map(start).collect::<Vec<_>>() {
        started.await.expect("no panic").expect("a store");
    }
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("board.db");
    (folder, path)
}

async fn open(path: &Path) -> SqliteJournal {
    SqliteJournal::open(path, Access::ReadWrite, Blocking::Thread).await.expect("a store")
}

async fn fill(path: &Path, changes: Revision) {
    let mut journal = open(path).await;
    let records: Vec<_> = (1..=changes).map(|revision| added(revision, &format!("t{revision}"))).collect();
    journal.append(0, &records, &applied(&Board::default(), &records), None).await.expect("appended");
}

/// Opening and loading fails with these words and the file's name, and changes no byte.
async fn refuses(path: &Path, words: &str) {
    let before = fs::read(path).expect("the file");
    let error = match SqliteJournal::open(path, Access::ReadWrite, Blocking::Thread).await {
        Ok(mut journal) => journal.load().await.expect_err("no board").to_string(),
        Err(error) => error.to_string(),
    };
    assert!(error.contains(words) && error.contains(&path.display().to_string()), "{error}");
    assert!(before == fs::read(path).expect("the file"), "the file was changed");
}

fn database(path: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(path).expect("a database")
}

fn number(database: &rusqlite::Connection, query: &str) -> i64 {
    database.query_row(query, [], |row| row.get(0)).expect("a number")
}
