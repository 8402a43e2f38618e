//! frab's `schedule.xml`, as frab, pretalx and ptgbot write it.

use super::c3voc::unknown_zone;
use super::document::NO_ZONE;
use super::links::SessionLinks;
use super::note::LeftOut;
use super::place::{Fault, offset_of};
use super::programme::{ListedRoom, ListedTrack, MOST_ROOMS, MOST_SESSIONS, Programme, Session, length};
use super::wall_clock::{self, at_clock, clock, moment};
use super::xml_tree::{Element, Tree};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use ptgbot_core::chrono_tz::Tz;
use std::collections::HashSet;

/// `zone` is that of times without one, where the file names none either.
pub(super) fn read(text: &str, zone: Option<Tz>) -> Result<Programme, Fault> {
    let Tree { root, instruction } = Tree::read(text)?;
    if root.name != "schedule" {
        return Err(Fault::at(root.at, format!("expected <schedule>, found <{}>", root.name)));
    }
    let conference =
        root.all("conference").next().ok_or_else(|| Fault::at(root.at, "<schedule> has no <conference>"))?;
    let acronym = conference.words("acronym").or_else(|| conference.words("title"));
    let mut programme = Programme { acronym: acronym.map(str::to_owned), ..Programme::default() };
    if let Some(named) = conference.all("time_zone_name").next() {
        let name = named.own_words();
        programme.zone = Some(name.parse().map_err(|_| Fault::at(named.at, unknown_zone(name)))?);
    }
    if let Some((at, said)) = instruction {
        programme.own = Some(serde_json::from_str(&said).map_err(|error| {
            Fault::at(
                at + offset_of(&said, error.line(), error.column()),
                format!("<?ptgbot …?> holds no JSON: {error}"),
            )
        })?);
    }
    programme.tracks = conference.all("track").filter_map(track).collect();
    let days = Days { zone: programme.zone.or(zone), day_change: day_change(conference)? };
    let (mut orders, mut seen) = (Vec::new(), HashSet::new());
    for day in root.all("day") {
        let date = days.date(day)?;
        let mut order = Vec::new();
        for room in day.all("room") {
            let name = room.attribute("name").ok_or_else(|| Fault::at(room.at, "<room> has no name"))?;
            if seen.insert(name) && seen.len() > MOST_ROOMS {
                return Err(Fault::at(room.at, format!("more than {MOST_ROOMS} rooms")));
            }
            order.push(name);
            for event in room.all("event") {
                if programme.sessions.len() == MOST_SESSIONS {
                    return Err(Fault::at(event.at, format!("more than {MOST_SESSIONS} events")));
                }
                let session = days.session(event, date, name, &mut programme)?;
                programme.sessions.push(session);
            }
        }
        orders.push(order);
    }
    let rooms = super::room_order::in_one_order(&orders).into_iter();
    programme.rooms = rooms.map(|name| ListedRoom { name: name.to_owned(), ..ListedRoom::default() }).collect();
    Ok(programme)
}

fn track(track: &Element) -> Option<ListedTrack> {
    let name = track.attribute("name").unwrap_or(track.own_words());
    let color = track.attribute("color").map(str::to_owned);
    (!name.is_empty()).then(|| ListedTrack { name: name.to_owned(), color })
}

/// Until when a night belongs to the day before, where the file says it.
fn day_change(conference: &Element) -> Result<NaiveTime, Fault> {
    match conference.all("day_change").next() {
        None => Ok(NaiveTime::MIN),
        Some(change) => {
            let words = change.own_words();
            clock(words).ok_or_else(|| Fault::at(change.at, format!("'{words}' is no time such as 04:00")))
        }
    }
}

/// How the file tells dates.
struct Days {
    zone: Option<Tz>,
    day_change: NaiveTime,
}

impl Days {
    fn date(&self, day: &Element) -> Result<NaiveDate, Fault> {
        let raw = day.attribute("date").ok_or_else(|| Fault::at(day.at, "<day> has no date"))?;
        wall_clock::date(raw).map_err(|problem| Fault::at(day.at, problem))
    }

    fn session(
        &self,
        event: &Element,
        date: NaiveDate,
        room: &str,
        programme: &mut Programme,
    ) -> Result<Session, Fault> {
        let start = self.start(event, date)?;
        let duration = event.words("duration").ok_or_else(|| Fault::at(event.at, "<event> has no <duration>"))?;
        let minutes = length(duration)
            .ok_or_else(|| Fault::at(event.at, format!("the duration '{duration}' is no length such as 01:45")))?;
        let title = event.words("title").unwrap_or_default();
        let track = event.words("track");
        if track.is_some_and(|track| track != title) {
            programme.notes.left_out(LeftOut::Title, 1);
        }
        let persons = event.all("persons").flat_map(|persons| persons.all("person")).count();
        programme.notes.left_out(LeftOut::Person, persons);
        let mut links = SessionLinks::default();
        for link in event.all("links").flat_map(|links| links.all("link")) {
            links.take(link.own_words(), link.attribute("href"), &mut programme.notes);
        }
        let track = Some(track.unwrap_or(title).to_owned());
        Ok(Session { at: event.at, date, day: None, start, minutes, room: room.to_owned(), track, links })
    }

    fn start(&self, event: &Element, date: NaiveDate) -> Result<DateTime<Utc>, Fault> {
        if let Some(raw) = event.words("date") {
            return moment(raw).map_err(|problem| Fault::at(event.at, problem));
        }
        let raw = event.words("start").ok_or_else(|| Fault::at(event.at, "<event> has neither <date> nor <start>"))?;
        let time =
            clock(raw).ok_or_else(|| Fault::at(event.at, format!("the start '{raw}' is no time such as 09:00")))?;
        let zone = self.zone.ok_or_else(|| Fault::at(event.at, NO_ZONE))?;
        let date = if time < self.day_change { date + TimeDelta::days(1) } else { date };
        at_clock(zone, date, time).map_err(|problem| Fault::at(event.at, problem))
    }
}
