//! The time zone, and whether the times make sense in it.

use super::finding::{Findings, Words};
use super::kind::FindingKind;
use super::{Checked, Extent, place, slots::local};
use crate::contents::Zone;
use crate::slot::Slot;
use chrono::{DateTime, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

pub(super) fn check(checked: Checked<'_>, findings: &mut Findings) {
    if checked.is_unread("timezone") {
        return;
    }
    let zone = checked.contents.timezone;
    let timed = || checked.slots().filter_map(|(_, _, slot)| slot.realtime);
    let is_named = checked.raw.get("timezone").and_then(|zone| zone.as_str()).is_some_and(|zone| !zone.is_empty());
    if !is_named && checked.extent == Extent::Whole && timed().next().is_some() {
        findings.add(FindingKind::NoZone, || Words {
            path: place::key("timezone"),
            name: "timezone".into(),
            reason: "no zone is named: times are shown in UTC, and today changes at midnight UTC".into(),
            proposal: "name the event's zone, such as Europe/Dublin".into(),
        });
    }
    if is_named && let Some((reason, instead)) = odd(zone.0.name()) {
        findings.add(FindingKind::OddZone, || Words {
            path: place::key("timezone"),
            name: zone.0.name().to_owned(),
            reason: reason.to_owned(),
            proposal: format!("name a city of the zone, such as {instead}"),
        });
    }
    if !checked.has("slots") && !checked.has("timezone") {
        return;
    }
    if is_night(checked) {
        let (nightly, count) = at_night(checked);
        findings.add(FindingKind::NightSlots, || Words {
            path: place::key("timezone"),
            name: zone.0.name().to_owned(),
            reason: format!("{nightly} of {count} slots begin between {NIGHT}:00 and {MORNING:02}:00 in this zone"),
            proposal: "name the zone of the place, or put the slots' times right (with Z they are UTC)".into(),
        });
    }
    descriptions(checked, zone, findings);
}

/// True where most slots are at night: then their zone is a wrong one, and so are their dates.
pub(super) fn is_night(checked: Checked<'_>) -> bool {
    let (nightly, count) = at_night(checked);
    nightly * 2 > count
}

/// How many slots begin at night, and how many have a time at all.
fn at_night(checked: Checked<'_>) -> (usize, usize) {
    let zone = checked.contents.timezone.0;
    let hours = checked.slots().filter_map(|(_, _, slot)| slot.realtime).map(|start| start.with_timezone(&zone).hour());
    hours.fold((0, 0), |(nightly, count), hour| (nightly + usize::from(!(MORNING..NIGHT).contains(&hour)), count + 1))
}

/// Zones that are no place's: why that is odd, and what is meant, perhaps.
fn odd(name: &str) -> Option<(&'static str, &'static str)> {
    let fixed = "it knows no summer time";
    let old = "it is the rule of many places, and of none";
    Some(match name {
        "EST" => (fixed, "America/New_York"),
        "MST" => (fixed, "America/Denver"),
        "HST" => (fixed, "Pacific/Honolulu"),
        "EST5EDT" => (old, "America/New_York"),
        "CST6CDT" => (old, "America/Chicago"),
        "MST7MDT" => (old, "America/Denver"),
        "PST8PDT" => (old, "America/Los_Angeles"),
        "WET" => (old, "Europe/Lisbon"),
        "CET" | "MET" => (old, "Europe/Berlin"),
        "EET" => (old, "Europe/Athens"),
        name if name.starts_with("Etc/GMT") && name.ends_with(|c: char| c.is_ascii_digit() && c != '0') => (
            "its sign is the other way round, Etc/GMT+5 is west of Greenwich, and it knows no summer time",
            "America/New_York",
        ),
        _ => return None,
    })
}

/// What slots say of their time in words, against when they are.
fn descriptions(checked: Checked<'_>, zone: Zone, findings: &mut Findings) {
    let told = || checked.slots().filter_map(|(day, number, slot)| Told::of(day, number, slot, zone));
    let Some(first) = told().next() else { return };
    if told().count() > 1 && first.off != 0 && told().all(|told| told.off == first.off) {
        findings.add(FindingKind::OtherTime, || Words {
            path: place::key("timezone"),
            name: zone.0.name().to_owned(),
            reason: format!(
                "all slots begin {} than they say: {} says {} and begins {}",
                apart(first.off),
                place::shown(first.slot.name.as_str()),
                first.says.format("%H:%M"),
                local(first.start, zone)
            ),
            proposal: "name the zone in which the descriptions are meant, or put the times right".into(),
        });
        return;
    }
    for told in told() {
        if told.off != 0 {
            findings.add(FindingKind::OtherTime, || Words {
                path: place::slot(told.day, told.number, "realtime"),
                name: place::shown(told.slot.name.as_str()),
                reason: format!(
                    "it says {} and begins {} in {}",
                    told.says.format("%H:%M"),
                    local(told.start, zone),
                    zone.0.name()
                ),
                proposal: "put realtime or desc right".into(),
            });
        } else if let Some(minutes) = told.minutes {
            let (lasts, is_guess) = (told.slot.duration.unwrap_or(Slot::DEFAULT_MINUTES), told.slot.duration.is_none());
            if i64::from(lasts) != minutes {
                findings.add(FindingKind::OtherTime, || Words {
                    path: place::slot(told.day, told.number, "duration"),
                    name: place::shown(told.slot.name.as_str()),
                    reason: format!(
                        "it says that it lasts {minutes} minutes, and lasts {lasts}{}",
                        if is_guess { " as it gives no duration" } else { "" }
                    ),
                    proposal: format!("write \"duration\": {minutes}, or put desc right"),
                });
            }
        }
    }
}

/// A slot whose description tells a time.
struct Told<'a> {
    day: &'a str,
    number: usize,
    slot: &'a Slot,
    start: DateTime<Utc>,
    says: NaiveTime,
    /// How many minutes later than it says it begins, at most half a day either way.
    off: i64,
    /// How long it says that it lasts.
    minutes: Option<i64>,
}

