//! What a person asked to be told about: one regular expression, checked (SPEC section 2.1, `subscribe`).

use regex_automata::meta;
use regex_syntax::hir::Hir;
use std::fmt;

/// A regular expression that is safe to keep: it compiles, is short, and stays small when compiled.
///
/// Case does not matter and nothing is anchored. Matching takes time linear in the text.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    regex: meta::Regex,
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
        let hir = read(text)?;
        let regex = meta::Builder::new()
            .configure(meta::Config::new().nfa_size_limit(Some(MAX_COMPILED)))
            .build_from_hir(&hir)
            .map_err(|error| match error.size_limit() {
                Some(_) => PatternError::TooBig,
                None => PatternError::Unreadable { reason: one_line(&error) },
            })?;
        Ok(Self { text: text.to_owned(), regex })
    }

    /// The pattern as it was typed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True when the pattern is found anywhere in `text`.
    pub fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
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
    /// Its compiled form is over 1 MiB: big counts or many big classes.
    #[error("the pattern compiles to more than 1 MiB; use smaller counts or fewer classes")]
    TooBig,
}

/// Reads a pattern without compiling it.
pub(super) fn read(text: &str) -> Result<Hir, PatternError> {
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

/// Bytes of a pattern's source, at most.
pub const MAX_PATTERN: usize = 512;

/// Bytes of a pattern's compiled form, at most.
pub(super) const MAX_COMPILED: usize = 1 << 20;

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
    fn a_refusal_is_one_line_with_the_engines_reason() {
        for (text, reason) in [
            ("", "the pattern is empty"),
            ("  ", "the pattern is empty"),
            ("(a", "the pattern cannot be read: unclosed group"),
            ("a\n(", "the pattern cannot be read: unclosed group"),
            (r"\p{nope}", "the pattern cannot be read: Unicode property not found"),
            ("*", "the pattern cannot be read: repetition operator missing expression"),
            (r"\w{500}{500}", "the pattern compiles to more than 1 MiB; use smaller counts or fewer classes"),
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
    fn five_hundred_and_twelve_bytes_are_the_most() {
        assert!(Pattern::parse(&"a".repeat(512)).is_ok());
        assert_eq!(Pattern::parse(&"a".repeat(513)), Err(PatternError::TooLong { length: 513 }));
    }
}
