//! What every match of a pattern must contain, read off the pattern without running it.
//!
//! `#nova.*(cinder|swift)s?` has the outline `#nova`, then one of `cinder`, `cinders`, `swift`, `swifts`. A text without these words in
//! this order cannot match. Often the outline is all there is to a pattern (it is *complete*): then it decides alone.

use super::fold::{case_count, fold, folded};
use super::pattern::{self, MAX_PATTERN};
use regex_syntax::hir::{Class, Dot, Hir, HirKind};
use std::collections::BTreeSet;

/// The folded words that a match contains one after the other, not overlapping: one word of each step.
///
/// Thousands are kept, so the words stand in one string, step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outline {
    text: Box<str>,
    words: Box<[Word]>,
    complete: bool,
}

/// Where a word of an outline ends, and whether it is the last of its step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Word {
    end: u16,
    last: bool,
}

impl Outline {
    /// Reads a pattern; none when it would be refused as unreadable.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        if let Some(words) = plain_words(pattern) {
            return Some(Self::new(&[words], true));
        }
        let hir = pattern::read(pattern).ok()?;
        let mut steps = Vec::new();
        let mut complete = true;
        for piece in pieces(&hir) {
            match piece {
                // No text has a word of none: such a pattern never matches, which the engine may find out.
                Piece::Words { words, .. } if words.is_empty() => return Some(Self::new(&[], false)),
                Piece::Words { words, all_cases } => {
                    complete &= all_cases;
                    if !words.contains("") {
                        steps.push(words);
                    }
                }
                Piece::Gap => {}
                Piece::Unknown => complete = false,
            }
        }
        Some(Self::new(&steps, complete))
    }

    fn new(steps: &[Words], complete: bool) -> Self {
        let mut text = String::new();
        let mut ends = Vec::new();
        for words in steps {
            for (at, word) in words.iter().enumerate() {
                text.push_str(word);
                // `MAX_PIECES` steps of at most `MAX_PATTERN` bytes each fit by far.
                ends.push(Word { end: text.len() as u16, last: at + 1 == words.len() });
            }
        }
        Self { text: text.into(), words: ends.into(), complete }
    }

    /// The words of each step; each match contains one of each step, in this order.
    pub(super) fn steps(&self) -> Vec<Vec<&str>> {
        let mut steps = vec![Vec::new()];
        for (word, last) in self.words() {
            steps.last_mut().into_iter().for_each(|step| step.push(word));
            if last {
                steps.push(Vec::new());
            }
        }
        steps.pop();
        steps
    }

    /// True when a text of one line that has the words does match.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// True when the words are in a folded text. Taking the word that ends first at each step finds them if they are there.
    pub(super) fn occurs_in(&self, folded: &str) -> bool {
        let mut rest = folded;
        let mut earliest: Option<usize> = None;
        for (word, last) in self.words() {
            if let Some(at) = rest.find(word) {
                let end = at + word.len();
                earliest = Some(earliest.map_or(end, |earliest| earliest.min(end)));
            }
            if last {
                let Some(end) = earliest.take() else { return false };
                rest = &rest[end..];
            }
        }
        true
    }

    /// Each word, and whether it is the last of its step.
    fn words(&self) -> impl Iterator<Item = (&str, bool)> {
        let mut start = 0;
        self.words.iter().map(move |word| {
            let begin = std::mem::replace(&mut start, usize::from(word.end));
            (&self.text[begin..start], word.last)
        })
    }
}

/// Folded words, any of which will do.
type Words = BTreeSet<String>;

/// A part of a pattern; the parts stand side by side.
#[derive(Clone)]
enum Piece {
    /// The part's text folds to one of the words. With `all_cases` each text that does is a match of the part.
    Words { words: Words, all_cases: bool },
    /// Anything on the line, or nothing: `.*`.
    Gap,
    /// Something that words cannot tell.
    Unknown,
}

/// The usual patterns, `nova` and `nova|cinder`, need no parser.
fn plain_words(pattern: &str) -> Option<Words> {
    let plain = !pattern.contains(is_special) && pattern.len() <= MAX_PATTERN && !pattern.trim().is_empty();
    let words: Words = plain.then(|| pattern.split('|').map(folded).collect())?;
    (!words.contains("")).then_some(words)
}

fn is_special(c: char) -> bool {
    matches!(c, '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$')
}

