//! Messages of the day, as the pages show them.

use crate::segment::{Segment, segments};
use ptgbot_core::{Board, Level};

/// A message on top of a page.
pub(super) struct MotdMessage<'a> {
    pub(super) level: Level,
    pub(super) words: Vec<Segment<'a>>,
}

/// All of them, top first.
pub(super) fn messages(board: &Board) -> Vec<MotdMessage<'_>> {
    let all = board.contents().motd.iter();
    all.map(|motd| MotdMessage { level: motd.level, words: segments(motd.message.as_str(), board) }).collect()
}
