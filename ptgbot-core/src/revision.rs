//! Revisions: the count of changes.

/// The count of a board's changes; the empty board is at 0.
pub type Revision = u64;
