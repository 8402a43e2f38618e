//! People: who they are on their network, and where they last were.

use crate::network::Network;
use crate::text::{clean_name, isolated};
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;

/// How a network compares names: data that a transport gives with each request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Folding {
    /// Upper and lower case are one: the JSON Lines protocol.
    #[default]
    Lowercase,
    /// Names are as they are written, as where messages are sent to them: Matrix user IDs (Matrix specification,
    /// appendices, "User identifiers"; of older accounts two may differ in case only).
    Exact,
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
            Self::Exact => name.to_owned(),
            Self::Ascii => name.to_ascii_lowercase(),
            Self::Rfc1459 => name.chars().map(|c| fold_1459(c, true)).collect(),
            Self::StrictRfc1459 => name.chars().map(|c| fold_1459(c, false)).collect(),
        }
    }
}

/// Who a person is: a network, and their own identity there, folded (an IRC nick, a full Matrix ID). Cheap to clone.
///
/// `john` of one network is not `john` of another. Written, it is `network/key`: `oftc/john`.
///
/// Data of version 0.1, and data files, name people without their network. Those are the people of the board's *home*
/// network for names of that form (see [`NameForm`]); until it is known they are nobody's.
///
/// ```
/// use ptgbot_core::{Folding, Network, PersonId};
/// let oftc = Network::parse("oftc").unwrap();
/// let john = PersonId::new(&oftc, "John", Folding::Rfc1459);
/// assert_eq!((john.network(), john.key(), john.to_string()), (Some(&oftc), "john", "oftc/john".into()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct PersonId {
    network: Option<Network>,
    key: Arc<str>,
}

/// The form of people's names: in older data the only sign of their network.
///
/// Exhaustive: whoever takes over older data knows whose names are of which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameForm {
    /// A Matrix user ID: `@jane:example.org`.
    MatrixId,
    /// Any other name.
    Nick,
}

impl PersonId {
    /// Folds a name by the rule of its network. What could turn a line around and doubled blanks are dropped: where names
    /// may hold such, a transport keeps which name a key stands for.
    pub fn new(network: &Network, raw: &str, folding: Folding) -> Self {
        Self { network: Some(network.clone()), key: folding.fold(&clean_name(raw)).into() }
    }

    /// Somebody whom older data names without a network.
    pub fn without_network(raw: &str, folding: Folding) -> Self {
        Self { network: None, key: folding.fold(&clean_name(raw)).into() }
    }

    /// Their network; `None` where older data did not say.
    pub fn network(&self) -> Option<&Network> {
        self.network.as_ref()
    }

    /// The folded name on the network.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The form of the name.
    pub fn form(&self) -> NameForm {
        NameForm::of(&self.key)
    }

    /// The same name on a network.
    pub(crate) fn on(&self, network: &Network) -> Self {
        Self { network: Some(network.clone()), key: self.key.clone() }
    }

    /// The same name as older data has it.
    pub(crate) fn plain(&self) -> Self {
        Self { network: None, key: self.key.clone() }
    }

    /// Reads the written form; a name without a network is folded, one with a network was folded by that.
    pub(crate) fn read(written: &str, folding: Folding) -> Self {
        match written_network(written) {
            Some((network, key)) => Self { network: Some(network), key: clean_name(key).into() },
            None => Self::without_network(written, folding),
        }
    }

    /// True where a machine's name for something holds this person's, in one piece: `a` is not in `$ba4c`.
    pub(crate) fn is_named_in(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let ends = |text: &str| !text.ends_with(char::is_alphanumeric);
        let starts = |text: &str| !text.starts_with(char::is_alphanumeric);
        let mut places = name.match_indices(&*self.key);
        !self.key.is_empty() && places.any(|(at, found)| ends(&name[..at]) && starts(&name[at + found.len()..]))
    }
}

