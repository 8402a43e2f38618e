//! Messages that cannot be decrypted yet: kept for a day, also over a restart, and tried again as keys arrive.

use super::reader::{InboundMessage, RoomReader};
use crate::position::Unread;
use crate::room_event::RoomEvent;
use chrono::{TimeDelta, Utc};
use matrix_sdk::Room;
use matrix_sdk::deserialized_responses::TimelineEvent;
use matrix_sdk::ruma::EventId;
use matrix_sdk::ruma::api::error::ErrorKind;

impl RoomReader {
    /// Keeps a message for later; gives it if it was not known.
    pub(super) fn cannot_read(&mut self, event: &RoomEvent, reason: &str, events: &[TimelineEvent]) -> Option<Unread> {
        let (event, at) = (&event.id, event.at.timestamp_millis());
        if self.unread.iter().any(|known| known.event == *event) {
            return None;
        }
        tracing::warn!(room = %self.room, %event, reason, "cannot decrypt a message; trying again when keys come");
        if self.unread.len() == MOST_UNREAD {
            let oldest = self.unread.remove(0).event;
            self.give_up(&oldest);
        }
        let unread = Unread { room: self.room.clone(), event: event.clone(), at };
        self.unread.push(unread.clone());
        if let Some(sealed) = events.iter().find(|sealed| sealed.event_id().as_ref() == Some(event)) {
            self.sealed.insert(event.clone(), sealed.raw().clone());
        }
        Some(unread)
    }

    /// Tries the messages that could not be decrypted so far; what is a day old is given up.
    pub(super) async fn decrypt_again(&mut self) -> Vec<InboundMessage> {
        let mut messages = Vec::new();
        let too_old = (Utc::now() - GIVEN_UP_AFTER).timestamp_millis();
        let client = self.with.account.client().await;
        let Some(room) = client.get_room(&self.room) else {
            return messages;
        };
        for unread in std::mem::take(&mut self.unread) {
            if unread.at < too_old {
                tracing::warn!(room = %self.room, event = %unread.event, "a message was never decrypted");
                self.give_up(&unread.event);
                continue;
            }
            let opened = match self.open(&room, &unread.event).await {
                Ok(event) => event,
                Err(error) if matches!(error.client_api_error_kind(), Some(ErrorKind::NotFound)) => {
                    self.give_up(&unread.event);
                    continue;
                }
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
            tracing::info!(room = %self.room, event = %unread.event, "its key has come: the message is decrypted");
            self.sealed.remove(&unread.event);
            let powers = room.power_levels_or_default().await;
            let mut heard = false;
            for event in self.read(&room, &[opened], &powers).await {
                if let Some(message) = self.message(&room, event).await {
                    heard = true;
                    messages.push(message);
                }
            }
            if !heard {
                self.give_up(&unread.event);
            }
        }
        messages
    }

    fn give_up(&mut self, event: &EventId) {
        self.sealed.remove(event);
        self.with.pending.give_up(event);
    }

    /// One message, decrypted if that is possible now.
    async fn open(&self, room: &Room, event: &EventId) -> Result<TimelineEvent, matrix_sdk::Error> {
        match self.sealed.get(event) {
            Some(sealed) => room.decrypt_event(sealed.cast_ref_unchecked(), None).await,
            None => room.event(event, None).await,
        }
    }
}

/// Of one room.
const MOST_UNREAD: usize = 50;
const GIVEN_UP_AFTER: TimeDelta = TimeDelta::hours(24);
