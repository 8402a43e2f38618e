//! The days: their order, their dates, and how far they are from each other and from when the file is read.

use super::finding::{Findings, Words};
use super::kind::FindingKind;
use super::zone::is_night;
use super::{Checked, place};
use crate::slot::Slot;
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

pub(super) fn check(checked: Checked<'_>, findings: &mut Findings) {
    if !checked.has("slots") || checked.is_unread("timezone") {
        return;
    }
    let zone = checked.contents.timezone.0;
    let is_night = is_night(checked);
    let mut dates: HashMap<NaiveDate, &str> = HashMap::new();
    let mut before: Option<(&str, DateTime<Utc>)> = None;
    for (day, slots) in &checked.contents.days {
        let first = slots.iter().filter_map(|slot| slot.realtime).min();
        match (date_of(day, slots, zone), first) {
            (Some(date), Some(first)) => {
                if let Some((earlier, _)) = before.filter(|(_, before)| first < *before) {
                    findings.add(FindingKind::DayOrder, || out_of_order(day, date, earlier));
                }
                if let Some(other) = dates.insert(date, day) {
                    findings.add(FindingKind::SameDate, || on_one_date(day, date, other));
                }
                before = Some((day, first));
                if !is_night {
                    weekday(day, date, findings);
                    strays(day, slots, date, zone, findings);
                }
            }
            (None, _) | (_, None) => without_date(day, slots, findings),
        }
    }
    span(checked, findings);
}

/// The date of a slot, and the one of which people may count it: what begins after midnight is of the evening before, too.
fn date_and_evening(start: DateTime<Utc>, zone: Tz) -> (NaiveDate, NaiveDate) {
    let local = start.with_timezone(&zone).naive_local();
    (local.date(), local.checked_sub_signed(TimeDelta::hours(MORNING)).unwrap_or(local).date())
}

/// The date that most slots of a day can be of. Of several it is the one on the day's weekday, then the one by the calendar,
/// then the earliest.
fn date_of(day: &str, slots: &[Slot], zone: Tz) -> Option<NaiveDate> {
    let mut counts: BTreeMap<NaiveDate, (usize, usize)> = BTreeMap::new();
    for start in slots.iter().filter_map(|slot| slot.realtime) {
        let (date, evening) = date_and_evening(start, zone);
        let (all, by_calendar) = counts.entry(date).or_default();
        *all += 1;
        *by_calendar += 1;
        if evening != date {
            counts.entry(evening).or_default().0 += 1;
        }
    }
    let named = named_weekday(day);
    let rank = |(date, (all, by_calendar)): &(NaiveDate, (usize, usize))| {
        (*all, named == Some(date.weekday()), *by_calendar, Reverse(*date))
    };
    counts.into_iter().max_by_key(rank).map(|(date, _)| date)
}

fn out_of_order(day: &str, date: NaiveDate, earlier: &str) -> Words {
    Words {
        path: place::inner("slots", day),
        name: place::shown(day),
        reason: format!("it is {}, and stands below {}, which is later", date.format(DATE), place::shown(earlier)),
        proposal: "put the days in the order of their dates".into(),
    }
}

fn on_one_date(day: &str, date: NaiveDate, other: &str) -> Words {
    Words {
        path: place::inner("slots", day),
        name: place::shown(day),
        reason: format!("it is {} as {} is: only one of them is ever today", date.format(DATE), place::shown(other)),
        proposal: "put the dates of its slots right, or make one day of the two".into(),
    }
}

fn weekday(day: &str, date: NaiveDate, findings: &mut Findings) {
    if let Some(named) = named_weekday(day).filter(|named| *named != date.weekday()) {
        findings.add(FindingKind::OtherWeekday, || Words {
            path: place::inner("slots", day),
            name: place::shown(day),
            reason: format!("its slots are on {}, which is no {}", date.format(DATE), full_name(named)),
            proposal: format!("name it {}, or put the dates of its slots right", full_name(date.weekday())),
        });
    }
}

/// Slots of other dates than their day's.
fn strays(day: &str, slots: &[Slot], date: NaiveDate, zone: Tz, findings: &mut Findings) {
    for (number, slot) in slots.iter().enumerate() {
        let is_stray = |start: &DateTime<Utc>| {
            let (by_calendar, evening) = date_and_evening(*start, zone);
            by_calendar != date && evening != date
        };
        let Some(start) = slot.realtime.filter(is_stray) else { continue };
        let start = start.with_timezone(&zone);
        findings.add(FindingKind::OtherDate, || Words {
            path: place::slot(day, number, "realtime"),
            name: place::shown(slot.name.as_str()),
            reason: format!("it is on {}, the others of its day on {}", start.format(DATE), date.format(DATE)),
            proposal: "put the date right, or move the slot to its day".into(),
        });
    }
}

/// A day without times is today on its weekday; one of another name never is.
fn without_date(day: &str, slots: &[Slot], findings: &mut Findings) {
    if slots.is_empty() {
        findings.add(FindingKind::EmptyDay, || Words {
            path: place::inner("slots", day),
            name: place::shown(day),
            reason: "it has no slots, so nothing can be booked".into(),
            proposal: "give it slots, or leave it out".into(),
        });
    } else if named_weekday(day).is_none_or(|_| day.trim().contains(' ')) {
        findings.add(FindingKind::NeverToday, || Words {
            path: place::inner("slots", day),
            name: place::shown(day),
            reason: "its slots have no times and its name is no weekday, so it is never today".into(),
            proposal: "say when its slots begin, or name it after its weekday".into(),
        });
    }
}

fn span(checked: Checked<'_>, findings: &mut Findings) {
    let timed = || checked.slots().filter_map(|(day, number, slot)| Some((slot.span()?, day, number, slot)));
    let first = timed().min_by_key(|((start, _), ..)| *start);
    let last = timed().max_by_key(|((_, end), ..)| *end);
    let (Some(((start, _), ..)), Some(((_, end), day, number, slot))) = (first, last) else { return };
    let words = |reason: String, proposal: &str| Words {
        path: place::slot(day, number, "realtime"),
        name: place::shown(slot.name.as_str()),
        reason,
        proposal: proposal.to_owned(),
    };
    if end <= checked.at {
        findings.add(FindingKind::Over, || {
            words(format!("the last slot ended on {}", end.format(DATE)), "put the dates of this year's event in")
        });
    }
    if end - start > TimeDelta::days(LONGEST_DAYS) {
        findings.add(FindingKind::FarDates, || {
            let days = (end - start).num_days();
            words(
                format!("it ends {days} days after the first slot begins"),
                "put the date right that is far from the others",
            )
        });
    } else if start - checked.at > TimeDelta::days(FAR_DAYS) {
        findings.add(FindingKind::FarDates, || {
            words(format!("the event begins on {}", start.format(DATE)), "look at the year again")
        });
    }
}

/// The weekday that a day's name begins with: `Monday`, `Tue 20 October`.
pub(super) fn named_weekday(day: &str) -> Option<Weekday> {
    let word = day.split(|c: char| !c.is_alphabetic()).next().filter(|word| word.len() >= 3)?.to_lowercase();
    ALL.into_iter().find(|weekday| full_name(*weekday).to_lowercase().starts_with(&word))
}

fn full_name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

const ALL: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
const DATE: &str = "%A, %-d %B %Y";
/// Until this hour what begins may be of the evening before.
const MORNING: i64 = 4;
const LONGEST_DAYS: i64 = 31;
/// Three years.
const FAR_DAYS: i64 = 3 * 366;
