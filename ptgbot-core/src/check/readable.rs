//! What of a file can be read at all, so that one wrong value does not hide the rest.

use super::finding::{Findings, Words};
use super::kind::FindingKind;
use super::{place, proposal};
use crate::board::Board;
use crate::contents::Contents;
use crate::document::{Document, DocumentError};
use crate::person::Folding;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// What of a file can be read.
#[derive(Default)]
pub(super) struct Readable<'a> {
    /// The keys that can be read, as they are written.
    pub(super) raw: Cow<'a, Map<String, Value>>,
    /// The same as they are read.
    pub(super) document: Document,
    /// The other keys.
    pub(super) unread: Vec<String>,
}

/// Reads what can be read. What is wrong with the rest is found.
pub(super) fn readable_part<'a>(file: &'a Value, findings: &mut Findings) -> Readable<'a> {
    let (whole, object) = match (read(file), file.as_object()) {
        (Ok(document), Some(object)) => return Readable { raw: Cow::Borrowed(object), document, unread: Vec::new() },
        (Ok(_), None) => return Readable::default(),
        (Err(error), None) => {
            unreadable(&error, file, findings);
            return Readable::default();
        }
        (Err(error), Some(object)) => (error, object),
    };
    let (mut kept, mut unread) = (Map::new(), Vec::new());
    // Which keys of rooms are bookings depends on the slots.
    let order = object.iter().filter(|(key, _)| *key == "slots");
    for (key, value) in order.chain(object.iter().filter(|(key, _)| *key != "slots")) {
        let mut part = Map::new();
        if let Some(slots) = kept.get("slots").filter(|_| key == "schedule") {
            part.insert("slots".to_owned(), Value::clone(slots));
        }
        part.insert(key.clone(), value.clone());
        let part = Value::Object(part);
        match read(&part) {
            Ok(_) => drop(kept.insert(key.clone(), value.clone())),
            Err(error) => {
                unread.push(key.clone());
                if !each_item(key, value, findings) {
                    unreadable(&error, &part, findings);
                }
            }
        }
    }
    if unread.is_empty() {
        unreadable(&whole, file, findings);
    }
    let kept = Value::Object(kept);
    let document = read(&kept).unwrap_or_default();
    let kept = if let Value::Object(kept) = kept { kept } else { Map::new() };
    Readable { raw: Cow::Owned(kept), document, unread }
}

fn read(part: &Value) -> Result<Document, DocumentError> {
    Document::check(part, &Board::default(), Folding::Ascii)
}

/// Reads the tracks and the slots one by one, so that each wrong one is found. False where each by itself can be read.
fn each_item(key: &str, value: &Value, findings: &mut Findings) -> bool {
    let mut is_found = false;
    let mut one = |list: String, number: usize, part: Value| {
        if let Err(mut error) = read(&part) {
            is_found = true;
            let wrong = proposal::wrong_value(&part, &error.path);
            if let Some(inner) = error.path.strip_prefix(&format!("{list}[0]")) {
                error.path = format!("{list}[{number}]{inner}");
            }
            tell(&error, wrong, findings);
        }
    };
    match (key, value) {
        ("tracks", Value::Array(tracks)) => {
            for (number, track) in tracks.iter().enumerate() {
                one(place::key(key), number, json!({key: [track]}));
            }
        }
        ("slots", Value::Object(days)) => {
            for (day, slots) in days {
                for (number, slot) in slots.as_array().into_iter().flatten().enumerate() {
                    one(place::inner(key, day), number, json!({key: {day.as_str(): [slot]}}));
                }
                if !slots.is_array() {
                    one(place::inner(key, day), 0, json!({key: {day.as_str(): slots}}));
                }
            }
        }
        _ => {}
    }
    is_found
}

/// Finds what is more than a board holds.
pub(super) fn within_limits(contents: &Contents, document: &Document, findings: &mut Findings) {
    if let Err(refusal) = crate::decide::within_limits(&Board::default(), contents, document) {
        findings.add(FindingKind::TooMany, || Words {
            path: "$".into(),
            name: "the file".into(),
            reason: refusal.to_string().trim_end_matches('.').to_lowercase(),
            proposal: "divide it among several boards".into(),
        });
    }
}

fn unreadable(error: &DocumentError, part: &Value, findings: &mut Findings) {
    tell(error, proposal::wrong_value(part, &error.path), findings);
}

fn tell(error: &DocumentError, wrong: Option<&Value>, findings: &mut Findings) {
    findings.add(FindingKind::Unreadable, || Words {
        path: error.path.clone(),
        name: place::shown(error.path.rsplit(['.', '$']).next().unwrap_or_default()),
        reason: error.problem.clone(),
        proposal: wrong
            .and_then(|wrong| proposal::instead_of(error, wrong))
            .unwrap_or_else(|| "write it as the data file's format says".into()),
    });
}
