//! An event as far as it is known: each answer is taken only if nothing is to be said about the file that it makes.

use super::slots::{Patterns, Slot};
use super::{days, rooms, slots, zone};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use ptgbot_core::chrono_tz::Tz;
use ptgbot_core::{Finding, FindingKind, Zone, check_file};
use serde_json::{Map, Value, json};

/// Something that has to be known about an event.
pub(super) struct Question {
    /// The flag that answers it.
    pub(super) flag: &'static str,
    /// How it is asked.
    pub(super) asks: &'static str,
    /// Takes an answer, or says why not.
    pub(super) set: fn(&mut Draft, &str) -> Result<(), String>,
}

/// The questions, in the order in which one answer stands on another.
pub(super) const QUESTIONS: [Question; 5] = [
    Question {
        flag: "--name",
        asks: "Short name of the event, such as oct2026-ptg (it is part of addresses)",
        set: Draft::set_name,
    },
    Question { flag: "--zone", asks: "Time zone of its place, such as Europe/Dublin", set: Draft::set_zone },
    Question {
        flag: "--days",
        asks: "First day and how many there are, such as 2026-10-19 5 (or all days: 2026-10-19, 2026-10-21)",
        set: Draft::set_days,
    },
    Question {
        flag: "--slots",
        asks: "Slots of a day, such as 09:00-10:30 11:00-12:30, or 09:00-17:00/60/15 for 60 minutes each with 15 between \
               (single days after a semicolon: ; Fri=09:00-12:00)",
        set: Draft::set_slots,
    },
    Question { flag: "--room", asks: "Rooms, with commas between them", set: Draft::set_rooms },
];

/// What is known of an event.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// When it is made: no event is over by then.
    at: DateTime<Utc>,
    name: Option<String>,
    zone: Option<Tz>,
    days: Vec<NaiveDate>,
    /// The slots of each day, in the order of days.
    slots: Vec<Vec<Slot>>,
    rooms: Vec<String>,
}

impl Draft {
    pub(super) fn new(at: DateTime<Utc>) -> Self {
        Self { at, name: None, zone: None, days: Vec::new(), slots: Vec::new(), rooms: Vec::new() }
    }

    fn set_name(&mut self, answer: &str) -> Result<(), String> {
        let name = answer.trim();
        if name.is_empty() {
            return Err("an event needs a name".into());
        }
        self.take(Self { name: Some(name.to_owned()), ..self.clone() })
    }

    fn set_zone(&mut self, answer: &str) -> Result<(), String> {
        self.take(Self { zone: Some(zone::read(answer)?), ..self.clone() })
    }

    fn set_days(&mut self, answer: &str) -> Result<(), String> {
        let today = self.at.with_timezone(&self.zone()).date_naive();
        self.take(Self { days: days::read(answer, today)?, ..self.clone() })
    }

    fn set_slots(&mut self, answer: &str) -> Result<(), String> {
        let patterns = Patterns::read(answer, &self.days)?;
        let mut all = Vec::new();
        for day in &self.days {
            let spans = patterns.of(*day).ok_or_else(|| {
                format!("{} has no slots: give some for all days, without a day before them", day.format("%A, %-d %B"))
            })?;
            all.push(slots::of_day(&self.short_name(*day), *day, spans, self.zone())?);
        }
        self.take(Self { slots: all, ..self.clone() })
    }

    fn set_rooms(&mut self, answer: &str) -> Result<(), String> {
        self.take(Self { rooms: rooms::read(answer)?, ..self.clone() })
    }

    /// Takes an answer of whose file nothing is to be said.
    fn take(&mut self, answered: Self) -> Result<(), String> {
        let findings = check_file(&answered.document(), self.at);
        // The rooms are asked for last.
        let is_answer = |finding: &&Finding| finding.kind != FindingKind::NoRoom || !answered.rooms.is_empty();
        if let Some(finding) = findings.iter().find(is_answer) {
            return Err(format!("{}: {}; {}", finding.name, finding.reason, finding.proposal));
        }
        *self = answered;
        Ok(())
    }

    /// The data file as far as it is known.
    pub(super) fn document(&self) -> Value {
        let mut file = Map::new();
        if let Some(name) = &self.name {
            file.insert("eventid".into(), name.as_str().into());
        }
        if let Some(zone) = self.zone {
            file.insert("timezone".into(), zone.name().into());
        }
        file.insert("tracks".into(), json!([]));
        if !self.slots.is_empty() {
            let days = self.days.iter().zip(&self.slots);
            let days = days.map(|(day, slots)| (self.full_name(*day), slots.iter().map(Slot::json).collect()));
            file.insert("slots".into(), Value::Object(days.collect()));
        }
        if !self.rooms.is_empty() {
            let free: Map<_, _> = self.slots.iter().flatten().map(|slot| (slot.name.clone(), "".into())).collect();
            let rooms = self.rooms.iter().map(|room| (room.clone(), free.clone().into()));
            file.insert("schedule".into(), Value::Object(rooms.collect()));
        }
        file.into()
    }

    /// What the file holds, in words.
    pub(super) fn summary(&self) -> String {
        let count = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
        let slots = self.slots.iter().map(Vec::len).sum();
        let (days, slots, rooms) =
            (count(self.days.len(), "day"), count(slots, "slot"), count(self.rooms.len(), "room"));
        format!("{days} with {slots} in {rooms}")
    }

    fn zone(&self) -> Tz {
        self.zone.unwrap_or(Tz::UTC)
    }

    /// A day's name: its weekday, with the date where there are several such.
    fn full_name(&self, day: NaiveDate) -> String {
        day.format(if self.is_week() { "%A" } else { "%a %-d %b" }).to_string()
    }

    /// What the names of a day's slots begin with.
    fn short_name(&self, day: NaiveDate) -> String {
        day.format(if self.is_week() { "%a" } else { "%a%-d" }).to_string()
    }

    /// True when no two days are of the same weekday.
    fn is_week(&self) -> bool {
        let of = |day: &NaiveDate| self.days.iter().filter(|other| other.weekday() == day.weekday()).count();
        self.days.iter().all(|day| of(day) == 1)
    }
}

/// A moment of a day as the clocks of a zone show it.
pub(super) fn moment(zone: Tz, day: NaiveDate, time: chrono::NaiveTime) -> Result<DateTime<Utc>, String> {
    Zone(zone)
        .first_at(day.and_time(time))
        .ok_or_else(|| format!("on {day} there is no {}: the clocks are set forward", time.format("%H:%M")))
}
