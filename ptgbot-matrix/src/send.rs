//! Sending: one message after the other, each until the server has it or will never take it.

use matrix_sdk::ruma::api::error::{ErrorKind, RetryAfter};
use matrix_sdk::ruma::events::MessageLikeEventContent;
use matrix_sdk::ruma::{OwnedTransactionId, OwnedUserId, UserId};
use matrix_sdk::{Error, HttpError, Room};
use std::time::{Duration, SystemTime};

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Posted {
    /// The server has it.
    Sent,
    /// The server will not take it, now or later: we are not in the room, may not speak there, it is too long.
    Refused,
}

/// What a failure means for the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Try again after a while; the server may have said how long.
    Later(Option<Duration>),
    /// Never.
    Never,
}

/// Sends a message until the server has it, waiting out limits and lost connections. The same transaction ID makes
/// sure that it stands there once, however often it is sent.
pub(crate) async fn post<C>(room: &Room, content: C, transaction: OwnedTransactionId) -> Posted
where
    C: MessageLikeEventContent + Clone,
{
    let mut pause = FIRST_PAUSE;
    let mut unexplained = 0;
    loop {
        let error = match room.send(content.clone()).with_transaction_id(transaction.clone()).await {
            Ok(_) => return Posted::Sent,
            // It stands there already: another device of ours has put it there.
            Err(error) if error.client_api_error_kind() == Some(&ErrorKind::DuplicateAnnotation) => {
                return Posted::Sent;
            }
            Err(error) => error,
        };
        let wait = match verdict(&error) {
            Verdict::Later(wait) => wait.unwrap_or(pause),
            Verdict::Never => {
                tracing::warn!(room = %room.room_id(), %error, "a message cannot be sent");
                return Posted::Refused;
            }
        };
        if !matches!(error, Error::Http(_)) {
            unexplained += 1;
            if unexplained == TRIES {
                tracing::error!(room = %room.room_id(), %error, "a message could not be sent");
                return Posted::Refused;
            }
        }
        tracing::info!(room = %room.room_id(), %error, again_in = ?wait, "a message waits");
        tokio::time::sleep(wait).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// How long to wait before asking for a direct room again, where waiting helps.
pub(crate) fn worth_waiting(error: &Error) -> Option<Duration> {
    match verdict(error) {
        Verdict::Later(wait) => Some(wait.unwrap_or(FIRST_PAUSE)),
        Verdict::Never => None,
    }
}

/// A Matrix user's ID, if this is one: people of other networks are not ours to tell.
pub(crate) fn user(name: &str) -> Option<OwnedUserId> {
    UserId::parse(name).ok()
}

fn verdict(error: &Error) -> Verdict {
    match error {
        Error::Http(error) => of_request(error),
        Error::WrongRoomState(_) => Verdict::Never,
        // The store, the keys: busy or broken, the caller counts the tries.
        _ => Verdict::Later(None),
    }
}

fn of_request(error: &HttpError) -> Verdict {
    match error.client_api_error_kind() {
        Some(ErrorKind::LimitExceeded(limit)) => Verdict::Later(limit.retry_after.as_ref().map(pause_of)),
        // Somebody signs in again, or the bot ends.
        Some(ErrorKind::UnknownToken(_)) => Verdict::Later(None),
        Some(_) | None => match error.as_client_api_error() {
            Some(answer) if answer.status_code.as_u16() == TOO_MANY => Verdict::Later(None),
            Some(answer) if answer.status_code.is_client_error() => Verdict::Never,
            Some(_) | None => Verdict::Later(None),
        },
    }
}

fn pause_of(after: &RetryAfter) -> Duration {
    match after {
        RetryAfter::Delay(pause) => *pause,
        RetryAfter::DateTime(moment) => moment.duration_since(SystemTime::now()).unwrap_or_default(),
    }
    .min(LONGEST_LIMIT)
}

const TOO_MANY: u16 = 429;
const TRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A server that asks for more is asked again after this.
const LONGEST_LIMIT: Duration = Duration::from_secs(600);
