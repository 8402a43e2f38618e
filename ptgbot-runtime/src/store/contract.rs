//! What every store promises, tested on each of them.

use super::{Access, Blocking, MemoryJournal, SqliteJournal};
use chrono::{DateTime, TimeDelta, Utc};
use ptgbot_core::{
    Announcement, Board, Event, Folding, Journal, JournalError, Origin, Person, PersonId, Record, Revision, Text,
    TrackName,
};
use std::time::Duration;

/// Opens further handles on one store, as other processes would.
struct Store {
    memory: MemoryJournal,
    folder: Option<tempfile::TempDir>,
    blocking: Blocking,
}

impl Store {
    fn memory() -> Self {
        Self { memory: MemoryJournal::default(), folder: None, blocking: Blocking::Inline }
    }

    fn sqlite(blocking: Blocking) -> Self {
        Self { memory: MemoryJournal::default(), folder: Some(tempfile::tempdir().expect("a folder")), blocking }
    }

    async fn handle(&self) -> Box<dyn Journal> {
        match &self.folder {
            None => Box::new(self.memory.clone()),
            Some(folder) => {
                let path = folder.path().join("board.db");
                Box::new(SqliteJournal::open(&path, Access::ReadWrite, self.blocking).await.expect("a store"))
            }
        }
    }
}

