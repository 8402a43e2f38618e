//! Which message of a room is the board's, remembered by the account for that room: whatever device it uses, and
//! whether or not it may pin.

use crate::lasting_name::named_in;
use matrix_sdk::room::MessagesOptions;
use matrix_sdk::ruma::api::client::config::{get_room_account_data, set_room_account_data};
use matrix_sdk::ruma::api::client::room::get_room_event;
use matrix_sdk::ruma::serde::Raw;
use matrix_sdk::ruma::{EventId, OwnedEventId, OwnedTransactionId, RoomId, TransactionId, UserId};
use matrix_sdk::{Client, Error, HttpError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What is remembered of a room's message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    /// The name of one that was about to be sent: it may stand there or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) begun: Option<OwnedTransactionId>,
    /// The message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<OwnedEventId>,
    /// One that was deleted, and may be pinned still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gone: Option<OwnedEventId>,
    /// Whether the message was pinned once: who unpins it has a reason.
    pub(super) pinned: bool,
}

impl Kept {
    /// What the account remembers.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub(super) async fn read(client: &Client, us: &UserId, room: &RoomId) -> Result<Self, Error> {
        let request = get_room_account_data::v3::Request::new(us.to_owned(), room.to_owned(), KIND.into());
        let answer = unless_missing(client.send(request).await)?;
        // What somebody else has written there says nothing.
        Ok(answer.and_then(|answer| serde_json::from_str(answer.account_data.json().get()).ok()).unwrap_or_default())
    }

    /// Has the account remember it.
    ///
    /// # Errors
    /// When the server does not.
    pub(super) async fn write(&self, client: &Client, us: &UserId, room: &RoomId) -> Result<(), Error> {
        let content = Raw::new(self)?.cast_unchecked();
        let request = set_room_account_data::v3::Request::new_raw(us.to_owned(), room.to_owned(), KIND.into(), content);
        client.send(request).await?;
        Ok(())
    }
}

/// Whether a message still stands in its room.
///
/// # Errors
/// When the server cannot be asked.
pub(super) async fn stands(client: &Client, room: &RoomId, message: &EventId) -> Result<bool, Error> {
    let request = get_room_event::v3::Request::new(room.to_owned(), message.to_owned());
    let answer = unless_missing(client.send(request).await)?;
    let content = answer.and_then(|answer| answer.event.get_field::<Map<String, Value>>("content").ok().flatten());
    Ok(content.is_some_and(|content| !content.is_empty()))
}

/// The message of a name among the last ones of a room.
///
/// # Errors
/// When the server cannot be asked.
pub(super) async fn find(client: &Client, room: &RoomId, name: &TransactionId) -> Result<Option<OwnedEventId>, Error> {
    let room = client.get_room(room).ok_or(Error::InsufficientData)?;
    let mut options = MessagesOptions::backward();
    options.limit = MESSAGES.into();
    let messages = room.messages(options).await?.chunk;
    Ok(named_in(&room, &messages).await.into_iter().find(|(named, _)| named == name).map(|(_, event)| event))
}

fn unless_missing<T>(answer: Result<T, HttpError>) -> Result<Option<T>, Error> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.as_client_api_error().is_some_and(|error| error.status_code.as_u16() == MISSING) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// The kind of the account's data.
const KIND: &str = "ptgbot.board_message";
const MISSING: u16 = 404;
/// A room that says more before a bot is back gets its board at the end.
const MESSAGES: u8 = 100;
