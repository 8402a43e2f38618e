//! Following a board that others change: what `ptgbot serve` shows.

use crate::absence::Absence;
use crate::clock::when;
use crate::metrics::{Metrics, StoreCall};
use crate::supervision::Heartbeat;
use ptgbot_core::{Board, Event, Journal, JournalError, PersonEvent};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Follows a journal until `stop` is cancelled. While the store cannot be read the last good board is shown, and
/// the metrics' [`store`](Metrics::store) says so.
#[cfg_attr(not(feature = "web"), expect(dead_code, reason = "only pages follow"))]
pub(crate) async fn follow(
    mut board: Board,
    mut journal: Box<dyn Journal>,
    pages: watch::Sender<Board>,
    metrics: Metrics,
    mut heartbeat: Heartbeat,
    stop: CancellationToken,
) {
    let (store, mut absence) = (metrics.store(), Absence::default());
    loop {
        let (works, before) = (store.away_since().is_none(), board.revision());
        let pause = tokio::time::sleep(PAUSE);
        tokio::pin!(pause);
        let read = loop {
            tokio::select! {
                () = stop.cancelled() => return heartbeat.stops(),
                () = when(heartbeat.at()) => heartbeat.beat(),
                () = journal.changed(), if works => {
                    break metrics.timed(StoreCall::Read, catch_up(&mut board, journal.as_mut())).await;
                }
                () = &mut pause, if !works => {
                    break metrics.timed(StoreCall::Read, load(&mut board, journal.as_mut())).await;
                }
            }
        };
        match read {
            Ok(()) => {
                // What is recorded beside the changes, such as leases, shows nowhere.
                if !works || board.revision() != before {
                    drop(pages.send(board.clone()));
                }
                store.works();
                if let Some(seconds) = absence.end() {
                    tracing::info!(revision = board.revision(), seconds, "the store works again");
                }
            }
            Err(error) => {
                store.failed();
                if absence.is_news() {
                    tracing::error!(%error, "the store cannot be read; trying again until it can");
                }
            }
        }
    }
}

/// What was missed while the store could not be read is not known.
async fn load(board: &mut Board, journal: &mut dyn Journal) -> Result<(), JournalError> {
    *board = journal.load().await?;
    Ok(())
}

/// Takes over what others have recorded since.
pub(crate) async fn catch_up(board: &mut Board, journal: &mut dyn Journal) -> Result<(), JournalError> {
    loop {
        let records = journal.read_after(board.revision(), PAGE).await?;
        if records.iter().any(|record| matches!(record.event, Event::Person(PersonEvent::PersonForgotten { .. }))) {
            *board = journal.load().await?;
        } else if records.is_empty() {
            return Ok(());
        } else {
            records.iter().for_each(|record| board.apply(record));
        }
    }
}

const PAGE: usize = 1000;
const PAUSE: Duration = Duration::from_secs(1);

#[cfg(all(test, feature = "web", feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::store::{Access, Blocking, SqliteJournal};
    use ptgbot_core::{Claim, Folding, Network, PersonId};

    #[tokio::test]
    async fn a_lease_that_is_renewed_is_no_new_board() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("board.db");
        let open = || SqliteJournal::open(&path, Access::ReadWrite, Blocking::Thread);
        let (mut acting, journal) = (open().await.expect("a store"), open().await.expect("a store"));
        let (pages, mut boards) = watch::channel(Board::default());
        let (metrics, stop) = (Metrics::default(), CancellationToken::new());
        let following = tokio::spawn(follow(
            Board::default(),
            Box::new(journal),
            pages,
            metrics.clone(),
            Heartbeat::unheard(),
            stop.clone(),
        ));
        let account = PersonId::new(&Network::nearest("oftc"), "ptgbot", Folding::Ascii);
        let claim = Claim::new(account, "this");
        acting.take_lease(&claim).await.expect("it is free");
        let is_read = async {
            while !metrics.text().contains("call=\"read\"") {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), is_read).await.expect("it looks");
        stop.cancel();
        following.await.expect("no panic");
        assert!(boards.changed().await.is_err(), "nothing was sent");
    }
}
