//! Times as clocks on the wall show them.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use ptgbot_core::Zone;
use ptgbot_core::chrono_tz::Tz;

/// `9:00`, `09:00:00`
pub(super) fn clock(text: &str) -> Option<NaiveTime> {
    let is_number = |part: &str| matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit());
    let number = |part: &str| is_number(part).then(|| part.parse().ok()).flatten();
    let parts: Vec<u32> = text.split(':').map(number).collect::<Option<_>>()?;
    match parts[..] {
        [hour, minute] => NaiveTime::from_hms_opt(hour, minute, 0),
        [hour, minute, second] => NaiveTime::from_hms_opt(hour, minute, second),
        _ => None,
    }
}

/// A date of a programme.
pub(super) fn date(raw: &str) -> Result<NaiveDate, String> {
    raw.parse().map_err(|_| format!("the date '{}' is none such as 2026-10-19", raw.escape_debug()))
}

/// When a session of a programme begins or ends.
pub(super) fn moment(raw: &str) -> Result<DateTime<Utc>, String> {
    let unknown = |_| format!("'{}' is no time such as 2026-10-19T09:00:00+02:00", raw.escape_debug());
    DateTime::parse_from_rfc3339(raw).map(|moment| moment.to_utc()).map_err(unknown)
}

/// The moment at which the clocks of a zone show a time; where they show it twice, the first.
pub(super) fn at_clock(zone: Tz, date: NaiveDate, time: NaiveTime) -> Result<DateTime<Utc>, String> {
    let moment = Zone(zone).first_at(date.and_time(time));
    let skipped =
        || format!("{date} {} does not exist in {zone}: the clocks are set forward then", time.format("%H:%M"));
    moment.ok_or_else(skipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_the_clocks_skip_is_refused_and_one_they_show_twice_is_the_first() {
        let at = |date: &str, time: &str| {
            at_clock(Tz::Europe__Berlin, date.parse().expect("a date"), clock(time).expect("a time"))
        };
        assert!(at("2026-03-29", "2:30").expect_err("skipped").contains("2026-03-29 02:30 does not exist"));
        assert_eq!(at("2026-10-25", "02:30").map(|time| time.to_string()).as_deref(), Ok("2026-10-25 00:30:00 UTC"));
        for wrong in ["24:00", "9", "+9:00", "9:60", "09:00:00:00", "", "009:00"] {
            assert_eq!(clock(wrong), None, "{wrong}");
        }
    }
}
