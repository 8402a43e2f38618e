//! How far a network has been told of changes: what a journal remembers of deliveries.

use crate::forgotten::Forgotten;
use crate::person::PersonId;
use crate::revision::Revision;
use std::collections::BTreeMap;

/// How far a network has been told of changes, so that after a restart nothing is told twice and nothing is left out.
///
/// ```
/// use ptgbot_core::{Delivered, Folding, Mark, Network, PersonId};
/// let jane = PersonId::new(&Network::nearest("oftc"), "jane", Folding::Rfc1459);
/// let mut delivered = Delivered::default();
/// delivered.mark(Mark::Everyone(7));
/// delivered.mark(Mark::People(vec![(jane.clone(), 9)]));
/// assert_eq!((delivered.everyone, delivered.to(&jane)), (Some(7), Some(9)));
/// delivered.mark(Mark::Everyone(9));
/// assert!(delivered.people.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivered {
    /// The last change of which everyone has been told; `None` before the first delivery.
    pub everyone: Option<Revision>,
    /// The last change of which single people have been told, where they are ahead of everyone.
    pub people: BTreeMap<PersonId, Revision>,
}

/// What has just been delivered. A mark never takes anything back: of two the later change counts.
///
/// Exhaustive: a journal keeps each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Everyone has been told of everything up to a change. Nothing more is to be remembered of people who are not
    /// ahead of it.
    Everyone(Revision),
    /// Each of these people has been told of everything up to a change.
    People(Vec<(PersonId, Revision)>),
}

impl Delivered {
    /// The last change of which a person has been told.
    pub fn to(&self, person: &PersonId) -> Option<Revision> {
        self.people.get(person).copied().max(self.everyone)
    }

    /// Takes over what has been delivered.
    pub fn mark(&mut self, mark: Mark) {
        match mark {
            Mark::Everyone(revision) => self.everyone = self.everyone.max(Some(revision)),
            Mark::People(people) => {
                for (person, revision) in people {
                    let told = self.people.entry(person).or_default();
                    *told = revision.max(*told);
                }
            }
        }
        let everyone = self.everyone;
        self.people.retain(|_, told| Some(*told) > everyone);
    }

    /// Drops what is remembered of somebody who is to be forgotten.
    pub fn forget(&mut self, forgotten: &Forgotten) {
        self.people.retain(|person, _| !forgotten.is(person));
    }
}
