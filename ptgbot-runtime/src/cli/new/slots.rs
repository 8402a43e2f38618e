//! The slots of a day as people write them: `09:00-10:30 11:00-12:30`, or `09:00-17:00/60/15` for slots of an hour with a
//! quarter between; and what single days have instead, `Fri=09:00-12:00`.

use super::draft::moment;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Timelike, Utc};
use ptgbot_core::chrono_tz::Tz;
use serde_json::{Value, json};

/// From when until when, as clocks show it.
pub(super) type Span = (NaiveTime, NaiveTime);

/// The slots of all days, and of single ones.
#[derive(Clone, Debug)]
pub(super) struct Patterns {
    of_all: Option<Vec<Span>>,
    of_one: Vec<(NaiveDate, Vec<Span>)>,
}

/// A slot of the data file.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) name: String,
    desc: String,
    start: DateTime<Utc>,
    minutes: i64,
}

impl Patterns {
    /// Reads patterns with semicolons between them.
    pub(super) fn read(answer: &str, days: &[NaiveDate]) -> Result<Self, String> {
        let mut patterns = Self { of_all: None, of_one: Vec::new() };
        for part in answer.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                None if patterns.of_all.is_some() => {
                    return Err("only one of the patterns can be that of all days: write Fri=… for one day's".into());
                }
                None => patterns.of_all = Some(spans(part)?),
                Some((day, pattern)) => {
                    let named = named(day.trim(), days)?;
                    let spans = spans(pattern)?;
                    patterns.of_one.extend(named.into_iter().map(|day| (day, spans.clone())));
                }
            }
        }
        if patterns.of_all.is_none() && patterns.of_one.is_empty() {
            return Err("a day needs slots, such as 09:00-10:30 11:00-12:30".into());
        }
        Ok(patterns)
    }

    /// The slots of a day, if there are any.
    pub(super) fn of(&self, day: NaiveDate) -> Option<&[Span]> {
        let own = self.of_one.iter().rev().find(|(one, _)| *one == day).map(|(_, spans)| spans);
        own.or(self.of_all.as_ref()).map(Vec::as_slice)
    }
}

impl Slot {
    pub(super) fn json(&self) -> Value {
        let start = self.start.to_rfc3339_opts(SecondsFormat::Secs, true);
        json!({"name": self.name, "desc": self.desc, "realtime": start, "duration": self.minutes})
    }
}

/// The slots of a day, named after it and the half of the day: `MonA1`, `MonA2`, `MonP1`.
pub(super) fn of_day(day_name: &str, day: NaiveDate, spans: &[Span], zone: Tz) -> Result<Vec<Slot>, String> {
    let (mut morning, mut afternoon) = (0, 0);
    let slots = spans.iter().map(|(from, until)| {
        let (half, number) = if from.hour() < 12 { ("A", &mut morning) } else { ("P", &mut afternoon) };
        *number += 1;
        let start = moment(zone, day, *from)?;
        Ok(Slot {
            name: format!("{day_name}{half}{number}"),
            desc: format!("{}-{}", from.format(TIME), until.format(TIME)),
            start,
            minutes: (moment(zone, day, *until)? - start).num_minutes(),
        })
    });
    slots.collect()
}

/// The days that a word names: a weekday, or a date.
fn named(word: &str, days: &[NaiveDate]) -> Result<Vec<NaiveDate>, String> {
    let wanted = word.to_lowercase();
    let is_named = |day: &NaiveDate| {
        let weekday = day.format("%A").to_string().to_lowercase();
        (wanted.len() >= 3 && weekday.starts_with(&wanted)) || day.to_string() == wanted
    };
    let named: Vec<_> = days.iter().copied().filter(is_named).collect();
    if named.is_empty() {
        let shown: String = word.chars().filter(|c| !c.is_control()).take(20).collect();
        let known: Vec<_> = days.iter().take(7).map(|day| day.weekday().to_string()).collect();
        return Err(format!("'{shown}' is none of the days: {}", known.join(", ")));
    }
    Ok(named)
}

/// The slots of a pattern, in the order of their times.
fn spans(pattern: &str) -> Result<Vec<Span>, String> {
    let mut all = Vec::new();
    for word in pattern.split([' ', ',', '\t']).filter(|word| !word.is_empty()) {
        let mut parts = word.split('/');
        let whole = span(parts.next().unwrap_or_default())?;
        match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => all.push(whole),
            (Some(length), pause, None) => {
                let pause = pause.map_or(Ok(0), |pause| minutes(pause, 0))?;
                all.extend(divided(whole, minutes(length, SHORTEST)?, pause)?);
            }
            (Some(_), _, Some(_)) => return Err(format!("'{}' has too many parts: {FORM}", shown(word))),
        }
    }
    if all.is_empty() {
        return Err(format!("a day needs slots: {FORM}"));
    }
    all.sort_unstable();
    Ok(all)
}

