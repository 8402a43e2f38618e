//! Calendars: the bookings of all tracks, of some, or of a room (SPEC section 8; RFC 5545, RFC 7986).
//!
//! There is no `METHOD`: with `PUBLISH` each event would need an `ORGANIZER` (RFC 5546 section 3.2.1), and a
//! feed that is subscribed to needs neither. A calendar without events carries a `VTIMEZONE` for UTC, because
//! the grammar asks for at least one component and strict readers refuse a calendar without; nobody shows it.

use crate::clock::ical as time;
use crate::color_name::nearest_name;
use crate::ical::Ical;
use crate::link::{Encoded, Href, absolute};
use crate::page::pad_of;
use crate::site::Site;
use ptgbot_core::{Color, Entry, EntryId, RoomName, Status, Topic, TrackName};
use std::collections::{HashMap, HashSet};
use std::fmt;

/// `ptg.ics`, of what the site's view leaves in.
pub(crate) fn of_view(site: &Site) -> String {
    let tracks: Vec<_> = site.view.tracks.iter().map(ToString::to_string).collect();
    let room = site.only_room().map(RoomName::as_str);
    let parts: Vec<_> = tracks.iter().map(String::as_str).chain(room).collect();
    let only = site.view.tracks.iter().next().filter(|_| tracks.len() == 1);
    let shown = |entry: &Entry| site.shows(&entry.id.track) && site.shows_room(&entry.room);
    calendar(site, &parts.join(", "), &site.address("ptg.ics"), only, shown)
}

/// `{track}.ics`
pub(crate) fn of_track(site: &Site, track: &TrackName) -> String {
    let path = format!("{}.ics", track.as_str());
    calendar(site, &track.to_string(), &path, Some(track), |entry| entry.id.track == *track)
}

/// `room/{slug}.ics`
pub(crate) fn of_room(site: &Site, room: &RoomName, path: &str) -> String {
    calendar(site, room.as_str(), path, None, |entry| entry.room == *room)
}

/// `part` says what of the event it is; empty for all of it.
fn calendar(
    site: &Site,
    part: &str,
    path: &str,
    only: Option<&TrackName>,
    is_shown: impl Fn(&Entry) -> bool,
) -> String {
    let name = match (part, site.board.contents().event_id.as_str()) {
        ("", "") => "Event board".to_owned(),
        (part, "") => part.to_owned(),
        ("", event) => event.to_owned(),
        (part, event) => format!("{part} · {event}"),
    };
    let shown: Vec<_> = site.board.calendar().shown_at(site.at).filter(|entry| is_shown(entry)).collect();
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
    if let Some(color) = only.and_then(|track| color_of(site, track)) {
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

/// One booking; nothing where a time lies beyond what the format can hold.
fn event(ical: &mut Ical, site: &Site, entry: &Entry, topic: Option<&Topic>) -> Option<()> {
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
    ical.text("LOCATION", &entry.room);
    match entry.status {
        Status::Cancelled => ical.raw("STATUS", "CANCELLED"),
        Status::Confirmed => {
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

/// The track's own link, else that of the room of this very booking.
pub(crate) fn meeting_link(site: &Site, entry: &Entry) -> Option<Href> {
    let contents = site.board.contents();
    let room = || contents.rooms.get(&entry.room)?.url.as_deref();
    Href::web(contents.urls.get(&entry.id.track).map(String::as_str).or_else(room)?)
}

fn description(site: &Site, track: &TrackName, meeting: Option<&Href>, topic: Option<&Topic>) -> String {
    let topic = topic.map(|topic| format!("Topic: {}", topic.text));
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
    fn told_by(&self, entry: &Entry) -> Option<&'a Topic> {
        let (topic, fit) = self.fit(entry)?;
        (self.best.get(&entry.id.track) == Some(&fit)).then_some(topic)
    }

    fn fit(&self, entry: &Entry) -> Option<(&'a Topic, Fit)> {
        let board = self.site.board;
        let topic = board.contents().now.get(&entry.id.track).filter(|_| entry.status == Status::Confirmed)?;
        let since = topic.since.unwrap_or(self.site.at);
        let other_day = board.day_of(&entry.id.slot) != board.today(since).map(|(name, _)| name);
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
pub(crate) struct Uid<'a>(pub(crate) &'a EntryId);

impl fmt::Display for Uid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EntryId { event, track, slot, number } = self.0;
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
