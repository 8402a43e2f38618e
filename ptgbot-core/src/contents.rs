//! What is on the board besides people: what `~emptydb` empties, a data file replaces and undo puts back.

use crate::announced::AnnouncedIn;
use crate::motd::Motd;
use crate::policy::Policy;
use crate::programme_name::RoomName;
use crate::role::Moderation;
use crate::room::Room;
use crate::slot::Slot;
use crate::text::Text;
use crate::topic::Topic;
use crate::track::TrackName;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything on the board but people's data and what is derived: what `~emptydb` empties and undo restores.
///
/// Strings that came from a data file (links, colours, addresses) are kept as they were, so that the file
/// survives a round trip; whoever prints them parses them first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Contents {
    /// The event's short name, such as `oct2026-ptg`; part of generated pad links and calendar UIDs.
    #[serde(default)]
    pub event_id: String,
    /// The event's time zone.
    #[serde(default)]
    pub timezone: Zone,
    /// The known tracks.
    #[serde(default)]
    pub tracks: BTreeSet<TrackName>,
    /// The days with their slots, in the programme's order.
    #[serde(default)]
    pub days: IndexMap<String, Vec<Slot>>,
    /// The rooms with their bookings, in the programme's order.
    #[serde(default)]
    pub rooms: IndexMap<RoomName, Room>,
    /// What each track discusses.
    #[serde(default)]
    pub now: BTreeMap<TrackName, Topic>,
    /// What comes next in each track.
    #[serde(default)]
    pub next: BTreeMap<TrackName, Vec<Text>>,
    /// Pads that tracks chose themselves.
    #[serde(default)]
    pub etherpads: BTreeMap<TrackName, String>,
    /// Meeting links that tracks chose themselves.
    #[serde(default)]
    pub urls: BTreeMap<TrackName, String>,
    /// Badge colours that tracks chose, as they were given.
    #[serde(default)]
    pub colors: BTreeMap<TrackName, String>,
    /// Places of tracks that meet elsewhere than their room says.
    #[serde(default)]
    pub locations: BTreeMap<TrackName, Text>,
    /// Useful links: title and address.
    #[serde(default)]
    pub links: IndexMap<String, String>,
    /// Messages of the day, top first.
    #[serde(default)]
    pub motd: Vec<Motd>,
    /// Who may give track commands.
    #[serde(default)]
    pub moderation: Moderation,
    /// The rules for booking.
    #[serde(default, skip_serializing_if = "Policy::is_blank")]
    pub policy: Policy,
    /// Which rooms are told of slots and changed bookings by themselves.
    #[serde(default, skip_serializing_if = "AnnouncedIn::is_empty")]
    pub announced: AnnouncedIn,
    /// Top-level keys of the data file that belong to other programs.
    #[serde(default)]
    pub extra: Map<String, Value>,
}

/// An IANA time zone; UTC unless the event says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Zone(pub Tz);

impl Zone {
    /// The local date of a moment.
    pub fn date(self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.0).date_naive()
    }

    /// When the local day of a moment ends: the next midnight, or the first moment after it where a clock that is set
    /// forward has no midnight.
    pub fn end_of_day(self, at: DateTime<Utc>) -> DateTime<Utc> {
        self.date(at).succ_opt().and_then(|day| self.first_from(day.and_time(NaiveTime::MIN))).unwrap_or(at)
    }

    /// The moment at which clocks show a local time; the first where they show it twice, none where they are set forward over
    /// it.
    pub fn first_at(self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        Some(self.0.from_local_datetime(&local).earliest()?.with_timezone(&Utc))
    }

    /// The same, or where clocks do not show it the first moment after it, to a quarter of an hour.
    ///
    /// ```
    /// let berlin = ptgbot_core::Zone("Europe/Berlin".parse().unwrap());
    /// let skipped = "2026-03-29T02:30:00".parse().unwrap();
    /// assert_eq!(berlin.first_at(skipped), None);
    /// assert_eq!(berlin.first_from(skipped).unwrap().to_string(), "2026-03-29 01:00:00 UTC");
    /// ```
    pub fn first_from(self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        // No clock was ever set forward by more than a day.
        (0..=24 * 4).find_map(|quarter| self.first_at(local.checked_add_signed(TimeDelta::minutes(15 * quarter))?))
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self(Tz::UTC)
    }
}

/// The contents of a board as JSON: history keeps them so, which takes a fraction of the memory. Cheap to clone.
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
