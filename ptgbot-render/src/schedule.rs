//! The schedule as the page shows it: days, their slots, and who holds which room.

use crate::clock::{SlotTime, WallClock};
use crate::room_slug::slugs;
use crate::site::Site;
use chrono::{DateTime, Utc};
use ptgbot_core::{Board, Booking, Room, RoomName, Slot, TrackName};

/// One day of the event: a table of its slots and the rooms that have any of them.
#[derive(Debug)]
pub(crate) struct Day<'a> {
    pub(crate) number: usize,
    pub(crate) name: &'a str,
    /// `19 October 2026` and `19 Oct`, where a slot says when it is.
    pub(crate) date: Option<(String, String)>,
    pub(crate) is_today: bool,
    /// Shown first.
    pub(crate) open: bool,
    pub(crate) free: usize,
    /// With what an address calls them.
    pub(crate) rooms: Vec<(String, &'a RoomName, &'a Room)>,
    /// Those for which the table has no column any more.
    pub(crate) other_rooms: Vec<(String, &'a RoomName)>,
    pub(crate) slots: Vec<SlotRow<'a>>,
}

/// One slot of a day.
#[derive(Debug)]
pub(crate) struct SlotRow<'a> {
    pub(crate) name: &'a str,
    pub(crate) when: SlotTime<'a>,
    pub(crate) note: Option<&'a str>,
    pub(crate) phase: Phase,
    /// As many as the day has rooms.
    pub(crate) cells: Vec<Cell<'a>>,
}

/// One room in one slot.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    /// The room does not have the slot.
    Closed,
    /// It can be booked.
    Free,
    /// Free once, but the slot is over.
    Unused,
    /// A track meets there.
    Held(&'a TrackName),
}

/// Where a slot stands in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It is over.
    Past,
    /// It runs.
    Running,
    /// It comes, or its time is not known.
    Ahead,
}

impl Phase {
    pub(crate) fn of(slot: &Slot, at: DateTime<Utc>) -> Self {
        if slot.runs_at(at) {
            Self::Running
        } else if slot.ended_by(at) {
            Self::Past
        } else {
            Self::Ahead
        }
    }

    /// The class on the page.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Past => "past",
            Self::Running => "running",
            Self::Ahead => "ahead",
        }
    }
}

/// How far the event has come, as its slots say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventProgress {
    /// No slot has begun that is known to have a time.
    Before,
    /// Slots are over or run, and others come.
    Amid,
    /// The last slot is over.
    Over,
}

impl EventProgress {
    pub(crate) fn of(board: &Board, at: DateTime<Utc>) -> Self {
        let slots = || board.contents().days.values().flatten();
        match (slots().any(|slot| slot.ended_by(at)), slots().any(|slot| !slot.ended_by(at))) {
            (true, false) => Self::Over,
            (true, true) => Self::Amid,
            (false, _) if slots().any(|slot| slot.runs_at(at)) => Self::Amid,
            (false, _) => Self::Before,
        }
    }
}

/// All days in the programme's order.
pub(crate) fn days<'a>(site: &Site<'a>) -> Vec<Day<'a>> {
    let (board, at) = (site.board, site.at);
    let today = board.today(at).map(|(name, _)| name);
    let days = board.contents().days.iter().enumerate();
    let mut days: Vec<_> =
        days.map(|(number, (name, slots))| day(site, number + 1, name, slots, today == Some(name))).collect();
    let first = days.iter().enumerate().min_by_key(|(_, day)| day.display_rank()).map_or(0, |(number, _)| number);
    if let Some(day) = days.get_mut(first) {
        day.open = true;
    }
    days
}

/// The first slot of all days that is still to come, and when it starts.
pub(crate) fn upcoming(board: &Board, at: DateTime<Utc>) -> Option<(&Slot, DateTime<Utc>)> {
    let slots = board.contents().days.values().flatten();
    let ahead = slots.filter_map(|slot| Some((slot, slot.realtime.filter(|start| *start > at)?)));
    ahead.min_by_key(|(_, start)| *start)
}

