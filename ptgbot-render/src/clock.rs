//! Times as the event's people read them: in the event's zone, and never without its name.

use chrono::{DateTime, Datelike, SecondsFormat, Timelike, Utc};
use chrono_tz::Tz;
use ptgbot_core::Slot;
use std::fmt;

/// The event's clock on the wall.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    zone: Tz,
}

/// A printed time with the same time for programs.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    /// RFC 3339 in UTC.
    pub(crate) iso: String,
    /// For people, with the zone.
    pub(crate) text: String,
}

impl Clock {
    pub(crate) fn new(zone: Tz) -> Self {
        Self { zone }
    }

    /// The zone's IANA name.
    pub(crate) fn zone_name(self) -> &'static str {
        self.zone.name()
    }

    /// `14:05 CEST`
    pub(crate) fn time(self, at: DateTime<Utc>) -> Stamp {
        let local = at.with_timezone(&self.zone);
        Stamp { iso: iso(at), text: format!("{} {}", local.format("%H:%M"), self.zone_at(at)) }
    }

    /// `Mon 14:05 CEST`
    pub(crate) fn day_time(self, at: DateTime<Utc>) -> Stamp {
        let local = at.with_timezone(&self.zone);
        Stamp { iso: iso(at), text: format!("{} {}", local.format("%a %H:%M"), self.zone_at(at)) }
    }

    /// `19 Oct 2026, 14:05 CEST`
    pub(crate) fn date_time(self, at: DateTime<Utc>) -> Stamp {
        let local = at.with_timezone(&self.zone);
        Stamp { iso: iso(at), text: format!("{} {}", local.format("%-d %b %Y, %H:%M"), self.zone_at(at)) }
    }

    /// `19 October 2026`
    pub(crate) fn date(self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%-d %B %Y").to_string()
    }

    /// When a slot is: `09:00–10:45 CEST`. The programme's own words stand where they say the same, or where
    /// the slot has no time; they name no zone, so a zone is added only to what is known to be in it.
    pub(crate) fn span(self, slot: &Slot) -> String {
        let Some(start) = slot.realtime else {
            return slot.desc.clone();
        };
        let from = start.with_timezone(&self.zone).format("%H:%M").to_string();
        if says_only_times(&slot.desc)
            && slot.desc.trim().trim_start_matches('0').starts_with(from.trim_start_matches('0'))
        {
            return format!("{} {}", slot.desc.trim().replace('-', "\u{2013}"), self.zone_at(start));
        }
        match slot.span() {
            Some((_, end)) => {
                let to = end.with_timezone(&self.zone);
                format!("{from}\u{2013}{} {}", to.format("%H:%M"), self.zone_at(end))
            }
            None => format!("{from} {}", self.zone_at(start)),
        }
    }

    /// The programme's words about a slot, where [`Clock::span`] does not say them already.
    pub(crate) fn note(self, slot: &Slot) -> Option<&str> {
        let said = slot.realtime.is_none()
            || slot.desc.is_empty()
            || self.span(slot).starts_with(&slot.desc.trim().replace('-', "\u{2013}"));
        (!said).then_some(slot.desc.as_str())
    }

    /// `CEST`, or `UTC-03` for the many zones whose abbreviation is only a number.
    fn zone_at(self, at: DateTime<Utc>) -> ZoneAt {
        ZoneAt(at.with_timezone(&self.zone).format("%Z").to_string())
    }
}

/// RFC 3339 in UTC, to the second.
pub(crate) fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// RFC 5545 section 3.3.5, form 2; `None` for years that the form cannot hold.
pub(crate) fn ical(at: DateTime<Utc>) -> Option<String> {
    let (year, month, day) = (at.year(), at.month(), at.day());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    let fits = (0..=9999).contains(&year);
    fits.then(|| format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z"))
}

struct ZoneAt(String);

impl fmt::Display for ZoneAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.starts_with(['+', '-']) {
            f.write_str("UTC")?;
        }
        f.write_str(&self.0)
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
        Slot { name: SlotName::new("MonA1"), desc: desc.into(), realtime, duration, extra: Default::default() }
    }

    #[test]
    fn a_time_names_its_zone_in_summer_and_in_winter() {
        let clock = Clock::new(Tz::Europe__Berlin);
        assert_eq!(clock.time("2026-10-19T09:00:00Z".parse().expect("a time")).text, "11:00 CEST");
        assert_eq!(clock.time("2026-10-26T09:00:00Z".parse().expect("a time")).text, "10:00 CET");
        let clock = Clock::new(Tz::America__Sao_Paulo);
        assert_eq!(clock.time("2026-10-19T09:00:00Z".parse().expect("a time")).text, "06:00 UTC-03");
    }

    #[test]
    fn the_programmes_words_stand_where_they_say_the_same() {
        let clock = Clock::new(Tz::UTC);
        let agrees = slot("09:00-10:45", Some("2026-10-19T09:00:00Z"), None);
        assert_eq!((clock.span(&agrees).as_str(), clock.note(&agrees)), ("09:00\u{2013}10:45 UTC", None));
        let elsewhere = slot("02:00-03:45", Some("2026-10-19T09:00:00Z"), Some(105));
        assert_eq!(
            (clock.span(&elsewhere).as_str(), clock.note(&elsewhere)),
            ("09:00\u{2013}10:45 UTC", Some("02:00-03:45"))
        );
        let words = slot("before lunch", None, None);
        assert_eq!((clock.span(&words).as_str(), clock.note(&words)), ("before lunch", None));
    }
}
