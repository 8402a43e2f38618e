//! Retrying: which failures pass, how long to wait before the next try, and when a request is given up.

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use matrix_sdk::ruma::api::error::{ErrorKind, RetryAfter};
use matrix_sdk::{Error, HttpError};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::watch;

/// What a failed request means for the next try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The server has had enough of us for now (a rate limit); it may have said for how long.
    Limited(Option<Duration>),
    /// The server, the way to it or our own disk is out of order.
    Passing,
    /// The server has understood and will not do it, now or later.
    Final,
}

/// How often the homeserver has answered a sync: what fails while this grows fails by itself, and not because the
/// server cannot be reached. Copies count together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heartbeat(Arc<watch::Sender<u64>>);

/// Growing pauses between tries, without end.
#[derive(Debug)]
pub(crate) struct Pauses {
    backoff: ExponentialBackoff,
    longest: Duration,
}

/// The tries of one request. While the homeserver cannot be reached at all they go on without end; else a few are
/// enough to say that this request fails by itself.
#[derive(Debug)]
pub(crate) struct Retry {
    pauses: Pauses,
    heartbeat: Heartbeat,
    /// The heartbeat at the last failure that counted.
    counted_at: u64,
    failures: u32,
    limits: u32,
}

impl Failure {
    /// What an error of the library means.
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::Http(error) => Self::of_request(error),
            // We are no longer in the room.
            Error::WrongRoomState(_) => Self::Final,
            // The store, the keys: busy or broken.
            _ => Self::Passing,
        }
    }

    /// What an error of a request means.
    pub(crate) fn of_request(error: &HttpError) -> Self {
        match error.client_api_error_kind() {
            Some(ErrorKind::LimitExceeded(limit)) => Self::Limited(limit.retry_after.as_ref().map(pause_of)),
            // Somebody signs in again, or the bot ends.
            Some(ErrorKind::UnknownToken(_)) => Self::Passing,
            Some(_) | None => match error.as_client_api_error() {
                Some(answer) if answer.status_code.as_u16() == TOO_MANY => Self::Limited(None),
                Some(answer) if answer.status_code.is_client_error() => Self::Final,
                Some(_) | None => Self::Passing,
            },
        }
    }
}

impl Heartbeat {
    /// The homeserver has answered a sync.
    pub(crate) fn beat(&self) {
        self.0.send_modify(|beats| *beats += 1);
    }

    /// Sees each beat from now on.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }

    fn count(&self) -> u64 {
        *self.0.borrow()
    }
}

impl Retry {
    /// For a request that has not been tried yet.
    pub(crate) fn new(heartbeat: &Heartbeat) -> Self {
        Self {
            pauses: Pauses::new(FIRST_PAUSE, LONGEST_PAUSE),
            heartbeat: heartbeat.clone(),
            counted_at: heartbeat.count(),
            failures: 0,
            limits: 0,
        }
    }

    /// How long to wait before the next try; `None`: there should be none.
    pub(crate) fn after(&mut self, failure: Failure) -> Option<Duration> {
        match failure {
            Failure::Limited(asked) => {
                self.limits += 1;
                (self.limits < MOST_LIMITS).then(|| asked.unwrap_or(UNSAID_LIMIT))
            }
            Failure::Passing => {
                let beats = self.heartbeat.count();
                if beats != self.counted_at {
                    self.counted_at = beats;
                    self.failures += 1;
                }
                (self.failures < MOST_FAILURES).then(|| self.pauses.next())
            }
            Failure::Final => None,
        }
    }
}

impl Pauses {
    /// From the first, each twice as long as the one before, up to the longest.
    pub(crate) fn new(first: Duration, longest: Duration) -> Self {
        let backoff = ExponentialBuilder::new().with_min_delay(first).with_max_delay(longest).without_max_times();
        Self { backoff: backoff.build(), longest }
    }

    /// How long to wait now.
    pub(crate) fn next(&mut self) -> Duration {
        self.backoff.next().unwrap_or(self.longest)
    }
}

/// How long a server asks us to wait.
fn pause_of(after: &RetryAfter) -> Duration {
    match after {
        RetryAfter::Delay(pause) => *pause,
        RetryAfter::DateTime(moment) => moment.duration_since(SystemTime::now()).unwrap_or_default(),
    }
    .min(LONGEST_LIMIT)
}

const TOO_MANY: u16 = 429;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Failures while the homeserver answers otherwise. With the pauses between them: about ten minutes.
const MOST_FAILURES: u32 = 12;
/// How often a request may be told to come later.
const MOST_LIMITS: u32 = 500;
const UNSAID_LIMIT: Duration = Duration::from_secs(5);
/// A server that asks for more is asked again after this.
const LONGEST_LIMIT: Duration = Duration::from_secs(600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_fails_by_itself_is_given_up() {
        let heartbeat = Heartbeat::default();
        let mut retry = Retry::new(&heartbeat);
        let mut tries = 0;
        let mut waited = Duration::ZERO;
        while let Some(pause) = retry.after(Failure::Passing) {
            heartbeat.beat();
            tries += 1;
            waited += pause;
        }
        assert_eq!(tries, MOST_FAILURES);
        assert!((Duration::from_secs(300)..Duration::from_secs(900)).contains(&waited), "{waited:?}");
    }

    #[test]
    fn nothing_is_given_up_while_the_homeserver_cannot_be_reached() {
        let mut retry = Retry::new(&Heartbeat::default());
        let pauses: Vec<_> = (0..1_000).map_while(|_| retry.after(Failure::Passing)).collect();
        assert_eq!((pauses.len(), pauses[0], pauses[999]), (1_000, FIRST_PAUSE, LONGEST_PAUSE));
    }

    #[test]
    fn a_limit_is_waited_out_as_long_as_the_server_asks_and_a_refusal_is_final() {
        let mut retry = Retry::new(&Heartbeat::default());
        let asked = Duration::from_millis(700);
        assert_eq!(retry.after(Failure::Limited(Some(asked))), Some(asked));
        assert_eq!(retry.after(Failure::Limited(None)), Some(UNSAID_LIMIT));
        assert_eq!(retry.after(Failure::Final), None);
    }
}