/// Who meets where in a slot, in the order of the rooms.
pub(crate) fn held<'a>(board: &'a Board, slot: &'a Slot) -> impl Iterator<Item = (&'a RoomName, &'a TrackName)> {
    let rooms = board.contents().rooms.iter();
    rooms.filter_map(|(room, held)| Some((room, held.bookings.get(&slot.name)?.holder()?)))
}

impl Day<'_> {
    /// Which day is shown first: what runs comes before what is only today, the future before the past.
    fn display_rank(&self) -> u8 {
        let has = |phase| self.slots.iter().any(|slot| slot.phase == phase);
        match (has(Phase::Running), self.is_today) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) if has(Phase::Ahead) => 3,
            (false, false) => 4,
        }
    }
}

fn day<'a>(site: &Site<'a>, number: usize, name: &'a str, all: &'a [Slot], is_today: bool) -> Day<'a> {
    let contents = site.board.contents();
    let clock = WallClock::new(contents.timezone.0);
    let shown = |name: &RoomName, room: &Room| site.shows_room(name) && all.iter().any(|slot| has(site, room, slot));
    let rooms = slugs(site.board).into_iter().filter_map(|(slug, name)| Some((slug, name, contents.rooms.get(name)?)));
    let mut rooms: Vec<_> = rooms.filter(|(_, name, room)| shown(name, room)).collect();
    let free = |room: &Room, slot| {
        has(site, room, slot) && matches!(Cell::of(room, slot, Phase::of(slot, site.at)), Cell::Free)
    };
    let free = rooms.iter().map(|(.., room)| all.iter().filter(|slot| free(room, slot)).count()).sum();
    let other_rooms = rooms.split_off(rooms.len().min(MOST_ROOMS));
    let slots = all.iter().filter(|slot| site.view.is_all() || rooms.iter().any(|(.., room)| has(site, room, slot)));
    let slots: Vec<_> = slots.map(|slot| row(site, clock, slot, &rooms)).collect();
    let start = all.iter().filter_map(|slot| slot.realtime).min();
    Day {
        number,
        name,
        date: start.map(|start| (clock.date(start), clock.short_date(start))),
        is_today,
        open: false,
        free,
        rooms,
        other_rooms: other_rooms.into_iter().map(|(slug, name, _)| (slug, name)).collect(),
        slots,
    }
}

fn row<'a>(
    site: &Site<'a>,
    clock: WallClock,
    slot: &'a Slot,
    rooms: &[(String, &'a RoomName, &'a Room)],
) -> SlotRow<'a> {
    let phase = Phase::of(slot, site.at);
    let cell = |room| if has(site, room, slot) { Cell::of(room, slot, phase) } else { Cell::Closed };
    SlotRow {
        name: slot.name.as_str(),
        when: clock.when(slot),
        note: clock.note(slot),
        phase,
        cells: rooms.iter().map(|(.., room)| cell(room)).collect(),
    }
}

/// True when a room has a slot and the view leaves it in: with a choice of tracks, that is what they hold.
fn has(site: &Site, room: &Room, slot: &Slot) -> bool {
    room.bookings.get(&slot.name).is_some_and(|booking| match booking {
        Booking::Open => site.view.names_no_track(),
        Booking::Held { by } => site.shows(by),
    })
}

impl<'a> Cell<'a> {
    pub(crate) fn of(room: &'a Room, slot: &Slot, phase: Phase) -> Self {
        match (room.bookings.get(&slot.name), phase) {
            (None, _) => Self::Closed,
            (Some(Booking::Held { by }), _) => Self::Held(by),
            (Some(Booking::Open), Phase::Past) => Self::Unused,
            (Some(Booking::Open), Phase::Running | Phase::Ahead) => Self::Free,
        }
    }
}

/// The most rooms that a day's table has columns for.
const MOST_ROOMS: usize = 80;
