//! The programme as JSON.

use super::{Programme, ProgrammeSession, hours, slug, stamp};
use ptgbot_core::{Room, RoomName};
use serde_json::{Map, Value, json};

pub(super) fn write(programme: &Programme) -> String {
    let (start, end) = programme.span();
    let mut conference = json!({
        "acronym": programme.acronym,
        "title": programme.title,
        "start": start.to_string(),
        "end": end.to_string(),
        "daysCount": programme.days.len(),
        "timeslot_duration": hours(programme.grid.into()),
        "time_zone_name": programme.zone,
    });
    let rooms = programme.rooms.iter().map(|(name, held, guid)| room(name, held, guid));
    let tracks = programme.tracks.iter().map(|track| {
        let mut object = json!({"name": track.name.as_str(), "color": track.color});
        put(&mut object, "slug", slug(track.name.as_str()));
        object
    });
    let days = programme.days.iter().map(|day| {
        let rooms = day.rooms.iter();
        let rooms = rooms.map(|(room, _, sessions)| (room.as_str().to_owned(), sessions.iter().map(session).collect()));
        json!({
            "index": day.index,
            "date": day.start.date_naive().to_string(),
            "day_start": stamp(day.start),
            "day_end": stamp(day.end),
            "rooms": rooms.collect::<Map<_, Value>>(),
        })
    });
    put(&mut conference, "url", programme.home.clone());
    put(&mut conference, "tracks", Some(tracks.collect::<Value>()));
    put(&mut conference, "rooms", Some(rooms.collect::<Value>()));
    put(&mut conference, "days", Some(days.collect::<Value>()));
    put(&mut conference, "meta", Some(json!({"ptgbot": programme.board_data})));
    let file = json!({
        "$schema": "https://c3voc.de/schedule/schema.json",
        "generator": {"name": "ptgbot"},
        "schedule": {"version": programme.version, "conference": conference},
    });
    format!("{file:#}\n")
}

fn room(name: &RoomName, room: &Room, guid: &str) -> Value {
    let mut object = json!({"name": name.as_str(), "guid": guid});
    put(&mut object, "slug", slug(name.as_str()));
    put(&mut object, "description", room.desc.clone());
    put(&mut object, "url", room.url.as_deref().and_then(crate::link::Href::web).map(|link| link.to_string()));
    object
}

fn session(session: &ProgrammeSession) -> Value {
    let link =
        |title: &str, kind: &str, url: &dyn ToString| json!({"type": kind, "title": title, "url": url.to_string()});
    let meeting = session.meeting.as_ref().map(|url| link("Meeting", "web", url));
    let pad = session.pad.as_ref().map(|url| link("Etherpad", "related", url));
    let mut object = json!({
        "guid": session.guid,
        "id": session.id,
        "date": stamp(session.start),
        "start": session.clock(),
        "end": stamp(session.end),
        "duration": session.length(),
        "room": session.room.as_str(),
        "slug": session.slug,
        "url": session.url,
        "title": session.track.as_str(),
        "subtitle": "",
        "track": session.track.as_str(),
        "type": "meeting",
        "language": null,
        "abstract": "",
        "description": session.description(),
        "persons": [],
        "links": meeting.into_iter().chain(pad).collect::<Value>(),
    });
    put(&mut object, "feedback_url", session.pad.as_ref().map(ToString::to_string));
    object
}

fn put(object: &mut Value, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object[key] = value.into();
    }
}
