//! The board: the whole state of one event.
//!
//! A board changes only through [`Board::apply`]. It is cheap to clone: the parts are shared until one of the
//! copies changes, so a page can be rendered from a copy while the bot goes on.

mod apply;
mod before;
mod described;
mod discussed;
mod index;
mod restore;
mod today;

use crate::calendar::Calendar;
use crate::contents::Contents;
use crate::discussion::Discussions;
use crate::history::History;
use crate::home::Homes;
use crate::messages::Messages;
use crate::moderators::Moderators;
use crate::news::News;
use crate::person::{CheckIn, PersonId};
use crate::rebooking::UnsettledBookings;
use crate::reminder::Reminders;
use crate::revision::Revision;
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use index::Index;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The whole state of one event.
///
/// ```
/// use ptgbot_core::Board;
/// let board = Board::default();
/// assert_eq!(board.revision(), 0);
/// assert!(board.contents().tracks.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Board {
    revision: Revision,
    changed_at: Option<DateTime<Utc>>,
    contents: Arc<Contents>,
    check_ins: Arc<BTreeMap<PersonId, CheckIn>>,
    subscriptions: Arc<BTreeMap<PersonId, String>>,
    #[serde(skip_serializing_if = "moderates_none")]
    pub(crate) moderators: Arc<Moderators>,
    #[serde(skip_serializing_if = "has_no_reminder")]
    pub(crate) reminders: Arc<BTreeMap<PersonId, Reminders>>,
    history: Arc<History>,
    calendar: Arc<Calendar>,
    news: Arc<News>,
    #[serde(skip_serializing_if = "has_none")]
    messages: Arc<Messages>,
    #[serde(skip_serializing_if = "is_blank")]
    described: Arc<BTreeMap<TrackName, DateTime<Utc>>>,
    #[serde(skip_serializing_if = "were_none")]
    discussions: Arc<Discussions>,
    /// Changed bookings of which nobody was told so far.
    #[serde(skip_serializing_if = "are_settled")]
    pub(crate) unsettled: Arc<UnsettledBookings>,
    /// When slots began of which rooms were told.
    #[serde(skip_serializing_if = "are_untold")]
    pub(crate) slots_told: Arc<BTreeSet<DateTime<Utc>>>,
    /// Whom any record names who was not forgotten since.
    #[serde(skip_serializing_if = "is_nobody")]
    people: Arc<BTreeSet<PersonId>>,
    #[serde(skip_serializing_if = "Homes::is_empty")]
    homes: Homes,
    #[serde(skip)]
    index: Arc<Index>,
}

impl Board {
    /// How many changes this board has seen.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// When the last change happened.
    pub fn changed_at(&self) -> Option<DateTime<Utc>> {
        self.changed_at
    }

    /// Everything but people's data.
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Where people are or last were.
    pub fn check_ins(&self) -> &BTreeMap<PersonId, CheckIn> {
        &self.check_ins
    }

    /// The patterns that people subscribed to.
    pub fn subscriptions(&self) -> &BTreeMap<PersonId, String> {
        &self.subscriptions
    }

    /// Before which tracks people want to be told that they meet.
    pub fn reminders(&self) -> &BTreeMap<PersonId, Reminders> {
        &self.reminders
    }

    /// Those of one person; found as in [`check_in`](Self::check_in).
    pub fn reminders_of(&self, person: &PersonId) -> Option<&Reminders> {
        self.find(&self.reminders, person)
    }

    /// True when anything is known of a person, be it only that they once changed something: what
    /// [`PersonEvent::PersonForgotten`](crate::PersonEvent::PersonForgotten) would remove.
    pub fn knows_person(&self, person: &PersonId) -> bool {
        let home = self.homes.of(person.form());
        let plain = home.is_none() || home == person.network();
        self.people.contains(person) || plain && self.people.contains(&person.plain())
    }

    /// Where a person is or last was. Somebody whom older data names without a network is found under the name alone,
    /// until it is known whose people those are.
    pub fn check_in(&self, person: &PersonId) -> Option<&CheckIn> {
        self.find(&self.check_ins, person)
    }

