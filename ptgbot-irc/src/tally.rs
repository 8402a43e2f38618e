//! How many commands of whom: what a log tells of commands that are not done. Their words stay with those who said them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

/// Commands, counted by who said them.
#[derive(Debug, Default)]
pub(crate) struct Tally(BTreeMap<String, usize>);

impl Tally {
    /// One more of somebody.
    pub(crate) fn add(&mut self, who: &str) {
        *self.0.entry(who.to_owned()).or_default() += 1;
    }

    /// How many.
    pub(crate) fn count(&self) -> usize {
        self.0.values().sum()
    }
}

/// Whose they are, of whom most first, as far as anybody would read on.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut people: Vec<_> = self.0.iter().collect();
        people.sort_by_key(|(_, count)| Reverse(**count));
        for (place, (who, count)) in people.iter().take(NAMED).enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{who} ({count})")?;
        }
        if people.len() > NAMED { write!(f, " and {} more people", people.len() - NAMED) } else { Ok(()) }
    }
}

/// How many people a log names.
const NAMED: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_named_with_their_number_and_of_many_only_some() {
        let mut tally = Tally::default();
        (0..3).for_each(|_| tally.add("jane"));
        (0..7).for_each(|_| tally.add("john"));
        assert_eq!((tally.count(), tally.to_string().as_str()), (10, "john (7), jane (3)"));
        (0..6).for_each(|n| tally.add(&format!("m{n}")));
        assert_eq!(tally.to_string(), "john (7), jane (3), m0 (1), m1 (1), m2 (1) and 3 more people");
    }
}