impl<'a> Told<'a> {
    fn of(day: &'a str, number: usize, slot: &'a Slot, zone: Zone) -> Option<Self> {
        let start = slot.realtime?;
        let (says, until) = times_in(&slot.desc)?;
        let zone = if slot.desc.contains("UTC") { Tz::UTC } else { zone.0 };
        let off = start.with_timezone(&zone).time() - says;
        let off = (off.num_minutes() + HALF_DAY).rem_euclid(2 * HALF_DAY) - HALF_DAY;
        let minutes =
            until.map(|until| (until - says).num_minutes().rem_euclid(2 * HALF_DAY)).filter(|minutes| *minutes > 0);
        Some(Self { day, number, slot, start, says, off, minutes })
    }
}

/// True when a description tells when its slot ends.
pub(super) fn tells_an_end(desc: &str) -> bool {
    times_in(desc).is_some_and(|(_, until)| until.is_some())
}

/// The times of day at the beginning of a description, and what it ends with: `09:00-10:45`, `9:00 am - 10:45 am`.
fn times_in(desc: &str) -> Option<(NaiveTime, Option<NaiveTime>)> {
    let (first, rest) = time_in(desc.trim_start())?;
    let rest = rest.trim_start();
    let until = rest.strip_prefix(['-', '\u{2013}', '\u{2014}']).and_then(|rest| time_in(rest.trim_start()));
    Some((first, until.map(|(until, _)| until)))
}

/// A time of day with a colon, with what follows it.
fn time_in(text: &str) -> Option<(NaiveTime, &str)> {
    let (hours, rest) = text.split_once(':').filter(|(hours, _)| (1..=2).contains(&hours.len()))?;
    let minutes = rest.get(..2)?;
    let rest = &rest[2..];
    let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !is_number(hours) || !is_number(minutes) || rest.starts_with(|c: char| c.is_ascii_digit() || c == ':') {
        return None;
    }
    let (hour, minute) = (hours.parse::<u32>().ok()?, minutes.parse().ok()?);
    let word = rest.trim_start();
    let half = word.get(..2).map(str::to_ascii_lowercase);
    let (hour, rest) = match half.as_deref() {
        Some("am") if hour <= 12 => (hour % 12, &word[2..]),
        Some("pm") if hour <= 12 => (hour % 12 + 12, &word[2..]),
        _ => (hour, rest),
    };
    Some((NaiveTime::from_hms_opt(hour, minute, 0)?, rest))
}

fn apart(minutes: i64) -> String {
    let length = TimeDelta::minutes(minutes.abs());
    let (hours, minutes_left) = (length.num_hours(), length.num_minutes() % 60);
    let words = match (hours, minutes_left) {
        (0, minutes) => format!("{minutes} minutes"),
        (1, 0) => "an hour".to_owned(),
        (hours, 0) => format!("{hours} hours"),
        (hours, minutes) => format!("{hours}:{minutes:02} hours"),
    };
    format!("{words} {}", if minutes > 0 { "later" } else { "earlier" })
}

/// From this hour on, and before the other, it is night.
const NIGHT: u32 = 23;
const MORNING: u32 = 6;
/// In minutes.
const HALF_DAY: i64 = 12 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_tells_a_time_in_several_ways() {
        let times = |desc: &str| {
            times_in(desc).map(|(from, until)| {
                let text = |time: NaiveTime| time.format("%H:%M").to_string();
                (text(from), until.map(text).unwrap_or_default())
            })
        };
        let is = |from: &str, until: &str| Some((from.to_owned(), until.to_owned()));
        assert_eq!(times("09:00-10:45"), is("09:00", "10:45"));
        assert_eq!(times("9:00 \u{2013} 10:45, Plenary"), is("09:00", "10:45"));
        assert_eq!(times("1:30pm - 2:15 PM"), is("13:30", "14:15"));
        assert_eq!(times("12:15 AM"), is("00:15", ""));
        assert_eq!(times("13:00 UTC"), is("13:00", ""));
        for desc in ["", "13 UTC", "Morning", "25:00", "9:0", "009:00", "9:000", "9:00:00", "\u{669}:\u{660}\u{660}"] {
            assert_eq!(times(desc), None, "{desc}");
        }
    }

    #[test]
    fn how_far_apart_is_told_in_hours() {
        assert_eq!(
            ["60", "-90", "30"].map(|minutes| apart(minutes.parse().unwrap_or(0))),
            ["an hour later", "1:30 hours earlier", "30 minutes later"]
        );
    }
}
