//! The changes that the suite makes.

use chrono::{DateTime, TimeDelta, Utc};
use ptgbot_core::{
    Board, BoardEvent, Event, Folding, Journal, JournalError, Network, Person, PersonEvent, PersonId, Record, Revision,
    Text, TrackEvent, TrackName,
};

/// Appends records to a journal and a board.
pub(crate) async fn append(
    journal: &mut impl Journal,
    board: &mut Board,
    records: Vec<Record>,
) -> Result<(), JournalError> {
    let after = applied(board, &records);
    journal.append(board.revision(), &records, &after, None).await?;
    *board = after;
    Ok(())
}

pub(crate) fn applied(board: &Board, records: &[Record]) -> Board {
    let mut after = board.clone();
    records.iter().for_each(|record| after.apply(record));
    after
}

pub(crate) fn record(revision: Revision, event: Event) -> Record {
    let at = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(revision.cast_signed());
    let mut record = Record::new(revision, at, event);
    record.origin.network = "test".into();
    record
}

pub(crate) fn by(person: &Person, mut record: Record) -> Record {
    record.by = Some(person.clone());
    record
}

pub(crate) fn added(revision: Revision, track: &str) -> Record {
    record(revision, Event::Board(BoardEvent::TracksAdded { tracks: vec![known(track)] }))
}

pub(crate) fn topic(revision: Revision, track: &str, words: &str) -> Record {
    record(revision, Event::Track(TrackEvent::TopicSet { track: known(track), topic: Text::new(words) }))
}

pub(crate) fn topics(count: Revision) -> Vec<Record> {
    (1..=count).map(|revision| topic(revision, "swift", &format!("topic {revision}"))).collect()
}

pub(crate) fn checked_in(revision: Revision, person: &Person) -> Record {
    record(revision, Event::Person(PersonEvent::CheckedIn { person: person.clone(), location: "#swift".into() }))
}

pub(crate) fn forgotten(revision: Revision, person: &PersonId) -> Record {
    record(revision, Event::Person(PersonEvent::PersonForgotten { person: Some(person.clone()), plain: false }))
}

fn known(track: &str) -> TrackName {
    TrackName::parse(track).expect("the suite's tracks have names")
}

pub(crate) fn person(name: &str) -> Person {
    Person::new(&network("test"), name, Folding::Ascii)
}

pub(crate) fn network(name: &str) -> Network {
    Network::parse(name).expect("the suite's networks have names")
}
