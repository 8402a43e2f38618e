//! Documents: what a data file held, checked, and what it replaces on the board.

use crate::booking::Booking;
use crate::contents::{Contents, Zone};
use crate::forgotten::Forgotten;
use crate::moderators::Moderators;
use crate::motd::Motd;
use crate::person::{CheckIn, PersonId};
use crate::policy::Policy;
use crate::programme_name::RoomName;
use crate::programme_name::SlotName;
use crate::role::Moderation;
use crate::room::Room;
use crate::slot::Slot;
use crate::text::Text;
use crate::topic::Topic;
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What is wrong with a data file, and where: `$.slots.Monday[2].name: expected a string, found a number`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct DocumentError {
    /// The JSON path of the value (RFC 9535), from `$`.
    pub path: String,
    /// What was expected and what is there.
    pub problem: String,
}

/// A checked data file. A key that the file does not have is `None` and leaves the board's as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Document {
    /// `eventid`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// `timezone`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<Zone>,
    /// `tracks`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracks: Option<BTreeSet<TrackName>>,
    /// `slots`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<IndexMap<String, Vec<Slot>>>,
    /// `schedule`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rooms: Option<IndexMap<RoomName, Room>>,
    /// `now`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<BTreeMap<TrackName, Text>>,
    /// `now_since`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now_since: Option<BTreeMap<TrackName, DateTime<Utc>>>,
    /// `next`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<BTreeMap<TrackName, Vec<Text>>>,
    /// `etherpads`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etherpads: Option<BTreeMap<TrackName, String>>,
    /// `urls`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urls: Option<BTreeMap<TrackName, String>>,
    /// `colors`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colors: Option<BTreeMap<TrackName, String>>,
    /// `location`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locations: Option<BTreeMap<TrackName, Text>>,
    /// `links`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<IndexMap<String, String>>,
    /// `motd`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motd: Option<Vec<Motd>>,
    /// `voice`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moderation: Option<Moderation>,
    /// `policy`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// `last_check_in`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check_ins: Option<BTreeMap<PersonId, CheckIn>>,
    /// `subscriptions`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscriptions: Option<BTreeMap<PersonId, String>>,
    /// `moderators`: people, by track.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moderators: Option<Moderators>,
    /// `reminders`: minutes before, by track.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reminders: Option<BTreeMap<PersonId, BTreeMap<TrackName, u32>>>,
    /// Keys of other programs.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl Document {
    /// Puts every key that the document has in the place of the board's.
    pub(crate) fn replace_in(&self, contents: &mut Contents) {
        put(&mut contents.event_id, &self.event_id);
        put(&mut contents.timezone, &self.timezone);
        put(&mut contents.tracks, &self.tracks);
        put(&mut contents.days, &self.days);
        put(&mut contents.rooms, &self.rooms);
        put(&mut contents.next, &self.next);
        put(&mut contents.etherpads, &self.etherpads);
        put(&mut contents.urls, &self.urls);
        put(&mut contents.colors, &self.colors);
        put(&mut contents.locations, &self.locations);
        put(&mut contents.links, &self.links);
        put(&mut contents.motd, &self.motd);
        put(&mut contents.moderation, &self.moderation);
        put(&mut contents.policy, &self.policy);
        if let Some(now) = &self.now {
            let old = std::mem::take(&mut contents.now);
            let since = |track: &TrackName, text: &Text| {
                old.get(track).filter(|topic| topic.text == *text).and_then(|topic| topic.since)
            };
            let topic = |(track, text): (&TrackName, &Text)| {
                (track.clone(), Topic { text: text.clone(), since: since(track, text) })
            };
            contents.now = now.iter().map(topic).collect();
        }
        if let Some(since) = &self.now_since {
            for (track, topic) in &mut contents.now {
                topic.since = since.get(track).copied();
            }
        }
        for (key, value) in &self.extra {
            contents.extra.insert(key.clone(), value.clone());
        }
        if self.days.is_some() || self.rooms.is_some() {
            let slots: HashSet<SlotName> = contents.days.values().flatten().map(|slot| slot.name.clone()).collect();
            contents.rooms.values_mut().for_each(|room| room.sort_keys(&slots));
        }
        if self.days.is_some() || self.rooms.is_some() || self.tracks.is_some() {
            let holders = contents.rooms.values().flat_map(|room| room.bookings.values().flat_map(Booking::holders));
            contents.tracks.extend(holders.cloned().collect::<Vec<_>>());
        }
        if self.locations.is_some() {
            drop_locations_that_are_rooms(contents);
        }
    }

    /// The people of whom the document tells. One may come twice.
    pub(crate) fn people(&self) -> impl Iterator<Item = &PersonId> {
        let checked_in = self.check_ins.iter().flat_map(BTreeMap::keys);
        let subscribed = self.subscriptions.iter().flat_map(BTreeMap::keys);
        let moderating = self.moderators.iter().flat_map(BTreeMap::values).flatten();
        checked_in.chain(subscribed).chain(self.reminders.iter().flat_map(BTreeMap::keys)).chain(moderating)
    }

    /// Removes a person's data.
    pub(crate) fn forget(&mut self, forgotten: &Forgotten) -> bool {
        let mut found = false;
        for name in forgotten.names() {
            found |= self.check_ins.as_mut().is_some_and(|people| people.remove(&name).is_some());
            found |= self.reminders.as_mut().is_some_and(|people| people.remove(&name).is_some());
            for people in self.moderators.iter_mut().flat_map(BTreeMap::values_mut) {
                found |= people.remove(&name);
            }
            found |= self.subscriptions.as_mut().is_some_and(|people| people.remove(&name).is_some());
        }
        found
    }
}

/// The older bot wrote each track's room into `location`; that is no place of the track's own.
fn drop_locations_that_are_rooms(contents: &mut Contents) {
    let rooms = &contents.rooms;
    contents.locations.retain(|track, place| {
        let booked_there = rooms
            .get(place.as_str())
            .is_some_and(|room| room.bookings.values().any(|booking| booking.is_held_by(track)));
        !booked_there
    });
}

fn put<T: Clone>(place: &mut T, value: &Option<T>) {
    if let Some(value) = value {
        place.clone_from(value);
    }
}
