//! A clock that only a test moves.

use crate::clock::Clock;
use chrono::{DateTime, TimeDelta, Utc};
use std::pin::Pin;
use tokio::sync::watch;

/// A clock that stands until a test sets it.
///
/// ```
/// use ptgbot_runtime::{Clock, testing::TestClock};
/// let clock = TestClock::at("2026-10-19T09:00:00Z".parse().unwrap());
/// clock.advance(chrono::TimeDelta::minutes(5));
/// assert_eq!(clock.now().to_rfc3339(), "2026-10-19T09:05:00+00:00");
/// ```
#[derive(Debug)]
pub struct TestClock(watch::Sender<DateTime<Utc>>);

impl TestClock {
    /// One that shows a time.
    pub fn at(time: DateTime<Utc>) -> Self {
        Self(watch::Sender::new(time))
    }

    /// Sets it, forward or back.
    pub fn set(&self, time: DateTime<Utc>) {
        self.0.send_replace(time);
    }

    /// Sets it by a while.
    pub fn advance(&self, by: TimeDelta) {
        self.0.send_modify(|time| *time += by);
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.borrow()
    }

    fn until(&self, time: DateTime<Utc>) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            let mut set = self.0.subscribe();
            // The clock outlives whoever waits for it.
            drop(set.wait_for(|now| *now >= time).await);
        })
    }
}