/// Each fact is tested on every store.
macro_rules! facts {
    ($($fact:ident),* $(,)?) => {
        mod memory {
            $(#[tokio::test] async fn $fact() { super::$fact(super::Store::memory()).await; })*
        }
        mod sqlite {
            use crate::store::Blocking;
            $(#[tokio::test] async fn $fact() { super::$fact(super::Store::sqlite(Blocking::Thread)).await; })*
        }
        mod sqlite_on_the_spot {
            use crate::store::Blocking;
            $(#[tokio::test] async fn $fact() { super::$fact(super::Store::sqlite(Blocking::Inline)).await; })*
        }
    };
}

facts!(
    a_new_journal_holds_an_empty_board,
    what_is_appended_is_loaded,
    many_records_are_written_together,
    an_append_at_an_old_revision_is_a_conflict_and_writes_nothing,
    records_are_read_in_order_and_at_most_so_many,
    a_snapshot_changes_nothing_that_is_loaded,
    another_handle_sees_what_was_appended,
    a_change_of_another_handle_wakes_up,
    deliveries_remember_how_far_they_have_come,
    a_forgotten_person_is_nowhere,
    a_person_who_comes_back_after_being_forgotten_is_kept,
    two_handles_that_append_in_turn_lose_nothing,
);

async fn a_new_journal_holds_an_empty_board(store: Store) {
    assert_eq!(store.handle().await.load().await.expect("a board"), Board::default());
}

async fn what_is_appended_is_loaded(store: Store) {
    let mut journal = store.handle().await;
    let mut board = Board::default();
    for record in [added(1, "swift"), topic(2, "swift", "ring placement"), topic(3, "swift", "erasure codes")] {
        journal.append(board.revision(), std::slice::from_ref(&record)).await.expect("appended");
        board.apply(&record);
    }
    assert_eq!(journal.load().await.expect("a board"), board);
    drop(journal);
    assert_eq!(store.handle().await.load().await.expect("a board"), board);
}

async fn many_records_are_written_together(store: Store) {
    let mut journal = store.handle().await;
    let records: Vec<_> = (1..=500).map(|revision| topic(revision, "swift", &format!("topic {revision}"))).collect();
    journal.append(0, &records).await.expect("appended");
    assert_eq!(journal.read_after(0, 1000).await.expect("records"), records);
}

async fn an_append_at_an_old_revision_is_a_conflict_and_writes_nothing(store: Store) {
    let mut journal = store.handle().await;
    journal.append(0, &[added(1, "swift")]).await.expect("appended");
    let late = journal.append(0, &[added(1, "nova"), added(2, "cinder")]).await;
    assert!(matches!(late, Err(JournalError::Conflict { expected: 0, actual: 1 })), "{late:?}");
    let early = journal.append(5, &[added(6, "nova")]).await;
    assert!(matches!(early, Err(JournalError::Conflict { expected: 5, actual: 1 })), "{early:?}");
    assert_eq!(journal.read_after(0, 10).await.expect("records"), [added(1, "swift")]);
}

async fn records_are_read_in_order_and_at_most_so_many(store: Store) {
    let mut journal = store.handle().await;
    let records: Vec<_> = (1..=10).map(|revision| added(revision, &format!("t{revision}"))).collect();
    journal.append(0, &records).await.expect("appended");
    assert_eq!(journal.read_after(3, 4).await.expect("records"), &records[3..7]);
    assert_eq!(journal.read_after(8, 100).await.expect("records"), &records[8..]);
    assert_eq!(journal.read_after(10, 100).await.expect("records"), []);
}

async fn a_snapshot_changes_nothing_that_is_loaded(store: Store) {
    let mut journal = store.handle().await;
    let mut board = Board::default();
    for revision in 1..=20 {
        let record = topic(revision, "swift", &format!("topic {revision}"));
        journal.append(revision - 1, std::slice::from_ref(&record)).await.expect("appended");
        board.apply(&record);
        if revision % 6 == 0 {
            journal.snapshot(&board).await.expect("a snapshot");
        }
    }
    assert_eq!(journal.load().await.expect("a board"), board);
    assert_eq!(journal.read_after(0, 100).await.expect("records").len(), 20);
}

async fn another_handle_sees_what_was_appended(store: Store) {
    let (mut one, mut two) = (store.handle().await, store.handle().await);
    assert_eq!(two.load().await.expect("a board").revision(), 0);
    one.append(0, &[added(1, "swift")]).await.expect("appended");
    assert_eq!(two.read_after(0, 10).await.expect("records"), [added(1, "swift")]);
    let late = two.append(0, &[added(1, "nova")]).await;
    assert!(matches!(late, Err(JournalError::Conflict { actual: 1, .. })), "{late:?}");
    two.append(1, &[added(2, "nova")]).await.expect("appended");
    assert_eq!(one.load().await.expect("a board").revision(), 2);
}

async fn a_change_of_another_handle_wakes_up(store: Store) {
    let (mut one, mut two) = (store.handle().await, store.handle().await);
    two.load().await.expect("a board");
    one.append(0, &[added(1, "swift")]).await.expect("appended");
    let seen = async {
        while two.read_after(0, 1).await.expect("records").is_empty() {
            two.changed().await;
        }
        one.append(1, &[added(2, "nova")]).await.expect("appended");
        while two.read_after(1, 1).await.expect("records").is_empty() {
            two.changed().await;
        }
    };
    tokio::time::timeout(DEADLINE, seen).await.expect("the second handle wakes up");
}

async fn deliveries_remember_how_far_they_have_come(store: Store) {
    let mut journal = store.handle().await;
    assert_eq!(journal.delivered("irc").await.expect("an answer"), None);
    journal.set_delivered("irc", 7).await.expect("kept");
    journal.set_delivered("matrix", 0).await.expect("kept");
    drop(journal);
    let mut journal = store.handle().await;
    assert_eq!(journal.delivered("irc").await.expect("an answer"), Some(7));
    assert_eq!(journal.delivered("matrix").await.expect("an answer"), Some(0));
}

async fn a_forgotten_person_is_nowhere(store: Store) {
    let mut journal = store.handle().await;
    let jane = Person::new("Ja\\ne\"", Folding::Ascii);
    let john = Person::new("John", Folding::Ascii);
    let mut board = Board::default();
    let records = [
        by(&jane, added(1, "swift")),
        by(&jane, checked_in(2, &jane)),
        by(&john, checked_in(3, &john)),
        by(&jane, record(4, Event::Subscribed { person: jane.id.clone(), pattern: "#swift".into() })),
    ];
    journal.append(0, &records).await.expect("appended");
    records.iter().for_each(|record| board.apply(record));
    journal.snapshot(&board).await.expect("a snapshot");
    let forgotten = by(&jane, forgotten(5, &jane.id));
    journal.append(4, std::slice::from_ref(&forgotten)).await.expect("appended");
    board.apply(&forgotten);
    let mut again = store.handle().await;
    let kept = again.read_after(0, 10).await.expect("records");
    assert!(!format!("{kept:?}").to_lowercase().contains("ja\\"), "{kept:?}");
    assert_eq!(kept[2], records[2]);
    assert_eq!(kept[4].event, Event::PersonForgotten { person: None });
    assert_eq!(again.load().await.expect("a board"), board);
}

async fn a_person_who_comes_back_after_being_forgotten_is_kept(store: Store) {
    let mut journal = store.handle().await;
    let jane = Person::new("jane", Folding::Ascii);
    let records = [by(&jane, checked_in(1, &jane)), by(&jane, forgotten(2, &jane.id)), by(&jane, checked_in(3, &jane))];
    journal.append(0, &records).await.expect("appended");
    let kept = journal.read_after(0, 10).await.expect("records");
    assert_eq!(kept[0].event, Event::Erased);
    assert_eq!(kept[2], records[2]);
}

async fn two_handles_that_append_in_turn_lose_nothing(store: Store) {
    let writer = |name: &'static str, mut journal: Box<dyn Journal>| async move {
        let mut written = 0;
        let mut last: Revision = 0;
        while written < 25 {
            match journal.append(last, &[topic(last + 1, name, &written.to_string())]).await {
                Ok(()) => (written, last) = (written + 1, last + 1),
                Err(JournalError::Conflict { actual, .. }) => last = actual,
                Err(JournalError::Failed(error)) => panic!("{error}"),
            }
        }
    };
    let one = tokio::spawn(writer("swift", store.handle().await));
    let two = tokio::spawn(writer("nova", store.handle().await));
    one.await.expect("the first writer ends");
    two.await.expect("the second writer ends");
    let kept = store.handle().await.read_after(0, 100).await.expect("records");
    assert!(kept.iter().zip(1..).all(|(record, revision)| record.revision == revision));
    for name in ["swift", "nova"] {
        let topics = kept.iter().filter_map(|record| Announcement::of(&record.event));
        let topics: Vec<_> = topics.filter(|topic| topic.track.as_str() == name).map(|topic| topic.topic).collect();
        let wanted: Vec<_> = (0..25).map(|n: i32| Text::new(&n.to_string())).collect();
        assert_eq!(topics, wanted);
    }
}

pub(super) fn record(revision: Revision, event: Event) -> Record {
    let start: DateTime<Utc> = "2026-10-19T09:00:00Z".parse().expect("a time");
    let at = start + TimeDelta::seconds(revision.cast_signed());
    Record { revision, at, by: None, origin: Origin { network: "test".into(), ..Origin::default() }, event }
}

pub(super) fn by(person: &Person, record: Record) -> Record {
    Record { by: Some(person.clone()), ..record }
}

pub(super) fn added(revision: Revision, track: &str) -> Record {
    record(revision, Event::TracksAdded { tracks: vec![TrackName::parse(track).expect("a name")] })
}

pub(super) fn topic(revision: Revision, track: &str, words: &str) -> Record {
    let track = TrackName::parse(track).expect("a name");
    record(revision, Event::TopicSet { track, topic: Text::new(words) })
}

pub(super) fn checked_in(revision: Revision, person: &Person) -> Record {
    record(revision, Event::CheckedIn { person: person.clone(), location: "#swift".into() })
}

pub(super) fn forgotten(revision: Revision, person: &PersonId) -> Record {
    record(revision, Event::PersonForgotten { person: Some(person.clone()) })
}

const DEADLINE: Duration = Duration::from_secs(20);
