//! What a person asked to be told about: one regular expression, checked.

use super::compiled::Compiled;
use regex_syntax::hir::{Hir, HirKind};
use std::fmt;

/// A regular expression that is safe to keep: it can be read, is short, and needs few states.
///
/// Case does not matter and nothing is anchored. Matching takes time linear in the text.
///
/// How long a topic takes depends on the states that a pattern needs, so those are limited when it is taken: 2,000 in all
/// ([`MAX_STATES`]), and what counts like `{4}` or `{1,9}` add may be at most 64 letters ([`MAX_COUNTED`]). A count at the
/// very beginning or end is free, because there the least will do: `a{1,500}b` finds what `ab` finds.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    hir: Hir,
}

impl Pattern {
    /// Checks what a person typed after `subscribe`.
    ///
    /// ```
    /// use ptgbot_core::subscription::Pattern;
    /// assert!(Pattern::parse("#nova|cinder").unwrap().matches("#Cinder now multi-attach"));
    /// assert_eq!(Pattern::parse("#nova(").err().unwrap().to_string(), "the pattern cannot be read: unclosed group");
    /// ```
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let typed = read(text)?;
        if Compiled::states(&typed).is_none_or(|states| states > MAX_STATES) {
            return Err(PatternError::TooManyStates);
        }
        let hir = decisive(&typed);
        if letters(&hir, Counts::SpeltOut) > letters(&hir, Counts::Once) + MAX_COUNTED {
            return Err(PatternError::CountsTooFar);
        }
        Ok(Self { text: text.to_owned(), hir })
    }

    /// The pattern as it was typed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True when the pattern is found anywhere in `text`.
    pub fn matches(&self, text: &str) -> bool {
        Compiled::new(&self.hir, text).is_some_and(|mut compiled| compiled.matches(text))
    }

    /// Reads a pattern that was taken before, without asking again how much it needs.
    pub(super) fn reread(text: &str) -> Result<Self, PatternError> {
        Ok(Self { text: text.to_owned(), hir: decisive(&read(text)?) })
    }

    /// What the pattern says, reduced to what a search needs.
    pub(super) fn hir(&self) -> &Hir {
        &self.hir
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.text).finish()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

/// Why a pattern is not kept; prints as one line for a chat answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// Nothing but blanks.
    #[error("the pattern is empty")]
    Empty,
    /// Longer than [`MAX_PATTERN`] bytes.
    #[error("the pattern is {length} bytes long; at most {MAX_PATTERN} are kept")]
    TooLong {
        /// Bytes that were typed.
        length: usize,
    },
    /// The expression is wrong, in the engine's words.
    #[error("the pattern cannot be read: {reason}")]
    Unreadable {
        /// The engine's reason, on one line.
        reason: String,
    },
    /// It needs more than [`MAX_STATES`], or 64 KiB for them.
    #[error("the pattern needs more than 2,000 states; use smaller counts, or * and +")]
    TooManyStates,
    /// Its counts add more than [`MAX_COUNTED`] letters.
    #[error("the pattern counts too far: its counts add more than {MAX_COUNTED} letters; use smaller ones, or * and +")]
    CountsTooFar,
}

/// Reads a pattern without compiling it.
fn read(text: &str) -> Result<Hir, PatternError> {
    if text.trim().is_empty() {
        return Err(PatternError::Empty);
    }
    if text.len() > MAX_PATTERN {
        return Err(PatternError::TooLong { length: text.len() });
    }
    let mut parser = regex_syntax::ParserBuilder::new().case_insensitive(true).build();
    parser.parse(text).map_err(|error| PatternError::Unreadable {
        reason: match &error {
            regex_syntax::Error::Parse(error) => one_line(error.kind()),
            regex_syntax::Error::Translate(error) => one_line(error.kind()),
            other => one_line(other),
        },
    })
}

fn one_line(reason: &dyn fmt::Display) -> String {
    let reason = reason.to_string();
    let words: Vec<&str> =
        reason.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    words.join(" ")
}

/// The part of a pattern that decides: it is found in the same texts.
fn decisive(hir: &Hir) -> Hir {
    shortest(&shortest(hir, Side::Start), Side::End)
}

#[derive(Clone, Copy)]
enum Side {
    Start,
    End,
}

