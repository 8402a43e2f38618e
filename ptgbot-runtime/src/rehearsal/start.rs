//! When a rehearsal starts: a time as organizers say it, in the event's zone.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use ptgbot_core::{Board, Slot};

/// A little before the first slot that has a time; `None` where none has.
pub(crate) fn before_the_event(board: &Board) -> Option<DateTime<Utc>> {
    first_slot(board).and_then(a_little_before)
}

/// When the first slot that has a time begins.
pub(super) fn first_slot(board: &Board) -> Option<DateTime<Utc>> {
    slots(board).filter_map(|slot| slot.realtime).min()
}

/// When the last slot that has a time is over.
pub(crate) fn end_of_event(board: &Board) -> Option<DateTime<Utc>> {
    slots(board).filter_map(Slot::span).map(|(_, end)| end).max()
}

/// The time that somebody means, of the event that is on a board: with a zone as it stands, else in the event's. A day alone
/// is a little before its first slot, a slot is its start, a time alone is on the first day.
///
/// # Errors
/// In words that say what is understood.
pub(crate) fn read_start(board: &Board, typed: &str) -> Result<DateTime<Utc>, String> {
    let typed = typed.trim();
    let time = match typed.parse::<DateTime<Utc>>() {
        Ok(time) => Some(time),
        Err(_) => dated(board, typed).or_else(|| of_the_programme(board, typed)),
    };
    let time = time.ok_or_else(|| not_understood(board, typed))?;
    if YEARS.contains(&time.year()) { Ok(time) } else { Err(format!("{typed} is in no year from 1970 to 9999")) }
}

/// `2026-10-19 14:00`, `2026-10-19`
fn dated(board: &Board, typed: &str) -> Option<DateTime<Utc>> {
    let forms = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"];
    let time = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(typed, form).ok());
    let day = || Some(NaiveDate::parse_from_str(typed, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN));
    in_zone(board, time.or_else(day)?)
}

/// `Monday 14:00`, `mon`, `14:00`, `MonA1`
fn of_the_programme(board: &Board, typed: &str) -> Option<DateTime<Utc>> {
    if let Some(slot) = slots(board).find(|slot| slot.name.as_str().eq_ignore_ascii_case(typed)) {
        return slot.realtime;
    }
    if let Some(slots) = day(board, typed) {
        return slots.iter().filter_map(|slot| slot.realtime).min().and_then(a_little_before);
    }
    let (slots, time) = match typed.rsplit_once(' ') {
        Some((named, time)) => (day(board, named)?.iter().collect(), time),
        None => (slots(board).collect::<Vec<_>>(), typed),
    };
    let first = slots.into_iter().filter_map(|slot| slot.realtime).min()?;
    let time = NaiveTime::parse_from_str(time, "%H:%M").ok()?;
    in_zone(board, board.contents().timezone.date(first).and_time(time))
}

/// The slots of the day that somebody means.
fn day<'a>(board: &'a Board, typed: &str) -> Option<&'a [Slot]> {
    board.contents().days.get(board.find_day(typed.trim())?).map(Vec::as_slice)
}

fn in_zone(board: &Board, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    board.contents().timezone.first_from(local)
}

fn slots(board: &Board) -> impl Iterator<Item = &Slot> {
    board.contents().days.values().flatten()
}

fn a_little_before(time: DateTime<Utc>) -> Option<DateTime<Utc>> {
    time.checked_sub_signed(A_LITTLE)
}

fn not_understood(board: &Board, typed: &str) -> String {
    let shown: String = typed.chars().filter(|c| !c.is_control()).take(60).collect();
    let days: Vec<_> = board.contents().days.keys().map(String::as_str).take(10).collect();
    let of_event = if days.is_empty() { String::new() } else { format!(", or one of this event: {}", days.join(", ")) };
    format!(
        "{shown:?} is no time that this event has: expected such as 2026-10-19T14:00:00Z, \"2026-10-19 14:00\", \
         \"Monday 14:00\", 14:00, a slot or a day{of_event}"
    )
}

