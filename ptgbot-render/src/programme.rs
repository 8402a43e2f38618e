//! The programme for conference apps: `schedule.json` and `schedule.xml`, in the forms that apps for phones, signs and
//! maps read (c3voc's schedule JSON and frab's schedule XML, <https://c3voc.de/wiki/schedule>).
//!
//! Every booking with a time is a session. Its `guid` is made of the booking's identity, the same as in the calendars,
//! so a session that moves to another room stays the same one. Topics are not told here: they change by the hour,
//! and the apps look for a new version by the day. What the forms cannot say of the board's slots and rooms stands beside
//! that for `ptgbot import` (`board_data`).

mod board_data;
mod identity;
mod json;
mod xml;

use crate::badge;
use crate::calendar::{Uid, meeting_link};
use crate::clock::{WallClock, iso, midnight};
use crate::link::{Href, absolute};
use crate::name_hash::name_hash;
use crate::pad::{generated_pad, pad_of};
use crate::site::Site;
use crate::site_path::SitePath;
use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, TimeDelta, Timelike};
use identity::{UniqueNumbers, guid};
use ptgbot_core::{CalendarEntry, EntryStatus, Room, RoomName, Slot, TrackName, isolated};
use serde_json::Value;
use std::collections::HashMap;

/// `schedule.json`
pub(crate) fn as_json(site: &Site) -> String {
    json::write(&Programme::of(site))
}

/// `schedule.xml`
pub(crate) fn as_xml(site: &Site) -> String {
    xml::write(&Programme::of(site))
}

/// The event as conference apps see it.
#[derive(Debug)]
struct Programme<'a> {
    /// Changes whenever anything here does.
    version: String,
    title: String,
    acronym: String,
    zone: &'static str,
    /// The address of `schedule.xml` and of the board's page, where they are known.
    own: Option<String>,
    home: Option<String>,
    /// The minutes that all starts and lengths are multiples of.
    grid: u32,
    days: Vec<ProgrammeDay<'a>>,
    tracks: Vec<Track<'a>>,
    rooms: Vec<(&'a RoomName, &'a Room, String)>,
    /// What only ptgbot reads.
    board_data: Value,
}

/// A day that has times.
#[derive(Debug)]
struct ProgrammeDay<'a> {
    index: usize,
    start: DateTime<FixedOffset>,
    end: DateTime<FixedOffset>,
    /// The rooms that are in use, in the programme's order.
    rooms: Vec<(&'a RoomName, String, Vec<ProgrammeSession<'a>>)>,
}

/// A booking.
#[derive(Debug)]
struct ProgrammeSession<'a> {
    guid: String,
    /// For programs that know no `guid`: unique in this programme, and the same as long as no other booking claims it.
    id: u32,
    start: DateTime<FixedOffset>,
    end: DateTime<FixedOffset>,
    /// The track's place among those that share the slot: whoever reads the programme back gets them in their order.
    place: Option<usize>,
    slug: String,
    track: &'a TrackName,
    room: &'a RoomName,
    /// What the programme says about the slot besides its time.
    note: Option<&'a str>,
    url: String,
    meeting: Option<Href>,
    pad: Option<Href>,
}

#[derive(Debug)]
struct Track<'a> {
    name: &'a TrackName,
    color: String,
}

