//! The board's page: what is on, what comes, where, and how to take part.

use super::commands::{Chapter, chapters};
use super::{NEVER_FAILS, Page, pad_of};
use crate::clock::{Clock, Stamp};
use crate::link::{Given, Href};
use crate::people::People;
use crate::schedule::{self, Day, Phase};
use crate::site::Site;
use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};
use ptgbot_core::{Board, Booking, Motd, RoomName, Slot, Text, TrackName};
use std::collections::HashMap;

/// `index.html`
#[derive(Template)]
#[template(path = "board.html", whitespace = "minimize")]
pub(crate) struct BoardPage<'a> {
    page: Page<'a>,
    motd: &'a [Motd],
    now: Vec<NowCard<'a>>,
    next: Vec<NextCard<'a>>,
    /// The slots that run (one may have begun yesterday), and the first that comes today.
    running: Vec<&'a Slot>,
    upcoming: Option<(&'a Slot, Stamp)>,
    days: Vec<Day<'a>>,
    /// A track and a free slot that it could book: an example that works.
    example: Option<Example<'a>>,
    tracks: Vec<TrackRow<'a>>,
    places: Vec<(&'a str, Vec<&'a str>)>,
    chapters: [Chapter; 3],
}

/// What a track discusses.
struct NowCard<'a> {
    track: &'a TrackName,
    topic: &'a Text,
    since: Option<Stamp>,
    /// The slot in which it was announced is over since then.
    over: Option<Stamp>,
    place: Option<&'a str>,
    meeting: Option<Given<'a>>,
    pad: Option<Href>,
    people: Vec<&'a str>,
}

/// What a track will discuss.
struct NextCard<'a> {
    track: &'a TrackName,
    topics: &'a [Text],
}

/// Everything that belongs to a track.
struct TrackRow<'a> {
    track: &'a TrackName,
    place: Option<&'a str>,
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
        let spans = spans(board);
        let pad = |track: &TrackName| pad_of(site, track);
        let mut now: Vec<_> = contents
            .now
            .iter()
            .map(|(track, topic)| NowCard {
                track,
                topic: &topic.text,
                since: topic.since.map(|since| clock.day_time(since)),
                over: topic
                    .since
                    .and_then(|since| over_since(spans.get(track)?, since, at))
                    .map(|end| clock.day_time(end)),
                place: board.place_of(track, at),
                meeting: board.meeting_link(track, at).map(Given::web),
                pad: pad(track),
                people: people.at_track(track),
            })
            .collect();
        now.sort_by_key(|card| card.over.is_some());
        let today = board.today(at).map(|(_, slots)| slots).unwrap_or_default();
        let days = schedule::days(board, at);
        let tracks = contents.tracks.iter().map(|track| TrackRow {
            track,
            place: board.place_of(track, at),
            meeting: board.meeting_link(track, at).map(Given::web),
            pad: pad(track),
            people: people.at_track(track).len(),
        });
        Self {
            page: Page::new(site, path),
            motd: &contents.motd,
            now,
            next: contents.next.iter().map(|(track, topics)| NextCard { track, topics }).collect(),
            running: contents.days.values().flatten().filter(|slot| slot.runs_at(at)).collect(),
            upcoming: schedule::upcoming(today, clock, at),
            example: contents.tracks.first().and_then(|track| example(track, &days)),
            days,
            tracks: tracks.collect(),
            places: people.into_places(),
            chapters: chapters(contents.moderation),
        }
    }

    pub(crate) fn render(&self) -> String {
        Template::render(self).expect(NEVER_FAILS)
    }
}

/// `#swift book Ballroom A-MonA1`
type Example<'a> = (&'a TrackName, &'a RoomName, &'a str);

fn example<'a>(track: &'a TrackName, days: &[Day<'a>]) -> Option<Example<'a>> {
    let slots = days.iter().flat_map(|day| &day.slots).filter(|slot| slot.phase != Phase::Past);
    let mut free = slots.filter_map(|slot| {
        let cell = slot.rooms.iter().find(|cell| cell.holder.is_none())?;
        Some((track, cell.room, slot.name))
    });
    free.next()
}

type Spans<'a> = HashMap<&'a TrackName, Vec<(DateTime<Utc>, DateTime<Utc>)>>;

/// When each track with a topic meets.
fn spans(board: &Board) -> Spans<'_> {
    let contents = board.contents();
    let mut spans = Spans::new();
    for room in contents.rooms.values() {
        for (slot, booking) in &room.bookings {
            let Some(track) = Booking::holder(booking).filter(|track| contents.now.contains_key(*track)) else {
                continue;
            };
            if let Some(span) = board.slot(slot).and_then(Slot::span) {
                spans.entry(track).or_default().push(span);
            }
        }
    }
    spans
}

/// Since when a topic is of the past: the end of the last slot since it was announced, unless the track is
/// meeting and the topic may still be meant.
fn over_since(
    spans: &[(DateTime<Utc>, DateTime<Utc>)],
    since: DateTime<Utc>,
    at: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let meant = |(start, end): &(DateTime<Utc>, DateTime<Utc>)| *start <= at && at < *end && *start - since < OVERNIGHT;
    if spans.iter().any(meant) {
        return None;
    }
    spans.iter().map(|(_, end)| *end).filter(|end| since < *end && *end <= at).max()
}

/// A topic that was announced so long before a slot began is not that slot's.
const OVERNIGHT: TimeDelta = TimeDelta::hours(12);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_over_when_its_slot_is_and_the_next_one_of_the_day_revives_it() {
        let time = |text: &str| format!("2026-10-{text}:00Z").parse::<DateTime<Utc>>().expect("a time");
        let spans = [
            (time("19T09:00"), time("19T10:00")),
            (time("19T11:00"), time("19T12:00")),
            (time("20T09:00"), time("20T10:00")),
        ];
        let over = |at: &str| over_since(&spans, time("19T09:05"), time(at));
        assert_eq!(over("19T09:30"), None);
        assert_eq!(over("19T10:30"), Some(time("19T10:00")));
        assert_eq!(over("19T11:30"), None);
        assert_eq!(over("20T09:30"), Some(time("19T12:00")));
    }
}
