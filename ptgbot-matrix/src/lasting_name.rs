//! The lasting name of what we say, in its content too: by it another device of the account, for which the server's
//! memory of transactions does not hold, knows what was said already. People's clients pass it over.

use matrix_sdk::Room;
use matrix_sdk::deserialized_responses::{TimelineEvent, TimelineEventKind};
use matrix_sdk::ruma::events::{MessageLikeEventContent, MessageLikeEventType};
use matrix_sdk::ruma::{OwnedEventId, OwnedTransactionId, TransactionId};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Something that we say, with its name: its transaction ID.
#[derive(Serialize)]
pub(crate) struct Named<C> {
    #[serde(flatten)]
    content: C,
    #[serde(rename = "ptgbot.name")]
    name: OwnedTransactionId,
}

/// Names of what was said.
pub(crate) type Names = HashSet<OwnedTransactionId>;

impl<C> Named<C> {
    /// The same with its name.
    pub(crate) fn new(content: C, name: &TransactionId) -> Self {
        Self { content, name: name.to_owned() }
    }
}

impl<C: MessageLikeEventContent> MessageLikeEventContent for Named<C> {
    fn event_type(&self) -> MessageLikeEventType {
        self.content.event_type()
    }
}

/// The names of what we have said among some events of a room. What a device of ours has encrypted before this one was
/// there is opened with its key from the backup.
pub(crate) async fn names_in(room: &Room, events: &[TimelineEvent]) -> Names {
    named_in(room, events).await.into_iter().map(|(name, _)| name).collect()
}

/// The same, each with its event.
pub(crate) async fn named_in(room: &Room, events: &[TimelineEvent]) -> Vec<(OwnedTransactionId, OwnedEventId)> {
    let mut named = Vec::new();
    for event in events.iter().filter(|event| event.sender().as_deref() == Some(room.own_user_id())) {
        let name = match &event.kind {
            TimelineEventKind::UnableToDecrypt { utd_info, .. } => match utd_info.session_id.as_deref() {
                Some(session) => opened(room, event, session).await.as_ref().and_then(name_of),
                None => None,
            },
            TimelineEventKind::Decrypted(_) | TimelineEventKind::PlainText { .. } => name_of(event),
        };
        named.extend(name.zip(event.event_id()));
    }
    named
}

async fn opened(room: &Room, event: &TimelineEvent, session: &str) -> Option<TimelineEvent> {
    let client = room.client();
    client.encryption().backups().download_room_key(room.room_id(), session).await.ok()?;
    room.decrypt_event(event.raw().cast_ref_unchecked(), None).await.ok()
}

fn name_of(event: &TimelineEvent) -> Option<OwnedTransactionId> {
    #[derive(Deserialize)]
    struct Content {
        #[serde(rename = "ptgbot.name")]
        name: Option<OwnedTransactionId>,
    }
    event.raw().get_field::<Content>("content").ok()??.name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{ack, notification};
    use matrix_sdk::ruma::serde::Raw;
    use matrix_sdk::ruma::{event_id, user_id};
    use serde_json::{Value, json};

    fn content(named: &impl Serialize) -> Value {
        serde_json::to_value(named).expect("JSON")
    }

    fn said(content: &Value) -> TimelineEvent {
        TimelineEvent::from_plaintext(Raw::new(&json!({"content": content})).expect("JSON").cast_unchecked())
    }

    #[test]
    fn what_we_say_bears_its_name_and_is_otherwise_as_it_was() {
        let name: &TransactionId = "ptgbot0123".into();
        let words = notification(&"rings".into(), user_id!("@jane:example.org"));
        for plain in [content(&words), content(&ack(event_id!("$a").to_owned()))] {
            let named = content(&Named::new(plain.clone(), name));
            assert_eq!(name_of(&said(&named)).as_deref(), Some(name));
            let mut without = named;
            without.as_object_mut().expect("an object").remove("ptgbot.name");
            assert_eq!(without, plain);
        }
        assert_eq!(content(&Named::new(words.clone(), name))["body"], "rings");
        assert_eq!(name_of(&said(&content(&words))), None);
        assert_eq!(name_of(&said(&json!({"ptgbot.name": 7}))), None);
    }
}
