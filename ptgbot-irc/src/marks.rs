//! The marks of commands, by which another process knows which of those that it heard were handled.

use ptgbot_core::Folding;
use std::collections::VecDeque;
use std::fmt;

/// What is left of a command: enough to know it again, nothing that could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Mark(u64);

/// The marks of the newest commands, oldest first: a place in what was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks(VecDeque<Mark>);

impl Mark {
    /// Of words in a channel. Processes of different versions agree on it.
    pub(crate) fn of(channel: &str, nick: &str, text: &str, folding: Folding) -> Self {
        let (channel, nick) = (folding.fold(channel), folding.fold(nick));
        // FNV-1a. No part holds a zero byte.
        let bytes = [&channel, &nick, text].into_iter().flat_map(|part| part.bytes().chain([0]));
        Self(bytes.fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME)))
    }
}

impl Marks {
    /// As many are remembered.
    pub(crate) const MOST: usize = 64;

    /// Reads a place. What is no mark is passed over: a later version may have written more.
    pub(crate) fn read(place: &str) -> Self {
        let mut marks = Self::default();
        let words = place.split_ascii_whitespace().filter(|word| word.len() == DIGITS);
        words.filter_map(|word| u64::from_str_radix(word, 16).ok()).for_each(|mark| marks.push(Mark(mark)));
        marks
    }

    /// One more; the oldest may give way.
    pub(crate) fn push(&mut self, mark: Mark) {
        if self.0.len() == Self::MOST {
            self.0.pop_front();
        }
        self.0.push_back(mark);
    }

    /// Those behind an earlier place; all of them where that is so long ago that none of its marks is left.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let (earlier, now) = (earlier.to_vec(), self.to_vec());
        let both = (0..earlier.len()).map(|skipped| &earlier[skipped..]).find(|both| now.starts_with(both));
        Self(now[both.map_or(0, <[Mark]>::len)..].iter().copied().collect())
    }

    /// True where there may have been older ones.
    pub(crate) fn is_full(&self) -> bool {
        self.0.len() == Self::MOST
    }

    /// All of them, oldest first.
    pub(crate) fn to_vec(&self) -> Vec<Mark> {
        self.0.iter().copied().collect()
    }
}

impl fmt::Display for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, Mark(mark)) in self.0.iter().enumerate() {
            let blank = if n == 0 { "" } else { " " };
            write!(f, "{blank}{mark:0DIGITS$x}")?;
        }
        Ok(())
    }
}

const DIGITS: usize = 16;
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(channel: &str, nick: &str, text: &str) -> Mark {
        Mark::of(channel, nick, text, Folding::Rfc1459)
    }

    #[test]
    fn a_mark_is_of_a_channel_a_person_and_their_words() {
        let jane = mark("#ptg", "jane[m]", "#swift now x");
        assert_eq!(jane, mark("#PTG", "Jane{m}", "#swift now x"));
        for other in [
            mark("#infra", "jane[m]", "#swift now x"),
            mark("#ptg", "john", "#swift now x"),
            mark("#ptg", "jane[m]", "#swift now X"),
            mark("#ptgj", "ane[m]", "#swift now x"),
        ] {
            assert_ne!(jane, other);
        }
    }

    #[test]
    fn what_came_since_an_earlier_place_is_told_from_what_came_before() {
        let of = |numbers: std::ops::Range<u8>| {
            let mut marks = Marks::default();
            numbers.for_each(|n| marks.push(mark("#ptg", "jane", &n.to_string())));
            marks
        };
        assert_eq!(of(0..9).since(&of(0..4)), of(4..9));
        assert_eq!(of(0..100).since(&of(0..90)), of(90..100));
        assert_eq!(of(0..9).since(&of(0..9)), of(0..0));
        for earlier in [of(0..0), of(0..20)] {
            assert_eq!(of(0..100).since(&earlier), of(36..100));
        }
    }

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let mut marks = Marks::default();
        for n in 0..100 {
            marks.push(mark("#ptg", "jane", &n.to_string()));
        }
        assert!(marks.is_full() && marks.to_string().len() < 2_000);
        assert_eq!(Marks::read(&marks.to_string()), marks);
        assert_eq!(Marks::read(&format!("v2 {marks} more")), marks);
        assert_eq!(Marks::read("{\"rooms\":[]}"), Marks::default());
    }

    #[test]
    fn all_versions_agree_on_marks() {
        let mut marks = Marks::default();
        marks.push(mark("#ptg", "jane", "#swift now rings"));
        assert_eq!(marks.to_string(), "453cd0487f0b1510");
    }
}
