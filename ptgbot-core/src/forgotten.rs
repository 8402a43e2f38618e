//! Forgetting: who is to be taken out of everything that is kept.

use crate::person::PersonId;
use std::collections::BTreeSet;

/// Somebody who is to be found nowhere any more, under every name that rows may have for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgotten {
    person: PersonId,
    /// Rows of version 0.1 that name no network mean them, too.
    plain: bool,
}

impl Forgotten {
    pub(crate) fn new(person: &PersonId, plain: bool) -> Self {
        Self { person: person.clone(), plain }
    }

    /// True for the name of this person.
    pub fn is(&self, person: &PersonId) -> bool {
        *person == self.person || self.plain && *person == self.person.plain()
    }

    /// Takes this person out of some people. True when they were among them.
    pub(crate) fn leaves(&self, people: &mut BTreeSet<PersonId>) -> bool {
        let before = people.len();
        people.retain(|person| !self.is(person));
        people.len() < before
    }

    /// True where a machine's name for something holds this person's.
    pub(crate) fn is_named_in(&self, name: &str) -> bool {
        self.person.is_named_in(name)
    }

    /// Every name that this person has in rows.
    pub fn names(&self) -> impl Iterator<Item = PersonId> {
        let plain = self.plain.then(|| self.person.plain()).filter(|plain| *plain != self.person);
        [self.person.clone()].into_iter().chain(plain)
    }
}