fn pieces(hir: &Hir) -> Vec<Piece> {
    match hir.kind() {
        HirKind::Empty => vec![word(String::new(), true)],
        HirKind::Look(_) => vec![word(String::new(), false)],
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => vec![word(folded(text), text.chars().all(|c| case_count(c) == 1))],
            Err(_) => vec![Piece::Unknown],
        },
        HirKind::Class(class) => vec![letters(class).unwrap_or(Piece::Unknown)],
        HirKind::Capture(capture) => pieces(&capture.sub),
        HirKind::Repetition(repetition) => repeated(&repetition.sub, repetition.min, repetition.max),
        HirKind::Concat(parts) => parts.iter().fold(Vec::new(), |row, part| joined(row, pieces(part))),
        HirKind::Alternation(branches) => either(branches),
    }
}

fn word(word: String, all_cases: bool) -> Piece {
    Piece::Words { words: Words::from([word]), all_cases }
}

/// A small class is a choice of one-letter words.
fn letters(class: &Class) -> Option<Piece> {
    let class = match class {
        Class::Unicode(class) => class.clone(),
        Class::Bytes(class) => class.to_unicode_class()?,
    };
    let size: usize = class.ranges().iter().map(|range| range.len()).sum();
    if size > MAX_CLASS {
        return None;
    }
    let letters: BTreeSet<char> =
        class.ranges().iter().flat_map(|range| range.start()..=range.end()).map(fold).collect();
    let all_cases = letters.iter().map(|&c| case_count(c)).sum::<usize>() == size;
    Some(Piece::Words { words: letters.into_iter().map(String::from).collect(), all_cases })
}

fn repeated(inner: &Hir, min: u32, max: Option<u32>) -> Vec<Piece> {
    if (min, max) == (0, None) && (*inner == Hir::dot(Dot::AnyChar) || *inner == Hir::dot(Dot::AnyCharExceptLF)) {
        return vec![Piece::Gap];
    }
    let once = pieces(inner);
    if min == 0 {
        return match once.as_slice() {
            [Piece::Words { words, all_cases }] if max == Some(1) => {
                let mut words = words.clone();
                words.insert(String::new());
                vec![Piece::Words { words, all_cases: *all_cases }]
            }
            _ => vec![Piece::Unknown],
        };
    }
    let told = min.min(MAX_REPEATS);
    let mut row = (0..told).fold(Vec::new(), |row, _| joined(row, once.clone()));
    if max != Some(told) {
        push(&mut row, Piece::Unknown);
    }
    row
}

/// A choice of words is a set of words; in any other choice each branch must have a word of its own.
fn either(branches: &[Hir]) -> Vec<Piece> {
    let rows: Vec<Vec<Piece>> = branches.iter().map(pieces).collect();
    let mut union = Words::new();
    let mut only_words = true;
    let mut all_cases = true;
    for row in &rows {
        only_words &= row.len() == 1;
        let best = row.iter().filter_map(|piece| match piece {
            Piece::Words { words, all_cases } => Some((words, *all_cases)),
            Piece::Gap | Piece::Unknown => None,
        });
        let Some((words, cases)) = best.max_by_key(|(words, _)| words.iter().map(String::len).min()) else {
            return vec![Piece::Unknown];
        };
        all_cases &= cases;
        union.extend(words.iter().cloned());
    }
    if !fits(union.len(), union.iter().map(String::len).sum(), MAX_WORDS) {
        return vec![Piece::Unknown];
    }
    let words = Piece::Words { words: union, all_cases };
    if only_words { vec![words] } else { vec![Piece::Unknown, words, Piece::Unknown] }
}

fn joined(mut row: Vec<Piece>, next: Vec<Piece>) -> Vec<Piece> {
    for piece in next {
        push(&mut row, piece);
    }
    row
}

/// Puts a piece behind a row; words that touch become longer words while they are few.
fn push(row: &mut Vec<Piece>, piece: Piece) {
    let room = row.len() < MAX_PIECES;
    match (row.last_mut(), piece) {
        (Some(Piece::Words { words: left, all_cases }), Piece::Words { words: right, all_cases: also }) => {
            let bytes = |words: &Words| words.iter().map(String::len).sum::<usize>();
            let total = bytes(left) * right.len() + bytes(&right) * left.len();
            if fits(left.len() * right.len(), total, MAX_PRODUCTS) {
                *left = left.iter().flat_map(|a| right.iter().map(move |b| format!("{a}{b}"))).collect();
                *all_cases &= also;
            } else if room {
                row.extend([Piece::Unknown, Piece::Words { words: right, all_cases: also }]);
            } else {
                row.push(Piece::Unknown);
            }
        }
        (Some(Piece::Unknown), Piece::Unknown | Piece::Gap) | (Some(Piece::Gap), Piece::Gap) => {}
        (_, piece) if room => row.push(piece),
        (Some(Piece::Unknown), _) => {}
        (Some(Piece::Words { .. } | Piece::Gap) | None, _) => row.push(Piece::Unknown),
    }
}

