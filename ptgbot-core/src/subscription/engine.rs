//! Patterns compiled when a text needs them, and forgotten again when they take too much memory.
//!
//! Nearly all topics are ASCII. For them a pattern is compiled without the rest of Unicode, which makes `\w` or `\d` a
//! hundred times smaller and takes nothing away.

use super::pattern::{self, MAX_COMPILED};
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::pikevm::{self, PikeVM};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::{Input, MatchKind, PatternSet};
use regex_syntax::hir::{Capture, Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look};
use std::collections::BTreeMap;
use std::ops::Range;

/// Compiled patterns, alone or several together, within a budget.
pub(super) struct Engines {
    held: BTreeMap<Part, Held>,
    bytes: usize,
    budget: usize,
    clock: u64,
}

impl Engines {
    /// None compiled yet; together they will take about `budget` bytes at most.
    pub(super) fn within(budget: usize) -> Self {
        Self { held: BTreeMap::new(), bytes: 0, budget, clock: 0 }
    }

    /// Says that a new text is searched from here on.
    pub(super) fn next_text(&mut self) {
        self.clock += 1;
    }

    /// Tells which patterns of a source are in `text`, by place. The name stands for the same `pattern`s, one for each
    /// place, until [`Engines::forget`].
    pub(super) fn search<'a>(
        &mut self,
        source: Source,
        places: Range<usize>,
        pattern: &dyn Fn(usize) -> &'a str,
        text: &str,
        found: &mut dyn FnMut(usize),
    ) {
        let letters = if text.is_ascii() { Letters::Ascii } else { Letters::All };
        let part = Part { source, letters, first: places.start, end: places.end };
        let held = self.held.entry(part).or_insert_with(|| Held {
            engine: Engine::compile(places.clone().map(pattern), letters),
            bytes: 0,
            used: 0,
        });
        let too_big = held.engine.is_none();
        if let Some(engine) = &mut held.engine {
            engine.search(text, &mut |place| found(places.start + place));
        }
        held.used = self.clock;
        self.bytes -= held.bytes;
        held.bytes = size_of::<Held>() + held.engine.as_ref().map_or(0, Engine::memory);
        self.bytes += held.bytes;
        if self.bytes > self.budget {
            self.make_room();
            if self.bytes > self.budget {
                self.drop(part);
            }
        }
        if too_big && places.len() > 1 {
            let middle = places.start + places.len() / 2;
            self.search(source, places.start..middle, pattern, text, found);
            self.search(source, middle..places.end, pattern, text, found);
        }
    }

    /// Drops what a source that is no more has left.
    pub(super) fn forget(&mut self, source: Source) {
        let from = Part { source, letters: Letters::Ascii, first: 0, end: 0 };
        let to = Part { source, letters: Letters::All, first: usize::MAX, end: usize::MAX };
        let parts: Vec<Part> = self.held.range(from..=to).map(|(&part, _)| part).collect();
        parts.into_iter().for_each(|part| self.drop(part));
    }

    /// Drops a quarter, the least recently used first; but nothing that a recent text used. When recent texts use more than
    /// the budget, keeping some is better than dropping each just before it is needed again.
    fn make_room(&mut self) {
        let mut idle: Vec<(u64, Part)> = self.held.iter().map(|(&part, held)| (held.used, part)).collect();
        idle.retain(|(used, _)| used + RECENT < self.clock);
        idle.sort_unstable_by_key(|&(used, _)| used);
        for (_, part) in idle {
            if self.bytes <= self.budget / 4 * 3 {
                break;
            }
            self.drop(part);
        }
    }

    /// Bytes of what is compiled now.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn drop(&mut self, part: Part) {
        if let Some(held) = self.held.remove(&part) {
            self.bytes -= held.bytes;
        }
    }
}

/// What engines are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// One pattern, by number.
    Pattern(u32),
    /// Several that are run together.
    Group(u32),
}

/// What one engine searches: the places of a source from `first` to before `end`. A group that is too big is halved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    source: Source,
    letters: Letters,
    first: usize,
    end: usize,
}

/// Which texts an engine is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Letters {
    Ascii,
    All,
}

struct Held {
    /// None when the patterns are too big together; a single pattern without an engine never matches.
    engine: Option<Engine>,
    bytes: usize,
    used: u64,
}

/// Some patterns, searched together.
struct Engine {
    dfa: DFA,
    cache: Cache,
    found: PatternSet,
}

