//! What people said lately: an edit is told with what it changes.

use matrix_sdk::ruma::{EventId, OwnedEventId, OwnedUserId, UserId};
use std::collections::{HashMap, VecDeque};

/// The latest messages with their authors, by event.
#[derive(Default)]
pub(crate) struct Recent {
    words: HashMap<OwnedEventId, (OwnedUserId, String)>,
    order: VecDeque<OwnedEventId>,
}

impl Recent {
    /// Who said something, and what.
    pub(super) fn message(&self, id: &EventId) -> Option<&(OwnedUserId, String)> {
        self.words.get(id)
    }

    /// Takes a message in; the oldest one goes.
    pub(super) fn remember(&mut self, id: &EventId, sender: &UserId, words: &str) {
        let known = self.words.insert(id.to_owned(), (sender.to_owned(), words.to_owned()));
        if known.is_some() {
            return;
        }
        self.order.push_back(id.to_owned());
        if self.order.len() > MOST_RECENT
            && let Some(oldest) = self.order.pop_front()
        {
            self.words.remove(&oldest);
        }
    }
}

const MOST_RECENT: usize = 2000;

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::user_id;

    #[test]
    fn only_the_latest_messages_are_remembered() {
        let mut recent = Recent::default();
        let id = |number: usize| EventId::parse(format!("${number}")).expect("an ID");
        for number in 0..=MOST_RECENT {
            recent.remember(&id(number), user_id!("@jane:example.org"), "words");
            recent.remember(&id(number), user_id!("@jane:example.org"), "the same message again");
        }
        assert_eq!(recent.message(&id(0)), None);
        assert!(recent.message(&id(1)).is_some_and(|(_, words)| words == "the same message again"));
        assert_eq!((recent.words.len(), recent.order.len()), (MOST_RECENT, MOST_RECENT));
    }
}
