//! What to write instead of the values that people get wrong most.

use super::place;
use crate::data_file::JsonPath;
use crate::document::DocumentError;
use crate::text::is_invisible;
use crate::track::TrackName;
use crate::zone_name::zones_near;
use serde_json::Value;

/// The value at a path as errors name it.
pub(super) fn wrong_value<'a>(file: &'a Value, path: &str) -> Option<&'a Value> {
    within(file, JsonPath::Root, path)
}

fn within<'a>(value: &'a Value, at: JsonPath<'_>, wanted: &str) -> Option<&'a Value> {
    let here = at.to_string();
    if here == wanted {
        return Some(value);
    }
    if !wanted.starts_with(&here) {
        return None;
    }
    match value {
        Value::Object(object) => object.iter().find_map(|(key, value)| within(value, JsonPath::Key(&at, key), wanted)),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(number, value)| within(value, JsonPath::Item(&at, number), wanted))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// What to write instead of a wrong value, where it can be told.
pub(super) fn instead_of(error: &DocumentError, wrong: &Value) -> Option<String> {
    let (path, problem) = (error.path.as_str(), error.problem.as_str());
    if path.ends_with(".realtime") {
        return Some("write the moment in UTC, as in 2026-10-19T09:00:00Z".into());
    }
    match wrong {
        Value::String(text) if path == "$.timezone" => Some(zone(text)),
        Value::String(text) if problem.starts_with("expected a number") => {
            let number = text.trim().parse::<u32>().ok()?;
            Some(format!("write {number}, without quotes"))
        }
        Value::String(text) if problem.contains("track name") => track(text),
        Value::Number(number) if problem.starts_with("expected a string") => {
            Some(format!("write \"{number}\", with quotes"))
        }
        _ => None,
    }
}

fn zone(typed: &str) -> String {
    match zones_near(typed)[..] {
        [] => "name a city of the zone, such as Europe/Dublin".into(),
        ref near => format!("write {}", near.join(" or ")),
    }
}

/// The name with dashes for blanks, and without what cannot be seen, if that makes one.
fn track(typed: &str) -> Option<String> {
    let typed = typed.replace(is_invisible, "");
    let name = typed.split_whitespace().collect::<Vec<_>>().join("-");
    TrackName::parse(&name).ok().map(|track| format!("write {}", place::shown(track.as_str())))
}
