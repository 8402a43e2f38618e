//! Removing a person from what the journal has kept (`forget`, SPEC section 2.1).

use crate::event::{Event, Record};
use crate::person::PersonId;

impl Record {
    /// Takes a person out of a kept record: the name of who did it, and everything that was about that person.
    /// True when something was removed. A journal calls this for every earlier row when it appends
    /// [`Event::PersonForgotten`], and for that row itself.
    pub fn forget(&mut self, person: &PersonId) -> bool {
        let named = self.by.as_ref().is_some_and(|by| by.id == *person);
        if named {
            self.by = None;
        }
        let about = match &mut self.event {
            Event::CheckedIn { person: who, .. } if who.id == *person => {
                self.event = Event::Erased;
                true
            }
            Event::CheckedOut { person: who }
            | Event::Subscribed { person: who, .. }
            | Event::Unsubscribed { person: who }
                if who == person =>
            {
                self.event = Event::Erased;
                true
            }
            Event::PersonForgotten { person: who } if who.as_ref() == Some(person) => {
                *who = None;
                true
            }
            Event::DocumentLoaded { document, .. } => document.forget(person),
            _ => false,
        };
        named || about
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Folding, Origin, Person};

    #[test]
    fn a_forgotten_person_leaves_no_trace_in_a_record() {
        let jane = Person::new("Jane", Folding::Ascii);
        let event = Event::CheckedIn { person: jane.clone(), location: "the pub".into() };
        let at = "2026-10-19T09:00:00Z".parse().expect("a time");
        let mut record = Record { revision: 1, at, by: Some(jane.clone()), origin: Origin::default(), event };
        assert!(record.forget(&jane.id));
        assert!(!format!("{record:?}").to_lowercase().contains("jane"));
        assert!(!record.forget(&jane.id));
    }
}
