//! Transaction IDs: by them a server knows what it has been sent before, so that a retry and a restart say nothing
//! twice (Client-Server API, "Transaction identifiers").

use matrix_sdk::ruma::{EventId, OwnedTransactionId, UserId};
use ptgbot_core::Revision;
use sha2::{Digest, Sha256};

/// The ID of the `piece`th message, from 0, that answers an event. A reaction is an answer, too: a message that was
/// answered in words just before a kill gets no reaction after it.
pub(crate) fn answer(event: &EventId, piece: usize) -> OwnedTransactionId {
    named(&["answer", event.as_str(), &piece.to_string()])
}

/// The ID of the `piece`th message, from 0, that tells somebody of a change.
pub(crate) fn notification(person: &UserId, revision: Revision, piece: usize) -> OwnedTransactionId {
    named(&["notification", person.as_str(), &revision.to_string(), &piece.to_string()])
}

/// A short name of letters and digits for some words: equal for equal words, in every run of the bot.
fn named(words: &[&str]) -> OwnedTransactionId {
    let mut hash = Sha256::new();
    for word in words {
        // With its length, so that no two lists of words are one.
        hash.update((word.len() as u64).to_be_bytes());
        hash.update(word);
    }
    let name: String = hash.finalize().iter().take(BYTES).map(|byte| format!("{byte:02x}")).collect();
    format!("ptgbot{name}").into()
}

/// Enough that two never meet.
const BYTES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::{event_id, user_id};
    use std::collections::BTreeSet;

    #[test]
    fn what_is_sent_has_one_id_in_every_run_and_shares_it_with_nothing_else() {
        let event = event_id!("$Kt/x+y:example.org");
        assert_eq!(answer(event, 0).as_str(), "ptgbot5cb00fb938536f87885a70853f4c7f5d", "as in every release");
        let (jane, john) = (user_id!("@jane:example.org"), user_id!("@john:example.org"));
        assert_eq!(notification(jane, 17, 0), notification(jane, 17, 0));
        let all = [
            answer(event, 0),
            answer(event, 1),
            answer(event_id!("$Kt/x+y:example.com"), 0),
            notification(jane, 17, 0),
            notification(jane, 17, 1),
            notification(jane, 18, 0),
            notification(john, 17, 0),
        ];
        assert!(all.iter().all(|id| id.as_str().bytes().all(|b| b.is_ascii_alphanumeric())));
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }
}
