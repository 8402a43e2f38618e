//! A part of the index that never changes: the words of some patterns in one automaton.
//!
//! A text runs through the automaton once, whatever the number of words. New patterns make new segments, small ones are
//! joined: so the index grows cheaply, and building it never needs much more memory than it keeps.

use super::literals::{MatchPlan, RequiredLiterals};
use aho_corasick::automaton::{Automaton, OverlappingState};
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Input, MatchKind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Patterns with the people who gave them, and an automaton of the words that they require.
pub(super) struct IndexSegment<K> {
    entries: Vec<PatternEntry<K>>,
    automaton: NFA,
    /// The places of the patterns that require each word, one word after the other.
    required_by: Vec<u32>,
    /// Where those of each word begin; one more than there are words.
    starts: Vec<u32>,
    /// The places of the patterns that require no word.
    always: Vec<u32>,
    names: usize,
    is_full: bool,
}

/// A pattern with the people who gave it.
#[derive(Clone)]
pub(super) struct PatternEntry<K> {
    pub(super) pattern: Arc<str>,
    pub(super) plan: Arc<MatchPlan>,
    pub(super) people: Vec<K>,
}

impl<K> IndexSegment<K> {
    /// Takes patterns until the segment is full.
    pub(super) fn build(patterns: &mut impl Iterator<Item = PatternEntry<K>>) -> Self {
        let mut required_by: BTreeMap<Box<[u8]>, Vec<u32>> = BTreeMap::new();
        let mut entries: Vec<PatternEntry<K>> = Vec::new();
        let mut always = Vec::new();
        let mut bytes = 0;
        while bytes < FULL && entries.len() < FULL {
            let Some(entry) = patterns.next() else { break };
            let place = entries.len() as u32;
            match &*entry.plan {
                MatchPlan::NoLiteral => always.push(place),
                MatchPlan::RequiredLiterals(sets) => {
                    let rarest = sets.iter().min_by_key(|set| cost(set, &required_by));
                    for word in rarest.into_iter().flat_map(RequiredLiterals::words) {
                        bytes += word.len();
                        required_by.entry(word.into()).or_insert_with(|| Vec::with_capacity(1)).push(place);
                    }
                }
            }
            entries.push(entry);
        }
        let automaton = NFA::builder()
            .match_kind(MatchKind::Standard)
            .prefilter(false)
            .build(required_by.keys())
            .expect("a segment holds few enough words for the automaton's numbers");
        entries.shrink_to_fit();
        let mut starts = vec![0];
        let mut places = Vec::new();
        for of_word in required_by.values() {
            places.extend(of_word);
            starts.push(places.len() as u32);
        }
        let names = entries.iter().map(|entry| entry.people.len()).sum();
        Self { entries, automaton, required_by: places, starts, always, names, is_full: bytes >= FULL }
    }

    /// The patterns that a folded text may match, each once.
    pub(super) fn candidates(&self, folded: &str) -> impl Iterator<Item = &PatternEntry<K>> {
        let mut places = self.always.clone();
        let input = Input::new(folded);
        let mut state = OverlappingState::start();
        while self.automaton.try_find_overlapping(&input, &mut state).is_ok() {
            let Some(hit) = state.get_match() else { break };
            let word = hit.pattern().as_usize();
            places.extend(&self.required_by[self.starts[word] as usize..self.starts[word + 1] as usize]);
        }
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(|place| &self.entries[place as usize])
    }

    pub(super) fn entries(&self) -> &[PatternEntry<K>] {
        &self.entries
    }

    /// How many people its patterns name: what joining it with another costs.
    pub(super) fn names(&self) -> usize {
        self.names
    }

    /// True when it takes no further pattern and is not worth joining with another.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }
}

/// How often a text would try a pattern in vain, roughly: short words are found everywhere, and a word that many patterns
/// require makes candidates of them all.
fn cost(words: &RequiredLiterals, required_by: &BTreeMap<Box<[u8]>, Vec<u32>>) -> usize {
    let one = |word: &[u8]| {
        let weight = match word.len() {
            0 | 1 => 64,
            2 => 8,
            3 => 3,
            _ => 1,
        };
        (required_by.get(word).map_or(0, Vec::len) + 1) * weight
    };
    words.words().map(one).sum()
}

/// Bytes of words, and patterns, after which a segment takes no further one.
const FULL: usize = 48 << 10;