fn fits(count: usize, bytes: usize, most: usize) -> bool {
    count <= most && bytes <= MAX_PATTERN
}

/// Characters in a class that is still read as a choice of letters: `[abc]` and the digits in ASCII are, `\d` is not.
const MAX_CLASS: usize = 32;

/// Words of one step, at most; so many one-letter words fit into a pattern.
const MAX_WORDS: usize = 256;

/// Words that classes and choices side by side may multiply to.
const MAX_PRODUCTS: usize = 16;

/// How often a repetition is spelt out.
const MAX_REPEATS: u32 = 64;

/// Pieces of a row before the rest counts as unknown.
const MAX_PIECES: usize = 16;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn outline(pattern: &str) -> (Vec<Vec<String>>, bool) {
        let outline = Outline::of(pattern).unwrap();
        let owned = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect();
        (outline.steps().into_iter().map(owned).collect(), outline.is_complete())
    }

    fn steps(words: &[&[&str]]) -> Vec<Vec<String>> {
        words.iter().map(|step| step.iter().map(|word| (*word).to_owned()).collect()).collect()
    }

    #[test]
    fn words_and_gaps_are_the_whole_pattern() {
        for (pattern, words) in [
            ("#Nova", &[&["#nova"][..]][..]),
            ("#nova|Cinder|sſK", &[&["#nova", "cinder", "ssk"]]),
            (".*(?:#nova|cinder).*", &[&["#nova", "cinder"]]),
            ("#nova.*test", &[&["#nova"], &["test"]]),
            ("colou?r[sz]", &[&["colors", "colorz", "colours", "colourz"]]),
            ("foo(bar|baz){1}", &[&["foobar", "foobaz"]]),
            ("(?x) a b c", &[&["abc"]]),
            ("a{3}", &[&["aaa"]]),
        ] {
            assert_eq!(outline(pattern), (steps(words), true), "{pattern}");
        }
    }

    #[test]
    fn other_patterns_tell_what_they_need() {
        for (pattern, words) in [
            (r"^#nova\b", &[&["#nova"][..]][..]),
            (r"#nova.*test\d+x", &[&["#nova"], &["test"], &["x"]]),
            ("(nova.*scheduler|cinder)", &[&["cinder", "scheduler"]]),
            ("(abc)+", &[&["abc"]]),
            ("(?-i)Nova", &[&["nova"]]),
            ("(?-i:N)ova", &[&["nova"]]),
            (r"\d+", &[]),
            ("a|", &[]),
            ("x|.", &[]),
            ("a[b&&c]", &[]),
        ] {
            let complete = pattern == "a|";
            assert_eq!(outline(pattern), (steps(words), complete), "{pattern}");
        }
    }

    #[test]
    fn steps_follow_each_other_without_overlap() {
        let outline = Outline::of("(abcde|b).*cd").unwrap();
        assert!(outline.occurs_in("abcd"));
        assert!(outline.occurs_in("abcdecd"));
        assert!(!outline.occurs_in("acdb"));
        assert!(!Outline::of("ab.*bc").unwrap().occurs_in("abc"));
    }

    #[test]
    fn no_pattern_makes_more_words_than_fit() {
        let wide = "[abcd]".repeat(85);
        let choice = (0..128).map(|n| char::from_u32(0x4e00 + n).unwrap().to_string()).collect::<Vec<_>>().join("|");
        for pattern in [wide.as_str(), &choice, "(((a{64}){64}){64}){64}", "((a|b)(c|d)(e|f)){9}{9}", r"(\b){1000}"] {
            let outline = Outline::of(pattern).unwrap();
            assert!(outline.steps().len() <= MAX_PIECES + 2);
            for words in outline.steps() {
                assert!(words.len() <= MAX_WORDS);
                assert!(words.concat().len() <= MAX_PATTERN);
            }
        }
    }
}
