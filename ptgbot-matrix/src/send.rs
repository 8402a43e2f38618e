//! Sending: each message until the server has it or will never take it, and none held up by another room.

use crate::retry::{Failure, Heartbeat, Retry};
use crate::shared_client::SharedClient;
use matrix_sdk::config::RequestConfig;
use matrix_sdk::ruma::api::error::ErrorKind;
use matrix_sdk::ruma::events::MessageLikeEventContent;
use matrix_sdk::ruma::{OwnedTransactionId, RoomId};
use matrix_sdk::{Error, Room};
use ptgbot_core::SendError;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Who sends. Copies share the turns of what can wait.
#[derive(Clone)]
pub(crate) struct Sender {
    pub(crate) account: SharedClient,
    pub(crate) heartbeat: Heartbeat,
    turns: Arc<Semaphore>,
}

/// Which messages go first when the server limits how many it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// Somebody waits for it.
    Answer,
    /// It comes unasked: a few at a time, and after answers that wait for the same limit.
    Notification,
}

impl Sender {
    pub(crate) fn new(account: SharedClient, heartbeat: Heartbeat) -> Self {
        Self { account, heartbeat, turns: Arc::new(Semaphore::new(NOTIFICATIONS_AT_ONCE)) }
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
            let room = client.get_room(room).ok_or(Error::InsufficientData)?;
            once(&room, content.clone(), transaction.clone()).await
        };
        self.until_done(&what, urgency, attempt).await
    }

    /// Tries until it is done.
    ///
    /// # Errors
    /// When it will not be.
    pub(crate) async fn until_done<T, F>(
        &self,
        what: &str,
        urgency: Urgency,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, SendError>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut retry = Retry::new(&self.heartbeat);
        let mut turn = None;
        let mut waited = Duration::ZERO;
        loop {
            if turn.is_none() {
                turn = self.turn(urgency).await;
            }
            let error = match attempt().await {
                Ok(done) => {
                    if waited > Duration::ZERO {
                        tracing::info!(?waited, "{what} has been sent");
                    }
                    return Ok(done);
                }
                Err(error) => error,
            };
            let failure = Failure::of(&error);
            let Some(pause) = retry.after(failure) else {
                tracing::error!(%error, ?waited, "{what} is given up");
                return Err(SendError::Refused(error.to_string()));
            };
            let pause = match (failure, urgency) {
                (Failure::Limited(_), Urgency::Notification) => pause + AFTER_ANSWERS,
                (Failure::Limited(_), Urgency::Answer) => pause,
                (Failure::Passing | Failure::Final, _) => {
                    // Others need not wait for what is out of order.
                    turn = None;
                    pause
                }
            };
            if waited == Duration::ZERO {
                tracing::warn!(%error, again_in = ?pause, "{what} waits");
            } else {
                tracing::debug!(%error, again_in = ?pause, "{what} still waits");
            }
            tokio::time::sleep(pause).await;
            waited += pause;
        }
    }

    async fn turn(&self, urgency: Urgency) -> Option<SemaphorePermit<'_>> {
        match urgency {
            Urgency::Answer => None,
            // It is never closed.
            Urgency::Notification => self.turns.acquire().await.ok(),
        }
    }
}

/// One try to send a message.
///
/// # Errors
/// When the server did not take it.
pub(crate) async fn once(
    room: &Room,
    content: impl MessageLikeEventContent,
    transaction: OwnedTransactionId,
) -> Result<(), Error> {
    let config = RequestConfig::new().timeout(TIMEOUT).disable_retry();
    match room.send(content).with_transaction_id(transaction).with_request_config(config).await {
        // It stands there already: another device of ours has put it there.
        Err(error) if error.client_api_error_kind() == Some(&ErrorKind::DuplicateAnnotation) => Ok(()),
        sent => sent.map(drop),
    }
}

/// With more the first limit would be met by many at once.
const NOTIFICATIONS_AT_ONCE: usize = 8;
/// Servers tell limits in whole seconds.
const AFTER_ANSWERS: Duration = Duration::from_secs(1);
const TIMEOUT: Duration = Duration::from_secs(30);
