//! Bridged rooms: people of another network who appear here under names that a bridge makes for them, its ghosts.

use crate::config::one_or_many;
use clap::Args;
use ptgbot_core::{Network, Person};
use serde::Deserialize;
use std::str::FromStr;

/// `[bridge]`: who is brought from another network. Their commands are left to the bot there while it acts, and each
/// command of theirs counts once.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[group(skip)]
#[serde(deny_unknown_fields, default, expecting = "a table [bridge] with ghosts")]
#[non_exhaustive]
pub struct BridgeConfig {
    /// A mask of names that a bridge gives to people of another network; may be given several times
    #[arg(id = "ghosts", long = "ghosts", value_name = "NAMES")]
    #[serde(deserialize_with = "one_or_many")]
    pub ghosts: Vec<NameMask>,
    /// The network that they are on [default: any other one of the board]
    #[arg(id = "ghosts_network", long = "ghosts-network", value_name = "NETWORK")]
    pub network: Option<Network>,
}

/// Names as IRC masks them: `*` stands for any letters and `?` for one, all else for itself, in either case.
///
/// ```
/// use ptgbot_runtime::NameMask;
///
/// let mask = "*[m]".parse::<NameMask>().unwrap();
/// assert!(mask.fits("jane[m]"));
/// assert!(!mask.fits("jane"));
/// // Everybody would be taken for a ghost.
/// assert!("*".parse::<NameMask>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct NameMask(Vec<char>);

impl BridgeConfig {
    /// True when nobody is brought by a bridge.
    pub fn is_empty(&self) -> bool {
        self.ghosts.is_empty()
    }

    /// True when a bridge has made this person: by the name that is shown, or by that of the account.
    pub fn is_ghost(&self, person: &Person) -> bool {
        self.ghosts.iter().any(|mask| mask.fits(&person.name) || mask.fits(person.id.key()))
    }
}

impl NameMask {
    /// True when the mask stands for this name.
    pub fn fits(&self, name: &str) -> bool {
        let name: Vec<char> = name.to_lowercase().chars().collect();
        // Which beginnings of the name the mask fits so far.
        let mut fits = vec![false; name.len() + 1];
        fits[0] = true;
        for letter in &self.0 {
            let before = std::mem::replace(&mut fits, vec![false; name.len() + 1]);
            for place in 0..=name.len() {
                fits[place] = match letter {
                    '*' => before[place] || (place > 0 && fits[place - 1]),
                    '?' => place > 0 && before[place - 1],
                    letter => place > 0 && before[place - 1] && name[place - 1] == *letter,
                };
            }
        }
        fits[name.len()]
    }
}

impl FromStr for NameMask {
    type Err = EverybodyIsMeant;

    fn from_str(written: &str) -> Result<Self, EverybodyIsMeant> {
        if written.chars().all(|letter| "*?".contains(letter)) {
            return Err(EverybodyIsMeant(written.to_owned()));
        }
        Ok(Self(written.to_lowercase().chars().collect()))
    }
}

impl TryFrom<String> for NameMask {
    type Error = EverybodyIsMeant;

    fn try_from(written: String) -> Result<Self, EverybodyIsMeant> {
        written.parse()
    }
}

/// A mask without any letter: everybody would be a ghost, and nobody be heard while another bot acts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} stands for everybody: write what a bridge adds to names, such as *[m]")]
pub struct EverybodyIsMeant(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_stand_for_the_names_that_bridges_make() {
        let fits = |mask: &str, name: &str| mask.parse::<NameMask>().is_ok_and(|mask| mask.fits(name));
        assert!(fits("*[m]", "alice[m]") && fits("*[M]", "ALICE[m]") && fits("*[m]", "[m]"));
        assert!(fits("@_oftc_*:*", "@_oftc_bob:oftc.net") && fits("a?c*", "abcd") && fits("*a*a*", "banana"));
        assert!(!fits("*[m]", "alicem") && !fits("*[m]", "alice[m]x") && !fits("a?", "a"));
        assert!(!fits("*a*a*a*a*b", &"a".repeat(2_000)), "and it does not take for ever");
    }

    #[test]
    fn a_mask_that_stands_for_everybody_is_refused() {
        for mask in ["*", "**", "?*", "??", ""] {
            let refused = mask.parse::<NameMask>().expect_err("everybody").to_string();
            assert_eq!(
                refused,
                format!("{mask:?} stands for everybody: write what a bridge adds to names, such as *[m]")
            );
        }
        assert!("*a".parse::<NameMask>().is_ok());
    }
}
