//! Dates as spreadsheets write them.

use chrono::{Days, NaiveDate};

/// Reads dates of one file.
#[derive(Clone, Copy, Debug)]
pub(super) struct DateReader {
    /// What the file's dates with slashes have first, where one of them tells.
    pub(super) order: Option<SlashOrder>,
}

/// The order of `10/19/2026` and `19/10/2026`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SlashOrder {
    Month,
    Day,
}

impl SlashOrder {
    /// The order of a date that has a day after the 12th.
    pub(super) fn of(raw: &str) -> Option<Self> {
        match slashed(raw)? {
            [13..=31, 1..=12, _] => Some(Self::Day),
            [1..=12, 13..=31, _] => Some(Self::Month),
            _ => None,
        }
    }

    pub(super) fn first(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Day => "day",
        }
    }
}

impl DateReader {
    /// `2026-10-19`, `19.10.2026`, `10/19/2026`, or the day's number in a spreadsheet.
    pub(super) fn read(self, raw: &str) -> Result<NaiveDate, String> {
        let unknown = || format!("'{}' is no date; write it as 2026-10-19", raw.escape_debug());
        // A cell with a time of day behind its date, if that is midnight.
        let date = raw.strip_suffix("00:00:00").or_else(|| raw.strip_suffix("00:00")).unwrap_or(raw);
        let date = date.trim_end_matches(['T', ' ']);
        if let Some(serial) = serial(date) {
            return serial_date(serial).filter(|_| serial.fract() == 0.0).ok_or_else(unknown);
        }
        let read = if let Some([year, month, day]) = parts(date, '-') {
            NaiveDate::from_ymd_opt(i32::try_from(year).unwrap_or(0), month, day).filter(|_| year > 999)
        } else if let Some([day, month, year]) = parts(date, '.') {
            whole(year, month, day)
        } else if let Some([first, second, year]) = slashed(date) {
            match self.order {
                Some(SlashOrder::Month) => whole(year, first, second),
                Some(SlashOrder::Day) => whole(year, second, first),
                None if first == second => whole(year, first, second),
                None => return Err(ambiguous(raw, [first, second, year])),
            }
        } else {
            None
        };
        read.ok_or_else(unknown)
    }
}

fn ambiguous(raw: &str, [first, second, year]: [u32; 3]) -> String {
    let said = |month, day| whole(year, month, day).map(|date| date.format("%-d %B").to_string());
    match (said(first, second), said(second, first)) {
        (Some(one), Some(other)) => {
            format!("'{raw}' may be {one} or {other}, and no row tells which; write it as 2026-10-19")
        }
        _ => format!("'{raw}' is no date; write it as 2026-10-19"),
    }
}

/// Three numbers with something between.
fn parts(raw: &str, between: char) -> Option<[u32; 3]> {
    let numbers: Vec<u32> = raw.split(between).map(number).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

fn slashed(raw: &str) -> Option<[u32; 3]> {
    parts(raw, '/')
}

fn number(part: &str) -> Option<u32> {
    let digits = (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| part.parse().ok()).flatten()
}

/// A year of two digits is one of this century.
fn whole(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    let year = match year {
        0..=99 => year + 2000,
        1000..=9999 => year,
        _ => return None,
    };
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// A number of a spreadsheet: digits, and a point or comma before a fraction.
pub(super) fn serial(raw: &str) -> Option<f64> {
    let digits = |part: &str| !part.is_empty() && part.len() <= 20 && part.bytes().all(|byte| byte.is_ascii_digit());
    let raw = raw.replace(',', ".");
    let plain = match raw.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(&raw),
    };
    plain.then(|| raw.parse().ok()).flatten()
}

/// Day 1 is 1 January 1900, and 29 February 1900 counts, though it never was: all dates of use are days after the 30th of
/// December 1899. Dates before 1970 are no event's.
pub(super) fn serial_date(serial: f64) -> Option<NaiveDate> {
    let days = (25_569.0..2_958_466.0).contains(&serial).then_some(serial as u64)?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str, order: Option<SlashOrder>) -> Result<String, String> {
        DateReader { order }.read(raw).map(|date| date.to_string())
    }

    #[test]
    fn a_date_is_read_as_spreadsheets_write_it() {
        for raw in
            ["2026-10-19", "19.10.2026", "19.10.26", "46314", "46314.0", "2026-10-19 00:00:00", "2026-10-19T00:00"]
        {
            assert_eq!(read(raw, None).as_deref(), Ok("2026-10-19"), "{raw}");
        }
        assert_eq!(read("10/19/2026", Some(SlashOrder::Month)).as_deref(), Ok("2026-10-19"));
        assert_eq!(read("19/10/26", Some(SlashOrder::Day)).as_deref(), Ok("2026-10-19"));
        assert_eq!(read("10/10/2026", None).as_deref(), Ok("2026-10-10"));
    }

    #[test]
    fn what_may_be_two_dates_is_read_as_the_other_rows_say_or_refused() {
        let said = read("10/11/2026", None).expect_err("two dates");
        assert!(said.starts_with("'10/11/2026' may be 11 October or 10 November"), "{said}");
        assert_eq!(read("10/11/2026", Some(SlashOrder::Day)).as_deref(), Ok("2026-11-10"));
        assert_eq!(read("10/11/2026", Some(SlashOrder::Month)).as_deref(), Ok("2026-10-11"));
        assert_eq!(SlashOrder::of("10/19/2026"), Some(SlashOrder::Month));
        assert_eq!(SlashOrder::of("19/10/2026"), Some(SlashOrder::Day));
        assert_eq!(SlashOrder::of("10/11/2026").or(SlashOrder::of("2026-10-19")), None);
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for raw in
            ["", "Monday", "2026-13-01", "31.02.2026", "19/19/2026", "9.30", "1", "-46314", "1e5", "46314.5", "9999999"]
        {
            assert!(read(raw, Some(SlashOrder::Day)).is_err_and(|said| said.contains("is no date")), "{raw}");
        }
    }
}
