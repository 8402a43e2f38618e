//! One queue for each of many, and turns between them.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Things that wait, each for somebody. Whoever had nothing waiting comes next: short answers leave before the end of
/// long ones, and nobody waits for more than one thing of each other.
#[derive(Debug)]
pub(super) struct Queues<K, T> {
    /// Whose turn it is, soonest first; everybody who has something waiting, once.
    turns: VecDeque<K>,
    waiting: HashMap<K, VecDeque<T>>,
    len: usize,
}

impl<K: Clone + Eq + Hash, T> Queues<K, T> {
    pub(super) fn push(&mut self, who: K, thing: T) {
        let queue = self.waiting.entry(who.clone()).or_default();
        if queue.is_empty() {
            self.turns.push_front(who);
        }
        queue.push_back(thing);
        self.len += 1;
    }

    /// All that waits of somebody's.
    pub(super) fn remove(&mut self, who: &K) -> VecDeque<T> {
        self.turns.retain(|other| other != who);
        let removed = self.waiting.remove(who).unwrap_or_default();
        self.len -= removed.len();
        removed
    }

    /// The next thing of the first in turn who is free.
    pub(super) fn pop(&mut self, is_free: impl Fn(&K) -> bool) -> Option<(K, T)> {
        let place = self.turns.iter().position(&is_free)?;
        let who = self.turns.remove(place)?;
        let queue = self.waiting.get_mut(&who)?;
        let thing = queue.pop_front()?;
        self.len -= 1;
        if queue.is_empty() {
            self.waiting.remove(&who);
        } else {
            self.turns.push_back(who.clone());
        }
        Some((who, thing))
    }

    /// Who ranks lowest, of equals the first in turn; whoever has no rank is left out.
    pub(super) fn lowest<R: Ord>(&self, rank: impl Fn(&K, &VecDeque<T>) -> Option<R>) -> Option<K> {
        let ranked = self.turns.iter().filter_map(|who| Some((rank(who, self.waiting.get(who)?)?, who)));
        ranked.min_by(|(a, _), (b, _)| a.cmp(b)).map(|(_, who)| who.clone())
    }

    /// True when somebody who is free has something waiting.
    pub(super) fn has_free(&self, is_free: impl Fn(&K) -> bool) -> bool {
        self.turns.iter().any(is_free)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.turns.clear();
        self.waiting.clear();
        self.len = 0;
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }
}

impl<K, T> Default for Queues<K, T> {
    fn default() -> Self {
        Self { turns: VecDeque::new(), waiting: HashMap::new(), len: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_take_turns_and_short_answers_leave_before_the_end_of_long_ones() {
        let mut queues = Queues::default();
        (1..=3).for_each(|number| queues.push("long", number));
        assert_eq!(queues.pop(|_| true), Some(("long", 1)));
        queues.push("short", 1);
        queues.push("other", 1);
        queues.push("other", 2);
        let left: Vec<_> = std::iter::from_fn(|| queues.pop(|_| true)).collect();
        assert_eq!(left, [("other", 1), ("short", 1), ("long", 2), ("other", 2), ("long", 3)]);
        assert_eq!((queues.is_empty(), queues.len()), (true, 0));
    }

    #[test]
    fn who_is_not_free_holds_nobody_up() {
        let mut queues = Queues::default();
        queues.push("dead", 1);
        queues.push("alive", 2);
        let is_free = |who: &&str| *who != "dead";
        assert_eq!(queues.pop(is_free), Some(("alive", 2)));
        assert_eq!(queues.pop(is_free), None);
        assert!(!queues.has_free(is_free) && !queues.is_empty());
    }
}
