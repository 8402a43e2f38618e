//! Records: the rows of the journal, and how a person is taken out of those that were kept (`forget`).

use crate::event::{Event, PersonEvent};
use crate::forgotten::Forgotten;
use crate::person::{NameForm, Person, PersonId};
use crate::request::Request;
use crate::revision::Revision;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A change with the facts around it: one row of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// The board's revision after this change: 1 for the first.
    pub revision: Revision,
    /// When it happened (UTC).
    pub at: DateTime<Utc>,
    /// Who did it; `None` for an import from the command line, and for people who asked to be forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Person>,
    /// Where it was said.
    pub origin: Origin,
    /// What happened.
    pub event: Event,
}

/// Where a change came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Origin {
    /// The network's name: `oftc`, `example.org`, `stdio`, `cli`. Rows of version 0.1 have the kind of network: `irc`,
    /// `matrix`.
    pub network: String,
    /// The form of the name of the person who did it, also after they were forgotten; `None` for unnamed sources and in
    /// rows of version 0.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<NameForm>,
    /// The channel or room; `None` for a private message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// The message that was the cause, under its network's lasting name; see [`Request::message`](crate::Request).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The earlier message whose edit or deletion was the cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edits: Option<String>,
}

impl Origin {
    /// True when a change was made by this message, or by an edit of it.
    pub fn is_of(&self, message: &str) -> bool {
        self.message.as_deref() == Some(message) || self.edits.as_deref() == Some(message)
    }

    /// True when a message's name holds a person's.
    pub(crate) fn names(&self, forgotten: &Forgotten) -> bool {
        self.message.iter().chain(&self.edits).any(|message| forgotten.is_named_in(message))
    }

    /// Drops a message's name that holds a person's, against the rule that such names are opaque. True when one did.
    pub(crate) fn forget(&mut self, forgotten: &Forgotten) -> bool {
        let message = self.message.take_if(|message| forgotten.is_named_in(message));
        let edits = self.edits.take_if(|message| forgotten.is_named_in(message));
        message.is_some() || edits.is_some()
    }
}

impl Record {
    /// A change by nobody and from nowhere, as an import or a sample makes.
    pub fn new(revision: Revision, at: DateTime<Utc>, event: impl Into<Event>) -> Self {
        Self { revision, at, by: None, origin: Origin::default(), event: event.into() }
    }

    /// A change that a request led to: at its time, by its person, from where it was said.
    pub fn of(revision: Revision, request: &Request, event: impl Into<Event>) -> Self {
        let (by, origin) = (request.from.clone(), request.origin());
        Self { by, origin, ..Self::new(revision, request.at, event) }
    }

    /// Whom this record takes out of everything that is kept, itself included; `None` for most records, and once it is
    /// done.
    pub fn forgotten(&self) -> Option<Forgotten> {
        if let Event::Person(PersonEvent::PersonForgotten { person: Some(person), plain }) = &self.event {
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

    /// Takes a person out of a kept record: the name of who did it, and everything that was about that person.
    /// Messages' names are opaque and stay, unless one holds the person's.
    /// True when something was removed. A journal calls this for every earlier record when it appends one that
    /// [forgets](Self::forgotten) somebody, and for that record itself.
    pub fn forget(&mut self, forgotten: &Forgotten) -> bool {
        let named = self.by.as_ref().is_some_and(|by| forgotten.is(&by.id));
        if named {
            self.by = None;
        }
        let told = self.origin.forget(forgotten);
        let about = match &mut self.event {
            Event::Person(event) => event.forget(forgotten),
            Event::Time(event) => event.forget(forgotten),
            Event::Board(event) => event.forget(forgotten),
            Event::Track(_) => false,
        };
        named || told || about
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Folding, Network, Origin, Person};

    #[test]
    fn a_forgotten_person_leaves_no_trace_in_a_record() {
        let jane = Person::new(&Network::nearest("oftc"), "Jane", Folding::Ascii);
        let event = Event::Person(PersonEvent::CheckedIn { person: jane.clone(), location: "the pub".into() });
        let at = "2026-10-19T09:00:00Z".parse().expect("a time");
        let origin = Origin { message: Some("$by-Jane-1".into()), edits: Some("$0".into()), ..Origin::default() };
        let mut record = Record { revision: 1, at, by: Some(jane.clone()), origin, event };
        let forgotten = Forgotten::new(&jane.id, false);
        assert!(record.forget(&forgotten));
        assert!(!format!("{record:?}").to_lowercase().contains("jane"));
        assert!(record.origin.is_of("$0") && !record.forget(&forgotten));
    }
}
