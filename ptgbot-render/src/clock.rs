//! Times as the event's people read them: in the event's zone, and never without its name.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, SecondsFormat, Timelike, Utc};
use chrono_tz::Tz;
use ptgbot_core::{Slot, Zone};
use std::fmt;

/// The event's clock on the wall.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WallClock {
    zone: Tz,
}

/// A printed time with the same time for programs.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    /// RFC 3339 in UTC.
    pub(crate) iso: String,
    /// Where it ends, for a span.
    pub(crate) until: Option<String>,
    /// For people, with the zone.
    pub(crate) text: String,
    /// How much of the date it says.
    pub(crate) shape: Shape,
}

/// How much of its date a printed time says. Scripts read it to say the same in another zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Nothing: the day stands elsewhere.
    Time,
    /// The weekday.
    DayTime,
    /// Weekday, day and month.
    DateTime,
}

impl Shape {
    /// The word in `data-shape`; the most frequent one needs none.
    pub(crate) fn word(self) -> Option<&'static str> {
        match self {
            Self::Time => None,
            Self::DayTime => Some("day"),
            Self::DateTime => Some("date"),
        }
    }

    fn format(self) -> &'static str {
        match self {
            Self::Time => "%H:%M",
            Self::DayTime => "%a %H:%M",
            Self::DateTime => "%a %-d %b, %H:%M",
        }
    }
}

/// When a slot is, as the page prints it.
#[derive(Clone, Debug)]
pub(crate) enum SlotTime<'a> {
    /// A time.
    At(Stamp),
    /// Only the programme's words; they may be none.
    Said(&'a str),
}

impl WallClock {
    pub(crate) fn new(zone: Tz) -> Self {
        Self { zone }
    }

    /// The zone's IANA name.
    pub(crate) fn zone_name(self) -> &'static str {
        self.zone.name()
    }

    /// `14:05 CEST`
    pub(crate) fn time(self, at: DateTime<Utc>) -> Stamp {
        self.stamp(at, Shape::Time)
    }

    /// `Mon 14:05 CEST`
    pub(crate) fn day_time(self, at: DateTime<Utc>) -> Stamp {
        self.stamp(at, Shape::DayTime)
    }

    /// `Mon 19 Oct, 14:05 CEST`
    pub(crate) fn date_time(self, at: DateTime<Utc>) -> Stamp {
        self.stamp(at, Shape::DateTime)
    }

    /// `09:05–09:50 CEST`
    pub(crate) fn between(self, start: DateTime<Utc>, end: DateTime<Utc>) -> Stamp {
        Stamp { iso: iso(start), until: Some(iso(end)), text: self.in_words(start, end), shape: Shape::Time }
    }

    fn stamp(self, at: DateTime<Utc>, shape: Shape) -> Stamp {
        let local = at.with_timezone(&self.zone);
        let text = format!("{} {}", local.format(shape.format()), self.zone_at(at));
        Stamp { iso: iso(at), until: None, text, shape }
    }

    /// `Mon 19 Oct, 14:05–15:00 CEST`
    pub(crate) fn dated_span(self, start: DateTime<Utc>, end: DateTime<Utc>) -> Stamp {
        let day = start.with_timezone(&self.zone).format("%a %-d %b");
        let text = format!("{day}, {}", self.in_words(start, end));
        Stamp { iso: iso(start), until: Some(iso(end)), text, shape: Shape::DateTime }
    }

    /// `19 October 2026`
    pub(crate) fn date(self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%-d %B %Y").to_string()
    }

    /// `19 Oct`
    pub(crate) fn short_date(self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%-d %b").to_string()
    }

    /// When a slot is: `09:00–10:45 CEST`.
    pub(crate) fn when(self, slot: &Slot) -> SlotTime<'_> {
        let Some(start) = slot.realtime else {
            return SlotTime::Said(&slot.desc);
        };
        let until = slot.span().map(|(_, end)| iso(end));
        SlotTime::At(Stamp { iso: iso(start), until, text: self.span(slot, start), shape: Shape::Time })
    }

    /// The programme's own words stand where they say the same; they name no zone, so one is added only to what
    /// is known to be in it.
    fn span(self, slot: &Slot, start: DateTime<Utc>) -> String {
        let from = start.with_timezone(&self.zone).format("%H:%M").to_string();
        let zone = self.zone_at(start);
        let one_zone = slot.span().is_none_or(|(_, end)| self.zone_at(end) == zone);
        if one_zone
            && says_only_times(&slot.desc)
            && slot.desc.trim().trim_start_matches('0').starts_with(from.trim_start_matches('0'))
        {
            return format!("{} {zone}", slot.desc.trim().replace('-', "\u{2013}"));
        }
        slot.span().map_or_else(|| format!("{from} {zone}"), |(start, end)| self.in_words(start, end))
    }

    /// A span across the night in which the clocks change has two zones.
    fn in_words(self, start: DateTime<Utc>, end: DateTime<Utc>) -> String {
        let [from, to] = [start, end].map(|time| time.with_timezone(&self.zone).format("%H:%M"));
        let [zone, later] = [start, end].map(|time| self.zone_at(time));
        if zone == later { format!("{from}\u{2013}{to} {zone}") } else { format!("{from} {zone}\u{2013}{to} {later}") }
    }

    /// `09:00–10:45`
    fn times(self, slot: &Slot) -> Option<String> {
        let (start, end) = slot.span()?;
        let [from, to] = [start, end].map(|time| time.with_timezone(&self.zone).format("%H:%M"));
        Some(format!("{from}\u{2013}{to}"))
    }

    /// The programme's words about a slot, where [`WallClock::when`] does not say them already.
    pub(crate) fn note(self, slot: &Slot) -> Option<&str> {
        let start = slot.realtime?;
        let desc = slot.desc.trim().replace('-', "\u{2013}");
        let said = self.span(slot, start).starts_with(&desc) || self.times(slot).is_some_and(|times| times == desc);
        (!said).then_some(slot.desc.as_str())
    }

    /// `CEST`, or `UTC-03` and `UTC+05:45` for the many zones whose abbreviation is only a number.
    fn zone_at(self, at: DateTime<Utc>) -> ZoneAt {
        ZoneAt(at.with_timezone(&self.zone).format("%Z").to_string())
    }
}

