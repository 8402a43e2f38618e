//! The journal: where changes become durable before anyone hears of them.

use crate::board::Board;
use crate::record::{Record, Revision};
use async_trait::async_trait;

/// Keeps the records of one board, in order, for ever.
///
/// Who calls: the one task that owns the board. Order: [`load`](Self::load) first, then any mix of the rest;
/// [`load`](Self::load) again whenever it is not known what was written. Around a change: decide,
/// [`append`](Self::append), and only when that is `Ok` answer, tell subscribers and show it.
///
/// A journal may be shared by several processes; each learns of the others' records through
/// [`changed`](Self::changed) and sees them through [`read_after`](Self::read_after). After
/// [`JournalError::Conflict`] it reads those, applies them and decides again.
///
/// Dropping a future that reads loses nothing. Dropping one that writes leaves open whether it was written.
#[async_trait]
pub trait Journal: Send {
    /// The board as it is now: the newest snapshot with every later record applied.
    ///
    /// # Errors
    /// [`JournalError::Failed`] when the store cannot be read or holds an event this version does not know.
    async fn load(&mut self) -> Result<Board, JournalError>;

    /// Writes all of `records` or none, when the journal's last revision is `expected`; their revisions are
    /// `expected + 1` and on. When this returns `Ok` they survive a crash. A record of
    /// [`Event::PersonForgotten`](crate::Event::PersonForgotten) also removes the person from every earlier
    /// row and snapshot, and its own name from itself.
    ///
    /// Dropping the future does not say whether the records were written: read before going on.
    ///
    /// # Errors
    /// [`JournalError::Conflict`] when another process appended first (nothing was written).
    async fn append(&mut self, expected: Revision, records: &[Record]) -> Result<(), JournalError>;

    /// At most `limit` records after `revision`, oldest first.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    async fn read_after(&mut self, revision: Revision, limit: usize) -> Result<Vec<Record>, JournalError>;

    /// Keeps a copy of the board so that the next [`load`](Self::load) is quick. It is never the only copy of
    /// anything.
    ///
    /// # Errors
    /// [`JournalError::Failed`]; the journal itself is unharmed.
    async fn snapshot(&mut self, board: &Board) -> Result<(), JournalError>;

    /// Waits until another process may have appended. Cancel safe. May also return for no reason.
    async fn changed(&mut self);

    /// How far the delivery called `consumer` has come; `None` if it never said.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    async fn delivered(&mut self, consumer: &str) -> Result<Option<Revision>, JournalError>;

    /// Remembers that `consumer` has delivered everything up to `revision`.
    ///
    /// # Errors
    /// [`JournalError::Failed`]; then it will be delivered again after a restart.
    async fn set_delivered(&mut self, consumer: &str, revision: Revision) -> Result<(), JournalError>;
}

/// Why the journal could not do it.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Somebody else appended first.
    #[error("the journal is at revision {actual}, not at {expected}")]
    Conflict {
        /// What the caller believed.
        expected: Revision,
        /// What is true.
        actual: Revision,
    },
    /// The store itself failed; the source names the file and the reason.
    #[error(transparent)]
    Failed(Box<dyn std::error::Error + Send + Sync>),
}
