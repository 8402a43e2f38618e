//! Messages of the day, as the pages show them.

use crate::segment::{Segment, segments};
use ptgbot_core::{Board, Level};

/// A message on top of a page.
pub(super) struct MotdMessage<'a> {
    pub(super) level: Level,
    pub(super) words: Vec<Segment<'a>>,
    pub(super) fits: Fits,
}

/// On whose line a message is whole.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fits {
    Phone,
    Desktop,
    Nobody,
}

impl Fits {
    fn of(message: &str) -> Self {
        match message.chars().count() {
            ..=24 => Self::Phone,
            25..=90 => Self::Desktop,
            _ => Self::Nobody,
        }
    }

    /// The class of the fold that shows the whole: the style hides it where it would show no more.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Phone => "fits",
            Self::Desktop => "fits-wide",
            Self::Nobody => "long",
        }
    }
}

/// All of them, the loudest first, and those of one level in their order.
pub(super) fn messages(board: &Board) -> Vec<MotdMessage<'_>> {
    let all = board.contents().motd.iter().map(|motd| {
        let words = motd.message.as_str();
        MotdMessage { level: motd.level, words: segments(words, board), fits: Fits::of(words) }
    });
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|message| match message.level {
        Level::Danger => 0,
        Level::Warning => 1,
        Level::Success => 2,
        Level::Info => 3,
    });
    all
}
