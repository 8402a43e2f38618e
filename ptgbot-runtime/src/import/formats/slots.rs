//! The days and slots of a programme, with names that stay and can be typed.
//!
//! A slot that the board has at just that time keeps its name, its words and its day. Another one is called by its day and
//! start, `Mon0900`; where two begin at once, all but the most frequent have their length behind that, `Mon0900-30`.

use super::programme::Session;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use ptgbot_core::chrono_tz::Tz;
use ptgbot_core::indexmap::IndexMap;
use ptgbot_core::{Slot, Text};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

/// When a slot begins, and its minutes.
pub(super) type Span = (DateTime<Utc>, u32);

/// All slots, by day and by time.
#[derive(Debug, Default)]
pub(super) struct Slots {
    days: IndexMap<String, Vec<Value>>,
    names: HashSet<String>,
    by_span: HashMap<Span, String>,
    /// Of every slot that has a time.
    spans: HashMap<String, Span>,
}

impl Slots {
    /// Those of a board's own programme, and what its sessions need besides.
    pub(super) fn own(known: &Value, sessions: &[Session], zone: Tz) -> Self {
        let mut slots = Self::default();
        for day in known.as_object().into_iter().flat_map(serde_json::Map::keys) {
            slots.days.insert(day.clone(), Vec::new());
        }
        for (day, slot) in slots_of(known) {
            slots.add(day, slot.clone());
        }
        slots.add_needed(&KnownSlots::default(), sessions, zone);
        slots
    }

    /// Just those that the sessions need; `known` are the board's.
    pub(super) fn needed(known: &Value, sessions: &[Session], zone: Tz) -> Self {
        let mut slots = Self::default();
        slots.add_needed(&KnownSlots::of(known, zone), sessions, zone);
        let spans = &slots.spans;
        let span = |slot: &Value| slot["name"].as_str().and_then(|name| spans.get(name)).copied();
        slots.days.values_mut().for_each(|day| day.sort_by_key(span));
        slots.days.sort_by_key(|_, day| day.first().and_then(span));
        slots
    }

    /// The first slot at a session's time.
    pub(super) fn at(&self, session: &Session) -> Option<&str> {
        self.by_span.get(&span_of(session)).map(String::as_str)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// When a slot is, if it has a time.
    pub(super) fn span(&self, name: &str) -> Option<Span> {
        self.spans.get(name).copied()
    }

    /// `slots` of the data file.
    pub(super) fn into_value(self) -> Value {
        self.days.into_iter().map(|(day, slots)| (day, Value::from(slots))).collect::<serde_json::Map<_, _>>().into()
    }

    /// Adds those that the sessions need and that are not there: known ones as they are, others by new names.
    fn add_needed(&mut self, known: &KnownSlots, sessions: &[Session], zone: Tz) {
        let mut wanted: BTreeMap<Span, (usize, &Session)> = BTreeMap::new();
        for session in sessions {
            wanted.entry(span_of(session)).or_insert((0, session)).0 += 1;
        }
        wanted.retain(|span, _| !self.by_span.contains_key(span));
        let names = Names::of(sessions);
        let own = day_of_dates(self.days.iter().flat_map(in_day), zone);
        let days: HashMap<_, _> = known.day_of_date.clone().into_iter().chain(own).collect();
        let day_of = |session: &Session| match &session.day {
            Some(name) => Text::new(name).as_str().to_owned(),
            None => days.get(&session.date).cloned().unwrap_or_else(|| names.day(session.date)),
        };
        let mut taken = self.names.clone();
        let mut nameless = Vec::new();
        for (span, (count, session)) in wanted {
            match known.by_span.get(&span) {
                Some(slot) if taken.insert(name_in(slot).unwrap_or_default().to_owned()) => {
                    self.add(&day_of(session), slot.clone());
                }
                _ => nameless.push((Reverse(count), Reverse(span.1), span.0, session)),
            }
        }
        nameless.sort_by_key(|(count, minutes, start, _)| (*start, *count, *minutes));
        for (.., session) in nameless {
            let local = session.start.with_timezone(&zone);
            let plain = format!("{}{}", names.prefix(session.date), local.format("%H%M"));
            let name = fresh(plain, session.minutes, &mut taken);
            let end = session.end().with_timezone(&zone);
            let desc = format!("{}-{}", local.format("%H:%M"), end.format("%H:%M"));
            let start = session.start.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
            let slot = json!({"name": name, "desc": desc, "realtime": start, "duration": session.minutes});
            self.add(&day_of(session), slot);
        }
    }

    fn add(&mut self, day: &str, slot: Value) {
        if let (Some(name), Some(span)) = (name_in(&slot), span_in(&slot)) {
            self.by_span.entry(span).or_insert_with(|| name.to_owned());
            self.spans.insert(name.to_owned(), span);
        }
        self.names.extend(name_in(&slot).map(str::to_owned));
        self.days.entry(day.to_owned()).or_default().push(slot);
    }
}

/// What the board calls its slots and days.
#[derive(Debug, Default)]
struct KnownSlots {
    by_span: HashMap<Span, Value>,
    day_of_date: HashMap<NaiveDate, String>,
}

impl KnownSlots {
    fn of(known: &Value, zone: Tz) -> Self {
        let mut by_span = HashMap::new();
        for (_, slot) in slots_of(known) {
            if let Some(span) = span_in(slot) {
                by_span.entry(span).or_insert_with(|| slot.clone());
            }
        }
        Self { by_span, day_of_date: day_of_dates(slots_of(known), zone) }
    }
}

/// How days are called that have no name yet: by the weekday, unless two share it.
struct Names {
    day: &'static str,
    prefix: &'static str,
}

impl Names {
    fn of(sessions: &[Session]) -> Self {
        let dates: HashSet<NaiveDate> = sessions.iter().map(|session| session.date).collect();
        let forms = [("%A", "%a"), ("%A %-d %B", "%b%d"), ("%A %Y-%m-%d", "%Y%m%d-")];
        let is_enough = |(_, prefix): &(&str, &str)| {
            dates.iter().map(|date| date.format(prefix).to_string()).collect::<HashSet<_>>().len() == dates.len()
        };
        let (day, prefix) = forms.into_iter().find(is_enough).unwrap_or(forms[2]);
        Self { day, prefix }
    }

