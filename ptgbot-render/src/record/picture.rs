//! A day as a picture: rooms down, time across, the discussions in the colours of their tracks.
//!
//! The picture stands for itself: its colours are attributes, for the strict policy of the site forbids a style within it,
//! and it lies on a sheet of its own, so that it can be read on a light page as on a dark one.

use super::day::RecordDay;
use super::entry::EntryTime;
use super::lanes::Lanes;
use super::{clock, date_name};
use crate::badge::{Badge, badge_of};
use crate::page::NEVER_FAILS;
use crate::site::Site;
use crate::text_width::cut;
use crate::xml::Xml;
use askama::Template;
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use ptgbot_core::{Discussion, TrackName, isolated};
use std::collections::{BTreeMap, HashMap};

/// `record/2026-10-19.svg`
#[derive(Template)]
#[template(path = "record/day.svg", whitespace = "minimize")]
pub(super) struct Picture {
    title: Xml<String>,
    about: Xml<String>,
    pub(super) width: i64,
    pub(super) height: i64,
    hours: Vec<Hour>,
    rows: Vec<Row>,
}

/// A line at the beginning of an hour.
struct Hour {
    x: i64,
    label: String,
}

/// A room, another place, or a track that had no place.
struct Row {
    y: i64,
    height: i64,
    name: Xml<String>,
    /// As much of the name as there is room for.
    label: Xml<String>,
    blocks: Vec<Block>,
}

/// A discussion.
struct Block {
    x: i64,
    y: i64,
    width: i64,
    badge: Badge,
    goes_on: bool,
    /// All that there is to tell.
    whole: Xml<String>,
    /// As much of track and topic as there is room for.
    track: Option<Xml<String>>,
    topic: Option<Xml<String>>,
}

/// What a row stands for, in the order in which rows stand: the rooms as in the programme, other places, and the tracks
/// that had none.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum RowName<'a> {
    Room(usize),
    Place(&'a str),
    Track(&'a TrackName),
}

impl Picture {
    pub(super) fn of<'a>(site: &Site, day: &RecordDay<'a>) -> Self {
        let scale = Scale::of(site, day);
        let rooms = &site.board.contents().rooms;
        let mut rows = BTreeMap::<_, Vec<&'a Discussion>>::new();
        for one in &day.discussions {
            let name = match one.place.as_deref() {
                Some(place) => rooms.get_index_of(place).map_or(RowName::Place(place), RowName::Room),
                None => RowName::Track(&one.track),
            };
            rows.entry(name).or_default().push(one);
        }
        let mut drawn = Vec::with_capacity(rows.len());
        let mut badges = HashMap::new();
        let mut y = HEAD;
        for (name, discussions) in rows {
            let name = match name {
                RowName::Room(place) => rooms.get_index(place).map_or_else(String::new, |(room, _)| room.to_string()),
                RowName::Place(place) => place.to_owned(),
                RowName::Track(track) => track.to_string(),
            };
            let row = Row::of(site, &scale, &mut badges, y, &name, &discussions);
            y += row.height;
            drawn.push(row);
        }
        let event = match site.board.contents().event_id.as_str() {
            "" => String::new(),
            event => format!("{}: ", isolated(event)),
        };
        Self {
            title: Xml(site.titled(format!("{event}{}", date_name(day.date)))),
            about: Xml(format!(
                "Rooms down, time across, in {}: {}. The page {}.html tells the same as a table.",
                site.board.contents().timezone.0.name(),
                day.extent(),
                day.date
            )),
            width: scale.end_x() + MARGIN,
            height: y + MARGIN,
            hours: scale.hours(site),
            rows: drawn,
        }
    }

    pub(super) fn render(&self) -> String {
        Template::render(self).expect(NEVER_FAILS) + "\n"
    }
}

