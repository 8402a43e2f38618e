//! Messages of the day: `~motd add`, `del`, `reorder`, `clean`.

use crate::board::Board;
use crate::decision::Decision;
use crate::event::BoardEvent;
use crate::limits;
use crate::motd::Level;
use crate::refusal::Refusal;
use crate::text::Text;

pub(super) fn add(board: &Board, level: Level, message: &Text) -> Result<Decision, Refusal> {
    if board.contents().motd.len() >= limits::MESSAGES {
        return Err(Refusal::ListFull { what: "messages of the day", most: limits::MESSAGES });
    }
    Ok(Decision::event(BoardEvent::MotdAdded { level, message: message.clone() }))
}

pub(super) fn del(board: &Board, number: usize) -> Result<Decision, Refusal> {
    within(board, number)?;
    Ok(Decision::event(BoardEvent::MotdDeleted { number }))
}

/// Puts the named messages in this order; the rest is removed.
pub(super) fn reorder(board: &Board, order: &[usize]) -> Result<Decision, Refusal> {
    for (place, number) in order.iter().enumerate() {
        within(board, *number)?;
        if order[..place].contains(number) {
            return Err(Refusal::TwiceInOrder { number: *number });
        }
    }
    let count = board.contents().motd.len();
    if order.len() == count && order.iter().copied().eq(1..=count) {
        return Ok(Decision::reply("The messages are in that order already."));
    }
    Ok(Decision::event(BoardEvent::MotdReordered { order: order.to_vec() }))
}

pub(super) fn clean(board: &Board) -> Decision {
    if board.contents().motd.is_empty() {
        Decision::reply("There is no message of the day.")
    } else {
        Decision::event(BoardEvent::MotdCleared)
    }
}

fn within(board: &Board, number: usize) -> Result<(), Refusal> {
    let count = board.contents().motd.len();
    if (1..=count).contains(&number) {
        Ok(())
    } else {
        Err(Refusal::NoSuchPlace { what: "message of the day", number, count })
    }
}
