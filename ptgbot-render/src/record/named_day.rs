//! Which days of the record a person means.

use super::days::RecordedDays;
use crate::site::Site;
use chrono::NaiveDate;
use ptgbot_core::{Slot, nearest};
use std::collections::BTreeMap;
use std::fmt;

/// No day of the record is called so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownDay {
    /// What was typed.
    pub typed: String,
    /// The nearest name of a day.
    pub near: Option<String>,
    /// The days that there are.
    pub days: Vec<NaiveDate>,
}

/// The days that are called so: a date (`2026-10-19`), the name of a day of the programme or of the week in any case, or
/// its beginning where that is one day's only.
///
/// A day of the programme is on the date of most of its slots; one without times is on the weekday that it is called
/// after. A day of the programme goes before a weekday, and what was discussed on neither is no day of the record.
pub(super) fn named_days(site: &Site, days: &RecordedDays, typed: &str) -> Result<Vec<NaiveDate>, UnknownDay> {
    let mut names = BTreeMap::<String, Vec<NaiveDate>>::new();
    for date in days.dates() {
        names.entry(date.to_string()).or_default().push(date);
        names.entry(date.format("%A").to_string()).or_default().push(date);
    }
    for (name, slots) in &site.board.contents().days {
        if let Some(date) = date_of(site, slots) {
            let recorded = days.dates().filter(|day| *day == date);
            names.insert(name.clone(), recorded.collect());
        }
    }
    names.retain(|_, dates| !dates.is_empty());
    let wanted = typed.trim().to_lowercase();
    let same = || names.iter().find(|(name, _)| name.to_lowercase() == wanted);
    let begins = || {
        let long = wanted.chars().count() >= SHORTEST_BEGINNING;
        let mut fitting = names.iter().filter(|(name, _)| long && name.to_lowercase().starts_with(&wanted));
        fitting.next().filter(|_| fitting.next().is_none())
    };
    match same().or_else(begins) {
        Some((_, dates)) => Ok(dates.clone()),
        None => Err(UnknownDay {
            near: nearest(&wanted, names.keys()).cloned(),
            typed: typed.to_owned(),
            days: days.dates().collect(),
        }),
    }
}

/// The date of most of a day's slots; late ones may begin on the next.
fn date_of(site: &Site, slots: &[Slot]) -> Option<NaiveDate> {
    let zone = site.board.contents().timezone;
    let mut counts = BTreeMap::<_, usize>::new();
    for start in slots.iter().filter_map(|slot| slot.realtime) {
        *counts.entry(zone.date(start)).or_default() += 1;
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(date, _)| date)
}

impl std::error::Error for UnknownDay {}

impl fmt::Display for UnknownDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the record has no day {:?}", self.typed)?;
        match (&self.near, self.days.as_slice()) {
            (Some(near), _) => write!(f, ": did you mean {near}?"),
            (None, []) => write!(f, ": nothing was discussed yet"),
            (None, days) => {
                let days: Vec<_> = days.iter().map(NaiveDate::to_string).collect();
                write!(f, ": it has {}", days.join(", "))
            }
        }
    }
}

const SHORTEST_BEGINNING: usize = 3;
