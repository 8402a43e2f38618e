//! Calendars: the bookings of all tracks, of some, or of a room (RFC 5545, RFC 7986).
//!
//! There is no `METHOD`: with `PUBLISH` each event would need an `ORGANIZER` (RFC 5546 section 3.2.1), and a
//! feed that is subscribed to needs neither. A calendar without events carries a `VTIMEZONE` for UTC, because
//! the grammar asks for at least one component and strict readers refuse a calendar without; nobody shows it.

use crate::clock::{ical as time, midnight};
use crate::color_name::nearest_name;
use crate::ical::Ical;
use crate::link::{Encoded, Href, absolute};
use crate::pad::pad_of;
use crate::site::Site;
use chrono::{DateTime, Utc};
use ptgbot_core::{CalendarEntry, CalendarEntryId, Color, EntryStatus, RoomName, Text, Topic, TrackName, isolated};
use std::collections::{HashMap, HashSet};
use std::fmt;

/// Which bookings a calendar holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'a> {
    /// What the site's view leaves in: `ptg.ics`.
    View,
    /// Those of a track: `{track}.ics`.
    Track(&'a TrackName),
    /// Those in a room: `room/{slug}.ics`.
    Room(&'a RoomName),
}

impl Part<'_> {
    fn has(self, site: &Site, entry: &CalendarEntry) -> bool {
        match self {
            Self::View => site.shows(&entry.id.track) && site.shows_room(&entry.room),
            Self::Track(track) => entry.id.track == *track,
            Self::Room(room) => entry.room == *room,
        }
    }

    /// What it is called, besides the event; empty for all of it.
    fn name(self, site: &Site) -> String {
        match self {
            Self::View => {
                let tracks = site.view.tracks.iter().map(ToString::to_string);
                tracks.chain(site.only_room().map(ToString::to_string)).collect::<Vec<_>>().join(", ")
            }
            Self::Track(track) => track.to_string(),
            Self::Room(room) => room.to_string(),
        }
    }

    /// The track, if it is one's calendar.
    fn only<'a>(self, site: &'a Site) -> Option<&'a TrackName>
    where
        Self: 'a,
    {
        match self {
            Self::View => site.view.tracks.first().filter(|_| site.view.tracks.len() == 1),
            Self::Track(track) => Some(track),
            Self::Room(_) => None,
        }
    }
}

/// A calendar, where `path` is its own address.
pub(crate) fn render(site: &Site, part: Part, path: &str) -> String {
    let name = match (part.name(site).as_str(), site.board.contents().event_id.as_str()) {
        ("", "") => "Event board".to_owned(),
        (part, "") => part.to_owned(),
        ("", event) => event.to_owned(),
        (part, event) => format!("{part} · {event}"),
    };
    let name = site.titled(name);
    let shown: Vec<_> = site.board.calendar().shown_at(site.at).filter(|entry| part.has(site, entry)).collect();
    let topics = Topics::of(site, &shown.iter().map(|entry| &entry.id.track).collect());
    let mut ical = Ical::default();
    ical.begin("VCALENDAR");
    ical.raw("VERSION", "2.0");
    ical.raw("PRODID", "-//ptgbot//event board//EN");
    ical.raw("CALSCALE", "GREGORIAN");
    ical.text("NAME", &name);
    ical.text("X-WR-CALNAME", &name);
    ical.raw("REFRESH-INTERVAL;VALUE=DURATION", REFRESH);
    ical.raw("X-PUBLISHED-TTL", REFRESH);
    if let Some(source) = site.options.base_url.as_ref().and_then(|base| absolute(base, path)) {
        ical.raw("SOURCE;VALUE=URI", source);
    }
    if let Some(color) = part.only(site).and_then(|track| color_of(site, track)) {
        ical.raw("COLOR", color);
    }
    let mut events = 0;
    for entry in shown {
        events += usize::from(event(&mut ical, site, entry, topics.told_by(entry)).is_some());
    }
    if events == 0 {
        utc_zone(&mut ical);
    }
    ical.end("VCALENDAR");
    ical.finish()
}

