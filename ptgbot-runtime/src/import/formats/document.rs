//! From a programme to the data file: what it says replaces days, slots, rooms and bookings; tracks, links and colours are
//! added to those that the board has.

use super::links;
use super::place::Fault;
use super::programme::{Programme, Session};
use super::rooms::{Kept, KnownRooms, booked};
use super::slots::Slots;
use super::track_name::TrackNames;
use ptgbot_core::chrono_tz::Tz;
use ptgbot_core::{Color, RoomName, Text};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What a file is read against.
#[derive(Debug)]
pub(crate) struct Given {
    /// The board as a data file: names of slots that it has already stay.
    pub(crate) board: Value,
    /// The zone of times without one, where the file names none.
    pub(crate) zone: Option<Tz>,
}

/// A file as a data file, and what there is to say about it.
#[derive(Debug)]
pub(crate) struct Translated {
    pub(crate) document: Value,
    pub(crate) notes: Vec<String>,
}

impl Given {
    /// The zone of times for which the file names none: as it was given, else the board's, if it has a programme or a
    /// zone of its own.
    pub(super) fn zone(&self) -> Option<Tz> {
        let board = self.board["timezone"].as_str().and_then(|name| name.parse().ok());
        let is_empty = self.board["slots"].as_object().is_none_or(Map::is_empty);
        self.zone.or(board.filter(|zone| *zone != Tz::UTC || !is_empty))
    }
}

/// `text` is the file, for places in it.
pub(super) fn translate(text: &str, mut programme: Programme, given: &Given) -> Result<Translated, Fault> {
    if programme.sessions.is_empty() && programme.own.is_none() {
        return Err(Fault::of_all("there is nothing in it that takes place"));
    }
    if let (Some(file), Some(flag)) = (programme.zone, given.zone)
        && file != flag
    {
        return Err(Fault::of_all(format!("the file's time zone is {file}, not {flag}")));
    }
    clean_names(&mut programme)?;
    let zone = programme.zone.or(given.zone()).ok_or_else(|| Fault::of_all(NO_ZONE))?;
    let own = programme.own.take();
    programme.sessions.iter_mut().try_for_each(|session| on_its_day(session, zone, own.is_some()))?;
    if own.as_ref().is_some_and(|own| !own["slots"].is_object() || !own["schedule"].is_object()) {
        return Err(Fault::of_all("what it says for ptgbot besides has no 'slots' and 'schedule' of the data file"));
    }
    let slots = match &own {
        Some(own) => Slots::own(&own["slots"], &programme.sessions, zone),
        None => Slots::needed(&given.board["slots"], &programme.sessions, zone),
    };
    let known = match &own {
        Some(own) => KnownRooms::of(own, Kept::All),
        None => KnownRooms::of(&given.board, Kept::Words),
    };
    let mut names = TrackNames::default();
    let mut notes = std::mem::take(&mut programme.notes);
    let sessions = std::mem::take(&mut programme.sessions);
    let booked = booked(&sessions, &slots, &known, &mut names, &mut notes);
    let mut rooms = known.with(text, &programme, &booked, &slots)?;
    if own.is_none() {
        let says_link = |name: &str| programme.rooms.iter().any(|room| room.name == name && room.url.is_some());
        links::settle_rooms(&booked, &mut rooms, |room| !says_link(room));
    }
    let event = event_id(&programme, own.as_ref(), given);
    let mut document = Map::new();
    if let Some(event) = &event {
        document.insert("eventid".into(), event.as_str().into());
    }
    document.insert("timezone".into(), zone.name().into());
    let board = &given.board;
    let mut tracks: BTreeSet<String> = texts(&board["tracks"]).collect();
    tracks.extend(booked.iter().filter_map(|one| one.track.as_ref()).map(|track| track.as_str().to_owned()));
    let mut colors = board["colors"].as_object().cloned().unwrap_or_default();
    for listed in &programme.tracks {
        let track = names.take(&listed.name, &mut notes);
        tracks.insert(track.as_str().to_owned());
        if let Some(color) = listed.color.as_deref().and_then(Color::parse) {
            let known = colors.get(track.as_str()).and_then(Value::as_str).and_then(Color::parse);
            if known.unwrap_or(Color::DEFAULT) != color {
                colors.insert(track.as_str().to_owned(), color.to_string().into());
            }
        }
    }
    let event = event.as_deref().or(board["eventid"].as_str()).unwrap_or_default();
    let urls = links::urls(&booked, &rooms, board, &mut notes);
    let pads = links::pads(&booked, event, board, &mut notes);
    document.insert("tracks".into(), tracks.into_iter().collect());
    document.insert("slots".into(), slots.into_value());
    let rooms = rooms.into_iter().map(|(name, fields)| (name, Value::from(fields)));
    document.insert("schedule".into(), rooms.collect::<Map<_, _>>().into());
    for (key, value) in [("urls", urls), ("etherpads", pads), ("colors", colors.into())] {
        if value.as_object().is_some_and(|entries| !entries.is_empty()) {
            document.insert(key.into(), value);
        }
    }
    Ok(Translated { document: document.into(), notes: notes.into_lines() })
}

/// Names of rooms as a board keeps them, so that two spellings that differ in blanks are one room.
fn clean_names(programme: &mut Programme) -> Result<(), Fault> {
    for room in &mut programme.rooms {
        room.name = RoomName::new(&room.name).into();
    }
    programme.rooms.retain(|room| !room.name.is_empty());
    for session in &mut programme.sessions {
        session.room = RoomName::new(&session.room).into();
        if session.room.is_empty() {
            return Err(Fault::at(session.at, "a session without a room"));
        }
    }
    Ok(())
}

/// Refuses a session that is on another date than its day, or the night behind it. A board may have such slots.
fn on_its_day(session: &mut Session, zone: Tz, is_own: bool) -> Result<(), Fault> {
    let date = session.start.with_timezone(&zone).date_naive();
    match (date - session.date).num_days() {
        -1..=1 => {}
        _ if is_own => session.date = date,
        _ => return Err(Fault::at(session.at, format!("it begins on {date}, and its day is {}", session.date))),
    }
    Ok(())
}

/// The board's own programme says it; of another one it is taken where the board has none.
fn event_id(programme: &Programme, own: Option<&Value>, given: &Given) -> Option<String> {
    if let Some(own) = own {
        return own["eventid"].as_str().map(str::to_owned);
    }
    let has_one = given.board["eventid"].as_str().is_some_and(|event| !event.is_empty());
    let named = programme.acronym.as_deref().map(|name| Text::new(name).as_str().to_owned());
    named.filter(|name| !has_one && !name.is_empty())
}

fn texts(list: &Value) -> impl Iterator<Item = String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned)
}

/// Names of days and slots need one, and times that come without.
pub(super) const NO_ZONE: &str =
    "neither the file nor the board says in which time zone the event is; name it: --timezone Europe/Dublin";
