//! Who wants to hear about a topic: one pattern a person, all of them searched together (SPEC section 2.1).
//!
//! Ten thousand people may subscribe, and every `now` and `next` asks who of them is meant. Trying each pattern would
//! take seconds, so the patterns are asked in three steps:
//!
//! 1. `outline` reads off each pattern the words that any match contains. The words stand in automata
//!    (`segment`); the folded text runs through them and wakes the few patterns whose words it has.
//! 2. A woken pattern that is nothing but its words (`#nova|cinder`, `#nova.*multi-attach`) is decided by them.
//! 3. Other woken patterns, and in groups the patterns that have no words at all (`\d{4}`), are run by an `engine`.
//!
//! Every step takes time linear in the text. Compiled engines are kept within a budget of bytes.

mod engine;
mod fold;
#[cfg(test)]
mod law;
mod outline;
mod pattern;
mod segment;
mod wordless;

pub use pattern::{MAX_PATTERN, Pattern, PatternError};

use engine::{Engines, Source};
use outline::Outline;
use segment::Segment;
use std::collections::BTreeMap;
use std::sync::Arc;
use wordless::Wordless;

/// The patterns of all people, ready to tell whom a topic concerns.
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
    people: BTreeMap<K, u32>,
    numbers: BTreeMap<Arc<str>, u32>,
    /// Each pattern once, by number.
    entries: Vec<Option<Entry<K>>>,
    /// Numbers of no pattern that no segment knows either.
    free: Vec<u32>,
    /// Patterns that are in no segment yet.
    fresh: Vec<(u32, Outline)>,
    segments: Vec<Segment>,
    /// Patterns in segments that nobody has any more.
    gone: usize,
    wordless: Wordless,
    engines: Engines,
    /// The number of the last search.
    search: u32,
    folded: String,
    found: Vec<u32>,
}

impl<K: Ord + Clone> SubscriptionIndex<K> {
    /// Nobody has subscribed.
    pub fn new() -> Self {
        Self {
            people: BTreeMap::new(),
            numbers: BTreeMap::new(),
            entries: Vec::new(),
            free: Vec::new(),
            fresh: Vec::new(),
            segments: Vec::new(),
            gone: 0,
            wordless: Wordless::default(),
            engines: Engines::within(ENGINES),
            search: 0,
            folded: String::new(),
            found: Vec::new(),
        }
    }

