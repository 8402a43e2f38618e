//! What was said before this run, or between two syncs: all of it is read, and nothing from before our time.

use super::{FIRST_PAUSE, InboundMessage, LONGEST_PAUSE, Listener, PAGE};
use crate::room_event;
use matrix_sdk::Room;
use matrix_sdk::deserialized_responses::TimelineEvent;
use matrix_sdk::room::MessagesOptions;
use matrix_sdk::ruma::UserId;
use matrix_sdk::ruma::api::error::ErrorKind;
use matrix_sdk::store::{StateStoreDataKey, StateStoreDataValue};

/// What the first sync of a run brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Past {
    /// A first start: everything in it was said before, and is only looked through for invitations.
    Ignored,
    /// The library begins anew, we do not: what it shows was said before and after our place in the stream.
    Mixed,
    /// All of it is new.
    DealtWith,
}

impl Listener {
    /// The library goes on behind the last sync that it has stored; what of that was not dealt with when the bot was
    /// killed is read from the rooms.
    pub(super) async fn catch_up(&mut self) -> Past {
        let stored = self.client.state_store().get_kv_data(StateStoreDataKey::SyncToken).await;
        let stored = stored.ok().flatten().and_then(StateStoreDataValue::into_sync_token);
        match (self.since.clone(), stored) {
            (None, _) => Past::Ignored,
            (Some(_), None) => Past::Mixed,
            (Some(since), Some(stored)) => {
                if since != stored {
                    let messages = self.read_between(&since, &stored).await;
                    tracing::info!(messages = messages.len(), "read what was said just before the last end");
                    self.hand_on(stored, messages);
                }
                Past::DealtWith
            }
        }
    }

    /// What was said in all rooms between two places in the stream.
    pub(super) async fn read_between(&mut self, since: &str, until: &str) -> Vec<InboundMessage> {
        let mut messages = Vec::new();
        for room in self.client.joined_rooms() {
            let events = self.gap(&room, until.to_owned(), since).await;
            messages.extend(self.read_events(&room, &events).await);
        }
        messages
    }

    /// What a sync left out because it was too much, oldest first. It is asked for until it is there: between two
    /// syncs no command may be lost.
    pub(super) async fn gap(&self, room: &Room, from: String, since: &str) -> Vec<TimelineEvent> {
        let mut newest_first: Vec<TimelineEvent> = Vec::new();
        let mut from = Some(from);
        let mut pause = FIRST_PAUSE;
        while let Some(start) = from.take() {
            let mut options = MessagesOptions::backward().from(start.as_str());
            options.to = Some(since.to_owned());
            options.limit = PAGE.into();
            match room.messages(options).await {
                Ok(page) => {
                    let joined = page.chunk.iter().any(|event| is_joining(event, &self.us));
                    let ended = page.chunk.is_empty() || joined;
                    newest_first.extend(page.chunk);
                    from = page.end.filter(|_| !ended);
                }
                Err(error) if matches!(error.client_api_error_kind(), Some(ErrorKind::Forbidden)) => {
                    tracing::warn!(room = %room.room_id(), %error, "cannot read what was said meanwhile");
                }
                Err(error) => {
                    tracing::warn!(room = %room.room_id(), %error, again_in = ?pause, "cannot read what was said meanwhile yet");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    from = Some(start);
                }
            }
        }
        newest_first.reverse();
        newest_first
    }
}

/// Whether we join the room with this event: what came before is not for us.
pub(super) fn is_joining(event: &TimelineEvent, us: &UserId) -> bool {
    event.raw().deserialize().is_ok_and(|event| room_event::joins(&event, us))
}
