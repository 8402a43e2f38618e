//! The lease that a handle on a store has taken.

use ptgbot_core::{JournalError, PersonId};

/// The lease that a handle has taken: all that it writes carries its number.
#[derive(Clone, Debug)]
pub(super) struct HeldLease {
    pub(super) account: PersonId,
    pub(super) number: u64,
}

impl HeldLease {
    /// What is said where another handle has taken it since.
    pub(super) fn fenced(&self) -> JournalError {
        JournalError::Fenced { account: self.account.clone() }
    }
}
