//! What a data file says of people: who is where, who waits for what, who moderates which track.

use super::{at_most, by_track, moment, others};
use crate::data_file::at::{At, Path};
use crate::document::DocumentError;
use crate::home::Homes;
use crate::limits;
use crate::moderators::Moderators;
use crate::person::{CheckIn, Folding, PersonId};
use crate::reminder::Reminder;
use crate::text::{clean, clean_name};
use crate::track::TrackName;
use std::collections::BTreeMap;

/// Whose the names in the file are, and how they compare.
#[derive(Clone, Copy)]
pub(super) struct NameReader<'a> {
    pub(super) homes: &'a Homes,
    pub(super) folding: Folding,
}

impl NameReader<'_> {
    fn read(self, at: &At<'_>, name: &str) -> Result<PersonId, DocumentError> {
        let person = self.homes.read(name, self.folding);
        if person.key().is_empty() { Err(at.wrong("a person without a name")) } else { Ok(person) }
    }
}

pub(super) fn check_ins(at: &At<'_>, names: NameReader<'_>) -> Result<BTreeMap<PersonId, CheckIn>, DocumentError> {
    let people = at.object()?.iter();
    people
        .map(|(nick, value)| {
            let at = at.key(nick, value);
            let object = at.object()?;
            let field = |key: &'static str| object.get(key).map(|value| At { value, path: Path::Key(&at.path, key) });
            let text = |key| field(key).map(|at| at.string().map(clean_name)).transpose();
            let when = |key| field(key).filter(|at| !at.value.is_null()).map(|at| moment(&at)).transpose();
            let check_in = CheckIn {
                nick: text("nick")?.filter(|nick| !nick.is_empty()).unwrap_or_else(|| clean_name(nick)),
                location: text("location")?.unwrap_or_default(),
                since: when("in")?,
                until: when("out")?,
                extra: others(object, &["nick", "location", "in", "out"]),
            };
            Ok((names.read(&at, nick)?, check_in))
        })
        .collect()
}

pub(super) fn subscriptions(at: &At<'_>, names: NameReader<'_>) -> Result<BTreeMap<PersonId, String>, DocumentError> {
    let mut read = BTreeMap::new();
    for (nick, value) in at.object()? {
        if !value.is_null() {
            let at = at.key(nick, value);
            let pattern = clean(at.string()?);
            if !pattern.is_empty() {
                read.insert(names.read(&at, nick)?, pattern);
            }
        }
    }
    Ok(read)
}

pub(super) fn moderators(at: &At<'_>, names: NameReader<'_>) -> Result<Moderators, DocumentError> {
    by_track(at, |at| {
        let people = at.array()?.map(|at| names.read(&at, at.string()?)).collect::<Result<_, _>>()?;
        Ok(at_most(limits::MODERATORS, at, people)?.into_iter().collect())
    })
}

pub(super) fn reminders(
    at: &At<'_>,
    names: NameReader<'_>,
) -> Result<BTreeMap<PersonId, BTreeMap<TrackName, u32>>, DocumentError> {
    let people = at.object()?.iter();
    people
        .map(|(nick, value)| {
            let at = at.key(nick, value);
            Ok((names.read(&at, nick)?, by_track(&at, minutes_before)?))
        })
        .collect()
}

fn minutes_before(at: &At<'_>) -> Result<u32, DocumentError> {
    let minutes = at.value.as_u64().ok_or_else(|| at.expected("a number of minutes"))?;
    match u32::try_from(minutes) {
        Ok(minutes @ 1..=Reminder::MOST_MINUTES) => Ok(minutes),
        _ => Err(at.wrong(format!("expected 1 to {} minutes, found {minutes}", Reminder::MOST_MINUTES))),
    }
}
