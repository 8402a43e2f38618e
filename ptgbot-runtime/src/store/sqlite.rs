//! The journal in one SQLite file: one row a change, safe for several processes at once.

mod append;
mod backup;
mod delivered;
mod file;
mod forget;
mod format;
mod found;
mod lease;
mod locked;
mod owner;
mod presence;
mod read;
mod snapshot;
mod turns;
mod worker;

use crate::store::held::HeldLease;
use crate::store::{Access, Blocking, StoreError};
use append::{OfLease, Row};
use async_trait::async_trait;
use file::File;
pub(super) use locked::locked;
use ptgbot_core::{Board, Claim, Delivered, Journal, JournalError, LeaseState, Mark, Network, Record, Revision, Taken};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::Instant;
use worker::Worker;

/// The journal in one SQLite file.
pub struct SqliteJournal {
    worker: Worker,
    path: PathBuf,
    /// What SQLite called the file's state when it was looked at last.
    seen: i64,
    /// When to look again whether another process has written.
    next_look: Instant,
    lease: Option<HeldLease>,
}

impl SqliteJournal {
    /// Opens the file, or makes it where nothing is and `access` allows that.
    ///
    /// # Errors
    /// When the file is not ours, damaged, of a newer format, or cannot be written; it was not changed then.
    pub async fn open(path: &Path, access: Access, blocking: Blocking) -> Result<Self, StoreError> {
        let place = path.to_owned();
        let open = move || {
            let mut file = File::open(&place, access)?;
            let missing = file.missing_changes()?;
            if missing > 0 {
                tracing::error!(store = %place.display(), missing, "changes are missing: only a snapshot still has them");
            }
            let seen = file.version()?;
            Ok((file, seen))
        };
        let (file, seen) = beside_the_tasks(path, open).await?;
        let worker =
            Worker::start(file, blocking).map_err(|error| StoreError::io(path, "start the writer of", error))?;
        Ok(Self { worker, path: path.to_owned(), seen, next_look: Instant::now(), lease: None })
    }

    /// Copies a store into a file that is not there yet, also while others write to it.
    ///
    /// # Errors
    /// When there is no store of ours, or the copy cannot be written; nothing is left of it then.
    pub async fn copy_file(path: &Path, copy: &Path) -> Result<(), StoreError> {
        let (path, copy) = (path.to_owned(), copy.to_owned());
        beside_the_tasks(&path.clone(), move || {
            File::open(&path, Access::ReadOnly)?;
            backup::copy_file(&path, &copy)
        })
        .await
    }

    /// Lets SQLite look for damage in the whole file.
    ///
    /// # Errors
    /// When there is any, or no store of ours.
    pub async fn check_file(path: &Path) -> Result<(), StoreError> {
        let path = path.to_owned();
        beside_the_tasks(&path.clone(), move || File::open(&path, Access::ReadOnly)?.check()).await
    }

    async fn run<T, E>(
        &mut self,
        job: impl FnOnce(&mut File) -> Result<T, E> + Send + 'static,
    ) -> Result<T, JournalError>
    where
        T: Send + 'static,
        E: Into<JournalError> + Send + 'static,
    {
        let job = |file: &mut File| {
            file.is_there()?;
            job(file).map_err(Into::into)
        };
        match self.worker.run(job).await {
            Some(result) => result,
            None => Err(self.stopped()),
        }
    }

    fn stopped(&self) -> JournalError {
        StoreError::Stopped { path: self.path.clone() }.into()
    }
}

/// Does some work with a file where it may block.
async fn beside_the_tasks<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(StoreError::Stopped { path: path.to_owned() }))
}

#[async_trait]
impl Journal for SqliteJournal {
    async fn load(&mut self) -> Result<Board, JournalError> {
        let load = |file: &mut File| {
            file.find_again()?;
            file.load()
        };
        match self.worker.run(load).await {
            Some(board) => Ok(board?),
            None => Err(self.stopped()),
        }
    }

    async fn append(
        &mut self,
        expected: Revision,
        records: &[Record],
        after: &Board,
        place: Option<&str>,
    ) -> Result<(), JournalError> {
        let rows = records.iter().map(|record| Row::of(record, &self.path)).collect::<Result<Vec<_>, _>>()?;
        let after = after.clone();
        let (held, place) = (self.lease.clone(), place.map(str::to_owned));
        let append = move |file: &mut File| {
            let lease = OfLease { held: held.as_ref(), place: place.as_deref() };
            file.append(expected, &rows, &after, lease)
        };
        self.run(append).await
    }

    async fn read_after(&mut self, revision: Revision, limit: usize) -> Result<Vec<Record>, JournalError> {
        self.run(move |file| file.read_after(revision, limit)).await
    }

    async fn snapshot(&mut self, board: &Board) -> Result<(), JournalError> {
        let board = board.clone();
        self.run(move |file| file.snapshot(&board)).await
    }

    async fn changed(&mut self) {
        loop {
            tokio::time::sleep_until(self.next_look).await;
            match self.run(File::version).await {
                Ok(version) => {
                    self.next_look = Instant::now() + LOOK_EVERY;
                    if std::mem::replace(&mut self.seen, version) != version {
                        return;
                    }
                }
                // Whoever reads next gets the error and tells it.
                Err(_) => {
                    self.next_look = Instant::now() + LOOK_AGAIN;
                    return;
                }
            }
        }
    }

    async fn delivered(&mut self, network: &Network) -> Result<Delivered, JournalError> {
        let network = network.clone();
        self.run(move |file| file.delivered(&network)).await
    }

    async fn mark_delivered(&mut self, network: &Network, mark: Mark) -> Result<(), JournalError> {
        let (network, held) = (network.clone(), self.lease.clone());
        self.run(move |file| file.mark_delivered(&network, &mark, held.as_ref())).await
    }

    async fn take_lease(&mut self, claim: &Claim) -> Result<Taken, JournalError> {
        let asked = claim.clone();
        let taken = self.run(move |file| file.take_lease(&asked)).await?;
        if let Taken::Ours(lease) = &taken {
            self.lease = Some(HeldLease { account: claim.account.clone(), number: lease.number });
        }
        Ok(taken)
    }

    async fn renew_lease(&mut self, place: Option<&str>) -> Result<(), JournalError> {
        let Some(held) = self.lease.clone() else { return Ok(()) };
        let place = place.map(str::to_owned);
        self.run(move |file| file.renew_lease(&held, place.as_deref())).await
    }

    async fn release_lease(&mut self) -> Result<(), JournalError> {
        let Some(held) = self.lease.take() else { return Ok(()) };
        self.run(move |file| file.release_lease(&held)).await
    }

    async fn leases(&mut self) -> Result<Vec<LeaseState>, JournalError> {
        self.run(File::leases).await
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(75);
const LOOK_AGAIN: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
