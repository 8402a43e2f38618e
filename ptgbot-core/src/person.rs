//! People: who they are on their network, and where they last were.

use crate::track::TrackName;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;

/// How a network compares names: data that a transport gives with each request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Folding {
    /// Upper and lower case are one: Matrix IDs, the JSON Lines protocol.
    #[default]
    Lowercase,
    /// ASCII letters only (IRC `CASEMAPPING=ascii`).
    Ascii,
    /// ASCII letters, and `[]\~` are upper case of `{}|^` (IRC `CASEMAPPING=rfc1459`, RFC 1459 section 2.2).
    Rfc1459,
    /// As above without `~` and `^` (IRC `CASEMAPPING=strict-rfc1459`).
    StrictRfc1459,
}

impl Folding {
    /// The form in which two spellings of one name are equal.
    pub fn fold(self, name: &str) -> String {
        match self {
            Self::Lowercase => name.to_lowercase(),
            Self::Ascii => name.to_ascii_lowercase(),
            Self::Rfc1459 => name.chars().map(|c| fold_1459(c, true)).collect(),
            Self::StrictRfc1459 => name.chars().map(|c| fold_1459(c, false)).collect(),
        }
    }
}

/// The key of a person: the network's own identity, folded (an IRC nick, a full Matrix ID). Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(Arc<str>);

impl PersonId {
    /// Folds a name by the rule of its network.
    pub fn new(raw: &str, folding: Folding) -> Self {
        Self(folding.fold(&crate::text::clean_name(raw)).into())
    }

    /// True where a machine's name for something holds this person's, in one piece: `a` is not in `$ba4c`.
    pub(crate) fn is_named_in(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let ends = |text: &str| !text.ends_with(char::is_alphanumeric);
        let starts = |text: &str| !text.starts_with(char::is_alphanumeric);
        let mut places = name.match_indices(&*self.0);
        !self.0.is_empty() && places.any(|(at, found)| ends(&name[..at]) && starts(&name[at + found.len()..]))
    }

    /// The same name as version 0.1 wrote it.
    pub(crate) fn plain(&self) -> Self {
        self.clone()
    }

    /// The folded key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for PersonId {
    fn from(written: String) -> Self {
        Self(written.into())
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Somebody who speaks: the key, and the name as they write it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    /// The key.
    pub id: PersonId,
    /// The name to show.
    pub name: String,
}

impl Person {
    /// A person whose shown name is the network name itself, as on IRC.
    pub fn new(name: &str, folding: Folding) -> Self {
        Self { id: PersonId::new(name, folding), name: crate::text::clean_name(name) }
    }

    /// The same person under a display name of their choice (Matrix).
    #[must_use]
    pub fn shown_as(self, name: &str) -> Self {
        let name = crate::text::clean_name(name);
        if name.is_empty() { self } else { Self { name, ..self } }
    }
}

/// Where a person last checked in, and whether they are still there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckIn {
    /// The name to show.
    pub nick: String,
    /// `#track` or a place in words.
    pub location: String,
    /// When they came, where that is known.
    pub since: Option<DateTime<Utc>>,
    /// When they left; `None` while they are there.
    pub until: Option<DateTime<Utc>>,
    /// What other programs keep with it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl CheckIn {
    /// True while the person has not checked out.
    pub fn is_open(&self) -> bool {
        self.until.is_none()
    }

    /// The track where it is, in whatever case a data file spelled it; `None` for a place in words.
    pub fn track(&self) -> Option<TrackName> {
        self.location.strip_prefix('#').and_then(|name| TrackName::parse(name).ok())
    }
}

fn fold_1459(c: char, tilde: bool) -> char {
    match c {
        '[' => '{',
        ']' => '}',
        '\\' => '|',
        '~' if tilde => '^',
        _ => c.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_network_folds_its_own_way() {
        assert_eq!(Folding::Rfc1459.fold("Jane[~]"), "jane{^}");
        assert_eq!(Folding::StrictRfc1459.fold("Jane[~]"), "jane{~}");
        assert_eq!(Folding::Ascii.fold("JÄNE["), "jÄne[");
        assert_eq!(Folding::Lowercase.fold("JÄNE"), "jäne");
    }

    #[test]
    fn a_name_cannot_turn_the_line_around() {
        assert_eq!(Person::new("ja\u{202e}ne", Folding::Ascii).name, "jane");
    }
}
