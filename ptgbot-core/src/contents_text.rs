//! A whole board as history keeps it: written down, which takes a fraction of the memory.

use crate::board::Contents;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::sync::Arc;

/// The contents of a board as JSON. Cheap to clone.
///
/// Where it is stored it looks as [`Contents`] do.
#[derive(Clone, Debug)]
pub struct ContentsText(Arc<RawValue>);

impl ContentsText {
    /// Writes contents down.
    pub fn of(contents: &Contents) -> Self {
        Self(serde_json::value::to_raw_value(contents).expect("the keys of contents are strings").into())
    }

    /// The contents.
    pub fn read(&self) -> Contents {
        serde_json::from_str(self.0.get()).expect("contents are read as they were written")
    }
}

impl PartialEq for ContentsText {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Serialize for ContentsText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ContentsText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Contents::deserialize(deserializer).map(|contents| Self::of(&contents))
    }
}
