//! Rooms: the places of an event and who holds them when.

use crate::slot::SlotName;
use crate::track::TrackName;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// A room's name as the programme spells it; it may hold blanks, dashes and apostrophes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct RoomName(String);

impl RoomName {
    /// Takes a name, dropping what may not stand in one.
    pub fn new(raw: &str) -> Self {
        Self(crate::text::clean_name(raw))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for RoomName {
    fn from(raw: String) -> Self {
        Self::new(&raw)
    }
}

impl From<RoomName> for String {
    fn from(name: RoomName) -> Self {
        name.0
    }
}

impl std::borrow::Borrow<str> for RoomName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who holds a slot of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Booking {
    /// Nobody: it can be booked.
    Open,
    /// One track.
    Held {
        /// The holder.
        by: TrackName,
    },
}

impl Booking {
    /// The track that holds the slot.
    pub fn holder(&self) -> Option<&TrackName> {
        match self {
            Self::Open => None,
            Self::Held { by } => Some(by),
        }
    }
}

/// A place with its bookings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Room {
    /// The slots that exist in this room, in the programme's order.
    pub bookings: IndexMap<SlotName, Booking>,
    /// The meeting link of everything that happens here, as the programme gives it (not yet a checked URL).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A word about the place: `Level 2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desc: Option<String>,
    /// The name of a picture for its equipment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap_icon: Option<String>,
    /// Its equipment or size in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap_desc: Option<String>,
    /// What other programs keep in the room, among it keys that look like bookings of slots nobody knows.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}
