//! What was tried of a contract that is kept.

use std::fmt;

/// The facts of a contract that hold, and those that were left out. Printed, it is a list of both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    held: Vec<&'static str>,
    left_out: Vec<&'static str>,
}

impl Tried {
    pub(super) fn new(held: Vec<&'static str>, left_out: Vec<&'static str>) -> Self {
        Self { held, left_out }
    }

    /// The facts that were tried, in the words of the contract: `lines_after_a_break_are_heard_once`.
    pub fn held(&self) -> &[&'static str] {
        &self.held
    }

    /// The facts that were not tried, because the network lacks what they need.
    pub fn left_out(&self) -> &[&'static str] {
        &self.left_out
    }
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} facts of the contract hold, {} were left out", self.held.len(), self.left_out.len())?;
        let held = self.held.iter().map(|fact| ("holds", fact));
        let left_out = self.left_out.iter().map(|fact| ("left out", fact));
        held.chain(left_out).try_for_each(|(how, fact)| write!(f, "\n- {how}: {}", fact.replace('_', " ")))
    }
}
