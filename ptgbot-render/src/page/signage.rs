//! The screen on the wall: today's rooms, readable from five metres.

use super::{NEVER_FAILS, Page};
use crate::clock::{Clock, Stamp};
use crate::schedule::{Phase, upcoming};
use crate::site::Site;
use askama::Template;
use ptgbot_core::{Room, RoomName, Slot, Text, TrackName};

/// `signage.html`
#[derive(Template)]
#[template(path = "signage.html", whitespace = "minimize")]
pub(crate) struct SignagePage<'a> {
    page: Page<'a>,
    day: Option<&'a str>,
    /// The first slot that comes today.
    upcoming: Option<(&'a Slot, Stamp)>,
    rooms: Vec<RoomCard<'a>>,
}

/// One room with its slots of today.
struct RoomCard<'a> {
    room: &'a RoomName,
    desc: Option<&'a str>,
    /// Nothing more happens here today.
    over: bool,
    slots: Vec<RoomSlot<'a>>,
}

/// One slot of a room.
struct RoomSlot<'a> {
    name: &'a str,
    when: String,
    phase: Phase,
    holder: Option<&'a TrackName>,
    /// What the holder discusses, while the slot runs.
    topic: Option<&'a Text>,
}

impl<'a> SignagePage<'a> {
    pub(crate) fn new(site: &Site<'a>, path: &'a str) -> Self {
        let (board, at) = (site.board, site.at);
        let clock = Clock::new(board.contents().timezone.0);
        let today = board.today(at);
        let slots = today.map(|(_, slots)| slots).unwrap_or_default();
        let now = &board.contents().now;
        // What began yesterday and still runs is on as well.
        let late = board.contents().days.iter().filter(|(name, _)| today.is_none_or(|(today, _)| *name != today));
        let late: Vec<_> = late.flat_map(|(_, slots)| slots).filter(|slot| slot.runs_at(at)).collect();
        let card = |(room, held): (&'a RoomName, &'a Room)| {
            let row = |slot: &'a Slot| {
                let holder = held.bookings.get(&slot.name)?.holder();
                let phase = Phase::of(slot, at);
                let topic = holder.filter(|_| phase == Phase::Running).and_then(|track| Some(&now.get(track)?.text));
                Some(RoomSlot { name: slot.name.as_str(), when: clock.span(slot), phase, holder, topic })
            };
            let slots: Vec<_> = late.iter().copied().chain(slots).filter_map(row).collect();
            let over = slots.iter().all(|slot| slot.phase == Phase::Past);
            (!slots.is_empty()).then_some(RoomCard { room, desc: held.desc.as_deref(), over, slots })
        };
        Self {
            page: Page::new(site, path),
            day: today.map(|(name, _)| name),
            upcoming: upcoming(slots, clock, at),
            rooms: board.contents().rooms.iter().filter_map(card).collect(),
        }
    }

    pub(crate) fn render(&self) -> String {
        Template::render(self).expect(NEVER_FAILS)
    }
}
