//! The data file: one JSON object, the format of the older bot and of existing event pages.
//!
//! [`Document::check`](crate::Document::check) reads it whole before anything changes; [`full`] and [`public`] write it.

mod at;
mod read;
mod time;
mod write;

pub(crate) use at::{Path as JsonPath, shortened};
pub use write::{full, public};

/// The keys of the data file and of the public one; any other is kept as it is.
pub(crate) const KEYS: [&str; 23] = [
    "eventid",
    "timezone",
    "tracks",
    "slots",
    "schedule",
    "now",
    "now_since",
    "next",
    "etherpads",
    "urls",
    "colors",
    "location",
    "links",
    "motd",
    "mentions",
    "voice",
    "moderators",
    "policy",
    "last_check_in",
    "subscriptions",
    "reminders",
    "revision",
    "timestamp",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Board, Document, Folding};
    use serde_json::{Map, Value, json};

    #[test]
    fn the_keys_are_those_that_are_read() {
        let is_kept = |key: &str| {
            let read = Document::check(&json!({key: null}), &Board::default(), Folding::Ascii);
            read.is_ok_and(|read| read.extra.contains_key(key))
        };
        assert!(is_kept("anything"));
        let kept: Vec<_> = KEYS.into_iter().filter(|key| is_kept(key)).collect();
        assert_eq!(kept, Vec::<&str>::new());
        let written: Map<String, Value> =
            [full(&Board::default()), public(&Board::default(), chrono::DateTime::UNIX_EPOCH)]
                .into_iter()
                .filter_map(|file| file.as_object().cloned())
                .flatten()
                .collect();
        let unknown: Vec<_> = written.keys().filter(|key| !KEYS.contains(&key.as_str())).collect();
        assert_eq!(unknown, Vec::<&String>::new());
    }
}