    /// How many people have a pattern that can be read.
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
        if let Some(entry) = self.people.get(&who).and_then(|&number| self.entry(number))
            && *entry.pattern == *pattern
        {
            return;
        }
        self.remove(&who);
        let number = match self.numbers.get(pattern) {
            Some(&number) => number,
            None => match self.admit(pattern) {
                Some(number) => number,
                None => return,
            },
        };
        if let Some(Some(entry)) = self.entries.get_mut(number as usize)
            && let Err(at) = entry.people.binary_search(&who)
        {
            entry.people.insert(at, who.clone());
        }
        self.people.insert(who, number);
    }

    /// Takes a person's pattern away; nothing happens when there is none.
    pub fn remove(&mut self, who: &K) {
        let Some(number) = self.people.remove(who) else {
            return;
        };
        let Some(Some(entry)) = self.entries.get_mut(number as usize) else {
            return;
        };
        if let Ok(at) = entry.people.binary_search(who) {
            entry.people.remove(at);
        }
        if entry.people.is_empty() {
            self.dismiss(number);
        }
    }

    /// Whom a line of text concerns, in order, each person once.
    pub fn matching(&mut self, text: &str) -> Vec<K> {
        self.settle();
        self.count_search();
        fold::fold_into(text, &mut self.folded);
        self.found.clear();
        for segment in &mut self.segments {
            segment.search(&self.folded, self.search, &mut self.found);
        }
        self.found.sort_unstable();
        self.found.dedup();

        let one_line = !text.contains('\n');
        let mut people = Vec::new();
        for &number in &self.found {
            let Some(Some(entry)) = self.entries.get(number as usize) else { continue };
            match &entry.proof {
                Proof::Word if one_line => people.extend_from_slice(&entry.people),
                Proof::Outline(outline) if !outline.occurs_in(&self.folded) => {}
                Proof::Outline(outline) if one_line && outline.is_complete() => people.extend_from_slice(&entry.people),
                Proof::Word | Proof::Outline(_) | Proof::Engine => {
                    let found = &mut |_| people.extend_from_slice(&entry.people);
                    self.engines.search(Source::Pattern(number), 0..1, &|_| &entry.pattern, text, found);
                }
            }
        }
        for group in self.wordless.groups() {
            let entry = |place: usize| self.entries.get(group.patterns[place] as usize).and_then(Option::as_ref);
            let pattern = |place| entry(place).map_or("", |entry| &*entry.pattern);
            let found = &mut |place| people.extend_from_slice(entry(place).map_or(&[], |entry| &entry.people));
            self.engines.search(group.name, 0..group.patterns.len(), &pattern, text, found);
        }
        people.sort_unstable();
        people
    }

    /// Takes in a pattern that nobody had; none when it cannot be read.
    fn admit(&mut self, pattern: &str) -> Option<u32> {
        let outline = Outline::of(pattern)?;
        let number = self.free.pop().unwrap_or(self.entries.len() as u32);
        if number as usize == self.entries.len() {
            self.entries.push(None);
        }
        let pattern: Arc<str> = Arc::from(pattern);
        let proof = Proof::by(&outline);
        match &proof {
            Proof::Word | Proof::Outline(_) => self.fresh.push((number, outline)),
            Proof::Engine => self.wordless.join(number).into_iter().for_each(|old| self.engines.forget(old)),
        }
        self.numbers.insert(Arc::clone(&pattern), number);
        self.entries[number as usize] = Some(Entry { pattern, people: Vec::with_capacity(1), proof });
        if self.fresh.len() >= MANY_FRESH {
            self.settle();
        }
        Some(number)
    }

    /// Lets a pattern go that nobody has any more.
    fn dismiss(&mut self, number: u32) {
        let Some(entry) = self.entries.get_mut(number as usize).and_then(Option::take) else { return };
        self.numbers.remove(&entry.pattern);
        self.engines.forget(Source::Pattern(number));
        let in_segment = match entry.proof {
            Proof::Word | Proof::Outline(_) => {
                let before = self.fresh.len();
                self.fresh.retain(|&(fresh, _)| fresh != number);
                self.fresh.len() == before
            }
            Proof::Engine => {
                self.wordless.leave(number).into_iter().for_each(|old| self.engines.forget(old));
                false
            }
        };
        if in_segment {
            self.gone += 1;
        } else {
            self.free.push(number);
        }
    }

    /// Puts the fresh patterns into segments, together with the small segments that they outgrow.
    fn settle(&mut self) {
        let mut joined: Vec<u32> = Vec::new();
        if self.gone > MANY_GONE && self.gone > self.numbers.len() {
            joined.extend(self.segments.drain(..).flat_map(|segment| segment.members().to_vec()));
        } else if self.fresh.is_empty() {
            return;
        }
        while let Some(last) = self.segments.last()
            && !last.is_large()
            && last.members().len() <= 4 * (self.fresh.len() + joined.len())
        {
            joined.extend(last.members());
            self.segments.pop();
        }
        let (kept, gone): (Vec<u32>, Vec<u32>) = joined.into_iter().partition(|&number| self.entry(number).is_some());
        self.gone -= gone.len();
        self.free.extend(gone);
        let fresh = std::mem::take(&mut self.fresh);
        let old = kept.into_iter().filter_map(|number| Some((number, self.entry(number)?.outline()?)));
        let mut all = old.chain(fresh).peekable();
        let mut built = Vec::new();
        while all.peek().is_some() {
            built.push(Segment::build(&mut all));
        }
        drop(all);
        // The last may still be small and is the first to be joined.
        built.sort_by_key(|segment| std::cmp::Reverse(segment.size()));
        self.segments.extend(built);
    }

    fn entry(&self, number: u32) -> Option<&Entry<K>> {
        self.entries.get(number as usize).and_then(Option::as_ref)
    }

    fn count_search(&mut self) {
        self.engines.next_text();
        self.search = self.search.wrapping_add(1);
        if self.search == 0 {
            self.segments.iter_mut().for_each(Segment::forget_searches);
            self.search = 1;
        }
    }
}

