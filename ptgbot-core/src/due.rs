//! What is due: what time alone brings to people and rooms, and when to look for it.

use crate::board::Board;
use crate::network::Network;
use crate::person::PersonId;
use crate::reply::Reply;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A message that nobody asked for at that moment: it follows from a [`TimeEvent`](crate::TimeEvent).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DueMessage {
    /// Who hears it.
    pub to: Audience,
    /// The words.
    pub reply: Reply,
}

/// Who hears what is due.
///
/// Exhaustive: whoever tells what is due tells it to everybody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// One person, in private.
    Person(PersonId),
    /// Everybody in a room.
    Room(RoomAddress),
}

/// A room of a chat network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RoomAddress {
    /// The network.
    pub network: Network,
    /// The room, under the network's name for it.
    pub room: String,
}

impl Board {
    /// When time will next bring something, if nothing changes; `at` where something is due already. Whoever owns the
    /// board asks it [`Ask::Tick`](crate::Ask::Tick) then. The time does not say what: that is decided at that moment.
    pub fn next_due(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        [self.next_reminder(at), self.next_rebooking(at), self.next_slot_start(at)].into_iter().flatten().min()
    }
}
