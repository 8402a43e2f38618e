//! Refusals: the rules say no. Each is a chat sentence: what is true now, and what would work. A refusal proves
//! that nothing changed.

/// Why a request is refused, in words for the person who asked. One line, free of control characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(String);