impl<K: Ord + Clone> Default for SubscriptionIndex<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord + Clone, P: AsRef<str>> FromIterator<(K, P)> for SubscriptionIndex<K> {
    fn from_iter<I: IntoIterator<Item = (K, P)>>(subscriptions: I) -> Self {
        let mut index = Self::new();
        for (who, pattern) in subscriptions {
            index.insert(who, pattern.as_ref());
        }
        index
    }
}

/// A pattern with the people who gave it.
struct Entry<K> {
    pattern: Arc<str>,
    people: Vec<K>,
    proof: Proof,
}

impl<K> Entry<K> {
    fn outline(&self) -> Option<Outline> {
        match &self.proof {
            Proof::Outline(outline) => Some(outline.as_ref().clone()),
            Proof::Word | Proof::Engine => Outline::of(&self.pattern),
        }
    }
}

/// What shows that a text matches a pattern.
enum Proof {
    /// One of its words in the text.
    Word,
    /// Its outline; an engine too, unless the outline is complete.
    Outline(Box<Outline>),
    /// An engine alone: the pattern has no words.
    Engine,
}

impl Proof {
    fn by(outline: &Outline) -> Self {
        match outline.steps().as_slice() {
            [] => Self::Engine,
            [words] if outline.is_complete() && !segment::is_cut(words) => Self::Word,
            _ => Self::Outline(Box::new(outline.clone())),
        }
    }
}

/// Bytes of compiled patterns that are kept, about.
const ENGINES: usize = 4 << 20;

/// Patterns that may wait for a search before they are put into a segment.
const MANY_FRESH: usize = 1024;

/// Patterns in segments that nobody has, before it is worth building anew.
const MANY_GONE: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "#nova now multi-attach with #cinder";

    fn index(patterns: &[(&'static str, &str)]) -> SubscriptionIndex<&'static str> {
        patterns.iter().copied().collect()
    }

    #[test]
    fn all_kinds_of_patterns_are_found_in_the_order_of_people() {
        let mut index = index(&[
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
    fn a_pattern_that_cannot_be_kept_never_matches() {
        let long = "#nova|".repeat(100);
        let mut index =
            index(&[("a", "#nova("), ("b", " "), ("c", ""), ("d", &long), ("e", r"#nova(\w{500}){500}|#nova")]);
        index.insert("f", "#nova");
        assert_eq!(index.matching(&format!("{TOPIC} é")), ["f"]);
        index.insert("f", "(");
        assert!(index.matching(&format!("{TOPIC} é")).is_empty());
    }

    #[test]
    fn a_topic_of_several_lines_is_left_to_the_engine() {
        let mut index = index(&[("dot", "nova.*cinder"), ("all", "(?s)nova.*cinder"), ("word", "cinder")]);
        assert_eq!(index.matching("nova\ncinder"), ["all", "word"]);
    }

    #[test]
    fn long_words_are_compared_to_their_end() {
        let mut index = index(&[("a", "the-same-twenty-four-bytes-a"), ("b", "the-same-twenty-four-bytes-b")]);
        assert_eq!(index.matching("The-Same-Twenty-Four-Bytes-B"), ["b"]);
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
        for who in (0..6_000).filter(|who| who % 5 != 0) {
            index.remove(&who);
        }
        index.insert(7, "other");
        assert_eq!(index.len(), 1_201);
        for who in (0..6_000).step_by(50) {
            assert_eq!(index.matching(&format!("#a now Topic{who}X, topic{}x", who + 1)), [who]);
        }
        assert_eq!(index.matching("other"), [7]);
        assert!(index.segments.len() < 8);
    }
}
