//! The journal: where changes become durable before anyone hears of them.

mod boxed;

use crate::board::Board;
use crate::delivered::{Delivered, Mark};
use crate::lease::{Claim, LeaseState, Taken};
use crate::network::Network;
use crate::person::PersonId;
use crate::record::Record;
use crate::revision::Revision;
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
/// Which process acts for an account of a bot is a matter of [leases](crate::Lease): a handle that has taken one
/// ([`take_lease`](Self::take_lease)) writes with its number from then on, and nothing once another handle has taken the
/// account's next one. A handle without a lease writes as it likes.
///
/// Forgetting is part of it. Who says `forget` is to be found nowhere any more: see [`append`](Self::append). A journal
/// that does less breaks the bot's word to people.
///
/// Dropping a future that reads loses nothing. Dropping one that writes leaves open whether it was written.
///
/// The smallest journal that keeps the contract, of one process and in memory:
///
/// ```
/// use ptgbot_core::{
///     Board, Claim, Delivered, Journal, JournalError, Lease, LeaseState, Mark, Network, Record, Revision, Taken,
/// };
/// use std::collections::HashMap;
///
/// #[derive(Default)]
/// struct List {
///     records: Vec<Record>,
///     delivered: HashMap<Network, Delivered>,
/// }
///
/// #[ptgbot_core::async_trait]
/// impl Journal for List {
///     async fn load(&mut self) -> Result<Board, JournalError> {
///         let mut board = Board::default();
///         self.records.iter().for_each(|record| board.apply(record));
///         Ok(board)
///     }
///
///     async fn append(
///         &mut self,
///         expected: Revision,
///         records: &[Record],
///         _after: &Board,
///         _place: Option<&str>,
///     ) -> Result<(), JournalError> {
///         let actual = self.records.last().map_or(0, |record| record.revision);
///         if actual != expected {
///             return Err(JournalError::Conflict { expected, actual });
///         }
///         for record in records {
///             self.records.push(record.clone());
///             if let Some(forgotten) = record.forgotten() {
///                 for kept in &mut self.records {
///                     kept.forget(&forgotten);
///                 }
///                 for delivered in self.delivered.values_mut() {
///                     delivered.forget(&forgotten);
///                 }
///             }
///         }
///         Ok(())
///     }
///
///     async fn read_after(&mut self, revision: Revision, limit: usize) -> Result<Vec<Record>, JournalError> {
///         let later = self.records.iter().filter(|record| record.revision > revision);
///         Ok(later.take(limit).cloned().collect())
///     }
///
///     async fn snapshot(&mut self, _: &Board) -> Result<(), JournalError> {
///         Ok(())
///     }
///
///     async fn changed(&mut self) {
///         std::future::pending().await
///     }
///
///     async fn delivered(&mut self, network: &Network) -> Result<Delivered, JournalError> {
///         Ok(self.delivered.get(network).cloned().unwrap_or_default())
///     }
///
///     async fn mark_delivered(&mut self, network: &Network, mark: Mark) -> Result<(), JournalError> {
///         self.delivered.entry(network.clone()).or_default().mark(mark);
///         Ok(())
///     }
///
///     // Nobody else can ever have this list: every claim is good, and nothing is remembered of it.
///     async fn take_lease(&mut self, _: &Claim) -> Result<Taken, JournalError> {
///         Ok(Taken::Ours(Lease::new(1, None)))
///     }
///
///     async fn renew_lease(&mut self, _place: Option<&str>) -> Result<(), JournalError> {
///         Ok(())
///     }
///
///     async fn release_lease(&mut self) -> Result<(), JournalError> {
///         Ok(())
///     }
///
///     async fn leases(&mut self) -> Result<Vec<LeaseState>, JournalError> {
///         Ok(Vec::new())
///     }
/// }
/// ```
///
/// `ptgbot_runtime::testing::journal_contract` tries all of it on a journal of yours.
#[async_trait]
pub trait Journal: Send {
    /// The board as it is now: the newest snapshot with every later record applied.
    ///
    /// # Errors
    /// [`JournalError::Failed`] when the store cannot be read or holds an event this version does not know.
    async fn load(&mut self) -> Result<Board, JournalError>;

