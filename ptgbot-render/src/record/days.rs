//! The days of the record.

use super::day::RecordDay;
use crate::site::Site;
use chrono::NaiveDate;
use ptgbot_core::{Board, Discussion};
use std::collections::BTreeMap;

/// What was discussed, by the date on which it began.
#[derive(Debug)]
pub(crate) struct RecordedDays<'a> {
    days: BTreeMap<NaiveDate, Vec<&'a Discussion>>,
}

impl<'a> RecordedDays<'a> {
    pub(crate) fn of(board: &'a Board) -> Self {
        let zone = board.contents().timezone;
        let mut days = BTreeMap::<_, Vec<_>>::new();
        for discussion in board.discussions().iter() {
            days.entry(zone.date(discussion.from)).or_default().push(discussion);
        }
        Self { days }
    }

    /// From the first one on.
    pub(crate) fn dates(&self) -> impl DoubleEndedIterator<Item = NaiveDate> {
        self.days.keys().copied()
    }

    /// What the site's view leaves in of a day. A day of which it leaves nothing is one all the same.
    pub(crate) fn day(&self, site: &Site<'a>, date: NaiveDate) -> Option<RecordDay<'a>> {
        Some(RecordDay::of(site, date, self.days.get(&date)?))
    }

    /// The day before one.
    pub(super) fn before(&self, date: NaiveDate) -> Option<NaiveDate> {
        self.days.range(..date).next_back().map(|(date, _)| *date)
    }

    /// The day after one.
    pub(super) fn after(&self, date: NaiveDate) -> Option<NaiveDate> {
        self.days.range(date..).nth(1).map(|(date, _)| *date)
    }
}
