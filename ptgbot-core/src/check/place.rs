//! The JSON paths of what is found.

use crate::data_file::{JsonPath, shortened};

/// `$.key`
pub(super) fn key(key: &str) -> String {
    JsonPath::Key(&JsonPath::Root, key).to_string()
}

/// `$.key.inner`
pub(super) fn inner(key: &str, inner: &str) -> String {
    JsonPath::Key(&JsonPath::Key(&JsonPath::Root, key), inner).to_string()
}

/// `$.key.inner.last`
pub(super) fn innermost(key: &str, inner: &str, last: &str) -> String {
    JsonPath::Key(&JsonPath::Key(&JsonPath::Key(&JsonPath::Root, key), inner), last).to_string()
}

/// `$.slots.Monday[0].realtime`
pub(super) fn slot(day: &str, number: usize, key: &str) -> String {
    let slots = JsonPath::Key(&JsonPath::Root, "slots");
    let day = JsonPath::Key(&slots, day);
    JsonPath::Key(&JsonPath::Item(&day, number), key).to_string()
}

/// A name as it is told: nothing in it turns the line, and the end of a long one is left out.
pub(super) fn shown(name: &str) -> String {
    shortened(name, MAX_SHOWN)
}

/// In characters.
const MAX_SHOWN: usize = 40;
