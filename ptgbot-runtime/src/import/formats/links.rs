//! Meeting links and pads: a programme has them at each session, a board at tracks and rooms.

use super::note::{LeftOut, Notes};
use super::rooms::Booked;
use ptgbot_core::indexmap::IndexMap;
use ptgbot_core::{HttpUrl, TrackName};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The links of a session that a board has a place for.
#[derive(Debug, Default)]
pub(super) struct SessionLinks {
    pub(super) meeting: Option<String>,
    pub(super) pad: Option<String>,
}

impl SessionLinks {
    /// Takes the first link titled `Meeting` and the first titled `Etherpad`; others are counted.
    pub(super) fn take(&mut self, title: &str, url: Option<&str>, notes: &mut Notes) {
        let place = match title.trim().to_lowercase().as_str() {
            "meeting" => Some(&mut self.meeting),
            "etherpad" => Some(&mut self.pad),
            _ => None,
        };
        match (place, url.filter(|url| is_web(url))) {
            (Some(place @ None), Some(url)) => *place = Some(url.to_owned()),
            _ => notes.left_out(LeftOut::Link, 1),
        }
    }
}

/// Puts a link that all sessions of a room have down as the room's, of the rooms that take one.
pub(super) fn settle_rooms(
    booked: &[Booked],
    rooms: &mut IndexMap<String, Map<String, Value>>,
    takes_one: impl Fn(&str) -> bool,
) {
    let mut links: BTreeMap<&str, Vec<Option<&str>>> = BTreeMap::new();
    for one in booked {
        // A free slot says nothing, unless it says a link.
        if one.track.is_some() || meeting(one).is_some() {
            links.entry(&one.session.room).or_default().push(meeting(one));
        }
    }
    for (room, mut links) in links {
        links.dedup();
        if let ([Some(link)], true, Some(fields)) = (&links[..], takes_one(room), rooms.get_mut(room)) {
            fields.insert("url".into(), (*link).into());
        }
    }
}

/// `urls` of the data file: the board's, and the links of sessions that are not their room's.
pub(super) fn urls(
    booked: &[Booked],
    rooms: &IndexMap<String, Map<String, Value>>,
    board: &Value,
    notes: &mut Notes,
) -> Value {
    let of_room = |one: &Booked| rooms.get(&one.session.room)?.get("url")?.as_str().map(str::to_owned);
    let own = booked.iter().filter_map(|one| {
        let link = meeting(one).filter(|link| !of_room(one).is_some_and(|room| is_same(&room, link)))?;
        Some((one.track.as_ref()?, link))
    });
    of_tracks(own, &board["urls"], "meeting links", notes)
}

/// `etherpads` of the data file: the board's, and those of sessions that are not what the board generates.
pub(super) fn pads(booked: &[Booked], event: &str, board: &Value, notes: &mut Notes) -> Value {
    let is_generated = |pad: &str, track: &TrackName| {
        let last = pad.rsplit('/').next().unwrap_or_default();
        percent_encoding::percent_decode_str(last).decode_utf8_lossy() == format!("{event}-{}", track.as_str())
    };
    let own = booked.iter().filter_map(|one| {
        let (track, pad) = (one.track.as_ref()?, one.session.links.pad.as_deref()?);
        (!is_generated(pad, track)).then_some((track, pad))
    });
    of_tracks(own, &board["etherpads"], "pads", notes)
}

/// Whether two spellings are one address, or one text.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    let parsed = |raw: &str| HttpUrl::parse(raw.trim()).ok().map(|url| url.as_str().to_owned());
    one == other || parsed(one).is_some_and(|one| parsed(other) == Some(one))
}

fn is_web(link: &str) -> bool {
    HttpUrl::parse(link).is_ok()
}

fn meeting<'a>(one: &Booked<'a>) -> Option<&'a str> {
    one.session.links.meeting.as_deref()
}

fn of_tracks<'a>(
    said: impl Iterator<Item = (&'a TrackName, &'a str)>,
    board: &Value,
    what: &str,
    notes: &mut Notes,
) -> Value {
    let mut by_track: BTreeMap<&TrackName, Vec<&str>> = BTreeMap::new();
    for (track, link) in said {
        let links = by_track.entry(track).or_default();
        if !links.contains(&link) {
            links.push(link);
        }
    }
    let mut all = board.as_object().cloned().unwrap_or_default();
    for (track, links) in by_track {
        match links[..] {
            [link] if all.get(track.as_str()).and_then(Value::as_str).is_some_and(|known| is_same(known, link)) => {}
            [link] => drop(all.insert(track.as_str().to_owned(), link.into())),
            _ => {
                notes.add(&format!("{track} has {} different {what}; a track has one, so none was taken", links.len()));
                notes.left_out(LeftOut::Link, links.len());
            }
        }
    }
    all.into()
}
