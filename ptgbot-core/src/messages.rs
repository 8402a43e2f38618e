//! Messages: which of them have changed the board, so that a network that delivers one again changes nothing.

use crate::forgotten::Forgotten;
use serde::{Deserialize, Serialize};
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// The newest messages whose changes were recorded, oldest first, under their networks' lasting names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "VecDeque<Arc<str>>", into = "VecDeque<Arc<str>>")]
pub(crate) struct Messages {
    order: VecDeque<Arc<str>>,
    /// The same, to be asked for one.
    known: HashSet<Arc<str>>,
}

impl Messages {
    /// How many are remembered: far more than a network delivers again after a crash.
    pub(crate) const KEPT: usize = 1000;

    pub(crate) fn contains(&self, message: &str) -> bool {
        self.known.contains(message)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Remembers one; nothing changes for one that is known (an edit makes two changes).
    pub(crate) fn push(&mut self, message: &str) {
        let message: Arc<str> = message.into();
        if !self.known.insert(message.clone()) {
            return;
        }
        if self.order.len() == Self::KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(message);
    }

    /// Drops the names that hold a person's.
    pub(crate) fn forget(&mut self, forgotten: &Forgotten) {
        self.order.retain(|message| !forgotten.is_named_in(message));
        self.known.retain(|message| !forgotten.is_named_in(message));
    }
}

impl From<VecDeque<Arc<str>>> for Messages {
    fn from(order: VecDeque<Arc<str>>) -> Self {
        let known = order.iter().cloned().collect();
        Self { order, known }
    }
}

impl From<Messages> for VecDeque<Arc<str>> {
    fn from(messages: Messages) -> Self {
        messages.order
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::person::{Folding, PersonId};

    #[test]
    fn the_newest_are_remembered_each_once() {
        let mut messages = Messages::default();
        for number in 0..=Messages::KEPT {
            messages.push(&format!("${number}"));
            messages.push(&format!("${number}"));
        }
        assert!(!messages.contains("$0") && messages.contains("$1"));
        assert!(messages.contains(&format!("${}", Messages::KEPT)));
        let written = serde_json::to_string(&messages).expect("JSON");
        assert_eq!(serde_json::from_str::<Messages>(&written).expect("a ring"), messages);
    }

    #[test]
    fn a_name_that_holds_a_forgotten_persons_is_dropped_and_no_other() {
        let mut messages = Messages::default();
        for message in ["$jane-1", "$1:@jane:example.org", "$xjane2", "$opaque"] {
            messages.push(message);
        }
        let jane = PersonId::new(&Network::nearest("oftc"), "Jane", Folding::Ascii);
        messages.forget(&Forgotten::new(&jane, false));
        let left: VecDeque<Arc<str>> = messages.clone().into();
        assert_eq!(left, ["$xjane2".into(), "$opaque".into()]);
        assert!(!messages.contains("$jane-1") && messages.contains("$opaque"));
    }
}
