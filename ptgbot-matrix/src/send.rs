//! Sending: each message until the server has it or will never take it, and none held up by another room.

use crate::lasting_name::Named;
use crate::rate_limit::RateLimit;
use crate::retry::{Failure, Heartbeat, Retry};
use crate::shared_client::SharedClient;
use matrix_sdk::config::RequestConfig;
use matrix_sdk::ruma::api::error::ErrorKind;
use matrix_sdk::ruma::events::MessageLikeEventContent;
use matrix_sdk::ruma::{OwnedEventId, OwnedTransactionId, RoomId};
use matrix_sdk::{Error, Room};
use ptgbot_core::SendError;
use std::time::Duration;

/// Who sends. Copies share the server's limits.
#[derive(Clone)]
pub(crate) struct Sender {
    pub(crate) account: SharedClient,
    pub(crate) heartbeat: Heartbeat,
    /// On messages that can wait.
    pub(crate) messages: RateLimit,
    /// On new rooms: another, and a stricter one.
    pub(crate) new_rooms: RateLimit,
}

/// Which messages go first when the server limits how many it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// Somebody waits for it.
    Answer,
    /// It comes unasked: after answers that wait for the same limit, and in turn.
    Notification,
}

impl Sender {
    pub(crate) fn new(account: SharedClient, heartbeat: Heartbeat) -> Self {
        Self {
            account,
            heartbeat,
            messages: RateLimit::new(MESSAGES_AT_ONCE),
            new_rooms: RateLimit::new(NEW_ROOMS_AT_ONCE),
        }
    }

    /// Sends a message until the server has it. The same transaction ID makes sure that it stands there once, however
    /// often it is sent.
    ///
    /// # Errors
    /// When the server will not take it: we are not in the room, may not speak there, it is too long.
    pub(crate) async fn post<C>(
        &self,
        room: &RoomId,
        content: C,
        transaction: OwnedTransactionId,
        urgency: Urgency,
    ) -> Result<(), SendError>
    where
        C: MessageLikeEventContent + Clone + Send + Sync,
    {
        let what = format!("a message to {room}");
        let attempt = || async {
            let client = self.account.client().await;
            // One that was just made is there after the next sync.
            let room = client.get_room(room).ok_or(Error::InsufficientData)?;
            once(&room, content.clone(), transaction.clone()).await.map(drop)
        };
        let limit = match urgency {
            Urgency::Answer => None,
            Urgency::Notification => Some(&self.messages),
        };
        self.until_done(&what, limit, attempt).await
    }

    /// Tries until it is done, each time in its turn where a limit is named.
    ///
    /// # Errors
    /// When it will not be.
    pub(crate) async fn until_done<T, F>(
        &self,
        what: &str,
        limit: Option<&RateLimit>,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, SendError>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut retry = Retry::new(&self.heartbeat);
        let mut waited = Duration::ZERO;
        loop {
            let turn = match limit {
                Some(limit) => Some(limit.turn().await),
                None => None,
            };
            let error = match attempt().await {
                Ok(done) => {
                    limit.inspect(|limit| limit.passed());
                    if waited > Duration::ZERO {
                        tracing::info!(?waited, "{what} has been sent");
                    }
                    return Ok(done);
                }
                Err(error) => error,
            };
            let failure = Failure::of(&error);
            let Some(mut pause) = retry.after(failure) else {
                tracing::error!(%error, ?waited, "{what} is given up");
                return Err(SendError::Refused(error.to_string()));
            };
            if let (Failure::Limited(_), Some(limit)) = (failure, limit) {
                pause += AFTER_ANSWERS;
                limit.limited(pause);
            }
            // Others go on meanwhile.
            drop(turn);
            if waited == Duration::ZERO {
                tracing::warn!(%error, again_in = ?pause, "{what} waits");
            } else {
                tracing::debug!(%error, again_in = ?pause, "{what} still waits");
            }
            tokio::time::sleep(pause).await;
            waited += pause;
        }
    }
}

/// One try to send a message. Gives its event, unless another device of ours has put it there.
///
/// # Errors
/// When the server did not take it.
pub(crate) async fn once(
    room: &Room,
    content: impl MessageLikeEventContent,
    transaction: OwnedTransactionId,
) -> Result<Option<OwnedEventId>, Error> {
    let config = RequestConfig::new().timeout(TIMEOUT).disable_retry();
    match room
        .send(Named::new(content, &transaction))
        .with_transaction_id(transaction)
        .with_request_config(config)
        .await
    {
        // It stands there already: another device of ours has put it there.
        Err(error) if error.client_api_error_kind() == Some(&ErrorKind::DuplicateAnnotation) => Ok(None),
        sent => sent.map(|sent| Some(sent.response.event_id)),
    }
}

const MESSAGES_AT_ONCE: u32 = 8;
/// Few: they count as messages, too, and who has a room should not wait for those who have none.
const NEW_ROOMS_AT_ONCE: u32 = 2;
/// Servers tell limits in whole seconds.
const AFTER_ANSWERS: Duration = Duration::from_secs(1);
const TIMEOUT: Duration = Duration::from_secs(30);
