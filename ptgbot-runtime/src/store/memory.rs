//! The store of demos and tests: it forgets everything with the process.

use super::held::HeldLease;
use async_trait::async_trait;
use ptgbot_core::{
    Board, Claim, Delivered, Forgotten, Journal, JournalError, LeaseState, Leases, Mark, Network, Record, Revision,
    Taken,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// A journal in memory. A clone is a second handle on the same journal, as a second process would have.
///
/// ```
/// use ptgbot_runtime::ptgbot_core::Journal;
/// use ptgbot_runtime::store::MemoryJournal;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (mut journal, mut same) = (MemoryJournal::default(), MemoryJournal::default());
/// assert_eq!(journal.load().await?.revision(), same.load().await?.revision());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct MemoryJournal {
    kept: Arc<Mutex<Kept>>,
    last: watch::Sender<Revision>,
    seen: Revision,
    lease: Option<HeldLease>,
}

#[derive(Debug)]
struct Kept {
    records: Vec<Record>,
    delivered: HashMap<Network, Delivered>,
    leases: Leases,
    made: Instant,
}

impl Kept {
    fn forget(&mut self, forgotten: &Forgotten) {
        for record in &mut self.records {
            record.forget(forgotten);
        }
        for delivered in self.delivered.values_mut() {
            delivered.forget(forgotten);
        }
    }

    fn now(&self) -> Duration {
        self.made.elapsed()
    }

    fn is_unfenced(&self, lease: Option<&HeldLease>) -> Result<(), JournalError> {
        match lease {
            Some(held) if !self.leases.is_newest(&held.account, held.number) => Err(held.fenced()),
            Some(_) | None => Ok(()),
        }
    }
}

impl MemoryJournal {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clone for MemoryJournal {
    fn clone(&self) -> Self {
        Self { kept: Arc::clone(&self.kept), last: self.last.clone(), seen: self.seen, lease: None }
    }
}

impl Default for MemoryJournal {
    fn default() -> Self {
        let (records, delivered, leases) = Default::default();
        let kept = Kept { records, delivered, leases, made: Instant::now() };
        Self { kept: Arc::new(Mutex::new(kept)), last: watch::Sender::new(0), seen: 0, lease: None }
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn load(&mut self) -> Result<Board, JournalError> {
        let mut board = Board::default();
        for record in &self.kept().records {
            board.apply(record);
        }
        self.seen = board.revision();
        Ok(board)
    }

    async fn append(
        &mut self,
        expected: Revision,
        records: &[Record],
        _after: &Board,
        place: Option<&str>,
    ) -> Result<(), JournalError> {
        let actual = {
            let mut kept = self.kept();
            kept.is_unfenced(self.lease.as_ref())?;
            let actual = last(&kept.records);
            if actual != expected {
                return Err(JournalError::Conflict { expected, actual });
            }
            for record in records {
                kept.records.push(record.clone());
                if let Some(forgotten) = record.forgotten() {
                    kept.forget(&forgotten);
                }
            }
            if let Some(held) = &self.lease {
                kept.leases.stand_at(&held.account, held.number, place);
            }
            last(&kept.records)
        };
        self.seen = actual;
        self.last.send_replace(actual);
        Ok(())
    }

    async fn read_after(&mut self, revision: Revision, limit: usize) -> Result<Vec<Record>, JournalError> {
        let read: Vec<_> = {
            let kept = self.kept();
            let from = kept.records.partition_point(|record| record.revision <= revision);
            kept.records[from..].iter().take(limit).cloned().collect()
        };
        self.seen = self.seen.max(last(&read));
        Ok(read)
    }

    async fn snapshot(&mut self, _board: &Board) -> Result<(), JournalError> {
        Ok(())
    }

    async fn changed(&mut self) {
        let mut last = self.last.subscribe();
        let seen = self.seen;
        if let Ok(now) = last.wait_for(|last| *last > seen).await {
            self.seen = *now;
        }
    }

    async fn delivered(&mut self, network: &Network) -> Result<Delivered, JournalError> {
        Ok(self.kept().delivered.get(network).cloned().unwrap_or_default())
    }

    async fn mark_delivered(&mut self, network: &Network, mark: Mark) -> Result<(), JournalError> {
        let mut kept = self.kept();
        kept.is_unfenced(self.lease.as_ref())?;
        kept.delivered.entry(network.clone()).or_default().mark(mark);
        Ok(())
    }

    async fn take_lease(&mut self, claim: &Claim) -> Result<Taken, JournalError> {
        let taken = {
            let mut kept = self.kept();
            let now = kept.now();
            kept.leases.take(claim, now)
        };
        if let Taken::Ours(lease) = &taken {
            self.lease = Some(HeldLease { account: claim.account.clone(), number: lease.number });
        }
        Ok(taken)
    }

    async fn renew_lease(&mut self, place: Option<&str>) -> Result<(), JournalError> {
        let Some(held) = &self.lease else { return Ok(()) };
        let mut kept = self.kept();
        let now = kept.now();
        let is_ours = kept.leases.renew(&held.account, held.number, place, now);
        if is_ours { Ok(()) } else { Err(held.fenced()) }
    }

    async fn release_lease(&mut self) -> Result<(), JournalError> {
        if let Some(held) = self.lease.take() {
            self.kept().leases.release(&held.account, held.number);
        }
        Ok(())
    }

    async fn leases(&mut self) -> Result<Vec<LeaseState>, JournalError> {
        let kept = self.kept();
        Ok(kept.leases.states(kept.now()))
    }
}

fn last(records: &[Record]) -> Revision {
    records.last().map_or(0, |record| record.revision)
}
