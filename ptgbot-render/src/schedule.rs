//! The schedule as the page shows it: days, their slots, and who holds which room.

use crate::clock::{Clock, Stamp, iso};
use chrono::{DateTime, Utc};
use ptgbot_core::{Board, Booking, RoomName, Slot, TrackName};

/// One day of the event.
#[derive(Debug)]
pub(crate) struct Day<'a> {
    pub(crate) number: usize,
    pub(crate) name: &'a str,
    /// `19 October 2026`, where a slot says when it is.
    pub(crate) date: Option<String>,
    pub(crate) is_today: bool,
    /// Shown without a tap.
    pub(crate) open: bool,
    pub(crate) free: usize,
    pub(crate) slots: Vec<SlotRow<'a>>,
}

/// One slot of a day with all rooms that have it.
#[derive(Debug)]
pub(crate) struct SlotRow<'a> {
    pub(crate) name: &'a str,
    pub(crate) when: String,
    pub(crate) start: Option<String>,
    pub(crate) note: Option<&'a str>,
    pub(crate) phase: Phase,
    pub(crate) rooms: Vec<Cell<'a>>,
}

/// One room in one slot.
#[derive(Debug)]
pub(crate) struct Cell<'a> {
    pub(crate) room: &'a RoomName,
    pub(crate) holder: Option<&'a TrackName>,
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

/// All days in the programme's order.
pub(crate) fn days(board: &Board, at: DateTime<Utc>) -> Vec<Day<'_>> {
    let contents = board.contents();
    let clock = Clock::new(contents.timezone.0);
    let today = board.today(at).map(|(name, _)| name);
    let mut days: Vec<_> = contents
        .days
        .iter()
        .enumerate()
        .map(|(number, (name, slots))| {
            let slots: Vec<_> = slots.iter().map(|slot| row(board, clock, slot, at)).collect();
            let starts = contents.days[number].iter().filter_map(|slot| slot.realtime);
            Day {
                number: number + 1,
                name,
                date: starts.min().map(|start| clock.date(start)),
                is_today: today == Some(name),
                open: today == Some(name) || slots.iter().any(|slot| slot.phase == Phase::Running),
                free: slots.iter().filter(|row| row.phase != Phase::Past).map(SlotRow::free).sum(),
                slots,
            }
        })
        .collect();
    if !days.iter().any(|day| day.open) {
        let next = days.iter().position(|day| day.slots.iter().any(|slot| slot.phase != Phase::Past));
        if let Some(day) = days.get_mut(next.unwrap_or(0)) {
            day.open = true;
        }
    }
    days
}

/// The first of a day's slots that is still to come, and when.
pub(crate) fn upcoming(slots: &[Slot], clock: Clock, at: DateTime<Utc>) -> Option<(&Slot, Stamp)> {
    let ahead = slots.iter().filter_map(|slot| Some((slot, slot.realtime.filter(|start| *start > at)?)));
    ahead.min_by_key(|(_, start)| *start).map(|(slot, start)| (slot, clock.time(start)))
}

impl SlotRow<'_> {
    fn free(&self) -> usize {
        self.rooms.iter().filter(|cell| cell.holder.is_none()).count()
    }
}

fn row<'a>(board: &'a Board, clock: Clock, slot: &'a Slot, at: DateTime<Utc>) -> SlotRow<'a> {
    let rooms = board.contents().rooms.iter();
    let rooms = rooms.filter_map(|(room, held)| {
        let holder = held.bookings.get(&slot.name).map(Booking::holder)?;
        Some(Cell { room, holder })
    });
    SlotRow {
        name: slot.name.as_str(),
        when: clock.span(slot),
        start: slot.realtime.map(iso),
        note: clock.note(slot),
        phase: Phase::of(slot, at),
        rooms: rooms.collect(),
    }
}