/// `oftc/john`; a Matrix ID may hold a slash, and no network's name begins with `@`.
fn written_network(written: &str) -> Option<(Network, &str)> {
    let (network, key) = written.split_once('/')?;
    let parsed = Network::parse(network).ok().filter(|parsed| parsed.as_str() == network)?;
    (!key.is_empty()).then_some((parsed, key))
}

impl NameForm {
    /// The form of a name.
    pub fn of(name: &str) -> Self {
        if name.starts_with('@') && name.contains(':') { Self::MatrixId } else { Self::Nick }
    }
}

impl From<String> for PersonId {
    fn from(written: String) -> Self {
        match written_network(&written) {
            Some((network, key)) => Self { network: Some(network), key: key.into() },
            None => Self { network: None, key: written.into() },
        }
    }
}

impl From<PersonId> for String {
    fn from(person: PersonId) -> Self {
        person.to_string()
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.network {
            Some(network) => write!(f, "{network}/{}", self.key),
            None => f.write_str(&self.key),
        }
    }
}

/// Somebody who speaks: the key, and the name as they write it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    /// Who they are.
    pub id: PersonId,
    /// The name to show.
    pub name: String,
}

impl Person {
    /// A person whose shown name is the network name itself, as on IRC.
    pub fn new(network: &Network, name: &str, folding: Folding) -> Self {
        Self { id: PersonId::new(network, name, folding), name: clean_name(name) }
    }

    /// The same person under a display name of their choice (Matrix).
    #[must_use]
    pub fn shown_as(self, name: &str) -> Self {
        let name = clean_name(name);
        if name.is_empty() { self } else { Self { name, ..self } }
    }

    /// The name to show where it matters who it was: with the account behind it, unless the name is the account.
    pub fn full_name(&self) -> String {
        match self.id.form() {
            NameForm::MatrixId if self.name != self.id.key() => format!("{} ({})", isolated(&self.name), self.id.key()),
            NameForm::MatrixId | NameForm::Nick => self.name.clone(),
        }
    }
}

/// Where a person last checked in, and whether they are still there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
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

    fn network(name: &str) -> Network {
        Network::parse(name).expect("a name")
    }

    #[test]
    fn each_network_folds_its_own_way() {
        assert_eq!(Folding::Rfc1459.fold("Jane[~]"), "jane{^}");
        assert_eq!(Folding::StrictRfc1459.fold("Jane[~]"), "jane{~}");
        assert_eq!(Folding::Ascii.fold("JÄNE["), "jÄne[");
        assert_eq!(Folding::Lowercase.fold("JÄNE"), "jäne");
        assert_eq!(Folding::Exact.fold("@Jane:example.org"), "@Jane:example.org");
    }

    #[test]
    fn a_name_cannot_turn_the_line_around() {
        assert_eq!(Person::new(&network("oftc"), "ja\u{202e}ne", Folding::Ascii).name, "jane");
    }

    #[test]
    fn a_person_is_written_with_the_network_and_read_again() {
        let oftc = network("oftc");
        for (person, written) in [
            (PersonId::new(&oftc, "Jane[m]", Folding::Rfc1459), "oftc/jane{m}"),
            (
                PersonId::new(&network("example.org"), "@a/b:example.org", Folding::Exact),
                "example.org/@a/b:example.org",
            ),
            (PersonId::new(&oftc, "a/b", Folding::Ascii), "oftc/a/b"),
            (PersonId::without_network("Jane", Folding::Ascii), "jane"),
            (PersonId::without_network("@a/b:example.org", Folding::Exact), "@a/b:example.org"),
        ] {
            assert_eq!(person.to_string(), written);
            assert_eq!(PersonId::from(written.to_owned()), person);
        }
    }

    #[test]
    fn the_same_name_on_two_networks_is_two_people() {
        let [one, two] = ["oftc", "libera"].map(|name| PersonId::new(&network(name), "john", Folding::Ascii));
        assert_ne!(one, two);
    }
}
