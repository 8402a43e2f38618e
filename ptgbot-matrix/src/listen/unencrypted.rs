//! What is said in the open in an encrypted room is not obeyed: anybody between the person and us could have said it.

use super::reader::RoomReader;
use crate::content::{Answered, notice};
use crate::message::Message;
use crate::room_event::RoomEvent;
use crate::send;
use crate::transaction;
use matrix_sdk::Room;
use ptgbot_core::Place;

impl RoomReader {
    /// Says so to whoever seems to give a command, once to each person.
    pub(super) async fn warn_once(&mut self, room: &Room, event: &RoomEvent, message: &Message) {
        let (Message::Said { text, .. } | Message::Edited { text, .. }) = message;
        let meant_for_us = match self.place(room).await {
            Some(Place::Room(_)) => seems_a_command(text),
            Some(Place::Private) => true,
            None => false,
        };
        if !meant_for_us
            || !self.with.voice.may_speak()
            || self.warned.len() == MOST_WARNED
            || !self.warned.insert(event.sender.clone())
        {
            return;
        }
        tracing::warn!(room = %self.room, sender = %event.sender, "an unencrypted command in an encrypted room is not obeyed");
        let thread = match message {
            Message::Said { thread, .. } => thread.as_deref(),
            Message::Edited { .. } => None,
        };
        let answered = Answered { event: &event.id, thread };
        let content = notice(&WARNING.into(), Some(answered), Some(&event.sender));
        let transaction = transaction::answer(&event.id, 0);
        if let Err(error) = send::once(room, content, transaction).await {
            tracing::warn!(room = %self.room, %error, "cannot say so");
        }
    }
}

/// Nothing says so often: most of what comes in the open is the talk of people behind a bridge.
fn seems_a_command(text: &str) -> bool {
    let mut chars = text.chars();
    matches!(chars.next(), Some('#' | '+' | '~')) && chars.next().is_some_and(|c| c.is_ascii_alphanumeric())
}

const WARNING: &str = "This room is encrypted, and your message was not, so it is not carried out. \
    Use a client that encrypts, or a room without encryption.";
/// Of one room.
const MOST_WARNED: usize = 1_000;
