//! A pattern as the automaton that searches a text, and a cache of those.

use super::Pattern;
use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::nfa::thompson::{self, NFA, WhichCaptures};
use regex_syntax::hir::{Capture, Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Compiled patterns, kept from one topic to the next within a budget of bytes.
///
/// Whoever searches owns it; it is no part of the index, so that searching an index changes nothing in it.
#[derive(Default)]
pub struct PatternCache {
    kept: BTreeMap<Arc<str>, CachedPattern>,
    bytes: usize,
    /// The number of the last text.
    text: u64,
    /// The text for which room was last made.
    cleared: u64,
}

struct CachedPattern {
    compiled: Compiled,
    bytes: usize,
    used: u64,
}

impl PatternCache {
    /// Says that a new text is searched from here on.
    pub(super) fn next_text(&mut self) {
        self.text += 1;
    }

    /// True when the pattern is found in `text`. Only what is compiled for ASCII serves another text too.
    pub(super) fn matches(&mut self, pattern: &Arc<str>, text: &str) -> bool {
        if let Some(kept) = self.kept.get_mut(pattern)
            && text.is_ascii()
        {
            let found = kept.compiled.matches(text);
            let bytes = std::mem::replace(&mut kept.bytes, kept.compiled.memory());
            self.bytes = self.bytes - bytes + kept.bytes;
            kept.used = self.text;
            return found;
        }
        let parsed = Pattern::reread(pattern).ok();
        let Some(mut compiled) = parsed.and_then(|parsed| Compiled::new(parsed.hir(), text)) else { return false };
        let found = compiled.matches(text);
        if text.is_ascii() {
            self.keep(pattern, compiled);
        }
        found
    }

    fn keep(&mut self, pattern: &Arc<str>, compiled: Compiled) {
        let bytes = compiled.memory() + pattern.len();
        if self.bytes + bytes > BUDGET && self.cleared < self.text {
            self.cleared = self.text;
            let recent = self.text.saturating_sub(RECENT);
            self.kept.retain(|_, kept| kept.used > recent);
            self.bytes = self.kept.values().map(|kept| kept.bytes).sum();
        }
        if self.bytes + bytes <= BUDGET {
            self.bytes += bytes;
            self.kept.insert(Arc::clone(pattern), CachedPattern { compiled, bytes, used: self.text });
        }
    }
}

/// A pattern that is ready to search.
pub(super) struct Compiled {
    dfa: DFA,
    cache: Cache,
}

impl Compiled {
    /// Compiles for one text, or for all texts in ASCII when this one is: a class has only the letters that can occur.
    /// `\w` has 140,000 in all of Unicode, and would take a hundred times as long.
    pub(super) fn new(hir: &Hir, text: &str) -> Option<Self> {
        let config = DFA::config().unicode_word_boundary(true).cache_capacity(CACHE).skip_cache_capacity_check(true);
        let nfa = nfa(&Alphabet::of(text).reduce(hir), None)?;
        let dfa = DFA::builder().configure(config).build_from_nfa(nfa).ok()?;
        let cache = dfa.create_cache();
        Some(Self { dfa, cache })
    }

    /// How many states a pattern needs for texts in ASCII; none when they take more than 64 KiB.
    pub(super) fn states(hir: &Hir) -> Option<usize> {
        Some(nfa(&Alphabet::of("").reduce(hir), Some(MAX_NFA))?.states().len())
    }

    pub(super) fn matches(&mut self, text: &str) -> bool {
        let input = Input::new(text).earliest(true);
        match self.dfa.try_search_fwd(&mut self.cache, &input) {
            Ok(found) => found.is_some(),
            // The automaton gives up on a word boundary next to a letter outside ASCII; the slower one does not.
            Err(_) => PikeVM::new_from_nfa(self.dfa.get_nfa().clone())
                .is_ok_and(|machine| machine.is_match(&mut machine.create_cache(), input)),
        }
    }

    fn memory(&self) -> usize {
        size_of::<CachedPattern>()
            + self.dfa.get_nfa().memory_usage()
            + self.dfa.memory_usage()
            + self.cache.memory_usage()
    }
}

fn nfa(hir: &Hir, limit: Option<usize>) -> Option<NFA> {
    let config = thompson::Config::new().which_captures(WhichCaptures::None).nfa_size_limit(limit);
    thompson::Compiler::new().configure(config).build_from_hir(hir).ok()
}

/// The letters that can occur: those of ASCII, and what else a text has.
struct Alphabet {
    letters: ClassUnicode,
    ascii: bool,
}

impl Alphabet {
    fn of(text: &str) -> Self {
        let others = text.chars().filter(|c| !c.is_ascii()).map(|c| ClassUnicodeRange::new(c, c));
        let letters = ClassUnicode::new(others.chain([ClassUnicodeRange::new('\0', '\x7F')]));
        Self { letters, ascii: text.is_ascii() }
    }

    /// The same pattern for a text with these letters alone.
    fn reduce(&self, hir: &Hir) -> Hir {
        let all = |parts: &[Hir]| parts.iter().map(|part| self.reduce(part)).collect();
        match hir.kind() {
            HirKind::Empty | HirKind::Literal(_) | HirKind::Class(Class::Bytes(_)) => hir.clone(),
            HirKind::Class(Class::Unicode(class)) => {
                let mut reduced = class.clone();
                reduced.intersect(&self.letters);
                let simpler = if reduced.ranges().len() <= class.ranges().len() { reduced } else { class.clone() };
                Hir::class(Class::Unicode(simpler))
            }
            HirKind::Look(look) if self.ascii => Hir::look(in_ascii(*look)),
            HirKind::Look(_) => hir.clone(),
            HirKind::Repetition(repetition) => Hir::repetition(repetition.with(self.reduce(&repetition.sub))),
            HirKind::Capture(Capture { sub, .. }) => self.reduce(sub),
            HirKind::Concat(parts) => Hir::concat(all(parts)),
            HirKind::Alternation(branches) => Hir::alternation(all(branches)),
        }
    }
}

fn in_ascii(look: Look) -> Look {
    match look {
        Look::WordUnicode => Look::WordAscii,
        Look::WordUnicodeNegate => Look::WordAsciiNegate,
        Look::WordStartUnicode => Look::WordStartAscii,
        Look::WordEndUnicode => Look::WordEndAscii,
        Look::WordStartHalfUnicode => Look::WordStartHalfAscii,
        Look::WordEndHalfUnicode => Look::WordEndHalfAscii,
        other => other,
    }
}

/// Bytes of compiled patterns that a cache keeps, about.
const BUDGET: usize = 6 << 20;

/// Bytes of the states that a pattern needs for texts in ASCII, at most.
const MAX_NFA: usize = 64 << 10;

/// Bytes of its work that one compiled pattern keeps from one text to the next.
const CACHE: usize = 32 << 10;

/// How many texts back a pattern counts as just used.
const RECENT: u64 = 16;
