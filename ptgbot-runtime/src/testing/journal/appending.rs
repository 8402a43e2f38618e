//! Appending, reading, snapshots: what one handle promises.

use super::records::{added, append, applied, network, topic, topics};
use crate::testing::broken::{Fact, Flaw, equal, holds};
use ptgbot_core::{Board, Delivered, Journal, JournalError, Revision};
use std::time::Duration;

pub(super) async fn a_new_journal_holds_nothing<J: Journal>(open: impl AsyncFn() -> J) -> Fact {
    let mut journal = open().await;
    equal("the board", &journal.load().await?, &Board::default())?;
    equal("the list of records", &journal.read_after(0, 10).await?, &Vec::new())?;
    equal("what was delivered", &journal.delivered(&network("one")).await?, &Delivered::default())
}

pub(super) async fn what_is_appended_is_loaded_by_every_handle_and_after_a_start<J: Journal>(
    open: impl AsyncFn() -> J,
) -> Fact {
    let mut journal = open().await;
    let mut board = Board::default();
    for record in [added(1, "swift"), topic(2, "swift", "ring placement"), topic(3, "swift", "erasure codes")] {
        append(&mut journal, &mut board, vec![record]).await?;
    }
    equal("the board", &journal.load().await?, &board)?;
    equal("the board of a second handle", &open().await.load().await?, &board)?;
    drop(journal);
    equal("the board after a start", &open().await.load().await?, &board)
}

pub(super) async fn many_records_are_written_together<J: Journal>(open: impl AsyncFn() -> J) -> Fact {
    let mut journal = open().await;
    let records = topics(500);
    append(&mut journal, &mut Board::default(), records.clone()).await?;
    equal("the list of records", &journal.read_after(0, 1000).await?, &records)
}

pub(super) async fn an_append_that_is_given_up_is_written_whole_or_not_at_all<J: Journal>(
    open: impl AsyncFn() -> J,
) -> Fact {
    let mut journal = open().await;
    let records = topics(200);
    let after = applied(&Board::default(), &records);
    tokio::time::timeout(Duration::ZERO, journal.append(0, &records, &after, None)).await.ok();
    let revision = journal.load().await?.revision();
    holds([0, 200].contains(&revision), || format!("of 200 records {revision} were written"))?;
    let read = journal.read_after(0, 1000).await?.len() as Revision;
    holds(read == revision, || format!("{read} records are read of {revision}"))
}

pub(super) async fn an_append_at_another_revision_is_a_conflict_and_writes_nothing<J: Journal>(
    open: impl AsyncFn() -> J,
) -> Fact {
    let mut journal = open().await;
    append(&mut journal, &mut Board::default(), vec![added(1, "swift")]).await?;
    for (expected, records) in [(0, vec![added(1, "nova"), added(2, "cinder")]), (5, vec![added(6, "nova")])] {
        let appended = journal.append(expected, &records, &applied(&Board::default(), &records), None).await;
        match appended {
            Err(JournalError::Conflict { expected: told, actual: 1 }) if told == expected => {}
            other => return Err(Flaw(format!("an append at revision {expected} of a journal at 1 gives {other:?}"))),
        }
    }
    equal("the list of records", &journal.read_after(0, 10).await?, &vec![added(1, "swift")])
}

pub(super) async fn records_are_read_in_order_and_at_most_so_many<J: Journal>(open: impl AsyncFn() -> J) -> Fact {
    let mut journal = open().await;
    let records = topics(10);
    append(&mut journal, &mut Board::default(), records.clone()).await?;
    equal("what is read", &journal.read_after(3, 4).await?, &records[3..7].to_vec())?;
    equal("what is read", &journal.read_after(8, 100).await?, &records[8..].to_vec())?;
    equal("what is read", &journal.read_after(10, 100).await?, &Vec::new())
}

pub(super) async fn a_snapshot_changes_nothing_that_is_loaded<J: Journal>(open: impl AsyncFn() -> J) -> Fact {
    let mut journal = open().await;
    let mut board = Board::default();
    for record in topics(20) {
        let revision = record.revision;
        append(&mut journal, &mut board, vec![record]).await?;
        if revision % 6 == 0 {
            journal.snapshot(&board).await?;
        }
    }
    equal("the board", &journal.load().await?, &board)?;
    equal("the list of records", &journal.read_after(0, 100).await?, &topics(20))?;
    drop(journal);
    equal("the board after a start", &open().await.load().await?, &board)
}
