//! One order of all rooms, of the orders of the days.

use std::collections::{HashMap, HashSet};

/// All names, such that as many as possible stand as every list has them; else in the order in which they come up.
pub(super) fn in_one_order<'a>(lists: &[Vec<&'a str>]) -> Vec<&'a str> {
    let mut names = Vec::new();
    let mut seen = HashSet::new();
    let mut before: HashMap<&str, HashSet<&str>> = HashMap::new();
    for list in lists {
        names.extend(list.iter().filter(|name| seen.insert(**name)));
        for pair in list.windows(2).filter(|pair| pair[0] != pair[1]) {
            before.entry(pair[1]).or_default().insert(pair[0]);
        }
    }
    let mut ordered: Vec<&str> = Vec::with_capacity(names.len());
    let mut placed: HashSet<&str> = HashSet::new();
    while !names.is_empty() {
        let is_next = |name: &&str| before.get(name).is_none_or(|earlier| earlier.is_subset(&placed));
        // Where the lists contradict each other, the first that came up goes first.
        let next = names.remove(names.iter().position(is_next).unwrap_or(0));
        placed.insert(next);
        ordered.push(next);
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_stand_as_every_day_has_them() {
        assert_eq!(in_one_order(&[vec!["B", "D"], vec!["A", "B"], vec!["A", "C", "D"]]), ["A", "B", "C", "D"]);
        assert_eq!(in_one_order(&[vec!["B"], vec!["A"], vec!["A", "B"]]), ["A", "B"]);
    }

    #[test]
    fn lists_that_contradict_each_other_lose_no_room() {
        assert_eq!(in_one_order(&[vec!["A", "B"], vec!["B", "A", "C"]]), ["A", "B", "C"]);
        assert_eq!(in_one_order(&[vec!["A", "A"]]), ["A"]);
    }
}