impl<'a> Programme<'a> {
    fn of(site: &Site<'a>) -> Self {
        let contents = site.board.contents();
        let event = contents.event_id.as_str();
        let acronym = acronym(event);
        let home = address(site, &SitePath::Board);
        let confirmed = site.board.calendar().shown_at(site.at).filter(|entry| entry.status == EntryStatus::Confirmed);
        let mut numbers = UniqueNumbers::default();
        let mut held: HashMap<(&str, &RoomName), Vec<_>> = HashMap::new();
        for entry in confirmed {
            let id = numbers.number(&Uid(&entry.id).to_string());
            let Some(day) = site.board.day_of(entry.slot()) else { continue };
            let session = session(site, entry, id, &acronym, home.as_deref());
            held.entry((day, &entry.room)).or_default().push(session);
        }
        let mut days: Vec<_> =
            contents.days.iter().filter_map(|(name, slots)| day(site, name, slots, &mut held)).collect();
        days.sort_by_key(|day| day.start);
        if days.is_empty() {
            days.push(ProgrammeDay::without_sessions(site));
        }
        (1..).zip(&mut days).for_each(|(index, day)| day.index = index);
        let rooms = contents.rooms.iter().map(|(name, room)| (name, room, room_guid(event, name)));
        let track = |name| Track { name, color: badge::color_of(site.board, name) };
        let grid = grid(&days);
        let mut programme = Self {
            version: String::new(),
            title: site.titled(if event.is_empty() { "Event board" } else { event }.to_owned()),
            acronym,
            zone: contents.timezone.0.name(),
            own: address(site, &SitePath::ScheduleXml),
            home,
            grid,
            days,
            tracks: contents.tracks.iter().map(track).collect(),
            rooms: rooms.collect(),
            board_data: board_data::board_data(site),
        };
        let changed = site.board.calendar().shown_at(site.at).map(|entry| entry.changed_at).max();
        let content = name_hash(json::write(&programme).bytes());
        programme.version = format!("{}-{content:08x}", iso(changed.unwrap_or(site.changed_at())));
        programme
    }

    /// The first and last date of the event.
    fn span(&self) -> (NaiveDate, NaiveDate) {
        let first = self.days.iter().map(|day| day.start.date_naive()).min();
        // A day that ends at midnight ends on its date.
        let last = self.days.iter().map(|day| (day.end - TimeDelta::seconds(1)).date_naive()).max();
        (first.unwrap_or_default(), last.unwrap_or_default())
    }
}

impl ProgrammeDay<'_> {
    /// The forms ask for a day at least: that of the board's last change.
    fn without_sessions(site: &Site) -> Self {
        let zone = site.board.contents().timezone.0;
        let date = site.changed_at().with_timezone(&zone).date_naive();
        let [start, end] = [Some(date), date.succ_opt()].map(|date| {
            let midnight = date.and_then(|date| midnight(zone, date)).unwrap_or(site.changed_at());
            midnight.with_timezone(&zone).fixed_offset()
        });
        Self { index: 0, start, end, rooms: Vec::new() }
    }
}

impl ProgrammeSession<'_> {
    /// What an app shows below the title: plain text.
    fn description(&self) -> String {
        let note = self.note.map(|note| isolated(note).into_owned());
        let meeting = self.meeting.as_ref().map(|link| format!("Meeting: {link}"));
        let pad = self.pad.as_ref().map(|link| format!("Etherpad: {link}"));
        [note, meeting, pad].into_iter().flatten().collect::<Vec<_>>().join("\n")
    }

    /// `14:05`
    fn clock(&self) -> String {
        self.start.format("%H:%M").to_string()
    }

    /// `01:45`; as much as the forms can say.
    fn length(&self) -> String {
        hours((self.end - self.start).num_minutes())
    }
}

fn session<'a>(
    site: &Site<'a>,
    entry: &'a CalendarEntry,
    id: u32,
    acronym: &str,
    home: Option<&str>,
) -> ProgrammeSession<'a> {
    let contents = site.board.contents();
    let zone = contents.timezone.0;
    let track = &entry.id.track;
    let guid = guid(&Uid(&entry.id).to_string());
    let booking = contents.rooms.get(&entry.room).and_then(|room| room.bookings.get(&entry.id.slot));
    let place = booking.and_then(|booking| booking.holders().iter().position(|holder| holder == track));
    let pad = pad_of(site, track).or_else(|| generated_pad(&site.options.etherpad_base, &contents.event_id, track));
    let url = match (home, &pad) {
        (Some(home), _) => format!("{home}#{}", track.as_str()),
        (None, Some(pad)) => pad.to_string(),
        (None, None) => format!("urn:uuid:{guid}"),
    };
    ProgrammeSession {
        id,
        start: entry.start.with_timezone(&zone).fixed_offset(),
        end: entry.end.with_timezone(&zone).fixed_offset(),
        place,
        slug: format!("{acronym}-{}-{id}", dashed(track.as_str())),
        track,
        room: &entry.room,
        note: site.board.slot(entry.slot()).and_then(|slot| WallClock::new(zone).note(slot)),
        url,
        meeting: meeting_link(site, entry),
        pad,
        guid,
    }
}

