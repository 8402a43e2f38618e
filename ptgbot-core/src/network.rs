//! Networks: whose people, rooms and messages are meant.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The name of a chat network, such as `oftc` or `example.org`, as the configuration gives it. People, deliveries and
/// the history carry it, so it stays the same for the life of a board. Cheap to clone.
///
/// ```
/// use ptgbot_core::Network;
/// assert_eq!(Network::parse("OFTC")?.as_str(), "oftc");
/// assert!(Network::parse("two words").is_err());
/// # Ok::<(), ptgbot_core::InvalidNetwork>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network(Arc<str>);

impl Network {
    /// The most characters of a name.
    pub const MAX: usize = 64;

    /// Reads a name that a person wrote. Upper and lower case are one.
    ///
    /// # Errors
    /// When it is empty, longer than [`Self::MAX`], or holds anything but `a-z`, `0-9`, `.`, `_` and `-`.
    pub fn parse(written: &str) -> Result<Self, InvalidNetwork> {
        let name = written.to_ascii_lowercase();
        if (1..=Self::MAX).contains(&name.len()) && name.chars().all(is_legal) {
            Ok(Self(name.into()))
        } else {
            Err(InvalidNetwork(written.to_owned()))
        }
    }

    /// The name nearest to one that nobody chose, such as a server's: what may not stand in a name becomes a dash, and
    /// what is too long is cut.
    ///
    /// ```
    /// use ptgbot_core::Network;
    /// assert_eq!(Network::nearest("Example.org:8448").as_str(), "example.org-8448");
    /// ```
    pub fn nearest(given: &str) -> Self {
        let given = if given.is_empty() { "-" } else { given };
        let legal = |c: char| if is_legal(c) { c } else { '-' };
        Self(given.chars().map(|c| legal(c.to_ascii_lowercase())).take(Self::MAX).collect::<String>().into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(written: &str) -> Result<Self, InvalidNetwork> {
        Self::parse(written)
    }
}

impl TryFrom<String> for Network {
    type Error = InvalidNetwork;

    fn try_from(written: String) -> Result<Self, InvalidNetwork> {
        Self::parse(&written)
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.0.as_ref().to_owned()
    }
}

/// A text that cannot name a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot name a network: 1 to 64 of the letters a to z, digits, dots, dashes and underscores do")]
pub struct InvalidNetwork(String);

fn is_legal(c: char) -> bool {
    matches!(c, 'a'..='z' | '0'..='9' | '.' | '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_of_letters_digits_dots_dashes_and_underscores() {
        for name in ["oftc", "example.org", "a", "irc_2-x", &"x".repeat(64)] {
            assert_eq!(Network::parse(name).expect("a name").as_str(), name);
        }
        for wrong in ["", "a b", "a/b", "jané", "[::1]", "a:1", &"x".repeat(65)] {
            assert!(Network::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn any_name_of_a_server_leads_to_one_that_can_be_read() {
        for (given, name) in [("", "-"), ("::1", "--1"), ("Bücher.example", "b-cher.example"), ("a:8448", "a-8448")] {
            let network = Network::nearest(given);
            assert_eq!(network.as_str(), name);
            assert_eq!(Network::parse(name), Ok(network));
        }
        assert_eq!(Network::nearest(&"é".repeat(100)).as_str().len(), Network::MAX);
    }

    #[test]
    fn it_is_stored_as_a_string_and_checked_when_it_is_read() {
        let network = Network::parse("oftc").expect("a name");
        assert_eq!(serde_json::to_string(&network).expect("JSON"), "\"oftc\"");
        assert_eq!(serde_json::from_str::<Network>("\"OFTC\"").expect("a name"), network);
        assert!(serde_json::from_str::<Network>("\"a/b\"").is_err());
    }
}