    /// The pattern that a person subscribed to; found as in [`check_in`](Self::check_in).
    pub fn subscription(&self, person: &PersonId) -> Option<&str> {
        self.find(&self.subscriptions, person).map(String::as_str)
    }

    /// Whose the people are whom older data names without a network.
    pub fn homes(&self) -> &Homes {
        &self.homes
    }

    fn find<'a, T>(&self, people: &'a BTreeMap<PersonId, T>, person: &PersonId) -> Option<&'a T> {
        let plain = || self.homes.of(person.form()).is_none().then(|| people.get(&person.plain())).flatten();
        people.get(person).or_else(plain)
    }

    /// The latest changes: who, when, what, and how it was before.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The calendar entries of all bookings, also of those taken back.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The latest topics, bookings and messages, for the feed.
    pub fn news(&self) -> &News {
        &self.news
    }

    /// True when a change that this message led to was recorded, and not too many others since: it is not to be
    /// obeyed again.
    pub fn has_recorded(&self, message: &str) -> bool {
        self.messages.contains(message)
    }

    /// True when the track is on the list.
    pub fn knows(&self, track: &TrackName) -> bool {
        self.contents.tracks.contains(track)
    }

    /// Who is checked in to a track, in the order of their names.
    pub fn people_in(&self, track: &TrackName) -> impl Iterator<Item = &CheckIn> + use<'_> {
        let track = track.clone();
        let is_there = move |check_in: &&CheckIn| check_in.is_open() && check_in.track().as_ref() == Some(&track);
        self.check_ins.values().filter(is_there)
    }
}

/// What a snapshot holds; the index is made anew.
#[derive(Deserialize)]
struct Stored {
    revision: Revision,
    changed_at: Option<DateTime<Utc>>,
    contents: Arc<Contents>,
    check_ins: Arc<BTreeMap<PersonId, CheckIn>>,
    subscriptions: Arc<BTreeMap<PersonId, String>>,
    #[serde(default)]
    moderators: Arc<Moderators>,
    #[serde(default)]
    reminders: Arc<BTreeMap<PersonId, Reminders>>,
    history: Arc<History>,
    calendar: Arc<Calendar>,
    news: Arc<News>,
    #[serde(default)]
    messages: Arc<Messages>,
    #[serde(default)]
    described: Arc<BTreeMap<TrackName, DateTime<Utc>>>,
    #[serde(default)]
    discussions: Arc<Discussions>,
    #[serde(default)]
    unsettled: Arc<UnsettledBookings>,
    #[serde(default)]
    slots_told: Arc<BTreeSet<DateTime<Utc>>>,
    #[serde(default)]
    people: Arc<BTreeSet<PersonId>>,
    #[serde(default)]
    homes: Homes,
}

fn is_nobody(people: &BTreeSet<PersonId>) -> bool {
    people.is_empty()
}

fn has_none(messages: &Messages) -> bool {
    messages.is_empty()
}

fn is_blank(described: &BTreeMap<TrackName, DateTime<Utc>>) -> bool {
    described.is_empty()
}

fn moderates_none(moderators: &Moderators) -> bool {
    moderators.is_empty()
}

fn has_no_reminder(reminders: &BTreeMap<PersonId, Reminders>) -> bool {
    reminders.is_empty()
}

fn are_settled(unsettled: &UnsettledBookings) -> bool {
    unsettled.is_empty()
}

fn are_untold(starts: &BTreeSet<DateTime<Utc>>) -> bool {
    starts.is_empty()
}

fn were_none(discussions: &Discussions) -> bool {
    discussions.is_empty()
}

impl From<Stored> for Board {
    fn from(stored: Stored) -> Self {
        let index = Arc::new(Index::of(&stored.contents));
        Self {
            revision: stored.revision,
            changed_at: stored.changed_at,
            contents: stored.contents,
            check_ins: stored.check_ins,
            subscriptions: stored.subscriptions,
            moderators: stored.moderators,
            reminders: stored.reminders,
            history: stored.history,
            calendar: stored.calendar,
            news: stored.news,
            messages: stored.messages,
            described: stored.described,
            discussions: stored.discussions,
            unsettled: stored.unsettled,
            slots_told: stored.slots_told,
            people: stored.people,
            homes: stored.homes,
            index,
        }
    }
}
