//! What every match of a pattern must contain, read off the pattern without running it.
//!
//! `#nova.*(cinder|swift)s?\b` needs `#nova`, and it needs one of `cinder`, `swift`. A text without them cannot match. All is
//! compared in folded form: one letter stands for all cases of a letter.

use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind};
use std::collections::BTreeSet;

/// How the patterns that a text may match are found without trying each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MatchPlan {
    /// Sets of words; a text that matches has a word of each set. The most telling set stands first.
    RequiredLiterals(Box<[RequiredLiterals]>),
    /// Nothing is required (`\d{4}`): the pattern is tried with each text.
    NoLiteral,
}

/// Folded words, one of which any match contains. Thousands are kept, so the words stand in one piece, each after its length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RequiredLiterals(Box<[u8]>);

impl RequiredLiterals {
    /// Of many words only the ends are kept: those tell as much, and of `#nova now cells` more than the beginning.
    fn new(words: &WordSet) -> Self {
        let most = (MAX_BYTES / words.len().max(1)).clamp(3, MAX_END);
        let ends: BTreeSet<&[u8]> = words.iter().map(|word| &word[word.len().saturating_sub(most)..]).collect();
        Self(ends.into_iter().flat_map(|end| std::iter::once(end.len() as u8).chain(end.iter().copied())).collect())
    }

    pub(super) fn words(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &*self.0;
        std::iter::from_fn(move || {
            let (&length, words) = rest.split_first()?;
            let (word, others) = words.split_at_checked(length.into())?;
            rest = others;
            Some(word)
        })
    }
}

/// The words of a set while it is read.
type WordSet = BTreeSet<Vec<u8>>;

impl MatchPlan {
    /// The plan for a pattern.
    pub(super) fn of(hir: &Hir) -> Self {
        let mut sets = Vec::new();
        collect(&folded_pattern(hir), &mut sets);
        sets.sort_by_key(|set| std::cmp::Reverse(shortest_word(set)));
        sets.dedup();
        sets.truncate(MAX_SETS);
        if sets.is_empty() {
            return Self::NoLiteral;
        }
        Self::RequiredLiterals(sets.iter().map(RequiredLiterals::new).collect())
    }
}

/// Writes `text` with one letter for all cases of a letter.
///
/// The engine's own tables decide (Unicode simple case folding), so what folds alike here is what it takes for the same
/// letter: `K`, `k` and the Kelvin sign, the three sigmas; but not `ß` and `ss`.
pub(super) fn folded(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.chars().map(fold).collect() }
}

fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let mut cases = ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
    cases.case_fold_simple();
    cases.ranges().first().map_or(c, ClassUnicodeRange::start).to_ascii_lowercase()
}

/// A pattern that matches the folded text wherever the pattern matches the text.
fn folded_pattern(hir: &Hir) -> Hir {
    let all = |parts: &[Hir]| parts.iter().map(folded_pattern).collect();
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => hir.clone(),
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => Hir::literal(folded(text).into_bytes()),
            Err(_) => hir.clone(),
        },
        HirKind::Class(Class::Unicode(class)) => folded_class(class).unwrap_or_else(|| hir.clone()),
        HirKind::Class(Class::Bytes(class)) => {
            class.to_unicode_class().as_ref().and_then(folded_class).unwrap_or_else(|| hir.clone())
        }
        HirKind::Repetition(repetition) => Hir::repetition(repetition.with(folded_pattern(&repetition.sub))),
        HirKind::Capture(capture) => folded_pattern(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(all(parts)),
        HirKind::Alternation(branches) => Hir::alternation(all(branches)),
    }
}

/// A class of few letters. What is too big to be spelt out needs no folding: no word is made of it.
fn folded_class(class: &ClassUnicode) -> Option<Hir> {
    let size: usize = class.ranges().iter().map(ClassUnicodeRange::len).sum();
    (size <= 4 * MAX_CLASS).then(|| {
        let letters = class.ranges().iter().flat_map(|range| range.start()..=range.end()).map(fold);
        Hir::class(Class::Unicode(ClassUnicode::new(letters.map(|c| ClassUnicodeRange::new(c, c)))))
    })
}

/// Adds every set of words that a folded pattern requires.
fn collect(hir: &Hir, sets: &mut Vec<WordSet>) {
    sets.extend(beginnings(hir));
    match hir.kind() {
        HirKind::Concat(parts) => {
            for at in 0..parts.len().min(MAX_PARTS) {
                if at > 0 {
                    let run = &parts[at..parts.len().min(at + MAX_RUN)];
                    sets.extend(beginnings(&Hir::concat(run.to_vec())));
                }
                collect_inside(&parts[at], sets);
            }
        }
        HirKind::Empty
        | HirKind::Look(_)
        | HirKind::Literal(_)
        | HirKind::Class(_)
        | HirKind::Repetition(_)
        | HirKind::Capture(_)
        | HirKind::Alternation(_) => collect_inside(hir, sets),
    }
}

