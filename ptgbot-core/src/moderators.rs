//! Moderators: who, besides ops, may give a track's commands.

use crate::board::Board;
use crate::home::Homes;
use crate::person::{Person, PersonId};
use crate::track::TrackName;
use std::collections::{BTreeMap, BTreeSet};

/// The moderators of tracks. A track without any follows the channel's rule; one whose last moderator was forgotten is the
/// ops' alone.
pub type Moderators = BTreeMap<TrackName, BTreeSet<PersonId>>;

impl Board {
    /// Who, besides ops, may give a track's commands; nobody is named where the channel's rule holds.
    pub fn moderators(&self) -> &Moderators {
        &self.moderators
    }

    /// True when somebody is named for a track.
    pub fn moderates(&self, person: &Person, track: &TrackName) -> bool {
        let plain = || self.homes().of(person.id.form()).is_none().then(|| person.id.plain());
        let named = |people: &BTreeSet<PersonId>| {
            people.contains(&person.id) || plain().is_some_and(|plain| people.contains(&plain))
        };
        self.moderators.get(track).is_some_and(named)
    }
}

/// The same people, with their network where that is known.
pub(crate) fn at_home(homes: &Homes, moderators: &Moderators) -> Moderators {
    let people = |people: &BTreeSet<PersonId>| people.iter().map(|person| homes.resolve(person.clone())).collect();
    moderators.iter().map(|(track, named)| (track.clone(), people(named))).collect()
}
