//! What somebody who knows data files would say of one before an event: each finding with its place, its reason and a
//! proposal.
//!
//! An error is what makes the board wrong or keeps people from using it; a file with one is not loaded. Everything else is
//! advice. A file takes time in proportion to its size, whatever is in it.

mod bookings;
mod codes;
mod colors;
mod days;
mod event_name;
mod finding;
mod keys;
mod kind;
mod letters;
mod links;
mod names;
mod near;
mod place;
mod proposal;
mod readable;
mod rooms;
mod same_name;
mod slots;
mod told;
mod tracks;
mod zone;

pub use finding::{Finding, Findings};
pub use kind::{FindingKind, Severity};
pub(crate) use told::{findings_lines, refusal};

use crate::board::Board;
use crate::contents::Contents;
use crate::document::Document;
use crate::slot::Slot;
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Reads a whole data file, as of a moment, for a board that has nothing yet.
///
/// ```
/// use ptgbot_core::{FindingKind, check_file};
/// let file = serde_json::json!({
///     "eventid": "oct2026-ptg", "timezone": "Europe/Dublin", "tracks": ["swift"],
///     "slots": {"Monday": [{"name": "MonA1", "desc": "09:00-10:00", "realtime": "2026-10-19T08:00:00Z"}]},
///     "schedule": {"Ballroom A": {"MonA1": "swift", "url": "meet.example.org/a"}},
/// });
/// let findings = check_file(&file, "2026-10-01T09:00:00Z".parse().unwrap());
/// let finding = findings.iter().next().unwrap();
/// assert_eq!((finding.kind, finding.path.as_str()), (FindingKind::NotHttp, "$.schedule['Ballroom A'].url"));
/// assert_eq!(finding.proposal, "write https://meet.example.org/a");
/// ```
pub fn check_file(file: &Value, at: DateTime<Utc>) -> Findings {
    let mut findings = Findings::default();
    let readable::Readable { raw, document, unread } = readable::readable_part(file, &mut findings);
    let mut contents = Contents::default();
    document.replace_in(&mut contents);
    readable::within_limits(&contents, &document, &mut findings);
    let checked = Checked {
        raw: &raw,
        unread: &unread,
        contents: &contents,
        listed: document.tracks.as_ref().unwrap_or(&contents.tracks),
        extent: Extent::Whole,
        at,
    };
    checked.check(&mut findings);
    findings
}

/// Reads what a document brings to a board: `raw` as it was written, `document` as it is read, `after` as the board will be.
pub(crate) fn check_document(
    raw: &Value,
    document: &Document,
    board: &Board,
    after: &Contents,
    at: DateTime<Utc>,
) -> Findings {
    let mut findings = Findings::default();
    let Some(raw) = raw.as_object() else { return findings };
    let listed = document.tracks.as_ref().unwrap_or(&board.contents().tracks);
    Checked { raw, unread: &[], contents: after, listed, extent: Extent::Part, at }.check(&mut findings);
    findings
}

/// What is checked.
#[derive(Clone, Copy)]
struct Checked<'a> {
    /// The file as it was written; only of its keys anything is said.
    raw: &'a Map<String, Value>,
    /// Its keys that cannot be read. They are there, so nothing is said of what they would bring.
    unread: &'a [String],
    /// What a board will have with it.
    contents: &'a Contents,
    /// The tracks that somebody listed; those of bookings join the contents' list by themselves.
    listed: &'a BTreeSet<TrackName>,
    /// Whether the file is all that there is.
    extent: Extent,
    /// When it is read.
    at: DateTime<Utc>,
}

/// Whether a file is all that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// What it lacks is missing.
    Whole,
    /// A board has the rest.
    Part,
}

impl<'a> Checked<'a> {
    fn check(self, findings: &mut Findings) {
        event_name::check(self, findings);
        same_name::check(self, findings);
        names::check(self, findings);
        codes::check(self, findings);
        slots::check(self, findings);
        days::check(self, findings);
        zone::check(self, findings);
        rooms::check(self, findings);
        bookings::check(self, findings);
        tracks::check(self, findings);
        links::check(self, findings);
        colors::check(self, findings);
        keys::check(self, findings);
    }

    /// True when the file has a key at its top level.
    fn has(self, key: &str) -> bool {
        self.raw.contains_key(key)
    }

    /// True when the file has a key at its top level that cannot be read.
    fn is_unread(self, key: &str) -> bool {
        self.unread.iter().any(|unread| unread == key)
    }

    /// The entries of an object at the file's top level.
    fn entries(self, key: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let object = self.raw.get(key).and_then(Value::as_object);
        object.into_iter().flatten().map(|(key, value)| (key.as_str(), value))
    }

    /// All slots: their day, their place in it, themselves.
    fn slots(self) -> impl Iterator<Item = (&'a str, usize, &'a Slot)> {
        let days = self.contents.days.iter();
        days.flat_map(|(day, slots)| slots.iter().enumerate().map(|(number, slot)| (day.as_str(), number, slot)))
    }
}

#[cfg(test)]
mod tests;
