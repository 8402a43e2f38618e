//! Which known name a misspelt one means, as long as looking for it stays cheap.

use crate::nearest::nearest;

/// Looks for near names, until it has compared so many that a file is not a misspelt one but a strange one.
#[derive(Debug)]
pub(super) struct Near {
    left: usize,
}

impl Near {
    pub(super) fn new() -> Self {
        Self { left: MOST_COMPARED }
    }

    /// The known name nearest to a word, if one is near; of `known` there are `count`.
    pub(super) fn find<'a>(
        &mut self,
        word: &str,
        count: usize,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        if word.len() > LONGEST || count > self.left {
            return None;
        }
        self.left -= count;
        nearest(word, known.into_iter().filter(|name| name.len() <= LONGEST))
    }
}

const MOST_COMPARED: usize = 50_000;
/// In bytes. Longer words are not misspelt by a letter or two.
const LONGEST: usize = 60;
