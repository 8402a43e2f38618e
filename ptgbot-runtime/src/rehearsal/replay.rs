//! Replays: the changes of a journal as they happened, at their times by the clock of a rehearsal.

use super::order::in_order;
use super::speed::Speed;
use super::start::first_slot;
use super::{EventCopy, RehearsalClock};
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::run::SiteTasks;
use crate::run_error::RunError;
use crate::setup::Setup;
use chrono::{DateTime, TimeDelta, Utc};
use ptgbot_core::{Board, Record};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What is played, and how.
pub(crate) struct Replay {
    copy: EventCopy,
    /// When each change happens.
    times: Vec<DateTime<Utc>>,
}

/// What was played.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Played {
    /// How many changes.
    pub(crate) changes: usize,
    /// How long that took until the last of them was shown.
    pub(crate) took: Duration,
}

impl Replay {
    /// That of a store's changes.
    pub(crate) fn new(copy: EventCopy) -> Self {
        let times = in_order(&copy.records.iter().map(|record| record.at).collect::<Vec<_>>());
        Self { copy, times }
    }

    /// What is played.
    pub(crate) fn board(&self) -> &Board {
        &self.copy.board
    }

    /// When it begins unless told otherwise: with the first change, or where the event was prepared long before, with the
    /// first one after the last pause of more than a day before the first slot. `None` where there is no change.
    pub(crate) fn beginning(&self) -> Option<DateTime<Utc>> {
        let first_slot = first_slot(self.board());
        let is_pause =
            |pair: &[DateTime<Utc>]| pair[1] - pair[0] > A_DAY && first_slot.is_some_and(|slot| pair[0] < slot);
        let pause = self.times.windows(2).rposition(is_pause);
        self.times.get(pause.map_or(0, |before| before + 1)).copied()
    }

    /// When the last change happens; `None` where there is none.
    pub(crate) fn end(&self) -> Option<DateTime<Utc>> {
        self.times.last().copied()
    }

    /// How many changes happen before a time.
    pub(crate) fn before(&self, time: DateTime<Utc>) -> usize {
        self.times.partition_point(|happens| *happens < time)
    }

    /// Plays it from the time that the clock shows, with the pages that a setup wants, until `stop`: what was before has
    /// happened already. At full speed all is played at once. `told` hears of each change that is played, with the board after
    /// it, and `over` when all are shown.
    ///
    /// # Errors
    /// When the pages cannot be served.
    pub(crate) async fn play(
        self,
        clock: Arc<RehearsalClock>,
        speed: Speed,
        setup: Setup,
        stop: CancellationToken,
        told: impl FnMut(&Board, &Record),
        over: impl FnOnce(Played),
    ) -> Result<(), RunError> {
        let begun = Instant::now();
        let happened = match speed {
            Speed::Full => 0,
            Speed::Times(_) => self.before(clock.rehearsal().start),
        };
        let mut board = Board::default();
        self.copy.records[..happened].iter().for_each(|record| board.apply(record));
        let (owner, boards) = watch::channel(board.clone());
        let (Setup { listener, publish, .. }, metrics) = (setup, Metrics::by(clock.clone()));
        let pages =
            SiteTasks::start(board.clone(), boards, listener, publish, metrics, clock.clone(), stop.clone()).await?;
        let playing = async {
            self.happen(happened, clock.as_ref(), speed, board, &owner, told).await;
            pages.show(self.board().revision()).await;
            over(Played { changes: self.times.len() - happened, took: begun.elapsed() });
            stop.cancelled().await;
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = playing => {}
        }
        drop(owner);
        pages.finish().await;
        Ok(())
    }

    /// How many changes have happened by a time.
    fn happened(&self, now: DateTime<Utc>) -> usize {
        self.times.partition_point(|time| *time <= now)
    }

    /// Plays all changes but the first few, those at once whose time has come.
    async fn happen(
        &self,
        mut done: usize,
        clock: &dyn Clock,
        speed: Speed,
        mut board: Board,
        pages: &watch::Sender<Board>,
        mut told: impl FnMut(&Board, &Record),
    ) {
        while let Some(next) = self.times.get(done) {
            let due = match speed {
                Speed::Full => self.times.len(),
                Speed::Times(_) => {
                    clock.until(*next).await;
                    self.happened(clock.now()).max(done + 1)
                }
            };
            let now = &self.copy.records[done..due.min(done + AT_ONCE)];
            for record in now {
                board.apply(record);
                told(&board, record);
            }
            done += now.len();
            drop(pages.send(board.clone()));
            // Whoever shows it is let on.
            tokio::task::yield_now().await;
        }
    }
}

/// How many changes happen at once at most.
const AT_ONCE: usize = 1000;
/// Nobody looks at a page for so long on which nothing changes.
const A_DAY: TimeDelta = TimeDelta::days(1);
