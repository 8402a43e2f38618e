//! Settings: single things on the board with the values they had, as history keeps them and undo puts them back.

use crate::announced::Announced;
use crate::booking::Booking;
use crate::contents::ContentsText;
use crate::due::RoomAddress;
use crate::forgotten::Forgotten;
use crate::motd::Motd;
use crate::person::PersonId;
use crate::policy::Policy;
use crate::role::Moderation;
use crate::slot::SlotCode;
use crate::text::Text;
use crate::topic::Topic;
use crate::track::TrackName;
use crate::was::Was;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One thing on the board with the value it has, or had: what undo puts back.
///
/// Of a list a change keeps only what it took away, so that many changes of a long list do not keep it many times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Setting {
    /// Whether a track is on the list.
    Listed {
        /// Which track.
        track: TrackName,
        /// On the list or not.
        listed: bool,
    },
    /// A track's current topic.
    Now {
        /// Which track.
        track: TrackName,
        /// The topic, if there was one.
        value: Option<Topic>,
    },
    /// A track's next topics, all of them.
    Next {
        /// Which track.
        track: TrackName,
        /// The list.
        value: Vec<Text>,
    },
    /// A track's next topics, told from the list that followed.
    NextWas {
        /// Which track.
        track: TrackName,
        /// The list.
        list: Vec<Was<Text>>,
    },
    /// A track's own pad.
    Etherpad {
        /// Which track.
        track: TrackName,
        /// Its address.
        value: Option<String>,
    },
    /// A track's own meeting link.
    Url {
        /// Which track.
        track: TrackName,
        /// The link.
        value: Option<String>,
    },
    /// A track's own colour.
    Color {
        /// Which track.
        track: TrackName,
        /// The CSS colour.
        value: Option<String>,
    },
    /// A track's own place.
    Location {
        /// Which track.
        track: TrackName,
        /// The place in words.
        value: Option<Text>,
    },
    /// Who holds a slot.
    Slot {
        /// Which slot.
        code: SlotCode,
        /// The track that books or frees it.
        track: TrackName,
        /// Open or held.
        value: Booking,
    },
    /// Whether a track is among those that share a slot.
    Share {
        /// Which slot.
        code: SlotCode,
        /// The track.
        track: TrackName,
        /// Its place among them, from 1; none where it is not.
        place: Option<usize>,
    },
    /// The messages of the day, all of them.
    Motd {
        /// The list.
        value: Vec<Motd>,
    },
    /// The messages of the day, told from the list that followed.
    MotdWas {
        /// The list.
        list: Vec<Was<Motd>>,
    },
    /// Who may give track commands.
    Moderation {
        /// The rule.
        value: Moderation,
    },
    /// Who, besides ops, may give a track's commands.
    Moderators {
        /// Which track.
        track: TrackName,
        /// Who, if they were named.
        value: Option<BTreeSet<PersonId>>,
    },
    /// The rules for booking.
    Policy {
        /// All of them.
        value: Box<Policy>,
    },
    /// Whether a room is told something by itself.
    Announcing {
        /// What.
        announced: Announced,
        /// Where.
        room: RoomAddress,
        /// Told or not.
        on: bool,
    },
    /// Everything but people's data.
    Board {
        /// All of it.
        value: ContentsText,
    },
}