    fn day(&self, date: NaiveDate) -> String {
        date.format(self.day).to_string()
    }

    fn prefix(&self, date: NaiveDate) -> String {
        date.format(self.prefix).to_string()
    }
}

/// The plain name, the one with minutes behind it, or that with a number behind it: the first that no slot has.
fn fresh(plain: String, minutes: u32, taken: &mut HashSet<String>) -> String {
    let mut name = plain;
    let mut number = 1;
    let long = format!("{name}-{minutes}");
    while !taken.insert(name.clone()) {
        name = if number == 1 { long.clone() } else { format!("{long}-{number}") };
        number += 1;
    }
    name
}

pub(super) fn span_of(session: &Session) -> Span {
    (session.start, session.minutes)
}

pub(super) fn end_of((start, minutes): Span) -> DateTime<Utc> {
    start + TimeDelta::minutes(i64::from(minutes))
}

/// All slots of a data file's `slots`, with their days.
fn slots_of(known: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let days = known.as_object().into_iter().flatten();
    days.flat_map(|(day, slots)| slots.as_array().into_iter().flatten().map(move |slot| (day.as_str(), slot)))
}

fn in_day<'a>((day, slots): (&'a String, &'a Vec<Value>)) -> impl Iterator<Item = (&'a str, &'a Value)> {
    slots.iter().map(move |slot| (day.as_str(), slot))
}

fn name_in(slot: &Value) -> Option<&str> {
    slot["name"].as_str()
}

fn span_in(slot: &Value) -> Option<Span> {
    let start = slot["realtime"].as_str()?.parse().ok()?;
    let minutes = slot["duration"].as_u64().and_then(|minutes| u32::try_from(minutes).ok());
    Some((start, minutes.unwrap_or(Slot::DEFAULT_MINUTES)))
}

/// The day of each date: that with most slots on it, for the late ones of the day before begin on it, too.
fn day_of_dates<'a>(slots: impl Iterator<Item = (&'a str, &'a Value)>, zone: Tz) -> HashMap<NaiveDate, String> {
    let mut counts: BTreeMap<(NaiveDate, &str), usize> = BTreeMap::new();
    for (day, slot) in slots {
        if let Some((start, _)) = span_in(slot) {
            *counts.entry((start.with_timezone(&zone).date_naive(), day)).or_default() += 1;
        }
    }
    let mut most: Vec<_> = counts.into_iter().collect();
    most.sort_by_key(|(_, count)| *count);
    most.into_iter().map(|((date, day), _)| (date, day.to_owned())).collect()
}
