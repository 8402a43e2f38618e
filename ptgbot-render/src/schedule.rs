//! The schedule as the page shows it: days, their slots, and who holds which room.

use crate::clock::{SlotTime, WallClock};
use crate::room_slug::slugs;
use crate::site::Site;
use crate::slot_id::slot_ids;
use chrono::{DateTime, Utc};
use ptgbot_core::{Board, Booking, Room, RoomName, Slot, TrackName};

/// One day of the event: a table with a row for each room and a column for each slot.
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
    pub(crate) slots: Vec<SlotColumn<'a>>,
    /// The rooms in which somebody meets, and in a view of one room that one.
    pub(crate) rooms: Vec<RoomRow<'a>>,
    /// Those that nobody booked.
    pub(crate) vacant: Vec<RoomRow<'a>>,
    /// Those for which the table has no row any more, with what an address calls them.
    pub(crate) other_rooms: Vec<(String, &'a RoomName)>,
}

/// One slot of a day: the head of its column.
#[derive(Debug)]
pub(crate) struct SlotColumn<'a> {
    /// What an address calls it.
    pub(crate) id: String,
    pub(crate) name: &'a str,
    pub(crate) when: SlotTime<'a>,
    pub(crate) note: Option<&'a str>,
    pub(crate) phase: Phase,
}

/// One room on a day.
#[derive(Debug)]
pub(crate) struct RoomRow<'a> {
    /// What an address calls it.
    pub(crate) slug: String,
    pub(crate) name: &'a RoomName,
    pub(crate) room: &'a Room,
    /// As many as the day has slots.
    pub(crate) cells: Vec<Cell<'a>>,
}

/// One room in one slot.
#[derive(Clone, Debug)]
pub(crate) enum Cell<'a> {
    /// The room does not have the slot.
    Closed,
    /// It can be booked.
    Free,
    /// Free once, but the slot is over.
    Unused,
    /// Tracks meet there: one, or several in a shared room.
    Held {
        by: Vec<&'a TrackName>,
        /// True when another may join them.
        open: bool,
    },
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
    let days = board.contents().days.iter().zip(slot_ids(board)).enumerate();
    let days = days.map(|(number, ((name, slots), ids))| {
        day(site, number + 1, name, slots.iter().zip(ids).collect(), today == Some(name))
    });
    let mut days: Vec<_> = days.collect();
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
    let there = rooms.filter_map(|(room, held)| Some((room, held.bookings.get(&slot.name)?)));
    there.flat_map(|(room, booking)| booking.holders().iter().map(move |track| (room, track)))
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

    /// What the rooms that nobody booked are called together.
    pub(crate) fn vacant_title(&self) -> String {
        let count = self.vacant.len();
        let rooms = if count == 1 { "room" } else { "rooms" };
        if self.vacant.iter().any(RoomRow::is_free) {
            format!("{count} free {rooms}")
        } else {
            format!("{count} {rooms} without a booking")
        }
    }

    /// The class of its table, which says how wide a page must be to show all columns at once.
    pub(crate) fn width_class(&self) -> &'static str {
        match self.slots.len() {
            0..=4 => " upto4",
            5..=8 => " upto8",
            9..=12 => " upto12",
            13.. => "",
        }
    }
}

fn day<'a>(site: &Site<'a>, number: usize, name: &'a str, all: Vec<(&'a Slot, String)>, is_today: bool) -> Day<'a> {
    let contents = site.board.contents();
    let clock = WallClock::new(contents.timezone.0);
    let start = all.iter().filter_map(|(slot, _)| slot.realtime).min();
    let shown =
        |room: &RoomName, held: &Room| site.shows_room(room) && all.iter().any(|(slot, _)| has(site, held, slot));
    let rooms = slugs(site.board).into_iter().filter_map(|(slug, name)| Some((slug, name, contents.rooms.get(name)?)));
    let rooms: Vec<_> = rooms.filter(|(_, name, room)| shown(name, room)).collect();
    let in_view = |slot: &Slot| site.view.is_all() || rooms.iter().any(|(.., room)| has(site, room, slot));
    let slots: Vec<_> = all.into_iter().filter(|(slot, _)| in_view(slot)).collect();
    let row = |(slug, name, room): (String, &'a RoomName, &'a Room)| {
        let cells = slots.iter().map(|(slot, _)| match has(site, room, slot) {
            true => Cell::of(room, slot, Phase::of(slot, site.at)).in_view(site),
            false => Cell::Closed,
        });
        RoomRow { slug, name, room, cells: cells.collect() }
    };
    let rows: Vec<_> = rooms.into_iter().map(row).collect();
    let free = rows.iter().flat_map(|row| &row.cells).filter(|cell| cell.is_free()).count();
    let stands_alone = site.only_room().is_some();
    let (mut rooms, mut vacant): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| stands_alone || row.is_booked());
    // Who must be left out of a long table is rather a room in which nobody meets.
    let mut others = rooms.split_off(rooms.len().min(MOST_ROOMS));
    others.extend(vacant.split_off(vacant.len().min(MOST_ROOMS - rooms.len())));
    let column = |(slot, id): (&'a Slot, String)| SlotColumn {
        id,
        name: slot.name.as_str(),
        when: clock.when(slot),
        note: clock.note(slot),
        phase: Phase::of(slot, site.at),
    };
    Day {
        number,
        name,
        date: start.map(|start| (clock.date(start), clock.short_date(start))),
        is_today,
        open: false,
        free,
        slots: slots.into_iter().map(column).collect(),
        rooms,
        vacant,
        other_rooms: others.into_iter().map(|row| (row.slug, row.name)).collect(),
    }
}

impl RoomRow<'_> {
    /// True when somebody meets in it.
    fn is_booked(&self) -> bool {
        self.cells.iter().any(|cell| matches!(cell, Cell::Held { .. }))
    }

    /// True when it can be booked.
    fn is_free(&self) -> bool {
        self.cells.iter().any(Cell::is_free)
    }
}

/// True when a room has a slot and the view leaves it in: with a choice of tracks, that is what they hold.
fn has(site: &Site, room: &Room, slot: &Slot) -> bool {
    room.bookings.get(&slot.name).is_some_and(|booking| match booking.holders() {
        [] => site.view.names_no_track(),
        holders => holders.iter().any(|track| site.shows(track)),
    })
}

impl<'a> Cell<'a> {
    pub(crate) fn of(room: &'a Room, slot: &Slot, phase: Phase) -> Self {
        let Some(booking) = room.bookings.get(&slot.name) else { return Self::Closed };
        let open = phase != Phase::Past && room.has_place(booking);
        match (booking, open) {
            (Booking::Held { .. } | Booking::Shared { .. }, _) => {
                Self::Held { by: booking.holders().iter().collect(), open }
            }
            (Booking::Open, true) => Self::Free,
            (Booking::Open, false) => Self::Unused,
        }
    }

    /// The same with those tracks that the view leaves in. Who looks at some tracks does not book for others.
    fn in_view(self, site: &Site) -> Self {
        match self {
            Self::Held { mut by, open } => {
                by.retain(|track| site.shows(track));
                Self::Held { by, open: open && site.view.names_no_track() }
            }
            Self::Closed | Self::Free | Self::Unused => self,
        }
    }

    /// True when it can be booked.
    fn is_free(&self) -> bool {
        matches!(self, Self::Free | Self::Held { open: true, .. })
    }
}

/// The most rooms that a day's table has rows for.
const MOST_ROOMS: usize = 80;
