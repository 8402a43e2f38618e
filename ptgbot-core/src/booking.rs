//! Bookings: who holds a slot of a room.
//!
//! A slot has one holder at most, unless its room is shared: then any number of tracks meet there at once, each with a
//! holding of its own that it books, frees and takes back without the others.

use crate::track::TrackName;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who holds a slot of a room.
///
/// Exhaustive: whoever shows a room shows who has it.
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
    /// Several tracks at once, as only a shared room takes them.
    Shared {
        /// In the order in which they came; each once, two at least.
        by: Vec<TrackName>,
    },
}

/// How many tracks a room takes in one slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Sharing {
    /// One: whoever holds a slot has the room alone.
    #[default]
    Exclusive,
    /// Several: a slot is free to every track that does not hold it.
    Shared,
}

impl Booking {
    /// The booking of these holders, in their order. Who comes twice holds it once.
    ///
    /// ```
    /// use ptgbot_core::{Booking, TrackName};
    /// let [swift, nova] = ["swift", "nova"].map(|name| TrackName::parse(name).unwrap());
    /// let both = Booking::of([swift.clone(), nova.clone(), swift.clone()]);
    /// assert_eq!(both.holders(), [swift, nova]);
    /// ```
    pub fn of(holders: impl IntoIterator<Item = TrackName>) -> Self {
        let mut by: Vec<TrackName> = Vec::new();
        for track in holders {
            if !by.contains(&track) {
                by.push(track);
            }
        }
        match by.len() {
            0 => Self::Open,
            1 => Self::Held { by: by.remove(0) },
            _ => Self::Shared { by },
        }
    }

    /// The tracks that hold the slot, in the order in which they came.
    pub fn holders(&self) -> &[TrackName] {
        match self {
            Self::Open => &[],
            Self::Held { by } => std::slice::from_ref(by),
            Self::Shared { by } => by,
        }
    }

    /// True when nobody holds the slot.
    pub fn is_open(&self) -> bool {
        self.holders().is_empty()
    }

    /// True when a track holds the slot, alone or with others.
    pub fn is_held_by(&self, track: &TrackName) -> bool {
        self.holders().contains(track)
    }

    /// The place of a track among the holders, from 1.
    pub(crate) fn place_of(&self, track: &TrackName) -> Option<usize> {
        self.holders().iter().position(|holder| holder == track).map(|place| place + 1)
    }

    /// The same with one more holder, at a place from 1 or as near to it as there are others.
    pub(crate) fn with(&self, track: &TrackName, place: usize) -> Self {
        let mut holders = self.holders().to_vec();
        holders.insert(place.saturating_sub(1).min(holders.len()), track.clone());
        Self::of(holders)
    }

    /// The same without one of the holders.
    pub(crate) fn without(&self, track: &TrackName) -> Self {
        Self::of(self.holders().iter().filter(|holder| *holder != track).cloned())
    }

    /// A value of the data file: `""` is free, a track's name or a list of names holds the slot; anything else is no
    /// booking, and in a room that is not shared neither is a list of several.
    pub(crate) fn read(value: &Value, sharing: Sharing) -> Option<Self> {
        let name = |value: &Value| TrackName::parse(value.as_str()?).ok();
        match value {
            Value::String(word) if word.is_empty() => Some(Self::Open),
            Value::String(_) => name(value).map(|by| Self::Held { by }),
            Value::Array(names) => {
                let booking = Self::of(names.iter().map(name).collect::<Option<Vec<_>>>()?);
                (sharing == Sharing::Shared || booking.holders().len() < 2).then_some(booking)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
        }
    }

    /// What the data file holds: a list only where there are several holders.
    pub(crate) fn write(&self) -> Value {
        match self {
            Self::Open => "".into(),
            Self::Held { by } => by.as_str().into(),
            Self::Shared { by } => by.iter().map(TrackName::as_str).collect(),
        }
    }
}

impl Sharing {
    pub(crate) fn is_exclusive(&self) -> bool {
        *self == Self::Exclusive
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn track(name: &str) -> TrackName {
        TrackName::parse(name).expect("a name")
    }

    #[test]
    fn a_holder_that_leaves_and_comes_back_stands_where_it_stood() {
        let all = Booking::of(["a", "b", "c"].map(track));
        for name in ["a", "b", "c"] {
            let place = all.place_of(&track(name)).expect("a holder");
            let left = all.without(&track(name));
            assert!(!left.is_held_by(&track(name)) && left.holders().len() == 2);
            assert_eq!(left.with(&track(name), place), all);
        }
        assert_eq!(Booking::Open.with(&track("a"), 9), Booking::Held { by: track("a") });
        assert_eq!(Booking::Held { by: track("a") }.without(&track("a")), Booking::Open);
    }

    #[test]
    fn a_value_of_the_data_file_is_a_name_or_a_list_of_them() {
        let read = |value: Value| [Sharing::Exclusive, Sharing::Shared].map(|sharing| Booking::read(&value, sharing));
        let one = Some(Booking::Held { by: track("a") });
        assert_eq!(read(json!("a")), [one.clone(), one.clone()]);
        assert_eq!(read(json!(["a"])), [one.clone(), one]);
        assert_eq!(read(json!([])), [Some(Booking::Open), Some(Booking::Open)]);
        assert_eq!(read(json!(["b", "a"])), [None, Some(Booking::of([track("b"), track("a")]))]);
        for wrong in [json!(["a", ""]), json!([["a"]]), json!(["two words"]), json!(true), json!(null)] {
            assert_eq!(read(wrong), [None, None]);
        }
        for written in [json!(""), json!("a"), json!(["b", "a"])] {
            assert_eq!(Booking::read(&written, Sharing::Shared).map(|booking| booking.write()), Some(written));
        }
    }
}
