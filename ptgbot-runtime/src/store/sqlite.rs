//! The journal in one SQLite file: one row a change, safe for several processes at once.

mod append;
mod file;
mod read;
mod worker;

use crate::store::{Access, Blocking, StoreError};
use async_trait::async_trait;
use file::File;
use ptgbot_core::{Board, Event, Journal, JournalError, Record, Revision};
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
}

impl SqliteJournal {
    /// Opens the file, or makes it where nothing is and `access` allows that.
    ///
    /// # Errors
    /// When the file is not ours, damaged, of a newer format, or cannot be written; it was not changed then.
    pub async fn open(path: &Path, access: Access, blocking: Blocking) -> Result<Self, StoreError> {
        let place = path.to_owned();
        let open = move || {
            let file = File::open(&place, access)?;
            let seen = file.version().map_err(|error| StoreError::sqlite(&place, "read", error))?;
            Ok((file, seen))
        };
        let opened = tokio::task::spawn_blocking(open).await;
        let (file, seen) = opened.unwrap_or_else(|_| Err(StoreError::Stopped { path: path.to_owned() }))?;
        let worker =
            Worker::start(file, blocking).map_err(|error| StoreError::io(path, "start the writer of", error))?;
        Ok(Self { worker, path: path.to_owned(), seen, next_look: Instant::now() })
    }

    async fn run<T, E>(
        &mut self,
        job: impl FnOnce(&mut File) -> Result<T, E> + Send + 'static,
    ) -> Result<T, JournalError>
    where
        T: Send + 'static,
        E: Into<JournalError> + Send + 'static,
    {
        match self.worker.run(job).await {
            Some(result) => result.map_err(Into::into),
            None => Err(StoreError::Stopped { path: self.path.clone() }.into()),
        }
    }
}

#[async_trait]
impl Journal for SqliteJournal {
    async fn load(&mut self) -> Result<Board, JournalError> {
        self.run(File::load).await
    }

    async fn append(&mut self, expected: Revision, records: &[Record]) -> Result<(), JournalError> {
        let mut rows = Vec::with_capacity(records.len());
        for record in records {
            let written = serde_json::to_string(record).map_err(|source| StoreError::Unwritable {
                path: self.path.clone(),
                revision: record.revision,
                source,
            })?;
            let forgotten = if let Event::PersonForgotten { person } = &record.event { person.clone() } else { None };
            rows.push(append::Row { revision: record.revision, record: written, forgotten });
        }
        self.run(move |file| file.append(expected, &rows)).await
    }

    async fn read_after(&mut self, revision: Revision, limit: usize) -> Result<Vec<Record>, JournalError> {
        self.run(move |file| file.read_after(revision, limit)).await
    }

    async fn snapshot(&mut self, board: &Board) -> Result<(), JournalError> {
        let revision = board.revision();
        let written = serde_json::to_string(board).map_err(|source| StoreError::Unwritable {
            path: self.path.clone(),
            revision,
            source,
        })?;
        self.run(move |file| file.snapshot(revision, &written)).await
    }

    async fn changed(&mut self) {
        loop {
            tokio::time::sleep_until(self.next_look).await;
            let version = self.worker.run(|file| file.version()).await;
            match version {
                Some(Ok(version)) => {
                    self.next_look = Instant::now() + LOOK_EVERY;
                    if std::mem::replace(&mut self.seen, version) != version {
                        return;
                    }
                }
                // Whoever reads next gets the error and tells it.
                Some(Err(_)) | None => {
                    self.next_look = Instant::now() + LOOK_AGAIN;
                    return;
                }
            }
        }
    }

    async fn delivered(&mut self, consumer: &str) -> Result<Option<Revision>, JournalError> {
        let consumer = consumer.to_owned();
        self.run(move |file| file.delivered(&consumer)).await
    }

    async fn set_delivered(&mut self, consumer: &str, revision: Revision) -> Result<(), JournalError> {
        let consumer = consumer.to_owned();
        self.run(move |file| file.set_delivered(&consumer, revision)).await
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(75);
const LOOK_AGAIN: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