/// The pattern with its first or last repetition as short as it may be. It is found in the same texts: where more fits,
/// the least of it fits too.
fn shortest(hir: &Hir, side: Side) -> Hir {
    match hir.kind() {
        HirKind::Repetition(repetition) => match repetition.min {
            0 => Hir::empty(),
            1 => shortest(&repetition.sub, side),
            min => {
                let mut exact = repetition.clone();
                exact.max = Some(min);
                Hir::repetition(exact)
            }
        },
        HirKind::Capture(capture) => shortest(&capture.sub, side),
        HirKind::Alternation(branches) => Hir::alternation(branches.iter().map(|hir| shortest(hir, side)).collect()),
        HirKind::Concat(parts) => {
            let mut rest = parts.as_slice();
            while let Some((outer, inner)) = match side {
                Side::Start => rest.split_first(),
                Side::End => rest.split_last(),
            } {
                rest = inner;
                let outer = shortest(outer, side);
                if *outer.kind() != HirKind::Empty {
                    let inner = inner.iter().cloned();
                    return Hir::concat(match side {
                        Side::Start => std::iter::once(outer).chain(inner).collect(),
                        Side::End => inner.chain([outer]).collect(),
                    });
                }
            }
            Hir::empty()
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => hir.clone(),
    }
}

#[derive(Clone, Copy)]
enum Counts {
    /// `a{9}` is one letter.
    Once,
    /// `a{9}` is nine letters.
    SpeltOut,
}

/// How many letters a pattern has.
fn letters(hir: &Hir, counts: Counts) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(_) => 1,
        HirKind::Capture(capture) => letters(&capture.sub, counts),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().fold(0, |sum, part| sum.saturating_add(letters(part, counts)))
        }
        HirKind::Repetition(repetition) => letters(&repetition.sub, counts).saturating_mul(match counts {
            Counts::Once => 1,
            Counts::SpeltOut => repetition.max.unwrap_or(repetition.min).max(1) as usize,
        }),
    }
}

/// Bytes of a pattern's source, at most.
pub const MAX_PATTERN: usize = 512;

/// States of the automaton that a pattern is, at most, for texts in ASCII; they may take 64 KiB.
pub const MAX_STATES: usize = 2_000;

/// Letters that a pattern's counts add to it, at most. What is counted may be at many places of the count at once, and each
/// place costs time with each letter of a topic.
pub const MAX_COUNTED: usize = 64;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn case_and_place_do_not_matter() {
        let pattern = Pattern::parse("Multi-ATTACH").unwrap();
        assert!(pattern.matches("#nova now multi-attach with #cinder"));
        assert!(!pattern.matches("#nova now attach"));
    }

    #[test]
    fn a_refusal_is_one_line_with_the_reason() {
        for (text, reason) in [
            ("", "the pattern is empty"),
            ("  ", "the pattern is empty"),
            ("(a", "the pattern cannot be read: unclosed group"),
            ("a\n(", "the pattern cannot be read: unclosed group"),
            (r"\p{nope}", "the pattern cannot be read: Unicode property not found"),
            ("*", "the pattern cannot be read: repetition operator missing expression"),
            (
                r"x\w{150}x",
                "the pattern counts too far: its counts add more than 64 letters; use smaller ones, or * and +",
            ),
        ] {
            let said = Pattern::parse(text).unwrap_err().to_string();
            assert_eq!(said, reason);
        }
        for text in
            ["(?", "[", "[z-a]", "(?P<n>", r"\", "a{2,1}", "(?z)", r"\xFF(?-u:\xFF)", "(?<a>)(?<a>)", "(?=a)", r"\1"]
        {
            let said = Pattern::parse(text).unwrap_err().to_string();
            assert!(!said.contains(char::is_control), "{said:?}");
            assert!(said.len() > "the pattern cannot be read: ".len());
        }
    }

    #[test]
    fn what_needs_too_many_states_is_refused() {
        for text in [
            r"([ab ]{1,99}){1,60}\d",
            r"\w{500}{500}",
            "((((a{999}){999}){999}){999}){999}",
            r"#nova(\w{500}){500}|#nova",
            "(?:(?:a?){90}b?){90}c",
        ] {
            assert_eq!(Pattern::parse(text), Err(PatternError::TooManyStates), "{text}");
        }
        assert_eq!(Pattern::parse("a[ab]{65}c").err(), None);
        assert_eq!(Pattern::parse("a[ab]{66}c"), Err(PatternError::CountsTooFar));
        assert_eq!(Pattern::parse("a([ab]{2}c{1,2}){30,}c"), Err(PatternError::CountsTooFar));
    }

    #[test]
    fn everyday_patterns_are_taken() {
        for text in [
            r"#nova.*test|python *3",
            r"\w+@\w+\.org",
            r"\d{4}-\d{2}-\d{2}",
            r"(\w+\s+){1,5}ring",
            "nova.{0,60}cinder",
            r"\bring\b|\bobject.{1,9}storage\b",
            r"[a-z]{3,500}",
            r"\p{Greek}+ \w{10}",
        ] {
            assert_eq!(Pattern::parse(text).err(), None, "{text}");
        }
    }

    #[test]
    fn five_hundred_and_twelve_bytes_are_the_most() {
        assert!(Pattern::parse(&"a".repeat(512)).is_ok());
        assert_eq!(Pattern::parse(&"a".repeat(513)), Err(PatternError::TooLong { length: 513 }));
    }

    #[test]
    fn repetition_at_an_end_is_as_short_as_it_may_be() {
        for (typed, searched) in [
            (".*nova.*", "nova"),
            (r"(\s*[ab]{1,9}){1,6}\d+", r"[ab]\d"),
            ("(x*|y)a{2,9}", "(|y)a{2}"),
            ("^a+b+$", "^a+b+$"),
            ("a*(b?)c*", ""),
            ("x+.+y", "x.+y"),
        ] {
            let pattern = Pattern::parse(typed).unwrap();
            let expected = decisive(&read(&format!("(?:{searched})")).unwrap());
            assert_eq!(*pattern.hir(), expected, "{typed}");
        }
    }
}