impl Engine {
    fn compile<'a>(sources: impl ExactSizeIterator<Item = &'a str>, letters: Letters) -> Option<Self> {
        let limit = if sources.len() > 1 { MAX_TOGETHER } else { MAX_COMPILED };
        let parsed: Vec<Hir> = sources
            .map(|source| match (pattern::read(source), letters) {
                (Ok(hir), Letters::Ascii) => ascii(&hir),
                (Ok(hir), Letters::All) => hir,
                (Err(_), _) => Hir::fail(),
            })
            .collect();
        let config = thompson::Config::new().which_captures(WhichCaptures::None).nfa_size_limit(Some(limit));
        let nfa = thompson::Compiler::new().configure(config).build_many_from_hir(&parsed).ok()?;
        let config = DFA::config()
            .match_kind(MatchKind::All)
            .unicode_word_boundary(true)
            .cache_capacity(CACHE)
            .skip_cache_capacity_check(true);
        let dfa = DFA::builder().configure(config).build_from_nfa(nfa).ok()?;
        let cache = dfa.create_cache();
        let found = PatternSet::new(dfa.pattern_len());
        Some(Self { dfa, cache, found })
    }

    fn search(&mut self, text: &str, found: &mut dyn FnMut(usize)) {
        let input = Input::new(text);
        self.found.clear();
        if self.dfa.try_which_overlapping_matches(&mut self.cache, &input, &mut self.found).is_err() {
            // The automaton gives up on a word boundary next to a letter outside ASCII; the slower one does not.
            self.found.clear();
            let config = pikevm::Config::new().match_kind(MatchKind::All);
            if let Ok(machine) = PikeVM::builder().configure(config).build_from_nfa(self.dfa.get_nfa().clone()) {
                machine.which_overlapping_matches(&mut machine.create_cache(), &input, &mut self.found);
            }
        }
        self.found.iter().for_each(|pattern| found(pattern.as_usize()));
    }

    fn memory(&self) -> usize {
        size_of::<Self>() + self.dfa.get_nfa().memory_usage() + self.dfa.memory_usage() + self.cache.memory_usage()
    }
}

/// The same pattern for texts of ASCII alone.
fn ascii(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty | HirKind::Class(Class::Bytes(_)) => hir.clone(),
        HirKind::Literal(literal) if literal.0.is_ascii() => hir.clone(),
        HirKind::Literal(_) => Hir::fail(),
        HirKind::Class(Class::Unicode(class)) => {
            let mut class = class.clone();
            class.intersect(&ClassUnicode::new([ClassUnicodeRange::new('\0', '\x7F')]));
            Hir::class(Class::Unicode(class))
        }
        HirKind::Look(look) => Hir::look(match look {
            Look::WordUnicode => Look::WordAscii,
            Look::WordUnicodeNegate => Look::WordAsciiNegate,
            Look::WordStartUnicode => Look::WordStartAscii,
            Look::WordEndUnicode => Look::WordEndAscii,
            Look::WordStartHalfUnicode => Look::WordStartHalfAscii,
            Look::WordEndHalfUnicode => Look::WordEndHalfAscii,
            other => *other,
        }),
        HirKind::Repetition(repetition) => Hir::repetition(repetition.with(ascii(&repetition.sub))),
        HirKind::Capture(capture) => Hir::capture(Capture {
            index: capture.index,
            name: capture.name.clone(),
            sub: Box::new(ascii(&capture.sub)),
        }),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(ascii).collect()),
        HirKind::Alternation(branches) => Hir::alternation(branches.iter().map(ascii).collect()),
    }
}

/// Bytes of the compiled form of several patterns together.
const MAX_TOGETHER: usize = 256 << 10;

/// How many texts back an engine counts as just used.
const RECENT: u64 = 16;

/// Bytes that one engine keeps of its work between texts; more when its patterns are big.
const CACHE: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn found(engines: &mut Engines, name: u32, patterns: &[&'static str], text: &str) -> Vec<usize> {
        let mut places = Vec::new();
        engines.next_text();
        engines.search(Source::Group(name), 0..patterns.len(), &|at| patterns[at], text, &mut |at| places.push(at));
        places
    }

    #[test]
    fn all_patterns_of_a_group_are_found_at_once() {
        let mut engines = Engines::within(1 << 20);
        let patterns = [r"\bk\d", "(", r"\w+-\w", r"^\W", "ß|ſ"];
        assert_eq!(found(&mut engines, 1, &patterns, "#a-b K2"), [0, 2, 3]);
        assert_eq!(found(&mut engines, 1, &patterns, "ä-ö \u{212A}2 ẞ"), [0, 2, 4]);
        assert_eq!(found(&mut engines, 1, &patterns, "äk2s"), [4]);
    }

    #[test]
    fn a_group_that_is_too_big_is_searched_in_parts() {
        let mut engines = Engines::within(1 << 20);
        let patterns = [r"a{9999}", r"b{9999}", "(c{9999}){9999}", "d"];
        assert_eq!(found(&mut engines, 1, &patterns, &format!("{}d", "b".repeat(9999))), [1, 3]);
    }

    #[test]
    fn compiled_patterns_stay_within_their_budget() {
        let mut engines = Engines::within(100_000);
        for name in (0..200).chain(0..10) {
            assert_eq!(found(&mut engines, name, &["x{20}y?", "no"], &"X".repeat(20)), [0]);
            assert!(engines.bytes() <= 100_000 && engines.bytes() > 0);
        }
        assert!(!engines.held.is_empty());
        (0..200).for_each(|name| engines.forget(Source::Group(name)));
        assert_eq!((engines.held.len(), engines.bytes()), (0, 0));
    }
}
