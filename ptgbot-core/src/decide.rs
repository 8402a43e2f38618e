//! Every rule of the board: what a request leads to.

use crate::board::Board;
use crate::decision::Decision;
use crate::refusal::Refusal;
use crate::request::Request;

/// Decides what a request leads to; changes nothing.
///
/// # Errors
/// A [`Refusal`] when the rules say no.
pub fn decide(board: &Board, request: &Request) -> Result<Decision, Refusal> {
    let _ = (board, request);
    Ok(Decision::ignored())
}
