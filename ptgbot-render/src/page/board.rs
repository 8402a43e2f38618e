//! The board's page: what is on, what comes, where, and how to take part.

mod meets;
mod next;
mod now;
mod timetable;
mod tracks;

use super::commands::{Chapter, chapters};
use super::filter::Filter;
use super::message::{MotdMessage, messages};
use super::subscribe::Subscribe;
use super::{NEVER_FAILS, Page};
use crate::clock::{WallClock, iso};
use crate::folded::Folded;
use crate::link::{Encoded, UserLink};
use crate::meetings::{Meetings, TopicStanding};
use crate::pad::Pads;
use crate::people::{People, PlaceRow};
use crate::schedule::{self, Cell, EventProgress};
use crate::segment::segments;
use crate::site::Site;
use askama::Template;
use meets::{Meets, MeetsWhen};
use next::NextCard;
use now::{NowCard, RunningSlot, TopicAge, UpcomingSlot};
use ptgbot_core::{Text, Topic, TrackName};
use std::collections::HashMap;
use timetable::Timetable;
use tracks::{TrackRow, fold_rows};

/// `index.html`
#[derive(Template)]
#[template(path = "board.html", whitespace = "minimize")]
pub(crate) struct BoardPage<'a> {
    page: Page<'a>,
    filter: Filter<'a>,
    motd: Vec<MotdMessage<'a>>,
    /// The slots that run (one may have begun yesterday), and the next one of the event.
    running: Vec<RunningSlot<'a>>,
    upcoming: Option<UpcomingSlot<'a>>,
    progress: EventProgress,
    now: Folded<NowCard<'a>>,
    /// Topics of earlier days that nobody has cleared.
    earlier: Folded<NowCard<'a>>,
    next: Folded<NextCard<'a>>,
    timetable: Timetable<'a>,
    tracks: Vec<TrackRow<'a>>,
    /// The tracks of a long list that nothing is to be told of but their names.
    other_tracks: Vec<&'a TrackName>,
    places: Folded<PlaceRow<'a>>,
    subscribe: Subscribe,
    chapters: [Chapter; 3],
}

