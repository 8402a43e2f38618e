//! The board's page: what is on, what comes, where, and how to take part.

use super::commands::{Chapter, chapters};
use super::filter::Filter;
use super::subscribe::Subscribe;
use super::{NEVER_FAILS, Pads, Page};
use crate::clock::{Clock, Stamp, iso};
use crate::link::{Given, Href};
use crate::meetings::{Meeting, Meetings, Standing};
use crate::people::People;
use crate::schedule::{self, Cell, Day};
use crate::site::Site;
use askama::Template;
use ptgbot_core::{Motd, RoomName, SlotName, Text, TrackName};
use std::collections::HashMap;

/// `index.html`
#[derive(Template)]
#[template(path = "board.html", whitespace = "minimize")]
pub(crate) struct BoardPage<'a> {
    page: Page<'a>,
    filter: Filter<'a>,
    motd: &'a [Motd],
    /// The slots that run (one may have begun yesterday), and the next one of the event.
    running: Vec<RunningSlot<'a>>,
    upcoming: Option<UpcomingSlot<'a>>,
    now: Vec<NowCard<'a>>,
    next: Vec<NextCard<'a>>,
    days: Vec<Day<'a>>,
    tracks: Vec<TrackRow<'a>>,
    places: Vec<(&'a str, Vec<&'a str>)>,
    subscribe: Subscribe,
    chapters: [Chapter; 3],
}

/// A slot that is on.
struct RunningSlot<'a> {
    name: &'a SlotName,
    start: String,
    end: Stamp,
}

/// The slot that comes.
struct UpcomingSlot<'a> {
    name: &'a SlotName,
    start: Stamp,
    held: Vec<(&'a RoomName, &'a TrackName)>,
}

/// What a track discusses.
struct NowCard<'a> {
    track: &'a TrackName,
    topic: &'a Text,
    since: Option<Stamp>,
    age: Age,
    place: Option<&'a str>,
    /// A word about the place: `Level 2`.
    note: Option<&'a str>,
    meeting: Option<Given<'a>>,
    pad: Option<Href>,
    people: Vec<&'a str>,
}

/// Whether a card is of the past.
enum Age {
    Current,
    /// Its slot ended then.
    SlotOver(Stamp),
    EarlierDay,
}

/// What a track will discuss.
struct NextCard<'a> {
    track: &'a TrackName,
    topics: &'a [Text],
    meets: Option<Meets<'a>>,
}

/// When a track meets again, and where.
struct Meets<'a> {
    start: Stamp,
    room: &'a RoomName,
}

/// Everything that belongs to a track.
struct TrackRow<'a> {
    track: &'a TrackName,
    place: Option<&'a str>,
    meets: Option<Meets<'a>>,
    meeting: Option<Given<'a>>,
    pad: Option<Href>,
    people: usize,
}

impl<'a> BoardPage<'a> {
    pub(crate) fn new(site: &Site<'a>, path: &'a str) -> Self {
        let (board, at) = (site.board, site.at);
        let contents = board.contents();
        let clock = Clock::new(contents.timezone.0);
        let people = People::of(board);
        let meetings = Meetings::of(board);
        let pads = Pads::of(site);
        // Many tracks share few slots and rooms: each start is printed, and each link read, once.
        let (mut starts, mut links) = (HashMap::new(), HashMap::new());
        let mut meets = |track: &TrackName| {
            let Meeting { start, room, .. } = meetings.next(track, at)?;
            Some(Meets { start: starts.entry(start).or_insert_with(|| clock.day_time(start)).clone(), room })
        };
        let mut meeting = |track: &TrackName| {
            let link = board.meeting_link(track, at)?;
            Some(links.entry(link).or_insert_with(|| Given::web(link)).clone())
        };
        let mut now: Vec<_> = contents
            .now
            .iter()
            .map(|(track, topic)| NowCard {
                track,
                topic: &topic.text,
                since: topic.since.map(|since| clock.day_time(since)),
                age: topic.since.map_or(Age::Current, |since| Age::of(meetings.standing(track, since, at), clock)),
                place: board.place_of(track, at),
                note: board.place_of(track, at).and_then(|place| contents.rooms.get(place)?.desc.as_deref()),
                meeting: meeting(track),
                pad: pads.pad(track),
                people: people.at_track(track),
            })
            .filter(|card| site.shows(card.track) && shows_place(site, card.place))
            .collect();
        now.sort_by_key(|card| !card.is_current());
        let next = contents.next.iter().filter(|(track, _)| site.shows(track));
        let next = next.filter(|(track, _)| shows_place(site, board.place_of(track, at)));
        let next = next.map(|(track, topics)| NextCard { track, topics, meets: meets(track) }).collect();
        let tracks = contents.tracks.iter().filter(|track| site.shows(track)).map(|track| TrackRow {
            track,
            place: board.place_of(track, at),
            meets: meets(track),
            meeting: meeting(track),
            pad: pads.pad(track),
            people: people.at_track(track).len(),
        });
        let running = contents.days.values().flatten().filter(|slot| slot.runs_at(at));
        let running = running.filter_map(|slot| Some((slot, slot.span()?)));
        Self {
            page: Page::new(site, path),
            filter: Filter::of(site),
            motd: &contents.motd,
            running: running
                .map(|(slot, (start, end))| RunningSlot { name: &slot.name, start: iso(start), end: clock.time(end) })
                .collect(),
            upcoming: schedule::upcoming(board, at).map(|(slot, start)| {
                let today = board.today(at).is_some_and(|(_, slots)| slots.iter().any(|other| other.name == slot.name));
                let start = if today { clock.time(start) } else { clock.date_time(start) };
                let held = schedule::held(board, slot);
                let held = held.filter(|(room, track)| site.shows(track) && site.shows_room(room));
                UpcomingSlot { name: &slot.name, start, held: held.collect() }
            }),
            now,
            next,
            days: schedule::days(site),
            tracks: tracks.filter(|row| shows_place(site, row.place)).collect(),
            places: people.into_places(site),
            subscribe: Subscribe::to(site),
            chapters: chapters(contents.moderation),
        }
    }

    pub(crate) fn render(&self) -> String {
        Template::render(self).expect(NEVER_FAILS)
    }
}

impl NowCard<'_> {
    fn is_current(&self) -> bool {
        match self.age {
            Age::Current => true,
            Age::SlotOver(_) | Age::EarlierDay => false,
        }
    }
}

impl Age {
    fn of(standing: Standing, clock: Clock) -> Self {
        match standing {
            Standing::Current => Self::Current,
            Standing::SlotOver(end) => Self::SlotOver(clock.day_time(end)),
            Standing::EarlierDay => Self::EarlierDay,
        }
    }
}

/// True when the view leaves in what is at this place.
fn shows_place(site: &Site, place: Option<&str>) -> bool {
    site.view.room.is_none() || site.only_room().is_some_and(|room| place == Some(room.as_str()))
}
