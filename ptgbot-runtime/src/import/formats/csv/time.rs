//! Times of day as spreadsheets write them.

use super::date::{serial, serial_date};
use crate::import::formats::wall_clock::clock;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// A time of day, so many days after its row's date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ClockTime {
    pub(super) days: i64,
    pub(super) clock: NaiveTime,
}

impl ClockTime {
    fn on_the_day(clock: NaiveTime) -> Self {
        Self { days: 0, clock }
    }
}

/// `09:00`, `9:00 AM`, `24:00`, a part of a day (`0.375`), or one of these behind a date, which is the row's or the next.
pub(super) fn read_time(raw: &str, date: NaiveDate) -> Result<ClockTime, String> {
    let unknown = || format!("'{}' is no time; write it as 09:00", raw.escape_debug());
    if let Some(number) = serial(raw) {
        let minutes = (number.fract() * MINUTES_OF_A_DAY).round();
        let days = if number < 1.0 { Some(date) } else { serial_date(number) };
        // A part of a day that rounds to all of it is the next midnight.
        let next = i64::from(minutes >= MINUTES_OF_A_DAY);
        let seconds = if next == 1 { 0 } else { minutes as u32 * 60 };
        let clock = NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).ok_or_else(unknown)?;
        return dated(date, days.ok_or_else(unknown)?, next, clock);
    }
    for format in ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"] {
        if let Ok(moment) = NaiveDateTime::parse_from_str(raw, format) {
            return dated(date, moment.date(), 0, moment.time());
        }
    }
    match raw {
        "24:00" | "24:00:00" => Ok(ClockTime { days: 1, clock: NaiveTime::MIN }),
        _ => clock(raw).or_else(|| of_twelve_hours(raw)).map(ClockTime::on_the_day).ok_or_else(unknown),
    }
}

fn dated(row: NaiveDate, date: NaiveDate, more: i64, clock: NaiveTime) -> Result<ClockTime, String> {
    match (date - row).num_days() + more {
        days @ 0..=1 => Ok(ClockTime { days, clock }),
        _ => Err(format!("it is on {date}, the row's date is {row}")),
    }
}

/// `9:00 AM`, `12:30pm`, `9 a.m.`
fn of_twelve_hours(raw: &str) -> Option<NaiveTime> {
    let dense: String = raw.chars().filter(|c| !c.is_whitespace() && *c != '.').flat_map(char::to_lowercase).collect();
    let (time, noon) = match (dense.strip_suffix("am"), dense.strip_suffix("pm")) {
        (Some(time), _) => (time, 0),
        (_, Some(time)) => (time, 12),
        (None, None) => return None,
    };
    let (hour, rest) = time.split_once(':').unwrap_or((time, "00"));
    let hour = hour.parse::<u32>().ok().filter(|hour| (1..=12).contains(hour))? % 12 + noon;
    clock(&format!("{hour}:{rest}"))
}

const MINUTES_OF_A_DAY: f64 = 1440.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Result<String, String> {
        let date = NaiveDate::from_ymd_opt(2026, 10, 19).expect("a date");
        read_time(raw, date).map(|time| format!("{}+{}", time.clock.format("%H:%M"), time.days))
    }

    #[test]
    fn a_time_is_read_as_spreadsheets_write_it() {
        let nine = ["09:00", "9:00", "09:00:00", "9:00 AM", "9am", "9:00 a.m.", "0.375", "0,375", "46314.375"];
        for raw in nine.into_iter().chain(["2026-10-19 09:00", "2026-10-19T09:00:00", "9:00\u{202f}AM"]) {
            assert_eq!(read(raw).as_deref(), Ok("09:00+0"), "{raw}");
        }
        for (raw, time) in [
            ("12:00 AM", "00:00+0"),
            ("12:30 pm", "12:30+0"),
            ("11:59 PM", "23:59+0"),
            ("24:00", "00:00+1"),
            ("0.416666666666667", "10:00+0"),
            ("0.99999999", "00:00+1"),
            ("46315", "00:00+1"),
            ("0", "00:00+0"),
            ("2026-10-20 01:00", "01:00+1"),
        ] {
            assert_eq!(read(raw).as_deref(), Ok(time), "{raw}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for raw in ["", "noon", "25:00", "13:00 PM", "0:30 AM", "9.30", "930", "9h", "-1", "1e-1", "09:00-10:00"] {
            assert!(read(raw).is_err_and(|said| said.contains("is no time")), "{raw}");
        }
        assert_eq!(read("46400.5"), Err("it is on 2027-01-13, the row's date is 2026-10-19".into()));
        assert!(read("2026-10-18 09:00").is_err());
    }
}
