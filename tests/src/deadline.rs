//! Waiting for something outside to become true, and for how long.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long a test waits for what should come at once. Long, because a busy
/// machine is not a failure and a passing test never waits this long.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What was awaited did not become true in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooLate {
    /// What was awaited, as the test names it.
    pub what: String,
    /// How long it was awaited.
    pub after: Duration,
}

impl fmt::Display for TooLate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} did not come within {:.1?}", self.what, self.after)
    }
}

impl std::error::Error for TooLate {}

/// Polls until something is there, and gives it back.
///
/// For what cannot announce itself (a port that opens, a file that changes).
/// Lines that arrive are awaited in [`crate::transcript`] without polling.
pub async fn wait_until<T, F, P>(what: &str, deadline: Duration, mut poll: P) -> Result<T, TooLate>
where
    P: FnMut() -> F,
    F: Future<Output = Option<T>>,
{
    let end = Instant::now() + deadline;
    loop {
        if let Some(found) = poll().await {
            return Ok(found);
        }
        if Instant::now() >= end {
            return Err(TooLate { what: what.to_owned(), after: deadline });
        }
        sleep(POLL).await;
    }
}

const POLL: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_condition_that_becomes_true_ends_the_wait() {
        let mut polls = 0;
        let polled = wait_until("three polls", PATIENCE, || {
            polls += 1;
            let polls = polls;
            async move { (polls == 3).then_some(polls) }
        });
        assert_eq!(polled.await, Ok(3));
    }

    #[tokio::test]
    async fn a_condition_that_stays_false_is_named() {
        let late = wait_until("rain", Duration::ZERO, || async { None::<()> }).await;
        assert_eq!(late.expect_err("it never rains").to_string(), "rain did not come within 0.0ns");
    }
}