/// When a calendar's bytes last became others; `None` where that is not known, as of one that never had an entry.
///
/// A booking that leaves a room tells nothing in that room's calendar, so a room counts the changes of all bookings.
pub(crate) fn modified(site: &Site, part: Part) -> Option<DateTime<Utc>> {
    let calendar = site.board.calendar();
    let of_rooms = match part {
        Part::View => site.view.room.is_some(),
        Part::Track(_) => false,
        Part::Room(_) => true,
    };
    let counts = |entry: &CalendarEntry| of_rooms || part.has(site, entry);
    let times = calendar.shown_at(site.at).filter(|entry| counts(entry)).flat_map(|entry| {
        let track = &entry.id.track;
        let turns = site.board.contents().locations.contains_key(track).then(|| day_turns(site, entry.start));
        let turns = turns.into_iter().flatten().filter(|turn| *turn <= site.at);
        let described = site.board.described_at(track).filter(|_| part.has(site, entry));
        [Some(entry.changed_at), described].into_iter().flatten().chain(turns)
    });
    times.chain(calendar.last_gone(site.at, counts)).max()
}

/// When the date of a booking begins and ends: on it, a place that is today's is told.
fn day_turns(site: &Site, start: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
    let zone = site.board.contents().timezone.0;
    let date = start.with_timezone(&zone).date_naive();
    [Some(date), date.succ_opt()].into_iter().flatten().filter_map(move |date| midnight(zone, date))
}

/// One booking; nothing where a time lies beyond what the format can hold.
fn event(ical: &mut Ical, site: &Site, entry: &CalendarEntry, topic: Option<&Topic>) -> Option<()> {
    let (start, end, changed) = (time(entry.start)?, time(entry.end)?, time(entry.changed_at)?);
    let track = &entry.id.track;
    ical.begin("VEVENT");
    ical.raw("UID", Uid(&entry.id));
    ical.raw("DTSTAMP", &changed);
    ical.raw("LAST-MODIFIED", &changed);
    ical.raw("SEQUENCE", entry.sequence);
    ical.raw("DTSTART", start);
    // An event that ends as it starts has no end (section 3.8.2.2: the end is later than the start).
    if entry.end > entry.start {
        ical.raw("DTEND", end);
    }
    ical.text("SUMMARY", track);
    match place_today(site, entry) {
        Some(place) => ical.text("LOCATION", format_args!("{}, {}", isolated(place.as_str()), entry.room)),
        None => ical.text("LOCATION", &entry.room),
    }
    match entry.status {
        EntryStatus::Cancelled => ical.raw("STATUS", "CANCELLED"),
        EntryStatus::Confirmed => {
            ical.raw("STATUS", "CONFIRMED");
            let meeting = meeting_link(site, entry);
            if let Some(link) = &meeting {
                ical.raw("URL", link);
                ical.raw("CONFERENCE;VALUE=URI", link);
            }
            let description = description(site, track, meeting.as_ref(), topic);
            if !description.is_empty() {
                ical.text("DESCRIPTION", description);
            }
        }
    }
    ical.text("CATEGORIES", track.as_str());
    if let Some(color) = color_of(site, track) {
        ical.raw("COLOR", color);
    }
    ical.end("VEVENT");
    Some(())
}

/// The place that a track gave itself, which is told of its bookings of today.
fn place_today<'a>(site: &Site<'a>, entry: &CalendarEntry) -> Option<&'a Text> {
    let is_today = || site.board.today(site.at).is_some_and(|(day, _)| site.board.day_of(entry.slot()) == Some(day));
    let place = site.board.contents().locations.get(&entry.id.track)?;
    (entry.status == EntryStatus::Confirmed && is_today()).then_some(place)
}