/// Slots of one length, one after the other with a pause between them.
fn divided((from, until): Span, length: i64, pause: i64) -> Result<Vec<Span>, String> {
    let whole = (until - from).num_minutes();
    let count = (whole + pause) / (length + pause);
    if count == 0 {
        return Err(format!("{length} minutes do not fit between {} and {}", from.format(TIME), until.format(TIME)));
    }
    let slot = |number| {
        let start = from + TimeDelta::minutes(number * (length + pause));
        (start, start + TimeDelta::minutes(length))
    };
    Ok((0..count).map(slot).collect())
}

/// `09:00-10:30`
fn span(word: &str) -> Result<Span, String> {
    let (from, until) =
        word.split_once(['-', '\u{2013}']).ok_or_else(|| format!("'{}' is no slot: {FORM}", shown(word)))?;
    let (from, until) = (time(from)?, time(until)?);
    if until <= from { Err(format!("'{}' ends before it begins", shown(word))) } else { Ok((from, until)) }
}

fn time(word: &str) -> Result<NaiveTime, String> {
    let is_plain = word.len() <= 5 && word.bytes().all(|b| b.is_ascii_digit() || b == b':');
    let read = NaiveTime::parse_from_str(word, TIME).ok().filter(|_| is_plain);
    read.ok_or_else(|| format!("'{}' is no time of day: write it like 09:00", shown(word)))
}

fn minutes(word: &str, least: i64) -> Result<i64, String> {
    let read = word.parse().ok().filter(|minutes| (least..=MOST).contains(minutes));
    read.ok_or_else(|| format!("'{}' is no number of minutes from {least} to {MOST}", shown(word)))
}

fn shown(word: &str) -> String {
    word.chars().filter(|c| !c.is_control()).take(30).collect()
}

const TIME: &str = "%H:%M";
const FORM: &str = "write them like 09:00-10:30 11:00-12:30, or 09:00-17:00/60/15 for 60 minutes each with 15 between";
/// In minutes.
const SHORTEST: i64 = 5;
const MOST: i64 = 12 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn told(pattern: &str) -> Result<String, String> {
        let text = |(from, until): &Span| format!("{}-{}", from.format(TIME), until.format(TIME));
        spans(pattern).map(|spans| spans.iter().map(text).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn slots_are_listed_or_divided() {
        assert_eq!(told("11:00-12:30, 9:00-10:30").as_deref(), Ok("09:00-10:30 11:00-12:30"));
        assert_eq!(told("09:00-12:00/60").as_deref(), Ok("09:00-10:00 10:00-11:00 11:00-12:00"));
        assert_eq!(told("09:00-12:00/60/30").as_deref(), Ok("09:00-10:00 10:30-11:30"));
        assert_eq!(
            told("09:00-12:00/60 13:00-14:00").as_deref(),
            Ok("09:00-10:00 10:00-11:00 11:00-12:00 13:00-14:00")
        );
    }

    #[test]
    fn what_is_no_slot_is_told() {
        for (pattern, reason) in [
            ("", "a day needs slots"),
            ("morning", "'morning' is no slot: write them like 09:00-10:30"),
            ("9-10", "'9' is no time of day: write it like 09:00"),
            ("09:00-24:00", "'24:00' is no time of day"),
            ("10:00-09:00", "ends before it begins"),
            ("09:00-10:00/90", "90 minutes do not fit between 09:00 and 10:00"),
            ("09:00-10:00/x", "'x' is no number of minutes from 5 to 720"),
            ("09:00-10:00/30/-5", "'-5' is no number of minutes from 0 to 720"),
            ("09:00-10:00/1/2/3", "too many parts"),
        ] {
            let refused = told(pattern).expect_err(pattern);
            assert!(refused.contains(reason), "{pattern}: {refused}");
        }
    }

    #[test]
    fn a_day_may_have_slots_of_its_own() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 10, day).expect("a date");
        let days = [day(22), day(23)];
        let patterns = Patterns::read("09:00-10:00; Fri=11:00-12:00 13:00-14:00", &days).expect("patterns");
        assert_eq!([22, 23].map(|number| patterns.of(day(number)).map_or(0, <[Span]>::len)), [1, 2]);
        let alone = Patterns::read("2026-10-23=11:00-12:00", &days).expect("a pattern");
        assert!(alone.of(day(22)).is_none() && alone.of(day(23)).is_some());
        let refused = Patterns::read("Mon=09:00-10:00", &days).expect_err("no such day");
        assert_eq!(refused, "'Mon' is none of the days: Thu, Fri");
        assert!(Patterns::read("09:00-10:00; 10:00-11:00", &days).is_err());
    }
}
