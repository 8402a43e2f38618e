//! What does not hold of a contract.

use ptgbot_core::{JournalError, SendError, TransportError};
use std::fmt;

/// The facts of a contract that do not hold, each with what was found instead.
pub struct Broken {
    facts: Vec<(&'static str, Flaw)>,
    of: usize,
}

/// What was found where a fact should have held.
pub(super) struct Flaw(pub(super) String);

/// Whether a fact holds.
pub(super) type Fact = Result<(), Flaw>;

impl Broken {
    /// Sums up the facts of a contract, tried one after the other.
    pub(super) fn sum(facts: Vec<(&'static str, Fact)>) -> Result<(), Self> {
        let of = facts.len();
        let facts: Vec<_> = facts.into_iter().filter_map(|(fact, tried)| Some((fact, tried.err()?))).collect();
        if facts.is_empty() { Ok(()) } else { Err(Self { facts, of }) }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} facts of the contract do not hold", self.facts.len(), self.of)?;
        self.facts.iter().try_for_each(|(fact, flaw)| write!(f, "\n- {}: {}", fact.replace('_', " "), flaw.0))
    }
}

/// As `unwrap` and a `main` that fails print it.
impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Broken {}

impl From<JournalError> for Flaw {
    fn from(error: JournalError) -> Self {
        Self(error.to_string())
    }
}

impl From<TransportError> for Flaw {
    fn from(error: TransportError) -> Self {
        Self(error.to_string())
    }
}

impl From<SendError> for Flaw {
    fn from(error: SendError) -> Self {
        Self(error.to_string())
    }
}

/// Holds where two things are equal.
pub(super) fn equal<T: PartialEq + fmt::Debug>(what: &str, found: &T, wanted: &T) -> Fact {
    if found == wanted { Ok(()) } else { Err(Flaw(format!("{what} is {found:?}, not {wanted:?}"))) }
}

/// Holds where something is so.
pub(super) fn holds(so: bool, otherwise: impl FnOnce() -> String) -> Fact {
    if so { Ok(()) } else { Err(Flaw(otherwise())) }
}
