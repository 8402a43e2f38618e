//! Slots: the bookable spans of a day, and the codes that book them.

use crate::programme_name::{RoomName, SlotName};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// A bookable span of a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Slot {
    /// What people book: `MonA1`.
    pub name: SlotName,
    /// What the page prints: `09:00-10:45`.
    #[serde(default)]
    pub desc: String,
    /// When it starts. A slot without a time is shown, but is in no calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realtime: Option<DateTime<Utc>>,
    /// Its length in minutes, where the programme gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u32>,
    /// What other programs keep in the slot.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl Slot {
    /// A slot without a time.
    pub fn new(name: SlotName) -> Self {
        Self { name, desc: String::new(), realtime: None, duration: None, extra: Map::new() }
    }
}

impl Slot {
    /// The length in minutes of a slot that gives none.
    pub const DEFAULT_MINUTES: u32 = 60;

    /// Start and end, where the programme gives a start.
    pub fn span(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let start = self.realtime?;
        let minutes = self.duration.unwrap_or(Self::DEFAULT_MINUTES);
        let end = start.checked_add_signed(TimeDelta::minutes(i64::from(minutes)))?;
        Some((start, end))
    }

    /// True while the slot runs: from its start until just before its end.
    pub fn runs_at(&self, at: DateTime<Utc>) -> bool {
        self.span().is_some_and(|(start, end)| start <= at && at < end)
    }

    /// True when the slot is known to be over.
    pub fn ended_by(&self, at: DateTime<Utc>) -> bool {
        self.span().is_some_and(|(_, end)| end <= at)
    }
}

/// A room's slot, written `ROOM-SLOT`: what `book` and `unbook` take.
///
/// Both halves may hold dashes and blanks, so a code is never cut apart: it is compared with the known ones
/// ([`crate::Board::find_code`]).
///
/// ```
/// use ptgbot_core::{RoomName, SlotCode, SlotName};
/// let code = SlotCode { room: RoomName::new("Pike's Peak"), slot: SlotName::new("MonA1") };
/// assert_eq!(code.to_string(), "Pike's Peak-MonA1");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SlotCode {
    /// The place.
    pub room: RoomName,
    /// The span.
    pub slot: SlotName,
}

impl fmt::Display for SlotCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.room, self.slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_without_a_length_lasts_an_hour_and_its_end_is_outside() {
        let start: DateTime<Utc> = "2026-10-19T09:00:00Z".parse().expect("a time");
        let slot = Slot {
            name: SlotName::new("MonA1"),
            desc: String::new(),
            realtime: Some(start),
            duration: None,
            extra: Map::new(),
        };
        assert!(slot.runs_at(start));
        assert!(!slot.runs_at(start + TimeDelta::minutes(60)));
        assert!(slot.ended_by(start + TimeDelta::minutes(60)));
    }
}