impl<'a> BoardPage<'a> {
    pub(crate) fn new(site: &Site<'a>, path: &'a str) -> Self {
        let (board, at) = (site.board, site.at);
        let contents = board.contents();
        let clock = WallClock::new(contents.timezone.0);
        let people = People::of(board);
        let meetings = Meetings::of(board);
        let pads = Pads::of(site);
        // Many tracks share few slots and rooms: each time is printed, and each link read, once.
        let (mut times, mut links) = (HashMap::new(), HashMap::new());
        let mut meets = |track: &TrackName| {
            let meeting = meetings.nearest(track, at)?;
            let runs = meeting.runs_at(at);
            let time = if runs { meeting.end } else { meeting.start };
            let when = times.entry((time, runs)).or_insert_with(|| {
                if runs { MeetsWhen::Now(clock.time(time)) } else { MeetsWhen::At(clock.day_time(time)) }
            });
            Some(Meets { when: when.clone(), room: meeting.room })
        };
        let mut meeting = |track: &TrackName| {
            let link = board.meeting_link(track, at)?;
            Some(links.entry(link).or_insert_with(|| UserLink::web(link)).clone())
        };
        let standing = |track: &TrackName, topic: &Topic| match topic.since {
            Some(since) => meetings.standing(track, since, at),
            None => TopicStanding::Current,
        };
        let mut topics: Vec<_> = contents
            .now
            .iter()
            .filter(|(track, _)| site.shows(track) && shows_place(site, board.place_of(track, at)))
            .map(|(track, topic)| (track, topic, standing(track, topic)))
            .collect();
        topics.sort_by_key(|(.., standing)| *standing != TopicStanding::Current);
        let (earlier, now): (Vec<_>, Vec<_>) =
            topics.into_iter().partition(|(.., standing)| matches!(standing, TopicStanding::EarlierDay(_)));
        let mut card = |(track, topic, standing): (&'a TrackName, &'a Topic, TopicStanding)| NowCard {
            track,
            topic: segments(topic.text.as_str(), board),
            since: topic.since.map(|since| clock.day_time(since)),
            age: TopicAge::of(standing, clock),
            place: board.place_of(track, at),
            note: board.place_of(track, at).and_then(|place| contents.rooms.get(place)?.desc.as_deref()),
            meeting: meeting(track),
            pad: pads.pad(track),
            people: people.at_track(track),
        };
        let now = Folded::first(MOST_CARDS, now.into_iter(), &mut card);
        let earlier = Folded::first(MOST_CARDS, earlier.into_iter(), &mut card);
        let next = contents.next.iter().filter(|(track, _)| site.shows(track));
        let next = next.filter(|(track, _)| shows_place(site, board.place_of(track, at)));
        let next = Folded::first(MOST_CARDS, next, |(track, topics)| NextCard {
            track,
            topics: Folded::first(MOST_TOPICS, topics.iter(), |topic: &Text| segments(topic.as_str(), board)),
            meets: meets(track),
        });
        let tracks = contents.tracks.iter().filter(|track| site.shows(track));
        let tracks = tracks.filter(|track| shows_place(site, board.place_of(track, at)));
        let rows = tracks.map(|track| TrackRow {
            track,
            place: board.place_of(track, at),
            meets: meets(track),
            meeting: meeting(track),
            pad: pads.pad(track),
            people: people.count_at(track),
        });
        let (tracks, other_tracks) = fold_rows(rows.collect());
        let running = contents.days.values().flatten().filter(|slot| slot.runs_at(at));
        let running = running.filter_map(|slot| Some((slot, slot.span()?)));
        Self {
            page: Page::new(site, path),
            filter: Filter::of(site),
            motd: messages(board),
            running: running
                .map(|(slot, (start, end))| RunningSlot { name: &slot.name, start: iso(start), end: clock.time(end) })
                .collect(),
            upcoming: schedule::upcoming(board, at).map(|(slot, start)| {
                let today = board.today(at).is_some_and(|(_, slots)| slots.iter().any(|other| other.name == slot.name));
                let start = if today { clock.time(start) } else { clock.date_time(start) };
                let held = schedule::held(board, slot);
                let held = held.filter(|(room, track)| site.shows(track) && site.shows_room(room));
                UpcomingSlot { name: &slot.name, start, held: Folded::first(MOST_HELD, held, |pair| pair) }
            }),
            progress: EventProgress::of(board, at),
            now,
            earlier,
            next,
            timetable: Timetable::of(site, &pads),
            tracks,
            other_tracks,
            places: people.places(site),
            subscribe: Subscribe::to(site),
            chapters: chapters(contents.moderation),
        }
    }

    pub(crate) fn render(&self) -> String {
        Template::render(self).expect(NEVER_FAILS)
    }

    /// True when topics stand as the last ones, for nothing is on.
    fn shows_last_topics(&self) -> bool {
        self.running.is_empty() && !self.now.is_empty() && !self.now.shown.iter().any(NowCard::is_current)
    }

    /// Where a mention of a track leads.
    fn address_of(&self, track: &TrackName) -> String {
        let is_here = self.filter.tracks.is_empty() || self.filter.tracks.contains(&track);
        format!("{}#{}", if is_here { "" } else { "index.html" }, track.as_str())
    }
}

/// True when the view leaves in what is at this place.
fn shows_place(site: &Site, place: Option<&str>) -> bool {
    site.view.room.is_none() || site.only_room().is_some_and(|room| place == Some(room.as_str()))
}

/// The most topics that have a card.
const MOST_CARDS: usize = 100;
/// The most topics of one track on its card.
const MOST_TOPICS: usize = 10;
/// The most meetings that are named of the next slot.
const MOST_HELD: usize = 40;
