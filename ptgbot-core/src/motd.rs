//! Messages of the day: what everyone should read first.

use crate::text::Text;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// How loud a message of the day is.
///
/// Exhaustive: whoever shows messages shows each as loud as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Good to know.
    Info,
    /// Good news.
    Success,
    /// Take care.
    Warning,
    /// Act now.
    Danger,
}

impl Level {
    /// All levels, quietest first.
    pub const ALL: [Self; 4] = [Self::Info, Self::Success, Self::Warning, Self::Danger];

    /// The word of the data file and of the command, lower-case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Danger => "danger",
        }
    }

    /// Reads the word in any case.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str().eq_ignore_ascii_case(word))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A message on top of the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Motd {
    /// How loud.
    pub level: Level,
    /// What it says.
    pub message: Text,
    /// What other programs keep with it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl Motd {
    /// A message.
    pub fn new(level: Level, message: Text) -> Self {
        Self { level, message, extra: Map::new() }
    }
}
