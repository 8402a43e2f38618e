//! Writing changes, and finding out what was written where the store did not say.

use super::Driver;
use crate::metrics::StoreCall;
use ptgbot_core::{JournalError, Record, Revision};

/// What became of changes that were to be written.
pub(super) enum Written {
    /// They are durable.
    Yes,
    /// Others came first: they are to be decided anew.
    Conflict,
    /// The store works, and does not take them.
    No,
    /// The store is away: they may be written or not.
    Unknown(JournalError),
    /// Another process acts for the account.
    Fenced(JournalError),
}

impl Driver {
    /// Writes changes that are applied to the board already. Where the store fails, what it has is read; where that is
    /// nothing of ours it is tried once more, for the first try may still be on its way and would then come second.
    pub(super) async fn write(&mut self, before: Revision, records: &[Record], place: Option<&str>) -> Written {
        for is_last in [false, true] {
            let error = match self
                .net
                .metrics
                .timed(StoreCall::Append, self.journal.append(before, records, &self.board, place))
                .await
            {
                Ok(()) => return self.written(),
                Err(JournalError::Conflict { .. }) if !self.in_doubt => return Written::Conflict,
                Err(error @ JournalError::Fenced { .. }) => return Written::Fenced(error),
                Err(error) => error,
            };
            match self.was_written(before, records).await {
                Ok(true) => {
                    tracing::warn!(%error, "the store failed, but the changes were saved");
                    return self.written();
                }
                Ok(false) if matches!(error, JournalError::Conflict { .. }) => return Written::Conflict,
                Ok(false) if is_last => tracing::error!(%error, "changes were not saved"),
                Ok(false) => self.in_doubt = true,
                Err(_) => return Written::Unknown(error),
            }
        }
        self.in_doubt = false;
        Written::No
    }

    fn written(&mut self) -> Written {
        self.in_doubt = false;
        Written::Yes
    }

    /// True where a write that failed has been done all the same, as when the way to a database is lost before it can
    /// say so. What the journal has is compared, for somebody else may have written in between.
    pub(super) async fn was_written(&mut self, before: Revision, records: &[Record]) -> Result<bool, JournalError> {
        let mut wanted: Vec<Record> = Vec::with_capacity(records.len());
        for record in records {
            wanted.push(record.clone());
            if let Some(forgotten) = record.forgotten() {
                for kept in &mut wanted {
                    kept.forget(&forgotten);
                }
            }
        }
        Ok(self.journal.read_after(before, records.len()).await? == wanted)
    }
}
