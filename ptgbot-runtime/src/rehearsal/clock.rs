//! The clock of a rehearsal: it goes as another one does, from a time of its own, and faster.

use crate::clock::Clock;
use chrono::{DateTime, TimeDelta, Utc};
use ptgbot_render::Rehearsal;
use std::pin::Pin;
use std::sync::Arc;

/// A clock that follows another one at its own speed.
#[derive(Debug)]
pub(crate) struct RehearsalClock {
    followed: Arc<dyn Clock>,
    rehearsal: Rehearsal,
}

impl RehearsalClock {
    /// One that shows `start` from now on, and goes so many times as fast as the one that it follows.
    pub(crate) fn new(followed: Arc<dyn Clock>, start: DateTime<Utc>, speed: f64) -> Self {
        let rehearsal = Rehearsal::new(followed.now(), start, speed);
        Self { followed, rehearsal }
    }

    /// How it goes, for the pages.
    pub(crate) fn rehearsal(&self) -> Rehearsal {
        self.rehearsal
    }
}

impl Clock for RehearsalClock {
    fn now(&self) -> DateTime<Utc> {
        self.rehearsal.time(self.followed.now())
    }

    /// A wait is as much shorter as the clock is faster.
    fn until(&self, time: DateTime<Utc>) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            while self.now() < time {
                let moment = self.rehearsal.moment(time).checked_add_signed(JUST_AFTER);
                self.followed.until(moment.unwrap_or(DateTime::<Utc>::MAX_UTC)).await;
            }
        })
    }
}

/// More than what division loses: the time has come then.
const JUST_AFTER: TimeDelta = TimeDelta::microseconds(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestClock;
    use futures_util::FutureExt;
    use proptest::prelude::*;

    fn at(time: &str) -> DateTime<Utc> {
        time.parse().expect("a time")
    }

    #[test]
    fn a_wait_is_divided_by_the_speed() {
        let followed = Arc::new(TestClock::at(at("2026-10-01T20:00:00Z")));
        let clock = RehearsalClock::new(followed.clone(), at("2026-10-19T08:50:00Z"), 600.0);
        let mut waiting = clock.until(at("2026-10-19T09:00:00Z"));
        assert_eq!((&mut waiting).now_or_never(), None);
        followed.set(at("2026-10-01T20:00:00.999Z"));
        assert_eq!((&mut waiting).now_or_never(), None);
        followed.set(at("2026-10-01T20:00:01.001Z"));
        assert_eq!((&mut waiting).now_or_never(), Some(()));
        assert_eq!(clock.now(), at("2026-10-19T09:00:00.6Z"));
    }

    #[test]
    fn a_time_that_has_passed_is_not_waited_for() {
        let clock =
            RehearsalClock::new(Arc::new(TestClock::at(at("2026-10-01T20:00:00Z"))), at("2026-10-19T09:00:00Z"), 1.0);
        for time in ["2026-10-19T09:00:00Z", "2020-01-01T00:00:00Z"] {
            assert_eq!(clock.until(at(time)).now_or_never(), Some(()), "{time}");
        }
    }

    proptest! {
        /// Else a wait that is over would begin again at once, and never end.
        #[test]
        fn when_the_followed_clock_has_come_to_the_moment_the_time_has_come(
            seconds in 0_i64..3_000_000_000, nanoseconds in 0_i64..1_000_000_000, speed in 1.0_f64..100_000.0,
        ) {
            let followed = Arc::new(TestClock::at(at("2026-10-01T20:00:00Z")));
            let clock = RehearsalClock::new(followed.clone(), at("2026-10-19T08:50:00Z"), speed);
            let time = at("2026-10-19T08:50:00Z") + TimeDelta::seconds(seconds) + TimeDelta::nanoseconds(nanoseconds);
            followed.set(clock.rehearsal.moment(time) + JUST_AFTER);
            prop_assert!(clock.now() >= time);
        }
    }
}