impl Row {
    fn of<'a>(
        site: &Site,
        scale: &Scale,
        badges: &mut HashMap<&'a TrackName, Badge>,
        y: i64,
        name: &str,
        discussions: &[&'a Discussion],
    ) -> Self {
        let mut lanes = Lanes::default();
        let block = |one: &&'a Discussion| {
            let x = scale.x(one.from);
            let width = (scale.x(one.until()) - x).max(NARROWEST);
            let y = y + GAP + LANE * lanes.take(&one.track, x, x + width);
            let badge = badges.entry(&one.track).or_insert_with(|| badge_of(site.board, &one.track)).clone();
            Block::of(site, one, badge, [x, y, width])
        };
        let blocks = discussions.iter().map(block).collect();
        Self {
            y,
            height: LANE * lanes.count() + 2 * GAP,
            name: Xml(isolated(name).into_owned()),
            label: Xml(shortened(name, LABEL - 2 * INSET).unwrap_or_default()),
            blocks,
        }
    }
}

impl Block {
    fn of(site: &Site, one: &Discussion, badge: Badge, [x, y, width]: [i64; 3]) -> Self {
        let when = EntryTime::of(one, clock(site), site.at);
        let place = one.place.as_ref().map(|place| format!(", {}", isolated(place))).unwrap_or_default();
        let topic = one.topic.as_str();
        let room = width - 2 * INSET;
        Self {
            x,
            y,
            width,
            badge,
            goes_on: matches!(when, EntryTime::Since(_)),
            whole: Xml(format!("{}, {}{place}: {}", one.track, when.text(), isolated(topic))),
            track: shortened(&one.track.to_string(), room).map(Xml),
            topic: shortened(topic, room).map(Xml),
        }
    }
}

/// The way from times to places.
struct Scale {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    /// How wide an hour is.
    hour: i64,
}

impl Scale {
    /// From the beginning of the hour in which the first discussion began to the end of that in which the last one ends;
    /// what goes on deep into the next day ends at the edge.
    fn of(site: &Site, day: &RecordDay) -> Self {
        let zone = site.board.contents().timezone;
        let whole = |time: DateTime<Utc>| {
            let local = time.with_timezone(&zone.0);
            time - TimeDelta::seconds(i64::from(local.minute() * 60 + local.second()))
                - TimeDelta::nanoseconds(i64::from(local.nanosecond()))
        };
        let first = day.discussions.first().map_or(site.at, |one| one.from);
        let last = day.discussions.iter().map(|one| one.until()).max().unwrap_or(first);
        let last = last.min(zone.end_of_day(first) + LONGEST_NIGHT);
        let start = whole(first);
        let end = (whole(last - TimeDelta::nanoseconds(1)) + TimeDelta::hours(1)).max(start + TimeDelta::hours(1));
        let hours = (end - start).num_hours().max(1);
        Self { start, end, hour: (WIDTH / hours).clamp(NARROWEST_HOUR, WIDEST_HOUR) }
    }

    fn x(&self, time: DateTime<Utc>) -> i64 {
        LABEL + (time.clamp(self.start, self.end) - self.start).num_seconds() * self.hour / 3600
    }

    fn end_x(&self) -> i64 {
        self.x(self.end)
    }

    fn hours(&self, site: &Site) -> Vec<Hour> {
        let starts = (0..).map(|hour| self.start + TimeDelta::hours(hour)).take_while(|time| *time < self.end);
        starts.map(|time| Hour { x: self.x(time), label: clock(site).time(time).text }).collect()
    }
}

/// As much of a text as there is room for; nothing where that says nothing.
fn shortened(text: &str, width: i64) -> Option<String> {
    cut(text, width * 10 / LETTERS).map(|cut| isolated(&cut).into_owned())
}

/// The size of the letters. All numbers here are in units of the picture.
const LETTERS: i64 = 12;
/// The head with the hours, and what is left free at the edges.
const HEAD: i64 = 30;
const MARGIN: i64 = 8;
/// What a room's name may take.
const LABEL: i64 = 170;
/// What is free beside letters.
const INSET: i64 = 6;
/// A lane of a row, and what is free above and below.
const LANE: i64 = 38;
const GAP: i64 = 4;
/// What all hours take together, as far as none of them is too narrow or too wide then.
const WIDTH: i64 = 1920;
const NARROWEST_HOUR: i64 = 160;
const WIDEST_HOUR: i64 = 480;
/// A discussion that was over at once can still be seen.
const NARROWEST: i64 = 4;
/// How much of the next day is shown at most.
const LONGEST_NIGHT: TimeDelta = TimeDelta::hours(6);