fn collect_inside(hir: &Hir, sets: &mut Vec<WordSet>) {
    match hir.kind() {
        HirKind::Repetition(repetition) if repetition.min > 0 => collect(&repetition.sub, sets),
        HirKind::Capture(capture) => collect(&capture.sub, sets),
        HirKind::Concat(_) => collect(hir, sets),
        // Each branch requires something else: together they require one of all that.
        HirKind::Alternation(branches) => {
            let mut any = WordSet::new();
            for branch in branches {
                let mut own = Vec::new();
                collect(branch, &mut own);
                match own.into_iter().max_by_key(shortest_word) {
                    Some(best) => any.extend(best),
                    None => return,
                }
            }
            sets.push(any);
        }
        HirKind::Empty | HirKind::Look(_) | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Repetition(_) => {}
    }
}

/// The words with which any match begins, if they are few and none is empty.
fn beginnings(hir: &Hir) -> Option<WordSet> {
    let mut extractor = Extractor::new();
    extractor.kind(ExtractKind::Prefix).limit_class(MAX_CLASS).limit_literal_len(MAX_WORD).limit_total(MAX_WORDS);
    let words: WordSet = extractor.extract(hir).literals()?.iter().map(|literal| literal.as_bytes().to_vec()).collect();
    // No words at all: the pattern never matches, which is for the engine to say.
    (!words.is_empty() && words.iter().all(|word| !word.is_empty())).then_some(words)
}

fn shortest_word(words: &WordSet) -> usize {
    words.iter().map(Vec::len).min().unwrap_or(0)
}

/// Letters of a class that is still read as a choice of letters: `[abc]` and the digits in ASCII are, `\d` is not.
const MAX_CLASS: usize = 16;

/// Bytes that are read of a word; the rest is left to the engine.
const MAX_WORD: usize = 32;

/// Bytes that are kept of a word.
const MAX_END: usize = 16;

/// Bytes that are kept of all words of a set, while each keeps three.
const MAX_BYTES: usize = 96;

/// Words to which classes and choices side by side may multiply.
const MAX_WORDS: usize = 32;

/// Sets of words that are kept for one pattern.
const MAX_SETS: usize = 3;

/// Parts of a row in which words are looked for.
const MAX_PARTS: usize = 16;

/// Parts that may join to one word.
const MAX_RUN: usize = 8;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::subscription::{MAX_PATTERN, Pattern};

    fn required(pattern: &str) -> Vec<Vec<String>> {
        match MatchPlan::of(Pattern::parse(pattern).unwrap().hir()) {
            MatchPlan::NoLiteral => Vec::new(),
            MatchPlan::RequiredLiterals(sets) => {
                let word = |word: &[u8]| String::from_utf8_lossy(word).into_owned();
                sets.iter().map(|set| set.words().map(word).collect()).collect()
            }
        }
    }

    #[test]
    fn the_words_of_a_pattern_are_required_in_folded_form() {
        for (pattern, best) in [
            ("#Nova", &["#nova"][..]),
            ("#nova|Cinder|sſK", &["#nova", "cinder", "ssk"]),
            (".*(?:#nova|cinder).*", &["#nova", "cinder"]),
            ("colou?r[sz]", &["colors", "colorz", "colours", "colourz"]),
            ("(abc)+d", &["abcd"]),
            (r"^\w+ #nova\b", &[" #nova"]),
            (r"(\d+nova.*scheduler|\s*cinder)", &["cinder", "scheduler"]),
            ("(?-i)Nova", &["nova"]),
            (r"\d+[ab]\d+", &["a", "b"]),
        ] {
            assert_eq!(
                required(pattern).first().map(Vec::as_slice),
                Some(&best.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>()[..]),
                "{pattern}"
            );
        }
        assert_eq!(required("#nova.*test"), [["#nova"], ["test"]]);
    }

    #[test]
    fn some_patterns_require_nothing() {
        for pattern in [r"\d+", "a|", "x|.", "a[b&&c]", r"\b", ".*", "nova|.", r"\w-?\w"] {
            assert!(required(pattern).is_empty(), "{pattern}");
        }
    }

    #[test]
    fn every_case_of_a_letter_folds_alike() {
        assert_eq!(folded("NoVa"), "nova");
        assert_eq!(folded("\u{212A}ſK"), "ksk");
        assert_eq!(folded("ΣσςÄЖẞ"), folded("σΣΣäжß"));
        assert_ne!(folded("ß"), folded("ss"));
        for c in (0..0x2_0000).filter_map(char::from_u32) {
            let mut cases = ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
            cases.case_fold_simple();
            for other in cases.ranges().iter().flat_map(|range| range.start()..=range.end()) {
                assert_eq!(fold(other), fold(c), "{other:?} {c:?}");
            }
        }
    }

    #[test]
    fn no_pattern_makes_more_words_than_fit() {
        let choice = (0..128).map(|n| char::from_u32(0x4e00 + n).unwrap().to_string()).collect::<Vec<_>>().join("|");
        for pattern in ["[abcd]".repeat(85).as_str(), &choice, "((a|b)(c|d)(e|f)){9}", r"(\b){100}"] {
            for set in required(pattern) {
                assert!(set.len() <= 256 && set.concat().len() <= MAX_PATTERN, "{pattern}");
            }
        }
    }
}
