//! Topics: what a track discusses.

use crate::text::Text;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a track discusses now, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Topic {
    /// The words.
    pub text: Text,
    /// When it was announced; unknown in data of the older bot.
    #[serde(default)]
    pub since: Option<DateTime<Utc>>,
}

/// Whether a topic is on or to come.
///
/// Exhaustive: there is no third.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// It is discussed now.
    Now,
    /// It comes next.
    Next,
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Now => "now",
            Self::Next => "next",
        })
    }
}
