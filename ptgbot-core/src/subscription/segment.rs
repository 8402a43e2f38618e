//! A part of the index that never changes: the words of some patterns in one automaton.
//!
//! A text runs through the automaton once, whatever the number of words. New patterns make new segments, small ones are
//! joined: so the index grows cheaply, and building it never needs much more memory than it keeps.

use super::outline::Outline;
use aho_corasick::automaton::{Automaton, OverlappingState};
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Input, MatchKind};
use std::collections::BTreeMap;

/// Words, and for each word the patterns that need it.
pub(super) struct Segment {
    automaton: NFA,
    /// Where the patterns of each word begin in `patterns`; one more than there are words.
    starts: Vec<u32>,
    patterns: Vec<u32>,
    /// The search in which each word was last found.
    seen: Vec<u32>,
    members: Vec<u32>,
}

impl Segment {
    /// Takes patterns, by number, until the segment is full.
    pub(super) fn build(patterns: &mut impl Iterator<Item = (u32, Outline)>) -> Self {
        let mut needs: BTreeMap<Box<[u8]>, Vec<u32>> = BTreeMap::new();
        let mut members = Vec::new();
        let mut bytes = 0;
        while bytes < FULL {
            let Some((pattern, outline)) = patterns.next() else {
                break;
            };
            members.push(pattern);
            let Some(words) = outline.steps().into_iter().min_by_key(|words| crowd(words, &needs)) else {
                continue;
            };
            for word in words {
                bytes += key(word).len();
                let waiting = needs.entry(key(word).into()).or_insert_with(|| Vec::with_capacity(1));
                if waiting.last() != Some(&pattern) {
                    waiting.push(pattern);
                }
            }
        }
        let mut starts = vec![0];
        let mut flat = Vec::with_capacity(needs.values().map(Vec::len).sum());
        for waiting in needs.values() {
            flat.extend(waiting);
            starts.push(flat.len() as u32);
        }
        let automaton = NFA::builder()
            .match_kind(MatchKind::Standard)
            .prefilter(false)
            .build(needs.keys())
            .expect("a segment holds few enough words for the automaton's numbers");
        members.shrink_to_fit();
        Self { automaton, seen: vec![0; needs.len()], starts, patterns: flat, members }
    }

    /// Adds the patterns one of whose words is in a folded text. Each search has a number of its own, not 0.
    pub(super) fn search(&mut self, folded: &str, search: u32, found: &mut Vec<u32>) {
        let input = Input::new(folded);
        let mut state = OverlappingState::start();
        while self.automaton.try_find_overlapping(&input, &mut state).is_ok() {
            let Some(hit) = state.get_match() else { break };
            let word = hit.pattern().as_usize();
            if self.seen[word] != search {
                self.seen[word] = search;
                found.extend(&self.patterns[self.starts[word] as usize..self.starts[word + 1] as usize]);
            }
        }
    }

    /// Forgets the numbers of former searches, so that they may be used again.
    pub(super) fn forget_searches(&mut self) {
        self.seen.fill(0);
    }

    /// The patterns it was built from.
    pub(super) fn members(&self) -> &[u32] {
        &self.members
    }

    /// Bytes of its automaton.
    pub(super) fn size(&self) -> usize {
        self.automaton.memory_usage()
    }

    /// True when it is too big to be worth joining with another.
    pub(super) fn is_large(&self) -> bool {
        self.size() > LARGE
    }
}

/// True when one of the words is so long that only its beginning stands in the automaton.
pub(super) fn is_cut(words: &[&str]) -> bool {
    words.iter().any(|word| word.len() > KEY)
}

fn key(word: &str) -> &[u8] {
    &word.as_bytes()[..word.len().min(KEY)]
}

/// How often a text would wake a pattern in vain, roughly: short words are found everywhere, and a word that
/// many patterns wait for wakes them all.
fn crowd(words: &[&str], needs: &BTreeMap<Box<[u8]>, Vec<u32>>) -> usize {
    words
        .iter()
        .map(|word| {
            let waiting = needs.get(key(word)).map_or(0, Vec::len);
            let weight = match word.len() {
                0 | 1 => 64,
                2 => 8,
                3 => 3,
                _ => 1,
            };
            (waiting + 1) * weight
        })
        .sum()
}

/// Bytes of a word that stand in the automaton; the rest is compared when they are found.
const KEY: usize = 24;

/// Bytes of words after which a segment takes no further pattern.
const FULL: usize = 64 << 10;

/// Bytes of an automaton that stays as it is when new patterns come.
const LARGE: usize = 256 << 10;
