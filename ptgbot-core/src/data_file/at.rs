//! A value of the data file and the way to it, so that what is wrong is named with its JSON path.

use crate::document::DocumentError;
use crate::text::clean_name;
use serde_json::{Map, Value};
use std::fmt;

/// A value and the way to it.
pub(super) struct At<'a> {
    pub(super) value: &'a Value,
    pub(super) path: Path<'a>,
}

/// The way from the root, built only when something is wrong.
#[derive(Clone, Copy)]
pub(crate) enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl<'a> At<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Self { value, path: Path::Root }
    }

    pub(super) fn key<'b>(&'b self, key: &'b str, value: &'b Value) -> At<'b> {
        At { value, path: Path::Key(&self.path, key) }
    }

    pub(super) fn object(&self) -> Result<&'a Map<String, Value>, DocumentError> {
        self.value.as_object().ok_or_else(|| self.expected("an object"))
    }

    pub(super) fn array<'b>(&'b self) -> Result<impl Iterator<Item = At<'b>>, DocumentError> {
        let items = self.value.as_array().ok_or_else(|| self.expected("a list"))?;
        Ok(items.iter().enumerate().map(|(number, value)| At { value, path: Path::Item(&self.path, number) }))
    }

    pub(super) fn string(&self) -> Result<&'a str, DocumentError> {
        self.value.as_str().ok_or_else(|| self.expected("a string"))
    }

    pub(super) fn expected(&self, what: &str) -> DocumentError {
        let found = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.wrong(format!("expected {what}, found {found}"))
    }

    pub(super) fn wrong(&self, problem: impl Into<String>) -> DocumentError {
        DocumentError { path: self.path.to_string(), problem: problem.into() }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("$"),
            Self::Key(parent, key) => {
                let shown = shortened(key, MAX_SHOWN);
                let plain =
                    !shown.is_empty() && shown == *key && shown.chars().all(|c| c.is_alphanumeric() || c == '_');
                if plain {
                    write!(f, "{parent}.{shown}")
                } else {
                    write!(f, "{parent}['{}']", shown.replace('\\', "\\\\").replace('\'', "\\'"))
                }
            }
            Self::Item(parent, number) => write!(f, "{parent}[{number}]"),
        }
    }
}

/// A name between other words: without what would turn the line, and cut after so many characters.
pub(crate) fn shortened(name: &str, most: usize) -> String {
    clean_name(name).chars().take(most).collect()
}

/// A key in a refusal is cut after so many characters.
const MAX_SHOWN: usize = 60;

/// Deeper values could be written to the journal, inside records and boards, but not be read again: JSON readers
/// stop at 128 levels.
pub(super) fn nesting(at: &At<'_>, left: usize) -> Result<(), DocumentError> {
    if left == 0 && (at.value.is_array() || at.value.is_object()) {
        return Err(at.wrong(format!("nested deeper than {MAX_DEPTH} levels")));
    }
    match at.value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(number, value)| nesting(&At { value, path: Path::Item(&at.path, number) }, left - 1)),
        Value::Object(object) => object.iter().try_for_each(|(key, value)| nesting(&at.key(key, value), left - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

pub(super) const MAX_DEPTH: usize = 64;
