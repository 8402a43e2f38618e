//! When the record changes although nobody does anything.

use super::days::RecordedDays;
use crate::clock::midnight;
use chrono::{DateTime, NaiveDate, Utc};
use ptgbot_core::{Board, Discussion};

/// The moments after `at` at which the record changes by time alone: a discussion ends by itself, a day of the record
/// becomes today or is today no more.
pub(crate) fn turns(board: &Board, at: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let zone = board.contents().timezone.0;
    let days = RecordedDays::of(board);
    let turns = days.dates().flat_map(|date| [Some(date), date.succ_opt()].into_iter().flatten());
    let turns = turns.filter_map(|date: NaiveDate| midnight(zone, date));
    board.discussions().iter().map(Discussion::until).chain(turns).filter(|time| *time > at).collect()
}
