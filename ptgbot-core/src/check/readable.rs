//! What of a file can be read at all, so that one wrong value does not hide the rest.

use super::finding::{Findings, Words};
use super::kind::FindingKind;
use super::place;
use crate::board::Board;
use crate::contents::Contents;
use crate::document::{Document, DocumentError};
use crate::person::Folding;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The keys that can be read, as they are written and as they are read. What is wrong with the others is found.
pub(super) fn readable_part<'a>(file: &'a Value, findings: &mut Findings) -> (Cow<'a, Map<String, Value>>, Document) {
    let board = Board::default();
    let read = |part: &Value| Document::check(part, &board, Folding::Ascii);
    let (whole, object) = match (read(file), file.as_object()) {
        (Ok(document), Some(object)) => return (Cow::Borrowed(object), document),
        (Ok(_), None) => return (Cow::Owned(Map::new()), Document::default()),
        (Err(error), None) => {
            unreadable(&error, findings);
            return (Cow::Owned(Map::new()), Document::default());
        }
        (Err(error), Some(object)) => (error, object),
    };
    let mut kept = Map::new();
    let mut are_parts_wrong = false;
    // Which keys of rooms are bookings depends on the slots.
    let order = object.iter().filter(|(key, _)| *key == "slots");
    for (key, value) in order.chain(object.iter().filter(|(key, _)| *key != "slots")) {
        let mut part = Map::new();
        if let Some(slots) = kept.get("slots").filter(|_| key == "schedule") {
            part.insert("slots".to_owned(), Value::clone(slots));
        }
        part.insert(key.clone(), value.clone());
        match read(&part.into()) {
            Ok(_) => drop(kept.insert(key.clone(), value.clone())),
            Err(error) => {
                are_parts_wrong = true;
                unreadable(&error, findings);
            }
        }
    }
    if !are_parts_wrong {
        unreadable(&whole, findings);
    }
    let kept = Value::Object(kept);
    let document = read(&kept).unwrap_or_default();
    (Cow::Owned(if let Value::Object(kept) = kept { kept } else { Map::new() }), document)
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

fn unreadable(error: &DocumentError, findings: &mut Findings) {
    findings.add(FindingKind::Unreadable, || Words {
        path: error.path.clone(),
        name: place::shown(error.path.rsplit(['.', '$']).next().unwrap_or_default()),
        reason: error.problem.clone(),
        proposal: "write it as the data file's format says".into(),
    });
}
