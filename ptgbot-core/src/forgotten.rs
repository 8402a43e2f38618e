//! Whom a record names, and whom it takes out of everything that is kept.

use crate::event::Event;
use crate::person::PersonId;
use crate::record::Record;

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

impl Record {
    /// Whom this record takes out of everything that is kept, itself included; `None` for most records, and once it is
    /// done.
    pub fn forgotten(&self) -> Option<Forgotten> {
        if let Event::PersonForgotten { person: Some(person), plain } = &self.event {
            Some(Forgotten::new(person, *plain))
        } else {
            None
        }
    }

    /// The people whom this record names: who did it, and whom it is about. One may come twice.
    pub fn people(&self) -> impl Iterator<Item = &PersonId> {
        let by = self.by.iter().map(|person| &person.id);
        by.chain(self.event.people())
    }
}
