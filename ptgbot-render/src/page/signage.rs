//! The screen on the wall: what is on and what follows in every room, a row a room, readable from five metres.

use super::filter::Filter;
use super::message::{MotdMessage, messages};
use super::{NEVER_FAILS, Page};
use crate::clock::{SlotTime, Stamp, WallClock};
use crate::folded::Folded;
use crate::meetings::Meetings;
use crate::room_slug::slugs;
use crate::schedule::{Phase, upcoming};
use crate::segment::{Segment, segments};
use crate::site::{Host, Site};
use askama::Template;
use ptgbot_core::{Mention, Mentions, Room, RoomName, Slot, SlotName, Text, Topic, TopicStanding, TrackName};

/// `signage.html`
#[derive(Template)]
#[template(path = "signage.html", whitespace = "minimize")]
pub(crate) struct SignagePage<'a> {
    page: Page<'a>,
    filter: Filter<'a>,
    day: Option<&'a str>,
    motd: Vec<MotdMessage<'a>>,
    /// The slots that run and those to come, so that the screen goes on by itself.
    line: Vec<LineSlot<'a>>,
    /// Where somebody meets today, in the programme's order; then the other places of tracks, then the rooms that
    /// nobody has today. What runs at the moment moves nothing: a room is found where it stood.
    rows: Folded<WallRow<'a>>,
}

/// What has a row on the screen.
enum WallRow<'a> {
    Room(RoomCard<'a>),
    Place(PlaceCard<'a>),
}

/// A slot in the line that says what runs and what comes next.
struct LineSlot<'a> {
    name: &'a SlotName,
    start: Stamp,
    end: Stamp,
    runs: bool,
    /// True for the one that comes first.
    is_next: bool,
}

/// One room with its slots of today.
struct RoomCard<'a> {
    room: &'a RoomName,
    slug: String,
    desc: Option<&'a str>,
    slots: Vec<RoomSlot<'a>>,
    /// True when somebody meets here today.
    held: bool,
    /// Who meets here first after today, and when.
    later: Option<(Stamp, &'a [TrackName])>,
}

/// One slot of a room.
struct RoomSlot<'a> {
    name: &'a SlotName,
    when: SlotTime<'a>,
    /// From when until when it is, unless it is over.
    span: Option<(Stamp, Stamp)>,
    phase: Phase,
    /// Who meets there, in the order in which they came; nobody where it is free.
    holders: Vec<SlotHolder<'a>>,
}

/// A track that holds a slot of a room.
struct SlotHolder<'a> {
    track: &'a TrackName,
    /// Where it meets instead.
    instead: Option<&'a Text>,
    /// What it discusses, while the slot runs.
    topic: Option<Vec<Segment<'a>>>,
    /// A topic of another track that names it, while the slot runs and unless that track is here, too, or it was told of another that is.
    also: Option<WallMention<'a>>,
}

/// A topic that names another track, as it is shown there.
struct WallMention<'a> {
    by: &'a TrackName,
    place: Option<&'a str>,
    topic: Vec<Segment<'a>>,
}

/// A track that discusses something in a place which is no room of the programme.
struct PlaceCard<'a> {
    track: &'a TrackName,
    place: &'a Text,
    topic: Vec<Segment<'a>>,
}

