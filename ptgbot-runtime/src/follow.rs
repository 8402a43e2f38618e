//! Following a board that others change: what `ptgbot serve` shows.

use crate::metrics::{Metrics, StoreCall};
use ptgbot_core::{Board, Event, Journal, JournalError, PersonEvent};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Follows a journal until `stop` is cancelled. While the store cannot be read the last good board is shown, and
/// the metrics' [`store`](Metrics::store) says so.
#[cfg_attr(not(feature = "site"), expect(dead_code, reason = "only pages follow"))]
pub(crate) async fn follow(
    mut board: Board,
    mut journal: Box<dyn Journal>,
    pages: watch::Sender<Board>,
    metrics: Metrics,
    stop: CancellationToken,
) {
    let store = metrics.store();
    loop {
        let works = store.away_since().is_none();
        let read = tokio::select! {
            () = stop.cancelled() => return,
            () = journal.changed(), if works => {
                metrics.timed(StoreCall::Read, catch_up(&mut board, journal.as_mut())).await
            }
            () = tokio::time::sleep(PAUSE), if !works => {
                metrics.timed(StoreCall::Read, load(&mut board, journal.as_mut())).await
            }
        };
        match read {
            Ok(()) => {
                drop(pages.send(board.clone()));
                store.works();
                if !works {
                    tracing::info!(revision = board.revision(), "the store works again");
                }
            }
            Err(error) => {
                store.failed();
                if works {
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
