//! Rehearsals: the event played on a copy, by a clock of its own. Every page says so.

use crate::clock::{Stamp, WallClock};
use crate::site::Site;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// How the clock of a rehearsal goes. Pages tell it to their scripts, so that an open page counts the minutes as the
/// rehearsal does.
///
/// ```
/// use ptgbot_render::Rehearsal;
/// let at = |time: &str| time.parse().unwrap();
/// let rehearsal = Rehearsal::new(at("2026-10-01T20:00:00Z"), at("2026-10-19T08:50:00Z"), 600.0);
/// assert_eq!(rehearsal.time(at("2026-10-01T20:00:01Z")), at("2026-10-19T09:00:00Z"));
/// assert_eq!(rehearsal.moment(at("2026-10-19T09:00:00Z")), at("2026-10-01T20:00:01Z"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rehearsal {
    /// When it began, by everybody's clock.
    pub begun: DateTime<Utc>,
    /// What its own clock showed then.
    pub start: DateTime<Utc>,
    /// How many times as fast as everybody's that one goes.
    pub speed: f64,
}

impl Rehearsal {
    /// A clock that showed `start` at `begun`, and goes so many times as fast as everybody's.
    pub fn new(begun: DateTime<Utc>, start: DateTime<Utc>, speed: f64) -> Self {
        Self { begun, start, speed }
    }

    /// What its clock shows at a moment of everybody's.
    pub fn time(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        later(self.start, (now - self.begun).as_seconds_f64() * self.speed)
    }

    /// The moment of everybody's clock at which its own shows a time.
    pub fn moment(&self, time: DateTime<Utc>) -> DateTime<Utc> {
        later(self.begun, (time - self.start).as_seconds_f64() / self.speed)
    }
}

/// What a page says of the rehearsal that it belongs to.
#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) start: Stamp,
    pub(crate) speed: f64,
    /// RFC 3339, to the millisecond.
    pub(crate) begun: String,
    pub(crate) start_iso: String,
}

impl Notice {
    pub(crate) fn of(site: &Site, clock: WallClock) -> Option<Self> {
        let Rehearsal { begun, start, speed } = site.options.rehearsal?;
        let exact = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
        Some(Self { start: clock.date_time(start), speed, begun: exact(begun), start_iso: exact(start) })
    }
}

impl Site<'_> {
    /// What something is called: of a rehearsal it says so.
    pub(crate) fn titled(&self, name: String) -> String {
        if self.options.rehearsal.is_some() { format!("{REHEARSAL}: {name}") } else { name }
    }
}

/// A time and some seconds, or the last that there is.
fn later(time: DateTime<Utc>, seconds: f64) -> DateTime<Utc> {
    let nanoseconds = (seconds.fract() * 1e9).round();
    #[expect(clippy::cast_possible_truncation, reason = "a number that is too large becomes the largest")]
    let span =
        TimeDelta::try_seconds(seconds.trunc() as i64).map(|whole| whole + TimeDelta::nanoseconds(nanoseconds as i64));
    let end = if seconds < 0.0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
    span.and_then(|span| time.checked_add_signed(span)).unwrap_or(end)
}

pub(crate) const REHEARSAL: &str = "Rehearsal";

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> DateTime<Utc> {
        time.parse().expect("a time")
    }

    #[test]
    fn five_days_at_six_hundred_times_are_twelve_minutes() {
        let rehearsal =
            Rehearsal { begun: at("2026-10-01T20:00:00.123Z"), start: at("2026-10-19T00:00:00Z"), speed: 600.0 };
        assert_eq!(rehearsal.time(at("2026-10-01T20:12:00.123Z")), at("2026-10-24T00:00:00Z"));
        assert_eq!(rehearsal.moment(at("2026-10-24T00:00:00Z")), at("2026-10-01T20:12:00.123Z"));
        // A clock that was set back.
        assert_eq!(rehearsal.time(at("2026-10-01T19:59:59.123Z")), at("2026-10-18T23:50:00Z"));
    }

    #[test]
    fn a_clock_that_has_come_to_the_end_of_time_stands_there() {
        let rehearsal =
            Rehearsal { begun: at("2026-10-01T20:00:00Z"), start: at("2026-10-19T00:00:00Z"), speed: 1e300 };
        assert_eq!(rehearsal.time(at("2026-10-01T20:00:01Z")), DateTime::<Utc>::MAX_UTC);
        assert_eq!(rehearsal.time(at("2026-10-01T19:00:01Z")), DateTime::<Utc>::MIN_UTC);
    }
}