    /// Writes all of `records` or none, when the journal's last revision is `expected`; their revisions are
    /// `expected + 1` and on. When this returns `Ok` they survive a crash. `after` is the board with the records
    /// applied. `place` is where the next holder of this handle's [lease](crate::Lease) goes on once they are written: it
    /// is kept in the same step, and `None` leaves it as it is.
    ///
    /// Where a record [forgets](Record::forgotten) somebody, the same step takes that person out of everything that is
    /// kept: out of every earlier record and of that record itself ([`Record::forget`]), out of what is remembered of
    /// [deliveries](Delivered::forget), and out of snapshots. A snapshot that may name them is dropped, or replaced by
    /// `after`. Records that follow in the same step, or later, may name them again: they came back.
    ///
    /// Dropping the future does not say whether the records were written: read before going on.
    ///
    /// # Errors
    /// [`JournalError::Conflict`] when another process appended first, [`JournalError::Fenced`] when another one has this
    /// handle's lease (nothing was written).
    async fn append(
        &mut self,
        expected: Revision,
        records: &[Record],
        after: &Board,
        place: Option<&str>,
    ) -> Result<(), JournalError>;

    /// At most `limit` records after `revision`, oldest first.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    async fn read_after(&mut self, revision: Revision, limit: usize) -> Result<Vec<Record>, JournalError>;

    /// Keeps a copy of the board so that the next [`load`](Self::load) is quick. It is never the only copy of
    /// anything. A copy that is older than somebody's forgetting is not kept.
    ///
    /// # Errors
    /// [`JournalError::Failed`]; the journal itself is unharmed.
    async fn snapshot(&mut self, board: &Board) -> Result<(), JournalError>;

    /// Returns when another handle has appended since this one last read records: by [`load`](Self::load),
    /// [`read_after`](Self::read_after) or its own [`append`](Self::append); at once where that is so already. The other
    /// methods take no news away. Cancel safe. May also return for no reason.
    async fn changed(&mut self);

    /// How far a network has been told; nothing if it never said.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    async fn delivered(&mut self, network: &Network) -> Result<Delivered, JournalError>;

    /// Remembers how far a network has been told.
    ///
    /// # Errors
    /// [`JournalError::Failed`]; then it will be delivered again after a restart. [`JournalError::Fenced`] as for
    /// [`append`](Self::append).
    async fn mark_delivered(&mut self, network: &Network, mark: Mark) -> Result<(), JournalError>;

    /// Asks to act for an account, by the rules of [`Leases`](crate::Leases). Where that is granted, all that this handle
    /// writes from then on carries the lease's number. The time is that of the store, not of this machine.
    ///
    /// # Errors
    /// [`JournalError::Failed`]; whether it was granted is then found out by asking again.
    async fn take_lease(&mut self, claim: &Claim) -> Result<Taken, JournalError>;

    /// Goes on acting for [`Lease::SPAN`](crate::Lease::SPAN) from now, and remembers `place` if there is one. Nothing
    /// where this handle has no lease.
    ///
    /// # Errors
    /// [`JournalError::Fenced`] when another handle has taken it, [`JournalError::NotRemembered`] when it goes on and the
    /// place is not kept.
    async fn renew_lease(&mut self, place: Option<&str>) -> Result<(), JournalError>;

    /// Lets others act at once; this handle has no lease then. Nothing where another handle has taken it already.
    ///
    /// # Errors
    /// [`JournalError::Failed`]; then others wait until it is over.
    async fn release_lease(&mut self) -> Result<(), JournalError>;

    /// The leases that were ever taken on this board.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    async fn leases(&mut self) -> Result<Vec<LeaseState>, JournalError>;
}

/// Why the journal could not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Somebody else appended first.
    #[error("the journal is at revision {actual}, not at {expected}")]
    Conflict {
        /// What the caller believed.
        expected: Revision,
        /// What is true.
        actual: Revision,
    },
    /// Another process acts for the account now.
    #[error("another process acts for {account} now")]
    Fenced {
        /// Whose lease it was.
        account: PersonId,
    },
    /// The lease goes on, and where its holder stands could not be written, as on a full disk.
    #[error("the lease goes on, but its holder's place is not remembered: the store takes nothing more")]
    NotRemembered,
    /// The store itself failed; the source names the file and the reason.
    #[error(transparent)]
    Failed(Box<dyn std::error::Error + Send + Sync>),
}
