//! The times of the data file.

use chrono::{DateTime, Datelike, NaiveDateTime, SecondsFormat, Utc};

/// Reads RFC 3339, or the older bot's `YYYY-MM-DD HH:MM:SS`, which is UTC. Years 1970 to 9999 only: calendars
/// cannot write others.
pub(super) fn read(raw: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(raw).map(|time| time.to_utc()).ok().or_else(|| {
        ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(raw, format).ok())
            .map(|time| time.and_utc())
    })?;
    (1970..=9999).contains(&time.year()).then_some(time)
}

/// RFC 3339 in UTC, to the second.
pub(super) fn write(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_one_is_written() {
        for raw in ["2026-10-19T11:00:00+02:00", "2026-10-19 09:00:00", "2026-10-19T09:00:00Z"] {
            assert_eq!(read(raw).map(write).as_deref(), Some("2026-10-19T09:00:00Z"), "{raw}");
        }
    }

    #[test]
    fn what_no_calendar_can_write_is_refused() {
        for raw in ["yesterday", "", "2026-13-01 00:00:00", "+12026-10-19T09:00:00Z", "1969-01-01 00:00:00"] {
            assert_eq!(read(raw), None, "{raw}");
        }
    }
}
