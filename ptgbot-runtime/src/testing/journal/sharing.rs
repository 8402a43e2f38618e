//! Several handles on one journal, as several processes have them.

use super::records::{added, append, network, topic, topics};
use crate::testing::broken::{Fact, Flaw, equal, holds};
use ptgbot_core::{Journal, JournalError, Mark, Revision};
use std::time::Duration;

pub(super) async fn two_handles_see_what_the_other_appends<J: Journal>(open: impl AsyncFn() -> J) -> Fact {
    let (mut one, mut two) = (open().await, open().await);
    let mut board = two.load().await?;
    append(&mut one, &mut board, vec![added(1, "swift")]).await?;
    equal("what the second handle reads", &two.read_after(0, 10).await?, &vec![added(1, "swift")])?;
    let late = two.append(0, &[added(1, "nova")], &board, None).await;
    holds(matches!(late, Err(JournalError::Conflict { actual: 1, .. })), || {
        format!("an append of the second handle at revision 0 of a journal at 1 gives {late:?}")
    })?;
    append(&mut two, &mut board, vec![added(2, "nova")]).await?;
    equal("the board of the first handle", &one.load().await?, &board)
}

pub(super) async fn two_handles_that_append_in_turn_lose_nothing<J: Journal>(open: impl AsyncFn() -> J) -> Fact {
    let writer = async |track: &str| {
        let mut journal = open().await;
        let mut board = journal.load().await?;
        let mut written = 0;
        while written < EACH {
            let record = topic(board.revision() + 1, track, &written.to_string());
            match append(&mut journal, &mut board, vec![record]).await {
                Ok(()) => written += 1,
                Err(JournalError::Conflict { .. }) => {
                    let missed = journal.read_after(board.revision(), usize::MAX).await?;
                    missed.iter().for_each(|record| board.apply(record));
                }
                Err(failed) => return Err(Flaw::from(failed)),
            }
            tokio::task::yield_now().await;
        }
        Ok(())
    };
    let (one, two) = tokio::join!(writer("swift"), writer("nova"));
    one.and(two)?;
    let kept = open().await.read_after(0, usize::MAX).await?;
    let revisions: Vec<Revision> = kept.iter().map(|record| record.revision).collect();
    equal("the list of revisions", &revisions, &(1..=2 * EACH).collect())?;
    for track in ["swift", "nova"] {
        let wanted: Vec<_> = (0..EACH).map(|number| topic(0, track, &number.to_string()).event).collect();
        let of_track = kept.iter().filter(|record| record.event.tracks().iter().any(|known| known.as_str() == track));
        equal("the list of events", &of_track.map(|record| record.event.clone()).collect(), &wanted)?;
    }
    Ok(())
}

pub(super) async fn a_change_of_another_handle_wakes_up<J: Journal>(open: impl AsyncFn() -> J) -> Fact {
    let (mut one, mut two) = (open().await, open().await);
    let mut board = two.load().await?;
    for record in topics(2) {
        let seen = record.revision - 1;
        append(&mut one, &mut board, vec![record]).await?;
        wakes_up(&mut two, seen).await?;
    }
    Ok(())
}

pub(super) async fn a_wait_for_changes_that_is_given_up_misses_none<J: Journal>(open: impl AsyncFn() -> J) -> Fact {
    let (mut one, mut two) = (open().await, open().await);
    let mut board = two.load().await?;
    for record in topics(3) {
        let seen = record.revision - 1;
        tokio::time::timeout(Duration::from_millis(1), two.changed()).await.ok();
        append(&mut one, &mut board, vec![record]).await?;
        if tokio::time::timeout(Duration::ZERO, two.changed()).await.is_err() {
            wakes_up(&mut two, seen).await?;
        }
        holds(!two.read_after(seen, 1).await?.is_empty(), || format!("change {} is not read", seen + 1))?;
    }
    Ok(())
}

pub(super) async fn only_reading_changes_takes_the_news_of_them<J: Journal>(open: impl AsyncFn() -> J) -> Fact {
    let (mut one, mut two) = (open().await, open().await);
    let mut board = two.load().await?;
    let mut before = board.clone();
    for record in topics(3) {
        let seen = record.revision - 1;
        append(&mut one, &mut board, vec![record]).await?;
        two.delivered(&network("one")).await?;
        two.mark_delivered(&network("one"), Mark::Everyone(seen)).await?;
        two.snapshot(&before).await?;
        wakes_up(&mut two, seen).await?;
        before = board.clone();
    }
    Ok(())
}

/// Holds where a journal tells in time of a change after `seen`. It may also tell for no reason.
async fn wakes_up(journal: &mut impl Journal, seen: Revision) -> Fact {
    let woken = async {
        loop {
            journal.changed().await;
            if !journal.read_after(seen, 1).await?.is_empty() {
                return Ok(());
            }
        }
    };
    let given_up = |_| Flaw(format!("nobody was told of change {} for {DEADLINE:?}", seen + 1));
    tokio::time::timeout(DEADLINE, woken).await.map_err(given_up)?
}

/// How many changes each of two writers makes.
const EACH: Revision = 25;

const DEADLINE: Duration = Duration::from_secs(20);