impl<'a> SignagePage<'a> {
    pub(crate) fn new(site: &Site<'a>, path: &'a str) -> Self {
        let (board, at) = (site.board, site.at);
        let contents = board.contents();
        let clock = WallClock::new(contents.timezone.0);
        let meetings = Meetings::of(board);
        let mentions = Mentions::of(board, at);
        let today = board.today(at);
        let slots = today.map(|(_, slots)| slots).unwrap_or_default();
        let current = |track: &TrackName, topic: &Topic| {
            topic.since.is_none_or(|since| meetings.standing(track, since, at) == TopicStanding::Current)
        };
        // What began yesterday and still runs is on as well.
        let late = contents.days.iter().filter(|(name, _)| today.is_none_or(|(today, _)| *name != today));
        let late: Vec<_> = late.flat_map(|(_, slots)| slots).filter(|slot| slot.runs_at(at)).collect();
        let later = contents.days.iter().filter(|(name, _)| today.is_none_or(|(today, _)| *name != today));
        let later = later.flat_map(|(_, slots)| slots).filter_map(|slot| Some((slot, slot.realtime?)));
        let later: Vec<_> = later.filter(|(_, start)| *start > at).collect();
        let row = |held: &'a Room, slot: &'a Slot| {
            let phase = Phase::of(slot, at);
            let there = held.bookings.get(&slot.name)?.holders();
            let mut told: Vec<&TrackName> = Vec::new();
            let holders = there.iter().map(|track| {
                let topic = contents.now.get(track).filter(|topic| current(track, topic));
                let topic = topic.filter(|_| phase == Phase::Running).map(|topic| segments(topic.text.as_str(), board));
                let mut others = mentions.at_track(track).iter().filter(|_| phase == Phase::Running);
                let also = others.find(|other| !there.contains(other.by) && !told.contains(&other.by));
                let also = also.map(|Mention { by, topic }| {
                    told.push(by);
                    WallMention { by, place: board.place_of(by, at), topic: segments(topic.text.as_str(), board) }
                });
                let instead = contents.locations.get(track).filter(|_| phase != Phase::Past);
                SlotHolder { track, instead, topic, also }
            });
            let span = slot.span().filter(|_| phase != Phase::Past);
            let span = span.map(|(start, end)| (clock.time(start), clock.time(end)));
            Some(RoomSlot { name: &slot.name, when: clock.when(slot), span, phase, holders: holders.collect() })
        };
        let card = |(slug, room): (String, &'a RoomName)| {
            let held = contents.rooms.get(room)?;
            let slots: Vec<_> = late.iter().copied().chain(slots).filter_map(|slot| row(held, slot)).collect();
            let of_view = slots.iter().any(|slot| match slot.holders.as_slice() {
                [] => site.view.names_no_track(),
                holders => holders.iter().any(|holder| site.shows(holder.track)),
            });
            let later =
                later.iter().filter_map(|(slot, start)| Some((*start, held.bookings.get(&slot.name)?.holders())));
            let later = later.filter(|(_, tracks)| !tracks.is_empty()).min_by_key(|(start, _)| *start);
            let later = later.map(|(start, tracks)| (clock.day_time(start), tracks));
            let desc = held.desc.as_deref();
            let held = slots.iter().any(|slot| !slot.holders.is_empty());
            (of_view && site.shows_room(room)).then_some(RoomCard { room, slug, desc, slots, held, later })
        };
        let (held, unused): (Vec<_>, Vec<_>) = slugs(board).into_iter().filter_map(card).partition(|card| card.held);
        let places = contents.locations.iter().filter_map(|(track, place)| {
            let topic = contents.now.get(track).filter(|topic| current(track, topic))?;
            let shown = site.shows(track) && site.view.room.is_none();
            shown.then_some(PlaceCard { track, place, topic: segments(topic.text.as_str(), board) })
        });
        let rows = held.into_iter().map(WallRow::Room).chain(places.map(WallRow::Place));
        let rows = rows.chain(unused.into_iter().map(WallRow::Room));
        // Of the files in a folder, a screen at a door chooses its room in the browser: it must be there.
        let most_rooms = if site.options.host == Host::Live { MOST_ROOMS } else { usize::MAX };
        Self {
            page: Page::new(site, path),
            filter: Filter::of(site),
            day: today.map(|(name, _)| name),
            motd: messages(board),
            line: line(site, clock, slots),
            rows: Folded::first(most_rooms, rows, |row| row),
        }
    }

    pub(crate) fn render(&self) -> String {
        Template::render(self).expect(NEVER_FAILS)
    }

    /// After how many seconds a browser without scripts asks again: in a rehearsal time goes faster.
    fn refresh(&self) -> u32 {
        match &self.page.rehearsal {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most as many as without")]
            Some(rehearsal) => (f64::from(REFRESH) / rehearsal.speed).clamp(1.0, f64::from(REFRESH)) as u32,
            None => REFRESH,
        }
    }

    /// Where a mention of a track leads.
    fn address_of(&self, track: &TrackName) -> String {
        format!("index.html#{}", track.as_str())
    }
}

impl RoomSlot<'_> {
    fn says_more(&self) -> bool {
        self.holders.iter().any(SlotHolder::says_more)
    }
}

impl SlotHolder<'_> {
    fn says_more(&self) -> bool {
        self.instead.is_some() || self.topic.is_some() || self.also.is_some()
    }
}

/// The line of a day on which these slots are.
fn line<'a>(site: &Site<'a>, clock: WallClock, today: &[Slot]) -> Vec<LineSlot<'a>> {
    let next = upcoming(site.board, site.at).map(|(slot, _)| &slot.name);
    let all = site.board.contents().days.values().flatten().filter_map(|slot| Some((slot, slot.span()?)));
    let mut all: Vec<_> = all.filter(|(_, (_, end))| site.at < *end).collect();
    all.sort_by_key(|(_, (start, _))| *start);
    let told = |(slot, (start, end)): (&'a Slot, _)| LineSlot {
        name: &slot.name,
        start: if today.contains(slot) { clock.time(start) } else { clock.date_time(start) },
        end: clock.time(end),
        runs: slot.runs_at(site.at),
        is_next: next == Some(&slot.name),
    };
    all.into_iter().take(LINE_SLOTS).map(told).collect()
}

/// The most rooms on one screen.
const MOST_ROOMS: usize = 100;

/// After how many seconds a browser without scripts asks again.
const REFRESH: u32 = 60;

/// How many slots the line knows: those of a few days.
const LINE_SLOTS: usize = 30;
