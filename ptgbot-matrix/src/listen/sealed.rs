//! Messages that cannot be decrypted yet: kept for a day, also over a restart, and tried again as keys arrive.

use super::{InboundMessage, Listener};
use crate::pending::Unread;
use crate::room_event::RoomEvent;
use chrono::{TimeDelta, Utc};
use matrix_sdk::Room;
use matrix_sdk::deserialized_responses::TimelineEvent;
use matrix_sdk::ruma::EventId;
use matrix_sdk::ruma::api::error::ErrorKind;

impl Listener {
    /// Keeps a message for later.
    pub(super) fn cannot_read(&mut self, room: &Room, event: &RoomEvent, reason: &str, events: &[TimelineEvent]) {
        let (event, at) = (&event.id, event.at.timestamp_millis());
        if self.unread.iter().any(|known| known.event == *event) {
            return;
        }
        tracing::warn!(room = %room.room_id(), %event, reason, "cannot decrypt a message; trying again when keys come");
        if self.unread.len() == MOST_UNREAD {
            self.sealed.remove(&self.unread.remove(0).event);
        }
        self.unread.push(Unread { room: room.room_id().to_owned(), event: event.clone(), at });
        if let Some(sealed) = events.iter().find(|sealed| sealed.event_id().as_ref() == Some(event)) {
            self.sealed.insert(event.clone(), sealed.raw().clone());
        }
    }

    /// Tries the messages that could not be decrypted so far; what is a day old is given up.
    pub(super) async fn decrypt_again(&mut self) -> Vec<InboundMessage> {
        let mut messages = Vec::new();
        let too_old = (Utc::now() - GIVEN_UP_AFTER).timestamp_millis();
        for unread in std::mem::take(&mut self.unread) {
            let Some(room) = self.client.get_room(&unread.room) else { continue };
            if unread.at < too_old {
                tracing::warn!(room = %unread.room, event = %unread.event, "a message was never decrypted");
                self.sealed.remove(&unread.event);
                continue;
            }
            let opened = match self.open(&room, &unread.event).await {
                Ok(event) => event,
                Err(error) if matches!(error.client_api_error_kind(), Some(ErrorKind::NotFound)) => continue,
                Err(_) => {
                    self.unread.push(unread);
                    continue;
                }
            };
            if opened.kind.is_utd() {
                self.sealed.insert(unread.event.clone(), opened.raw().clone());
                self.unread.push(unread);
                continue;
            }
            tracing::info!(room = %unread.room, event = %unread.event, "its key has come: the message is decrypted");
            self.sealed.remove(&unread.event);
            for event in self.read(&room, &[opened]).await {
                messages.extend(self.message(&room, event).await);
            }
        }
        messages
    }

    /// One message, decrypted if that is possible now.
    async fn open(&self, room: &Room, event: &EventId) -> Result<TimelineEvent, matrix_sdk::Error> {
        match self.sealed.get(event) {
            Some(sealed) => room.decrypt_event(sealed.cast_ref_unchecked(), None).await,
            None => room.event(event, None).await,
        }
    }
}

const MOST_UNREAD: usize = 200;
const GIVEN_UP_AFTER: TimeDelta = TimeDelta::hours(24);
