//! The clock of a pipe: the system's, until a line says what time it is.

use crate::clock::{Clock, SystemClock};
use chrono::{DateTime, Utc};
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What time it is, as far as lines have said. Once one has, it is that time until another one says more.
#[derive(Debug, Default)]
pub(super) struct LineClock(Mutex<Told>);

/// What lines have said.
#[derive(Debug, Default)]
struct Told {
    /// The last tick.
    tick: Option<DateTime<Utc>>,
    /// The last time of all.
    last: Option<DateTime<Utc>>,
}

impl LineClock {
    /// A tick was read.
    pub(super) fn tick(&self, tick: DateTime<Utc>) {
        *self.told() = Told { tick: Some(tick), last: Some(tick) };
    }

    /// When a line was said that has a time of its own, or else was said at the last tick, or now.
    pub(super) fn time_of_line(&self, at: Option<DateTime<Utc>>) -> DateTime<Utc> {
        let mut told = self.told();
        told.last = at.or(told.last);
        at.or(told.tick).unwrap_or_else(|| SystemClock.now())
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for LineClock {
    fn now(&self) -> DateTime<Utc> {
        self.told().last.unwrap_or_else(|| SystemClock.now())
    }

    fn until(&self, time: DateTime<Utc>) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            SystemClock.until(time).await;
            if self.told().last.is_some() {
                std::future::pending().await
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[tokio::test]
    async fn it_goes_by_itself_until_a_line_says_what_time_it_is() {
        let clock = LineClock::default();
        let before = SystemClock.now();
        assert!(clock.now() >= before && clock.time_of_line(None) >= before);
        clock.until(before).await;
        let [tick, line] = ["2026-10-19T14:00:00Z", "2026-10-19T14:05:00Z"].map(at);
        clock.tick(tick);
        assert_eq!((clock.now(), clock.time_of_line(None)), (tick, tick));
        assert_eq!((clock.time_of_line(Some(line)), clock.now(), clock.time_of_line(None)), (line, line, tick));
        assert_eq!(clock.until(tick).now_or_never(), None, "nobody goes on by the system's time any more");
    }
}
