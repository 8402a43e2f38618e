//! The slots of each day: without a time, of an odd length, overlapping, out of order.

use super::finding::{Findings, Words};
use super::kind::FindingKind;
use super::zone::tells_an_end;
use super::{Checked, Extent, place};
use crate::contents::Zone;
use crate::slot::Slot;
use chrono::{DateTime, Utc};

pub(super) fn check(checked: Checked<'_>, findings: &mut Findings) {
    if !checked.has("slots") {
        return;
    }
    if checked.slots().next().is_some() && checked.slots().all(|(_, _, slot)| slot.realtime.is_none()) {
        findings.add(FindingKind::NoTime, || Words {
            path: place::key("slots"),
            name: "all slots".into(),
            reason: "no slot has a time: nothing is in a calendar, and nobody can be reminded".into(),
            proposal: ADD_A_TIME.into(),
        });
    } else {
        without_time(checked, findings);
    }
    if checked.extent == Extent::Whole {
        without_length(checked, findings);
    }
    lengths(checked, findings);
    for (day, slots) in &checked.contents.days {
        order(day, slots, checked.contents.timezone, findings);
        overlaps(day, slots, checked.contents.timezone, findings);
    }
}

fn without_time(checked: Checked<'_>, findings: &mut Findings) {
    for (day, slots) in &checked.contents.days {
        if slots.len() > 1 && slots.iter().all(|slot| slot.realtime.is_none()) {
            findings.add(FindingKind::NoTime, || Words {
                path: place::inner("slots", day),
                name: place::shown(day),
                reason: format!("none of its {} slots has a time: they are in no calendar", slots.len()),
                proposal: ADD_A_TIME.into(),
            });
            continue;
        }
        for (number, slot) in slots.iter().enumerate().filter(|(_, slot)| slot.realtime.is_none()) {
            findings.add(FindingKind::NoTime, || Words {
                path: place::slot(day, number, "realtime"),
                name: place::shown(slot.name.as_str()),
                reason: "it has no time: it is in no calendar, and nobody can be reminded".into(),
                proposal: ADD_A_TIME.into(),
            });
        }
    }
}

/// What ends when its description does is as long as that says, or is found for it.
fn without_length(checked: Checked<'_>, findings: &mut Findings) {
    let timed = || checked.slots().filter(|(_, _, slot)| slot.realtime.is_some());
    let guessed = || timed().filter(|(_, _, slot)| slot.duration.is_none() && !tells_an_end(&slot.desc));
    let words = |path: String, name: String, reason: String| Words {
        path,
        name,
        reason: format!("{reason} is taken to last {} minutes", Slot::DEFAULT_MINUTES),
        proposal: "say in minutes how long it lasts, as in \"duration\": 45".into(),
    };
    if timed().count() > 1 && guessed().count() == timed().count() {
        findings.add(FindingKind::NoLength, || {
            words(place::key("slots"), "all slots".into(), "no slot has a duration: each".into())
        });
        return;
    }
    for (day, number, slot) in guessed() {
        findings.add(FindingKind::NoLength, || {
            let name = place::shown(slot.name.as_str());
            words(place::slot(day, number, "duration"), name, "it has no duration, and".into())
        });
    }
}

fn lengths(checked: Checked<'_>, findings: &mut Findings) {
    for (day, number, slot) in checked.slots() {
        let Some(minutes) = slot.duration.filter(|minutes| !(SHORTEST..=LONGEST).contains(minutes)) else { continue };
        findings.add(FindingKind::OddLength, || Words {
            path: place::slot(day, number, "duration"),
            name: place::shown(slot.name.as_str()),
            reason: if minutes > LONGEST {
                format!("it lasts {} hours", minutes / 60)
            } else {
                format!("it lasts {minutes} minutes")
            },
            proposal: "say in duration how many minutes it lasts, or divide it".into(),
        });
    }
}

/// Each slot against the one before it that has a time.
fn order(day: &str, slots: &[Slot], zone: Zone, findings: &mut Findings) {
    let mut before: Option<(DateTime<Utc>, &Slot)> = None;
    for (number, slot) in slots.iter().enumerate() {
        let Some(start) = slot.realtime else { continue };
        if let Some((_, earlier)) = before.filter(|(before, _)| start < *before) {
            findings.add(FindingKind::SlotOrder, || Words {
                path: place::slot(day, number, "realtime"),
                name: place::shown(slot.name.as_str()),
                reason: format!(
                    "it begins {}, before {} that stands above it",
                    local(start, zone),
                    place::shown(earlier.name.as_str())
                ),
                proposal: "put the slots in the order of their times, or put the time right".into(),
            });
        }
        before = Some((start, slot));
    }
}

/// Each slot against the one that lasts longest of those that began before.
fn overlaps(day: &str, slots: &[Slot], zone: Zone, findings: &mut Findings) {
    let spans = slots.iter().enumerate().filter_map(|(number, slot)| Some((slot.span()?, number, slot)));
    let mut spans: Vec<_> = spans.collect();
    spans.sort_by_key(|(span, number, _)| (span.0, *number));
    let mut longest: Option<(DateTime<Utc>, &Slot)> = None;
    for ((start, end), number, slot) in spans {
        if let Some((until, running)) = longest.filter(|(until, _)| start < *until) {
            let guessed = running.duration.is_none();
            findings.add(FindingKind::Overlap, || Words {
                path: place::slot(day, number, "realtime"),
                name: place::shown(slot.name.as_str()),
                reason: format!(
                    "it begins {}, and {} ends {}{}",
                    local(start, zone),
                    place::shown(running.name.as_str()),
                    local(until, zone),
                    if guessed { " as it gives no duration" } else { "" }
                ),
                proposal: if guessed {
                    format!("say in minutes how long {} lasts", place::shown(running.name.as_str()))
                } else {
                    "put one of the two times or durations right".into()
                },
            });
        }
        if longest.is_none_or(|(until, _)| until < end) {
            longest = Some((end, slot));
        }
    }
}

/// A time of day as the event's clocks show it.
pub(super) fn local(at: DateTime<Utc>, zone: Zone) -> String {
    at.with_timezone(&zone.0).format("%H:%M").to_string()
}

const ADD_A_TIME: &str = "say when it begins, as in \"realtime\": \"2026-10-19T09:00:00Z\"";
/// In minutes.
const SHORTEST: u32 = 5;
const LONGEST: u32 = 12 * 60;
