//! Tracks: the working groups of an event.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A working group's name, lower-case and without its `#`.
///
/// ```
/// use ptgbot_core::TrackName;
/// assert_eq!(TrackName::parse("#Swift").unwrap().as_str(), "swift");
/// assert!(TrackName::parse("two words").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TrackName(String);

impl TrackName {
    /// The longest name, in characters (all of them ASCII).
    pub const MAX_LEN: usize = 50;

    /// Reads a name as a person types it: any case, with or without a leading `#`.
    ///
    /// # Errors
    /// Says which rule for names it breaks.
    pub fn parse(raw: &str) -> Result<Self, InvalidTrackName> {
        let name = raw.strip_prefix('#').unwrap_or(raw);
        let fail = |rule| Err(InvalidTrackName { name: crate::text::clean_name(name), rule });
        if name.is_empty() {
            return fail(NameRule::Empty);
        }
        if name.len() > Self::MAX_LEN {
            return fail(NameRule::TooLong);
        }
        if !name.bytes().all(is_name_byte) {
            return fail(NameRule::Characters);
        }
        if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return fail(NameRule::Start);
        }
        let name = name.to_ascii_lowercase();
        if crate::command::is_reserved(&name) {
            return fail(NameRule::Reserved);
        }
        Ok(Self(name))
    }

    /// The name without `#`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shown as people write it: `#swift`.
impl fmt::Display for TrackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

impl std::borrow::Borrow<str> for TrackName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TrackName {
    type Error = InvalidTrackName;
    fn try_from(raw: String) -> Result<Self, Self::Error> {
        Self::parse(&raw)
    }
}

impl From<TrackName> for String {
    fn from(name: TrackName) -> Self {
        name.0
    }
}

/// Why a word cannot be a track's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{name}' cannot be a track name: {rule}")]
#[non_exhaustive]
pub struct InvalidTrackName {
    /// What was given, without the `#`.
    pub name: String,
    /// The rule that it breaks.
    pub rule: NameRule,
}

/// The rules for track names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameRule {
    /// There must be a name.
    Empty,
    /// At most [`TrackName::MAX_LEN`] characters.
    TooLong,
    /// ASCII letters, digits, `-`, `_`, `.`, `+`.
    Characters,
    /// The first character is a letter or digit: `#` must be directly followed by one to be a command.
    Start,
    /// A command word names no track.
    Reserved,
}

impl fmt::Display for NameRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "it is empty",
            Self::TooLong => "it has more than 50 characters",
            Self::Characters => "use ASCII letters, digits, '-', '_', '.' and '+' only",
            Self::Start => "it must start with a letter or digit",
            Self::Reserved => "the word is a command",
        })
    }
}

fn is_name_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'+')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(raw: &str) -> NameRule {
        TrackName::parse(raw).expect_err("the name should be refused").rule
    }

    #[test]
    fn names_are_lower_case_and_lose_one_hash() {
        assert_eq!(TrackName::parse("#Oslo.Config").map(String::from), Ok("oslo.config".into()));
        assert_eq!(rule("##swift"), NameRule::Characters);
    }

    #[test]
    fn each_rule_is_named() {
        assert_eq!(rule("#"), NameRule::Empty);
        assert_eq!(rule(&"x".repeat(51)), NameRule::TooLong);
        assert_eq!(rule("naïve"), NameRule::Characters);
        assert_eq!(rule("-x"), NameRule::Start);
        assert_eq!(rule("Subscribe"), NameRule::Reserved);
        assert_eq!(rule("ptg"), NameRule::Reserved);
        assert!(TrackName::parse(&"x".repeat(50)).is_ok());
    }
}
