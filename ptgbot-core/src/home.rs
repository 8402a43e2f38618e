//! Home networks: whose the people are whom data without networks names.
//!
//! Version 0.1 and the older bot knew nicks and Matrix IDs, and no networks. The first network on which somebody with
//! a name of that form makes a change takes those people over; they stay its people for good.

use crate::network::Network;
use crate::person::{Folding, NameForm, PersonId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The home network of each form of names, where it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Homes(BTreeMap<NameForm, Network>);

impl Homes {
    /// Whose the plain names of a form are; `None` while they are nobody's.
    pub fn of(&self, form: NameForm) -> Option<&Network> {
        self.0.get(&form)
    }

    /// A network takes over the plain names of a form. False when they are somebody's already.
    pub(crate) fn settle(&mut self, form: NameForm, network: &Network) -> bool {
        let is_new = !self.0.contains_key(&form);
        if is_new {
            self.0.insert(form, network.clone());
        }
        is_new
    }

    /// The person whom a data file names.
    pub(crate) fn read(&self, written: &str, folding: Folding) -> PersonId {
        self.resolve(PersonId::read(written, folding))
    }

    /// The name of a person in a data file: plain for people of a home network, as the older bot writes it.
    pub(crate) fn write(&self, person: &PersonId) -> String {
        let plain = person.plain();
        if person.network() == self.of(person.form()) && PersonId::from(plain.to_string()) == plain {
            plain.to_string()
        } else {
            person.to_string()
        }
    }

    /// The same person with their network, where that is known.
    pub fn resolve(&self, person: PersonId) -> PersonId {
        match (person.network(), self.of(person.form())) {
            (None, Some(home)) => person.on(home),
            (Some(_), _) | (None, None) => person,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_of_the_home_network_are_written_plain_and_read_again() {
        let (oftc, libera) = (Network::nearest("oftc"), Network::nearest("libera"));
        let mut homes = Homes::default();
        assert!(homes.settle(NameForm::Nick, &oftc) && !homes.settle(NameForm::Nick, &libera));
        for (person, written) in [
            (PersonId::new(&oftc, "jane", Folding::Ascii), "jane"),
            (PersonId::new(&libera, "jane", Folding::Ascii), "libera/jane"),
            (PersonId::new(&oftc, "a/b", Folding::Ascii), "oftc/a/b"),
            (PersonId::new(&oftc, "/b", Folding::Ascii), "/b"),
            (PersonId::new(&libera, "@a:b", Folding::Exact), "libera/@a:b"),
            (PersonId::without_network("@a:b", Folding::Exact), "@a:b"),
        ] {
            assert_eq!(homes.write(&person), written);
            assert_eq!(homes.read(written, Folding::Exact), person);
        }
    }
}
