//! The event's short name, which is part of generated addresses and of what calendars call an entry.

use super::finding::{Findings, Words};
use super::kind::FindingKind;
use super::{Checked, Extent, place};

pub(super) fn check(checked: Checked<'_>, findings: &mut Findings) {
    let name = checked.contents.event_id.as_str();
    let is_expected = checked.extent == Extent::Whole && checked.has("slots") && !checked.is_unread("eventid");
    if name.is_empty() && (is_expected || checked.has("eventid")) {
        findings.add(FindingKind::EventName, || Words {
            path: place::key("eventid"),
            name: "eventid".into(),
            reason: "the event has no name: pads and calendar entries of two events would be the same ones".into(),
            proposal: NAME_IT.into(),
        });
    } else if checked.has("eventid") && !name.chars().all(is_fit) {
        findings.add(FindingKind::EventName, || Words {
            path: place::key("eventid"),
            name: place::shown(name),
            reason: "it is part of the pads' addresses, where blanks and other signs become %20 and the like".into(),
            proposal: match slug(name) {
                slug if slug.is_empty() => NAME_IT.into(),
                slug => format!("write {}", place::shown(&slug)),
            },
        });
    }
}

/// The name as one word: every letter of it is fit.
fn slug(name: &str) -> String {
    let name = name.to_lowercase();
    let words = name.split(|c: char| c == '-' || !is_fit(c));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

fn is_fit(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.')
}

const NAME_IT: &str = "name it in a word, such as oct2026-ptg";