/// RFC 3339 in UTC, to the second.
pub(crate) fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The first moment of a date. Where the clocks skip midnight, that is later than 00:00.
pub(crate) fn midnight(zone: Tz, date: NaiveDate) -> Option<DateTime<Utc>> {
    Zone(zone).first_from(date.and_time(NaiveTime::MIN))
}

/// RFC 5545 section 3.3.5, form 2; `None` for years that the form cannot hold.
pub(crate) fn ical(at: DateTime<Utc>) -> Option<String> {
    let (year, month, day) = (at.year(), at.month(), at.day());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    let fits = (0..=9999).contains(&year);
    fits.then(|| format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z"))
}

#[derive(PartialEq)]
struct ZoneAt(String);

impl fmt::Display for ZoneAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_at_checked(3) {
            Some((hours, minutes)) if hours.starts_with(['+', '-']) && minutes.is_empty() => write!(f, "UTC{hours}"),
            Some((hours, minutes)) if hours.starts_with(['+', '-']) => write!(f, "UTC{hours}:{minutes}"),
            Some(_) | None => f.write_str(&self.0),
        }
    }
}

fn says_only_times(desc: &str) -> bool {
    !desc.is_empty() && desc.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '-' | '\u{2013}' | ' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ptgbot_core::SlotName;

    fn slot(desc: &str, realtime: Option<&str>, duration: Option<u32>) -> Slot {
        let realtime = realtime.map(|time| time.parse().expect("a time"));
        let mut slot = Slot::new(SlotName::new("MonA1"));
        (slot.desc, slot.realtime, slot.duration) = (desc.into(), realtime, duration);
        slot
    }

    #[test]
    fn a_time_names_its_zone_in_summer_and_in_winter() {
        let clock = WallClock::new(Tz::Europe__Berlin);
        assert_eq!(clock.time("2026-10-19T09:00:00Z".parse().expect("a time")).text, "11:00 CEST");
        assert_eq!(clock.time("2026-10-26T09:00:00Z".parse().expect("a time")).text, "10:00 CET");
        let clock = WallClock::new(Tz::America__Sao_Paulo);
        assert_eq!(clock.time("2026-10-19T09:00:00Z".parse().expect("a time")).text, "06:00 UTC-03");
        let clock = WallClock::new(Tz::Asia__Kathmandu);
        assert_eq!(clock.time("2026-10-19T09:00:00Z".parse().expect("a time")).text, "14:45 UTC+05:45");
    }

    fn text(when: SlotTime<'_>) -> String {
        match when {
            SlotTime::At(stamp) => stamp.text,
            SlotTime::Said(words) => words.to_owned(),
        }
    }

    #[test]
    fn the_programmes_words_stand_where_they_say_the_same() {
        let clock = WallClock::new(Tz::UTC);
        let agrees = slot("09:00-10:45", Some("2026-10-19T09:00:00Z"), None);
        assert_eq!((text(clock.when(&agrees)).as_str(), clock.note(&agrees)), ("09:00\u{2013}10:45 UTC", None));
        let elsewhere = slot("02:00-03:45", Some("2026-10-19T09:00:00Z"), Some(105));
        assert_eq!(
            (text(clock.when(&elsewhere)).as_str(), clock.note(&elsewhere)),
            ("09:00\u{2013}10:45 UTC", Some("02:00-03:45"))
        );
        let words = slot("before lunch", None, None);
        assert_eq!((text(clock.when(&words)).as_str(), clock.note(&words)), ("before lunch", None));
    }

    #[test]
    fn a_span_across_the_change_of_clocks_names_both_zones() {
        let clock = WallClock::new(Tz::Europe__Berlin);
        let night = slot("", Some("2026-10-24T23:30:00Z"), Some(120));
        assert_eq!(text(clock.when(&night)), "01:30 CEST\u{2013}02:30 CET");
        let said = slot("01:30-02:30", Some("2026-10-24T23:30:00Z"), Some(120));
        assert_eq!((text(clock.when(&said)).as_str(), clock.note(&said)), ("01:30 CEST\u{2013}02:30 CET", None));
    }
}
