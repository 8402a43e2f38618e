//! c3voc's `schedule.json`, as pretalx, frab and ptgbot write it.

use super::links::SessionLinks;
use super::note::LeftOut;
use super::place::{Fault, offset_of};
use super::programme::{
    ListedRoom, ListedTrack, MOST_ROOMS, MOST_SESSIONS, Programme, Session, length, minutes_between,
};
use super::wall_clock::{date, moment};
use chrono::NaiveDate;
use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

pub(super) fn read(text: &str) -> Result<Programme, Fault> {
    let file: File = serde_json::from_str(text).map_err(|error| fault(text, 0, text, &error))?;
    let conference = file.schedule.conference;
    let mut programme = Programme {
        acronym: conference.acronym.or(conference.title),
        own: conference.meta.and_then(|meta| meta.ptgbot),
        ..Programme::default()
    };
    if let Some(raw) = conference.time_zone_name {
        let name: &str = raw.get().trim_matches('"');
        let zone = name.parse().map_err(|_| Fault::at(offset_in(text, raw.get()), unknown_zone(name)))?;
        programme.zone = Some(zone);
    }
    let tracks = conference.tracks.unwrap_or_default().into_iter();
    programme.tracks = tracks.map(|track| ListedTrack { name: track.name.0, color: track.color }).collect();
    let rooms = conference.rooms.unwrap_or_default().into_iter();
    let rooms = rooms.map(|room| ListedRoom { name: room.name, url: room.url, desc: room.description.map(|it| it.0) });
    programme.rooms = rooms.collect();
    for raw in conference.days {
        let day: Day = part(text, raw)?;
        let date = date(&day.date).map_err(|problem| Fault::at(offset_in(text, raw.get()), problem))?;
        for (room, events) in day.rooms.0 {
            if !programme.rooms.iter().any(|known| known.name == room) {
                if programme.rooms.len() == MOST_ROOMS {
                    return Err(Fault::at(offset_in(text, raw.get()), format!("more than {MOST_ROOMS} rooms")));
                }
                programme.rooms.push(ListedRoom { name: room.clone(), ..ListedRoom::default() });
            }
            for raw in events {
                let event: Event = part(text, raw)?;
                let at = offset_in(text, raw.get());
                if programme.sessions.len() == MOST_SESSIONS {
                    return Err(Fault::at(at, format!("more than {MOST_SESSIONS} events")));
                }
                let session = session(at, date, &room, event, &mut programme);
                programme.sessions.push(session.map_err(|problem| Fault::at(at, problem))?);
            }
        }
    }
    Ok(programme)
}

fn session(at: usize, date: NaiveDate, room: &str, event: Event, programme: &mut Programme) -> Result<Session, String> {
    let start = moment(&event.date)?;
    let minutes = match (&event.end, &event.duration) {
        (Some(end), _) => minutes_between(start, moment(end)?)?,
        (None, Some(text)) => {
            length(text).ok_or_else(|| format!("the duration '{text}' is no length such as 01:45"))?
        }
        (None, None) => return Err("it has neither end nor duration".to_owned()),
    };
    let title = event.title.map(|title| title.0).unwrap_or_default();
    let track = event.track.map(|track| track.0).filter(|track| !track.trim().is_empty());
    if track.as_ref().is_some_and(|track| *track != title) {
        programme.notes.left_out(LeftOut::Title, 1);
    }
    programme.notes.left_out(LeftOut::Person, event.persons.map_or(0, |persons| persons.len()));
    let mut links = SessionLinks::default();
    for link in event.links.unwrap_or_default() {
        links.take(&link.title.unwrap_or_default(), link.url.as_deref(), &mut programme.notes);
    }
    Ok(Session {
        at,
        date,
        day: None,
        start,
        minutes,
        room: room.to_owned(),
        track: Some(track.unwrap_or(title)),
        links,
    })
}

pub(super) fn unknown_zone(name: &str) -> String {
    format!("'{name}' is no time zone; a name such as Europe/Dublin is expected")
}

/// Reads a part of the file; what is wrong with it is told with its place in the whole.
fn part<'a, T: Deserialize<'a>>(text: &str, raw: &'a RawValue) -> Result<T, Fault> {
    serde_json::from_str(raw.get()).map_err(|error| fault(text, offset_in(text, raw.get()), raw.get(), &error))
}

fn fault(text: &str, base: usize, part: &str, error: &serde_json::Error) -> Fault {
    let at = base + offset_of(part, error.line(), error.column());
    let said = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    Fault::at(at.min(text.len()), said.strip_suffix(&place).unwrap_or(&said))
}

/// Where a part begins.
fn offset_in(text: &str, part: &str) -> usize {
    part.as_ptr().addr().saturating_sub(text.as_ptr().addr())
}

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    schedule: Schedule<'a>,
}

#[derive(Deserialize)]
struct Schedule<'a> {
    #[serde(borrow)]
    conference: Conference<'a>,
}

#[derive(Deserialize)]
struct Conference<'a> {
    acronym: Option<String>,
    title: Option<String>,
    #[serde(borrow)]
    time_zone_name: Option<&'a RawValue>,
    tracks: Option<Vec<Track>>,
    rooms: Option<Vec<Room>>,
    #[serde(borrow)]
    days: Vec<&'a RawValue>,
    meta: Option<Meta>,
}

#[derive(Deserialize)]
struct Meta {
    ptgbot: Option<Value>,
}

#[derive(Deserialize)]
struct Track {
    name: Words,
    color: Option<String>,
}

#[derive(Deserialize)]
struct Room {
    name: String,
    url: Option<String>,
    description: Option<Words>,
}

#[derive(Deserialize)]
struct Day<'a> {
    date: String,
    #[serde(borrow)]
    rooms: Entries<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct Event {
    date: String,
    end: Option<String>,
    duration: Option<String>,
    title: Option<Words>,
    track: Option<Words>,
    persons: Option<Vec<IgnoredAny>>,
    links: Option<Vec<Link>>,
}

#[derive(Deserialize)]
struct Link {
    title: Option<String>,
    url: Option<String>,
}

/// A text, or the first of its translations, English before others.
struct Words(String);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a text, or texts by language")]
        enum Said {
            Plain(String),
            ByLanguage(BTreeMap<String, Option<String>>),
        }
        Ok(Self(match Said::deserialize(deserializer)? {
            Said::Plain(text) => text,
            Said::ByLanguage(mut texts) => match texts.remove("en").flatten() {
                Some(english) => english,
                None => texts.into_values().flatten().next().unwrap_or_default(),
            },
        }))
    }
}

/// An object in its order, each key once.
struct Entries<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor(PhantomData)).map(Self)
    }
}

struct EntriesVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
    type Value = Vec<(String, T)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of rooms")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries: Vec<(String, T)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom(format_args!(
                    "the room '{}' stands twice in one day",
                    key.escape_debug()
                )));
            }
            entries.push((key, map.next_value()?));
        }
        Ok(entries)
    }
}
