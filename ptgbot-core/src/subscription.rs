//! Who wants to hear about a topic: one pattern a person, all of them searched together.
//!
//! Fifty thousand people may subscribe, and every `now` and `next` asks who of them is meant. Trying each pattern would take
//! seconds, so the patterns are asked in two steps:
//!
//! 1. `literals` reads off each pattern the words that any match contains. The words stand in an automaton (`segment`); the
//!    text runs through it and leaves the few patterns whose words it has, and those that require no word (`\d{4}`).
//! 2. These candidates are compiled and run (`compiled`), one after the other.
//!
//! Every step takes time linear in the text. What one pattern may need is limited when it is taken ([`Pattern::parse`]).
//!
//! # Beside the loop that answers
//!
//! Searching changes nothing in the index, and a clone of the index costs next to nothing: it is a snapshot that other changes
//! do not touch. So the loop goes on answering while a thread searches. What is compiled is kept in a [`PatternCache`], which
//! belongs to the searcher and travels with the work:
//!
//! ```
//! use ptgbot_core::subscription::{PatternCache, SubscriptionIndex};
//! use std::sync::mpsc;
//!
//! let mut index = SubscriptionIndex::from_iter([("ada", "#nova|cinder"), ("bob", r"#swift.*ring\b")]);
//!
//! let (work, lines) = mpsc::channel::<(SubscriptionIndex<&str>, &str)>();
//! let searcher = std::thread::spawn(move || {
//!     let mut cache = PatternCache::default();
//!     lines.iter().map(|(snapshot, line)| snapshot.matching_with(&mut cache, line)).collect::<Vec<_>>()
//! });
//! work.send((index.clone(), "#nova now multi-attach")).unwrap();
//! index.remove(&"ada");
//! work.send((index.clone(), "#nova now multi-attach")).unwrap();
//! drop(work);
//! assert_eq!(searcher.join().unwrap(), [vec!["ada"], vec![]]);
//! ```

mod compiled;
#[cfg(test)]
mod law;
mod literals;
mod pattern;
mod segment;

pub use compiled::PatternCache;
pub use pattern::{MAX_COUNTED, MAX_PATTERN, MAX_STATES, Pattern, PatternError};

use literals::MatchPlan;
use segment::{IndexSegment, PatternEntry};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The patterns of all people, ready to tell whom a topic concerns. A clone is cheap and a snapshot.
///
/// A pattern that [`Pattern::parse`] refuses, as an old store may hold one, matches nothing and is not counted.
///
/// ```
/// use ptgbot_core::subscription::SubscriptionIndex;
/// let mut index = SubscriptionIndex::new();
/// index.insert("ada", "#nova|cinder");
/// index.insert("bob", r"#swift.*ring\b");
/// assert_eq!(index.matching("#nova now multi-attach with #cinder"), ["ada"]);
/// assert_eq!(index.matching("#swift now Ring placement"), ["bob"]);
/// ```
pub struct SubscriptionIndex<K> {
    /// Who has which pattern now. Segments may know more: what somebody had before.
    people: Arc<BTreeMap<K, Arc<str>>>,
    /// Large ones first; each but the full ones names more people than the next.
    segments: Vec<Arc<IndexSegment<K>>>,
    /// How often a segment names somebody who has another pattern now or none.
    outdated: usize,
}

impl<K: Ord + Clone> SubscriptionIndex<K> {
    /// Nobody has subscribed.
    pub fn new() -> Self {
        Self { people: Arc::default(), segments: Vec::new(), outdated: 0 }
    }

    /// How many people have a pattern that can be used.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// The people who have one, in order.
    pub fn people(&self) -> impl Iterator<Item = &K> {
        self.people.keys()
    }

    /// True when nobody has.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// Gives a person a pattern instead of an earlier one. What [`Pattern::parse`] would refuse never matches.
    pub fn insert(&mut self, who: K, pattern: &str) {
        if self.people.get(&who).is_some_and(|had| **had == *pattern) {
            return;
        }
        self.remove(&who);
        let Some(entry) = entry(pattern, who.clone()) else { return };
        Arc::make_mut(&mut self.people).insert(who, Arc::clone(&entry.pattern));
        self.add(vec![entry]);
    }

    /// Takes a person's pattern away; nothing happens when there is none.
    pub fn remove(&mut self, who: &K) {
        if !self.people.contains_key(who) {
            return;
        }
        Arc::make_mut(&mut self.people).remove(who);
        self.outdated += 1;
        if self.outdated > MANY_OUTDATED && self.outdated > self.people.len() {
            self.add(Vec::new());
        }
    }