/// The track's own link, else that of the room of this very booking.
pub(crate) fn meeting_link(site: &Site, entry: &CalendarEntry) -> Option<Href> {
    let contents = site.board.contents();
    let room = || contents.rooms.get(&entry.room)?.url.as_deref();
    Href::web(contents.urls.get(&entry.id.track).map(String::as_str).or_else(room)?)
}

fn description(site: &Site, track: &TrackName, meeting: Option<&Href>, topic: Option<&Topic>) -> String {
    let topic = topic.map(|topic| format!("Topic: {}", isolated(topic.text.as_str())));
    let meeting = meeting.map(|link| format!("Meeting: {link}"));
    let pad = pad_of(site, track).map(|link| format!("Etherpad: {link}"));
    [topic, meeting, pad].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn color_of(site: &Site, track: &TrackName) -> Option<&'static str> {
    Some(nearest_name(Color::parse(site.board.contents().colors.get(track)?)?))
}

/// To which booking each current topic belongs: one of its track's, so that a topic is not told for the whole
/// week. It is the one that ran when the topic was announced, else the next one, else the last one before; those
/// of the same day go first. A topic whose time is unknown counts as announced now.
struct Topics<'a> {
    site: &'a Site<'a>,
    best: HashMap<&'a TrackName, Fit>,
}

/// How well a booking fits a topic; the least fits best: another day, another time, how far away.
type Fit = (bool, u8, i64);

impl<'a> Topics<'a> {
    /// All bookings of a track count, also those that this calendar leaves out.
    fn of(site: &'a Site<'a>, tracks: &HashSet<&TrackName>) -> Self {
        let mut topics = Self { site, best: HashMap::new() };
        let entries = site.board.calendar().shown_at(site.at);
        for entry in entries.filter(|entry| tracks.contains(&entry.id.track)) {
            if let Some((_, fit)) = topics.fit(entry) {
                topics.best.entry(&entry.id.track).and_modify(|best| *best = fit.min(*best)).or_insert(fit);
            }
        }
        topics
    }

    /// The topic, if it belongs to this booking (or to one beside it in the same slot).
    fn told_by(&self, entry: &CalendarEntry) -> Option<&'a Topic> {
        let (topic, fit) = self.fit(entry)?;
        (self.best.get(&entry.id.track) == Some(&fit)).then_some(topic)
    }

    fn fit(&self, entry: &CalendarEntry) -> Option<(&'a Topic, Fit)> {
        let board = self.site.board;
        let topic = board.contents().now.get(&entry.id.track).filter(|_| entry.status == EntryStatus::Confirmed)?;
        let since = topic.since.unwrap_or(self.site.at);
        let other_day = board.day_of(entry.slot()) != board.today(since).map(|(name, _)| name);
        let fit = if entry.end <= since {
            (other_day, 2, -entry.end.timestamp())
        } else if entry.start > since {
            (other_day, 1, entry.start.timestamp())
        } else {
            (other_day, 0, entry.start.timestamp())
        };
        Some((topic, fit))
    }
}

/// The identity of a booking, the same in every calendar and after every move to another room. Distinct
/// bookings have distinct identities: `_` separates the parts and is encoded inside them.
pub(crate) struct Uid<'a>(pub(crate) &'a CalendarEntryId);

impl fmt::Display for Uid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CalendarEntryId { event, track, slot, number } = self.0;
        for part in [event.as_str(), track.as_str(), slot.as_str()] {
            let part = Encoded(part).to_string().replace('_', "%5F");
            write!(f, "{part}_")?;
        }
        write!(f, "{number}@ptgbot")
    }
}

fn utc_zone(ical: &mut Ical) {
    ical.begin("VTIMEZONE");
    ical.raw("TZID", "Etc/UTC");
    ical.begin("STANDARD");
    ical.raw("DTSTART", "19700101T000000");
    ical.raw("TZOFFSETFROM", "+0000");
    ical.raw("TZOFFSETTO", "+0000");
    ical.raw("TZNAME", "UTC");
    ical.end("STANDARD");
    ical.end("VTIMEZONE");
}

/// How often readers are asked to look.
const REFRESH: &str = "PT15M";
