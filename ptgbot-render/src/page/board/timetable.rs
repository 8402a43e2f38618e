//! The schedule: its days, and what a booked cell opens.

use crate::folded::Folded;
use crate::link::{Encoded, Href, UserLink};
use crate::pad::Pads;
use crate::schedule::{Cell, Day, RoomRow, days};
use crate::site::{Host, Site};
use ptgbot_core::{Board, Room, RoomName, TrackName, policy_rules};
use std::collections::BTreeMap;

/// The section of the page that shows who meets where and when.
pub(super) struct Timetable<'a> {
    pub(super) days: Vec<Day<'a>>,
    /// One for each room and each track that meets there, however often.
    pub(super) meetings: Vec<RoomMeeting<'a>>,
    /// The rules for booking, where there are any.
    pub(super) rules: Option<BookingRules>,
    /// The rooms that a long schedule tells only the names of, by the address that has the rest.
    pub(super) other_rooms: BTreeMap<String, &'a RoomName>,
}

/// What may be booked, and what becomes of other bookings.
pub(super) struct BookingRules {
    pub(super) rules: Folded<String>,
    pub(super) otherwise: String,
}

/// A track in a room: how to get there, join, write along.
pub(super) struct RoomMeeting<'a> {
    pub(super) slug: String,
    pub(super) room: &'a RoomName,
    pub(super) about: &'a Room,
    pub(super) track: &'a TrackName,
    pub(super) link: Option<UserLink<'a>>,
    pub(super) pad: Option<Href>,
}

impl<'a> Timetable<'a> {
    pub(super) fn of(site: &Site<'a>, pads: &Pads<'a>) -> Self {
        let days = days(site);
        Self {
            rules: BookingRules::of(site.board),
            meetings: meetings(site, &days, pads),
            other_rooms: other_rooms(site, &days),
            days,
        }
    }
}

impl BookingRules {
    fn of(board: &Board) -> Option<Self> {
        let mut rules = policy_rules(&board.contents().policy, board.contents().timezone);
        let otherwise = rules.pop()?.to_string();
        Some(Self { rules: Folded::first(MOST_RULES, rules.iter(), ToString::to_string), otherwise })
    }
}

/// Who meets in which room on any of the days, by room.
fn meetings<'a>(site: &Site<'a>, days: &[Day<'a>], pads: &Pads<'a>) -> Vec<RoomMeeting<'a>> {
    let mut found = BTreeMap::new();
    for row in days.iter().flat_map(|day| &day.rooms) {
        for cell in &row.cells {
            let Cell::Held { by, .. } = cell else { continue };
            for &track in by {
                found.entry((&row.slug, track)).or_insert_with(|| meeting(site, row, track, pads));
            }
        }
    }
    found.into_values().collect()
}

fn meeting<'a>(site: &Site<'a>, row: &RoomRow<'a>, track: &'a TrackName, pads: &Pads<'a>) -> RoomMeeting<'a> {
    let own = site.board.contents().urls.get(track);
    let link = own.or(row.room.url.as_ref()).map(|link| UserLink::web(link));
    RoomMeeting { slug: row.slug.clone(), room: row.name, about: row.room, track, link, pad: pads.pad(track) }
}

/// Where the rooms are that some day's table has no row for: on a page of their own where one can be asked for, in
/// their calendars where there are only files.
fn other_rooms<'a>(site: &Site<'a>, days: &[Day<'a>]) -> BTreeMap<String, &'a RoomName> {
    let address = |slug: &str| match site.options.host {
        Host::Live => format!("?room={}", Encoded(slug)),
        Host::Static => format!("room/{}.ics", Encoded(slug)),
    };
    days.iter().flat_map(|day| &day.other_rooms).map(|(slug, room)| (address(slug), *room)).collect()
}

/// The most rules that are told: there may be many pairs of tracks that must not meet at once.
const MOST_RULES: usize = 40;