    /// Whom a line of text concerns, in order, each person once.
    pub fn matching(&self, text: &str) -> Vec<K> {
        self.matching_with(&mut PatternCache::default(), text)
    }

    /// As [`matching`](Self::matching), with what was compiled for earlier texts.
    pub fn matching_with(&self, cache: &mut PatternCache, text: &str) -> Vec<K> {
        cache.next_text();
        let folded = literals::folded(text);
        let mut found = Vec::new();
        for candidate in self.segments.iter().flat_map(|segment| segment.candidates(&folded)) {
            let mut people = self.current(candidate).peekable();
            if people.peek().is_some() && cache.matches(&candidate.pattern, text) {
                found.extend(people.cloned());
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The people of an entry who still have its pattern.
    fn current<'a>(&'a self, entry: &'a PatternEntry<K>) -> impl Iterator<Item = &'a K> {
        entry.people.iter().filter(|who| self.people.get(who).is_some_and(|has| *has == entry.pattern))
    }

    /// Takes in patterns, together with the segments that name no more people, or with all when many are outdated. So
    /// each name is built into a new segment a few times only, whatever their number, and also when all have one pattern.
    fn add(&mut self, entries: Vec<PatternEntry<K>>) {
        let all = self.outdated > MANY_OUTDATED && self.outdated > self.people.len();
        let mut joined: BTreeMap<Arc<str>, PatternEntry<K>> = BTreeMap::new();
        let mut join = |entry: PatternEntry<K>| match joined.get_mut(&entry.pattern) {
            Some(same) => same.people.extend(entry.people),
            None => {
                joined.insert(Arc::clone(&entry.pattern), entry);
            }
        };
        let mut names = entries.len();
        entries.into_iter().for_each(&mut join);
        while let Some(last) = self.segments.pop_if(|last| all || !last.is_full() && last.names() <= names) {
            names += last.names();
            for entry in last.entries() {
                let people: Vec<K> = self.current(entry).cloned().collect();
                self.outdated = self.outdated.saturating_sub(entry.people.len() - people.len());
                if !people.is_empty() {
                    join(PatternEntry { people, pattern: Arc::clone(&entry.pattern), plan: Arc::clone(&entry.plan) });
                }
            }
        }
        let mut joined = joined.into_values().peekable();
        while joined.peek().is_some() {
            self.segments.push(Arc::new(IndexSegment::build(&mut joined)));
        }
    }
}

impl<K> Clone for SubscriptionIndex<K> {
    fn clone(&self) -> Self {
        Self { people: Arc::clone(&self.people), segments: self.segments.clone(), outdated: self.outdated }
    }
}

impl<K: Ord + Clone> Default for SubscriptionIndex<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord + Clone, P: AsRef<str>> FromIterator<(K, P)> for SubscriptionIndex<K> {
    fn from_iter<I: IntoIterator<Item = (K, P)>>(subscriptions: I) -> Self {
        let last: BTreeMap<K, P> = subscriptions.into_iter().collect();
        let entries: Vec<_> = last.into_iter().filter_map(|(who, pattern)| entry(pattern.as_ref(), who)).collect();
        let mut index = Self::new();
        let people = entries.iter().flat_map(|entry| entry.people.iter().map(|who| (who.clone(), &entry.pattern)));
        index.people = Arc::new(people.map(|(who, pattern)| (who, Arc::clone(pattern))).collect());
        index.add(entries);
        index
    }
}

fn entry<K>(pattern: &str, who: K) -> Option<PatternEntry<K>> {
    let parsed = Pattern::parse(pattern).ok()?;
    Some(PatternEntry { pattern: Arc::from(pattern), plan: Arc::new(MatchPlan::of(parsed.hir())), people: vec![who] })
}

/// Outdated names in segments, before it is worth building anew.
const MANY_OUTDATED: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "#nova now multi-attach with #cinder";

    fn index(patterns: &[(&'static str, &str)]) -> SubscriptionIndex<&'static str> {
        patterns.iter().copied().collect()
    }

    #[test]
    fn all_kinds_of_patterns_are_found_in_the_order_of_people() {
        let index = index(&[
            ("words", "ATTACH with"),
            ("gap", "#nova.*cinder"),
            ("anchor", "^#nova"),
            ("bound", r"\bcinder$"),
            ("class", r"[[:alpha:]]{5}-"),
            ("choice", "glance|cinder|swift"),
            ("elsewhere", "#swift"),
            ("backwards", "cinder.*nova"),
        ]);
        assert_eq!(index.matching(TOPIC), ["anchor", "bound", "choice", "class", "gap", "words"]);
        assert_eq!(index.matching("#swift next ring"), ["choice", "elsewhere"]);
        assert!(index.matching("").is_empty());
    }

    #[test]
    fn a_new_pattern_replaces_the_old_one() {
        let mut index = index(&[("ada", "#nova"), ("bob", "#nova")]);
        index.insert("ada", "#swift");
        assert_eq!(index.matching(TOPIC), ["bob"]);
        assert_eq!(index.matching("#swift now x"), ["ada"]);
        assert_eq!(index.len(), 2);
        index.insert("ada", "#nova");
        assert_eq!(index.matching(TOPIC), ["ada", "bob"]);
    }

    #[test]
    fn a_removed_person_hears_nothing_and_may_come_back() {
        let mut index = index(&[("ada", "#nova"), ("bob", r"\w-\w")]);
        assert_eq!(index.matching(TOPIC), ["ada", "bob"]);
        index.remove(&"ada");
        index.remove(&"bob");
        index.remove(&"eve");
        assert!(index.matching(TOPIC).is_empty());
        assert!(index.is_empty());
        index.insert("ada", "#nova");
        assert_eq!(index.matching(TOPIC), ["ada"]);
    }

    #[test]
    fn a_snapshot_keeps_what_was_subscribed() {
        let mut index = index(&[("ada", "#nova"), ("bob", "#nova")]);
        let snapshot = index.clone();
        index.remove(&"ada");
        index.insert("bob", "#swift");
        index.insert("eve", "#nova");
        assert_eq!(snapshot.matching(TOPIC), ["ada", "bob"]);
        assert_eq!(index.matching(TOPIC), ["eve"]);
    }

    #[test]
    fn a_snapshot_can_be_searched_by_another_thread() {
        fn is_shared<T: Send + Sync + Clone + 'static>(_: &T) {}
        fn is_sent<T: Send + 'static>(_: &T) {}
        is_shared(&SubscriptionIndex::<String>::new());
        is_sent(&PatternCache::default());
    }

    #[test]
    fn a_pattern_that_is_no_longer_accepted_never_matches() {
        let long = "#nova|".repeat(100);
        let mut index =
            index(&[("a", "#nova("), ("b", " "), ("c", ""), ("d", &long), ("e", r"#nova(\w{500}){500}|#nova")]);
        index.insert("f", "#nova");
        assert_eq!(index.matching(&format!("{TOPIC} é")), ["f"]);
        index.insert("f", "(");
        assert!(index.matching(&format!("{TOPIC} é")).is_empty());
        assert!(index.is_empty());
    }

    #[test]
    fn a_dot_ends_with_the_line() {
        let index = index(&[("dot", "nova.*cinder"), ("all", "(?s)nova.*cinder"), ("word", "cinder")]);
        assert_eq!(index.matching("nova\ncinder"), ["all", "word"]);
    }

    #[test]
    fn long_words_are_compared_to_their_end() {
        let word = "the-same-thirty-two-bytes-or-more";
        let index = index(&[("a", &format!("{word}-a")), ("b", &format!("{word}-b"))]);
        assert_eq!(index.matching(&format!("{word}-B").to_uppercase()), ["b"]);
    }

    #[test]
    fn a_pattern_that_everybody_has_is_not_built_anew_for_each() {
        let mut index = SubscriptionIndex::new();
        for who in 0..1_023_u32 {
            index.insert(who, "#nova");
        }
        assert!((8..16).contains(&index.segments.len()), "{}", index.segments.len());
        assert_eq!(index.matching(TOPIC), (0..1_023).collect::<Vec<_>>());
    }

    #[test]
    fn thousands_of_changes_leave_the_right_patterns() {
        let mut index = SubscriptionIndex::new();
        for who in 0..6_000_u32 {
            index.insert(who, &format!("topic{who}x"));
            if who % 100 == 0 {
                assert_eq!(index.matching(&format!("#a now topic{who}x")), [who]);
            }
        }
        assert!(index.segments.len() < 16);
        for who in (0..6_000).filter(|who| who % 5 != 0) {
            index.remove(&who);
        }
        index.insert(7, "other");
        assert_eq!(index.len(), 1_201);
        for who in (0..6_000).step_by(50) {
            assert_eq!(index.matching(&format!("#a now Topic{who}X, topic{}x", who + 1)), [who]);
        }
        assert_eq!(index.matching("other"), [7]);
        assert!(index.segments.iter().map(|segment| segment.entries().len()).sum::<usize>() < 3_000);
    }
}