/// What a setting is about, whatever its value.
#[derive(PartialEq)]
enum Thing<'a> {
    Listed(&'a TrackName),
    Now(&'a TrackName),
    Next(&'a TrackName),
    Etherpad(&'a TrackName),
    Url(&'a TrackName),
    Color(&'a TrackName),
    Location(&'a TrackName),
    Slot(&'a SlotCode),
    Share(&'a SlotCode, &'a TrackName),
    Motd,
    Moderation,
    Moderators(&'a TrackName),
    Policy,
    Announcing(Announced, &'a RoomAddress),
    Board,
}

impl Setting {
    /// The track to which this belongs; `None` for what belongs to the whole board.
    pub fn track(&self) -> Option<&TrackName> {
        match self {
            Self::Now { track, .. }
            | Self::Next { track, .. }
            | Self::NextWas { track, .. }
            | Self::Etherpad { track, .. }
            | Self::Url { track, .. }
            | Self::Color { track, .. }
            | Self::Location { track, .. }
            | Self::Slot { track, .. }
            | Self::Share { track, .. } => Some(track),
            Self::Listed { .. }
            | Self::Motd { .. }
            | Self::MotdWas { .. }
            | Self::Moderation { .. }
            | Self::Moderators { .. }
            | Self::Policy { .. }
            | Self::Announcing { .. }
            | Self::Board { .. } => None,
        }
    }

    /// The track to which this belongs, or of which it says whether it is listed.
    pub(crate) fn names(&self) -> Option<&TrackName> {
        if let Self::Listed { track, .. } = self { Some(track) } else { self.track() }
    }

    /// True when both speak of the same thing, whatever its value: a whole board overlaps everything.
    pub fn overlaps(&self, other: &Self) -> bool {
        match (self.thing(), other.thing()) {
            (Thing::Board, _) | (_, Thing::Board) => true,
            (Thing::Slot(one), Thing::Share(other, _)) | (Thing::Share(one, _), Thing::Slot(other)) => one == other,
            (one, other) => one == other,
        }
    }

    /// The people whom it names.
    pub(crate) fn people(&self) -> impl Iterator<Item = &PersonId> {
        let named = if let Self::Moderators { value, .. } = self { value.as_ref() } else { None };
        named.into_iter().flatten()
    }

    /// Takes a person's name out. True when it was there.
    pub(crate) fn forget(&mut self, forgotten: &Forgotten) -> bool {
        if let Self::Moderators { value: Some(value), .. } = self { forgotten.leaves(value) } else { false }
    }

    fn thing(&self) -> Thing<'_> {
        match self {
            Self::Listed { track, .. } => Thing::Listed(track),
            Self::Now { track, .. } => Thing::Now(track),
            Self::Next { track, .. } | Self::NextWas { track, .. } => Thing::Next(track),
            Self::Etherpad { track, .. } => Thing::Etherpad(track),
            Self::Url { track, .. } => Thing::Url(track),
            Self::Color { track, .. } => Thing::Color(track),
            Self::Location { track, .. } => Thing::Location(track),
            Self::Slot { code, .. } => Thing::Slot(code),
            Self::Share { code, track, .. } => Thing::Share(code, track),
            Self::Motd { .. } | Self::MotdWas { .. } => Thing::Motd,
            Self::Moderation { .. } => Thing::Moderation,
            Self::Moderators { track, .. } => Thing::Moderators(track),
            Self::Policy { .. } => Thing::Policy,
            Self::Announcing { announced, room, .. } => Thing::Announcing(*announced, room),
            Self::Board { .. } => Thing::Board,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contents::Contents;

    #[test]
    fn a_slot_is_one_thing_whoever_books_it_and_a_board_is_everything() {
        let code = SlotCode { room: "A".to_owned().into(), slot: "1".to_owned().into() };
        let track = |name| TrackName::parse(name).expect("a name");
        let slot = |name| Setting::Slot { code: code.clone(), track: track(name), value: Booking::Open };
        assert!(slot("swift").overlaps(&slot("nova")));
        let share = |name| Setting::Share { code: code.clone(), track: track(name), place: None };
        assert!(share("swift").overlaps(&share("swift")) && share("swift").overlaps(&slot("nova")));
        assert!(!share("swift").overlaps(&share("nova")));
        let now = |name| Setting::Now { track: track(name), value: None };
        assert!(now("swift").overlaps(&now("swift")) && !now("swift").overlaps(&now("nova")));
        let next = Setting::Next { track: track("swift"), value: Vec::new() };
        assert!(!now("swift").overlaps(&next));
        assert!(next.overlaps(&Setting::NextWas { track: track("swift"), list: Vec::new() }));
        assert!(now("swift").overlaps(&Setting::Board { value: ContentsText::of(&Contents::default()) }));
    }
}
