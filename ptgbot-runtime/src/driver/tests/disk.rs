//! A store on a disk that may be full, or that loses the confirmation of what it has written.

use crate::store::MemoryJournal;
use async_trait::async_trait;
use ptgbot_core::{Board, Claim, Delivered, Journal, JournalError, LeaseState, Mark, Network, Record, Revision, Taken};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// Changes after a revision, the board that they make, and the place behind them.
type Late = (Revision, Vec<Record>, Board, Option<String>);

/// A store on such a disk.
#[derive(Clone)]
pub(super) struct Disk {
    journal: MemoryJournal,
    pub(super) full: Arc<AtomicBool>,
    /// Writes, and then says that it could not.
    pub(super) loses_answers: Arc<AtomicBool>,
    pub(super) appends: Arc<AtomicUsize>,
    /// Nothing can be read or written.
    pub(super) away: Arc<AtomicBool>,
    /// What was sent to a store that was away: it arrives when the next changes do, just before them.
    pub(super) late: Arc<Mutex<Option<Late>>>,
    /// What somebody else writes as soon as the board is loaded, and the board after it.
    pub(super) written_after_load: Arc<Mutex<Option<(Record, Board)>>>,
    /// One for each delivery or place that could not be remembered.
    pub(super) refusals: Arc<Semaphore>,
    /// One for each change that could not be written on a full disk.
    pub(super) refused_appends: Arc<Semaphore>,
}

impl Default for Disk {
    fn default() -> Self {
        let (journal, full, loses_answers, appends, away, late, written_after_load) = Default::default();
        let [refusals, refused_appends] = [(); 2].map(|()| Arc::new(Semaphore::new(0)));
        Self { journal, full, loses_answers, appends, away, late, written_after_load, refusals, refused_appends }
    }
}

impl Disk {
    fn is_there(&self) -> Result<(), JournalError> {
        if self.away.load(Ordering::SeqCst) { Err(JournalError::Failed("no route to host".into())) } else { Ok(()) }
    }
}

#[async_trait]
impl Journal for Disk {
    async fn load(&mut self) -> Result<Board, JournalError> {
        self.is_there()?;
        let board = self.journal.load().await?;
        let next = self.written_after_load.lock().expect("no panic").take();
        if let Some((record, after)) = next {
            self.journal.clone().append(board.revision(), &[record], &after, None).await?;
        }
        Ok(board)
    }

    async fn append(
        &mut self,
        expected: Revision,
        records: &[Record],
        after: &Board,
        place: Option<&str>,
    ) -> Result<(), JournalError> {
        if self.full.load(Ordering::SeqCst) {
            self.refused_appends.add_permits(1);
            return Err(JournalError::Failed("disk full".into()));
        }
        if let Err(error) = self.is_there() {
            *self.late.lock().expect("no panic") =
                Some((expected, records.to_vec(), after.clone(), place.map(str::to_owned)));
            return Err(error);
        }
        let late = self.late.lock().expect("no panic").take();
        if let Some((expected, records, after, place)) = late {
            self.journal.append(expected, &records, &after, place.as_deref()).await?;
        }
        self.appends.fetch_add(1, Ordering::SeqCst);
        self.journal.append(expected, records, after, place).await?;
        if self.loses_answers.load(Ordering::SeqCst) {
            return Err(JournalError::Failed("the connection was lost".into()));
        }
        Ok(())
    }

    async fn read_after(&mut self, revision: Revision, limit: usize) -> Result<Vec<Record>, JournalError> {
        self.is_there()?;
        self.journal.read_after(revision, limit).await
    }

    async fn snapshot(&mut self, board: &Board) -> Result<(), JournalError> {
        self.journal.snapshot(board).await
    }

    async fn changed(&mut self) {
        self.journal.changed().await;
    }

    async fn delivered(&mut self, network: &Network) -> Result<Delivered, JournalError> {
        self.journal.delivered(network).await
    }

    async fn mark_delivered(&mut self, network: &Network, mark: Mark) -> Result<(), JournalError> {
        if self.full.load(Ordering::SeqCst) {
            self.refusals.add_permits(1);
            return Err(JournalError::Failed("disk full".into()));
        }
        self.journal.mark_delivered(network, mark).await
    }

    async fn take_lease(&mut self, claim: &Claim) -> Result<Taken, JournalError> {
        self.is_there()?;
        self.journal.take_lease(claim).await
    }

    async fn renew_lease(&mut self, place: Option<&str>) -> Result<(), JournalError> {
        self.is_there()?;
        if self.full.load(Ordering::SeqCst) && place.is_some() {
            self.journal.renew_lease(None).await?;
            self.refusals.add_permits(1);
            return Err(JournalError::NotRemembered);
        }
        self.journal.renew_lease(place).await
    }

    async fn release_lease(&mut self) -> Result<(), JournalError> {
        self.is_there()?;
        self.journal.release_lease().await
    }

    async fn leases(&mut self) -> Result<Vec<LeaseState>, JournalError> {
        self.is_there()?;
        self.journal.leases().await
    }
}