/// A day of the programme, unless none of its slots has a time.
fn day<'a>(
    site: &Site<'a>,
    name: &'a str,
    slots: &[Slot],
    held: &mut HashMap<(&'a str, &'a RoomName), Vec<ProgrammeSession<'a>>>,
) -> Option<ProgrammeDay<'a>> {
    let contents = site.board.contents();
    let zone = contents.timezone.0;
    let spans = || slots.iter().filter_map(Slot::span);
    let start = spans().map(|(start, _)| start).min()?.with_timezone(&zone).fixed_offset();
    let end = spans().map(|(_, end)| end).max()?.with_timezone(&zone).fixed_offset();
    let rooms = contents.rooms.keys().filter_map(|room| {
        let mut sessions = held.remove(&(name, room))?;
        sessions.sort_by_key(|session| (session.start, session.place, session.id));
        Some((room, room_guid(&contents.event_id, room), sessions))
    });
    Some(ProgrammeDay { index: 0, start, end, rooms: rooms.collect() })
}

/// The same for every programme of the event.
fn room_guid(event: &str, room: &RoomName) -> String {
    guid(&format!("room {} {}", crate::link::Encoded(event), room))
}

fn address(site: &Site, path: &SitePath) -> Option<String> {
    site.options.base_url.as_ref().and_then(|base| absolute(base, &path.name())).map(String::from)
}

/// What an app files the event under: at least four of `a-z`, `0-9`, `_`.
fn acronym(event: &str) -> String {
    let mut acronym: String = dashed(event).replace('-', "_");
    if acronym.is_empty() {
        acronym.push_str("event");
    }
    while acronym.len() < 4 {
        acronym.push('_');
    }
    acronym
}

/// The forms' slugs are of ASCII, and of two characters at least.
fn slug(name: &str) -> Option<String> {
    let slug = dashed(name);
    let slug = slug.trim_matches('-');
    (slug.len() >= 2).then(|| slug.to_owned())
}

/// Lower-case ASCII letters and digits, with a dash for all else.
fn dashed(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

/// The largest part of an hour that all starts and lengths are multiples of, in minutes.
fn grid(days: &[ProgrammeDay]) -> u32 {
    let sessions = days.iter().flat_map(|day| &day.rooms).flat_map(|(.., sessions)| sessions);
    let minutes = sessions.flat_map(|session| {
        let length = (session.end - session.start).num_minutes().rem_euclid(60);
        [session.start.minute(), u32::try_from(length).unwrap_or(0)]
    });
    let divisor = |mut a: u32, mut b: u32| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    minutes.fold(60, divisor)
}

fn hours(minutes: i64) -> String {
    let minutes = minutes.clamp(0, 99 * 60 + 59);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A time with its distance to UTC.
fn stamp(time: DateTime<FixedOffset>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acronym_is_what_apps_can_file() {
        for (event, expected) in [("oct2026-ptg", "oct2026_ptg"), ("PTG", "ptg_"), ("", "event"), ("é<", "____")] {
            assert_eq!(acronym(event), expected);
        }
    }

    #[test]
    fn lengths_are_hours_and_minutes() {
        assert_eq!([0, 105, 6000, -5].map(hours), ["00:00", "01:45", "99:59", "00:00"]);
    }
}
