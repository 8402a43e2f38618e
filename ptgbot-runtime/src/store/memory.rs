//! The store of demos and tests: it forgets everything with the process.

use async_trait::async_trait;
use ptgbot_core::{Board, Delivered, Forgotten, Journal, JournalError, Mark, Network, Record, Revision};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::watch;

/// A journal in memory. A clone is a second handle on the same journal, as a second process would have.
#[derive(Clone, Debug)]
pub struct MemoryJournal {
    kept: Arc<Mutex<Kept>>,
    last: watch::Sender<Revision>,
    seen: Revision,
}

#[derive(Debug, Default)]
struct Kept {
    records: Vec<Record>,
    delivered: HashMap<Network, Delivered>,
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
}

impl MemoryJournal {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Default for MemoryJournal {
    fn default() -> Self {
        Self { kept: Arc::default(), last: watch::Sender::new(0), seen: 0 }
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

    async fn append(&mut self, expected: Revision, records: &[Record], _after: &Board) -> Result<(), JournalError> {
        let actual = {
            let mut kept = self.kept();
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
        self.kept().delivered.entry(network.clone()).or_default().mark(mark);
        Ok(())
    }
}

fn last(records: &[Record]) -> Revision {
    records.last().map_or(0, |record| record.revision)
}
