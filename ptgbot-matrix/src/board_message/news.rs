//! What happens in rooms that concerns the board's messages: told by whoever listens.

use matrix_sdk::Room;
use matrix_sdk::ruma::events::room::redaction::SyncRoomRedactionEvent;
use matrix_sdk::ruma::events::{AnySyncMessageLikeEvent, AnySyncStateEvent, AnySyncTimelineEvent};
use matrix_sdk::ruma::{OwnedEventId, OwnedRoomId, RoomId};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::watch;

/// How often something has happened in each room, after which its message is to be looked at. Copies are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct BoardNews(Arc<watch::Sender<HashMap<OwnedRoomId, InRoom>>>);

#[derive(Clone, Debug, Default)]
struct InRoom {
    happened: u64,
    /// The message, once it is known.
    message: Option<OwnedEventId>,
}

impl BoardNews {
    /// Looks through what a sync has brought for a room: our powers there may be others, or the message gone. Of what is
    /// missing nobody knows.
    pub(crate) fn notice<'a>(
        &self,
        room: &Room,
        events: impl IntoIterator<Item = &'a AnySyncTimelineEvent>,
        is_gap: bool,
    ) {
        let message = self.0.borrow().get(room.room_id()).and_then(|known| known.message.clone());
        let concerns_us = |event: &AnySyncTimelineEvent| match event {
            AnySyncTimelineEvent::State(AnySyncStateEvent::RoomPowerLevels(_)) => true,
            AnySyncTimelineEvent::State(AnySyncStateEvent::RoomMember(member)) => {
                member.state_key() == room.own_user_id()
            }
            AnySyncTimelineEvent::MessageLike(AnySyncMessageLikeEvent::RoomRedaction(redaction)) => {
                message.is_some() && redacted(room, redaction) == message
            }
            AnySyncTimelineEvent::MessageLike(_) | AnySyncTimelineEvent::State(_) => false,
        };
        if is_gap || events.into_iter().any(concerns_us) {
            self.0.send_modify(|rooms| rooms.entry(room.room_id().to_owned()).or_default().happened += 1);
        }
    }

    /// Anything may have happened in any room.
    pub(crate) fn anywhere(&self) {
        self.0.send_modify(|rooms| rooms.values_mut().for_each(|room| room.happened += 1));
    }

    /// Which message a room has.
    pub(super) fn is(&self, room: &RoomId, message: Option<&OwnedEventId>) {
        self.0.send_if_modified(|rooms| {
            rooms.entry(room.to_owned()).or_default().message = message.cloned();
            false
        });
    }

    /// How often something has happened in a room.
    pub(super) fn happened_in(&self, room: &RoomId) -> u64 {
        self.0.borrow().get(room).map_or(0, |known| known.happened)
    }

    /// Sees whatever happens from now on.
    pub(super) fn subscribe(&self) -> Happenings {
        Happenings { seen: self.0.subscribe(), _kept: self.clone() }
    }
}

/// Who waits for something to happen.
pub(super) struct Happenings {
    seen: watch::Receiver<HashMap<OwnedRoomId, InRoom>>,
    _kept: BoardNews,
}

impl Happenings {
    /// Waits until something happens. Cancel safe.
    pub(super) async fn changed(&mut self) {
        // The sender is kept.
        self.seen.changed().await.ok();
    }
}

fn redacted(room: &Room, redaction: &SyncRoomRedactionEvent) -> Option<OwnedEventId> {
    let rules = room.clone_info().room_version_rules_or_default();
    redaction.redacts(&rules.redaction).map(ToOwned::to_owned)
}
