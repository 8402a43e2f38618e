//! What people said lately: an edit is told with what it changes.

use matrix_sdk::ruma::{EventId, OwnedEventId, OwnedUserId, UserId};
use std::collections::{HashMap, VecDeque};

/// The latest messages of a room with their authors, by event.
#[derive(Default)]
pub(crate) struct Recent {
    messages: HashMap<OwnedEventId, (OwnedUserId, Original)>,
    order: VecDeque<OwnedEventId>,
}

/// A message before it was edited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Original {
    /// Its words, where they are known.
    pub(super) text: Option<String>,
    /// The first message of its thread, if it stands in one: the edit does not say.
    pub(super) thread: Option<OwnedEventId>,
}

impl Recent {
    /// Who said something, and what.
    pub(super) fn message(&self, id: &EventId) -> Option<&(OwnedUserId, Original)> {
        self.messages.get(id)
    }

    /// Takes a message in; the oldest one goes. A very long one is not kept: the server has it.
    pub(super) fn remember(&mut self, id: &EventId, sender: &UserId, text: &str, thread: Option<&EventId>) {
        if text.len() > LONGEST {
            return;
        }
        let original = Original { text: Some(text.to_owned()), thread: thread.map(EventId::to_owned) };
        if self.messages.insert(id.to_owned(), (sender.to_owned(), original)).is_some() {
            return;
        }
        self.order.push_back(id.to_owned());
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.messages.remove(&oldest);
        }
    }
}

const MOST: usize = 500;
/// Bytes of one message.
const LONGEST: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::{event_id, user_id};

    fn jane() -> &'static UserId {
        user_id!("@jane:example.org")
    }

    #[test]
    fn only_the_latest_messages_are_remembered() {
        let mut recent = Recent::default();
        let id = |number: usize| EventId::parse(format!("${number}")).expect("an ID");
        for number in 0..=MOST {
            recent.remember(&id(number), jane(), "words", None);
            recent.remember(&id(number), jane(), "the same message again", Some(event_id!("$root")));
        }
        assert_eq!(recent.message(&id(0)), None);
        let (author, original) = recent.message(&id(1)).expect("it is there");
        assert_eq!((author.as_str(), original.text.as_deref()), (jane().as_str(), Some("the same message again")));
        assert_eq!(original.thread.as_deref(), Some(event_id!("$root")));
        assert_eq!((recent.messages.len(), recent.order.len()), (MOST, MOST));
    }

    #[test]
    fn what_is_very_long_is_not_kept() {
        let mut recent = Recent::default();
        recent.remember(event_id!("$1"), jane(), &"x".repeat(LONGEST + 1), None);
        assert_eq!(recent.message(event_id!("$1")), None);
    }
}
