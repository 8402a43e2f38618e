//! What happened to one track.

use crate::slot::SlotCode;
use crate::text::Text;
use crate::track::TrackName;
use serde::{Deserialize, Serialize};

/// What happened to one track. Whoever gives track commands brings it about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
#[non_exhaustive]
pub enum TrackEvent {
    /// A track discusses a new topic; its list of next topics is cleared.
    TopicSet {
        /// Whose.
        track: TrackName,
        /// What is discussed.
        topic: Text,
    },
    /// A topic joins the end of a track's next list.
    TopicPlanned {
        /// Whose.
        track: TrackName,
        /// What will be discussed.
        topic: Text,
    },
    /// The first of the next topics became the current one; the rest of the list stays.
    TopicAdvanced {
        /// Whose.
        track: TrackName,
        /// What is discussed now.
        topic: Text,
    },
    /// One of the next topics was taken off the list.
    TopicDropped {
        /// Whose.
        track: TrackName,
        /// Its place in the list, from 1.
        number: usize,
    },
    /// A track uses a pad of its own (`None`: the generated one again).
    EtherpadSet {
        /// Whose.
        track: TrackName,
        /// Where it is.
        url: Option<String>,
    },
    /// A track meets under a link of its own (`None`: the room's again).
    UrlSet {
        /// Whose.
        track: TrackName,
        /// Where they meet.
        url: Option<String>,
    },
    /// A track's badge has a colour.
    ColorSet {
        /// Whose.
        track: TrackName,
        /// The CSS colour as it was given.
        color: String,
    },
    /// A track meets somewhere else than its room says.
    LocationSet {
        /// Whose.
        track: TrackName,
        /// Where, in words.
        location: Text,
    },
    /// A free slot of a room was given to a track.
    SlotBooked {
        /// The new holder.
        track: TrackName,
        /// What it holds.
        code: SlotCode,
    },
    /// A track gave a slot back.
    SlotFreed {
        /// The former holder.
        track: TrackName,
        /// What is free now.
        code: SlotCode,
    },
    /// A track gave a slot back and got a free one instead.
    SlotMoved {
        /// The holder of both.
        track: TrackName,
        /// What is free now.
        from: SlotCode,
        /// What it holds.
        to: SlotCode,
    },
}

impl TrackEvent {
    /// Which track it happened to.
    pub fn track(&self) -> &TrackName {
        match self {
            Self::TopicSet { track, .. }
            | Self::TopicPlanned { track, .. }
            | Self::TopicAdvanced { track, .. }
            | Self::TopicDropped { track, .. }
            | Self::EtherpadSet { track, .. }
            | Self::UrlSet { track, .. }
            | Self::ColorSet { track, .. }
            | Self::LocationSet { track, .. }
            | Self::SlotBooked { track, .. }
            | Self::SlotFreed { track, .. }
            | Self::SlotMoved { track, .. } => track,
        }
    }
}