/// Enough for those who are reminded ten minutes before.
const A_LITTLE: TimeDelta = TimeDelta::minutes(15);
const YEARS: std::ops::RangeInclusive<i32> = 1970..=9999;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::import;
    use crate::store::MemoryJournal;
    use futures_util::FutureExt;
    use serde_json::{Value, json};

    fn board(document: Value) -> Board {
        let (mut board, mut journal) = (Board::default(), MemoryJournal::default());
        let at = "2026-10-01T00:00:00Z".parse().expect("a time");
        let imported = import(&mut journal, &mut board, document, "a test", at).now_or_never();
        imported.expect("memory waits for nothing").expect("a good document");
        board
    }

    fn event() -> Board {
        let slot = |name: &str, start: &str| json!({"name": name, "realtime": start});
        board(json!({"timezone": "Europe/Berlin", "slots": {
            "Monday": [slot("MonA1", "2026-10-19T07:00:00Z"), slot("MonP1", "2026-10-19T12:00:00Z")],
            "Tuesday": [slot("TueA1", "2026-10-20T07:30:00Z")],
            "Someday": [{"name": "Some1"}],
        }}))
    }

    #[test]
    fn a_start_is_said_as_organizers_say_it_and_is_in_the_events_zone() {
        let board = event();
        for (typed, time) in [
            ("2026-10-19T14:00:00Z", "2026-10-19T14:00:00Z"),
            ("2026-10-19T14:00:00+02:00", "2026-10-19T12:00:00Z"),
            ("2026-10-19 14:00", "2026-10-19T12:00:00Z"),
            ("2026-10-19T14:00:30", "2026-10-19T12:00:30Z"),
            ("2026-10-19", "2026-10-18T22:00:00Z"),
            ("Tuesday 14:00", "2026-10-20T12:00:00Z"),
            ("tue 9:05", "2026-10-20T07:05:00Z"),
            ("14:00", "2026-10-19T12:00:00Z"),
            (" mona1 ", "2026-10-19T07:00:00Z"),
            ("tue", "2026-10-20T07:15:00Z"),
            // In the night in which clocks are set forward, and long before and after the event.
            ("2027-03-28 02:30", "2027-03-28T01:00:00Z"),
            ("1999-01-01", "1998-12-31T23:00:00Z"),
            ("9000-01-01", "8999-12-31T23:00:00Z"),
        ] {
            assert_eq!(
                read_start(&board, typed).map(|time| time.to_rfc3339()),
                Ok(time.replace('Z', "+00:00")),
                "{typed}"
            );
        }
        assert_eq!(
            before_the_event(&board).map(|time| time.to_rfc3339()).as_deref(),
            Some("2026-10-19T06:45:00+00:00")
        );
    }

    #[test]
    fn what_is_no_time_is_refused_with_the_days_that_there_are() {
        let board = event();
        for typed in [
            "",
            "noon",
            "someday",
            "Some1",
            "Wednesday 14:00",
            "25:00",
            "mon 14",
            "-1",
            "0",
            "nan",
            "2026-13-01",
            "\u{7}",
        ] {
            let refused = read_start(&board, typed).expect_err(typed);
            assert!(refused.contains("Monday, Tuesday, Someday") && !refused.contains('\u{7}'), "{typed}: {refused}");
        }
        for typed in ["1969-12-30", "+12000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z"] {
            assert!(read_start(&board, typed).expect_err(typed).contains("from 1970 to 9999"), "{typed}");
        }
    }

    #[test]
    fn an_event_without_times_has_no_beginning() {
        assert_eq!(before_the_event(&board(json!({"slots": {"Monday": [{"name": "MonA1"}]}}))), None);
        assert!(read_start(&Board::default(), "14:00").is_err());
        assert!(read_start(&Board::default(), "2026-10-19 14:00").is_ok());
    }
}
