//! Which slot somebody means: by its code, or by a room and a time as in `Ballroom A mon 14:00`.

use super::booking::known_day;
use crate::board::Board;
use crate::booking::Booking;
use crate::command::clock_time;
use crate::contents::Zone;
use crate::nearest::nearest;
use crate::programme_name::RoomName;
use crate::refusal::Refusal;
use crate::room::Room;
use crate::slot::{Slot, SlotCode};
use crate::text::clean_name;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

/// The slot that a person names, its room, and who holds it.
pub(super) fn named_slot<'a>(
    board: &'a Board,
    typed: &str,
    at: DateTime<Utc>,
) -> Result<(SlotCode, &'a Room, &'a Booking), Refusal> {
    let code = match board.find_code(typed) {
        Some(code) => code,
        None => match RoomAndTime::read(board, typed, at) {
            Some(named) => named?.slot(board, at)?,
            None => return Err(unknown(board, typed)),
        },
    };
    let room = board.contents().rooms.get(&code.room);
    let found = room.and_then(|room| Some((room, room.bookings.get(&code.slot)?)));
    found.map(|(room, booking)| (code, room, booking)).ok_or_else(|| unknown(board, typed))
}

/// A day's name has no more words than that.
const MOST_DAY_WORDS: usize = 4;

/// On which date a moment is does not depend on the hour in which clocks are changed.
const NOON: NaiveTime = NaiveTime::from_hms_opt(12, 0, 0).expect("an hour of the day");

/// How much longer a name can be in another case, in bytes.
pub(super) const MOST_GROWTH: usize = 3;

/// True for a word that says when: `now`, `14:00`, `2pm`.
pub(super) fn is_time(word: &str) -> bool {
    Moment::read(word).is_some()
}

/// A room and a time in it.
struct RoomAndTime<'a> {
    room: &'a RoomName,
    /// The day that was named; today if none was.
    day: Option<String>,
    time: Moment,
}

/// When, as people say it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Moment {
    /// `now`
    Now,
    /// `next`: the slot that begins next.
    Next,
    /// `14:00`, in the event's zone.
    Clock(NaiveTime),
}

impl<'a> RoomAndTime<'a> {
    /// Reads `ROOM TIME` or `ROOM DAY TIME`; nothing where no time is at the end.
    fn read(board: &'a Board, typed: &str, at: DateTime<Utc>) -> Option<Result<Self, Refusal>> {
        let typed = clean_name(typed);
        let (before, last) = typed.rsplit_once(' ')?;
        let time = Moment::read(last)?;
        let before = before.strip_suffix(" at").unwrap_or(before);
        if let Some(room) = room_called(board, before) {
            return Some(Ok(Self { room, day: None, time }));
        }
        // Of the blanks before the day any may end the room's name, but a line of blanks is no name.
        let longest = board.contents().rooms.keys().map(|room| room.as_str().len()).max().unwrap_or_default();
        let end = before.floor_char_boundary(longest.saturating_mul(MOST_GROWTH).saturating_add(1));
        for (blank, _) in before[..end].rmatch_indices(' ') {
            let Some(room) = room_called(board, &before[..blank]) else { continue };
            return Some(match (time, meant_day(board, &before[blank + 1..], at)) {
                (Moment::Clock(_), Ok(day)) => Ok(Self { room, day: Some(day), time }),
                (Moment::Clock(_), Err(unknown)) => Err(unknown),
                (Moment::Now | Moment::Next, _) => return None,
            });
        }
        // A day at the end is none of the room's words.
        let named = before.rmatch_indices(' ').take(MOST_DAY_WORDS);
        let day = named.map(|(blank, _)| blank).find(|blank| meant_day(board, &before[blank + 1..], at).is_ok());
        Some(Err(unknown_room(board, day.map_or(before, |blank| &before[..blank]))))
    }

    fn slot(&self, board: &Board, at: DateTime<Utc>) -> Result<SlotCode, Refusal> {
        let zone = board.contents().timezone;
        let slots = self.slots(board, at)?;
        let spans = slots.iter().filter_map(|slot| Some((slot.span()?, *slot)));
        let mut spans: Vec<_> = spans.collect();
        spans.sort_by_key(|(span, _)| *span);
        let found = spans.iter().find(|((start, end), _)| match self.time {
            Moment::Now => *start <= at && at < *end,
            Moment::Next => *start > at,
            Moment::Clock(time) => covers(zone, *start, *end, time),
        });
        let code = |slot: &Slot| SlotCode { room: self.room.clone(), slot: slot.name.clone() };
        if let Some((_, slot)) = found {
            return Ok(code(slot));
        }
        let is_before = |start: DateTime<Utc>| match self.time {
            Moment::Now | Moment::Next => start <= at,
            Moment::Clock(time) => start.with_timezone(&zone.0).time() <= time,
        };
        let before = spans.iter().rev().find(|((start, _), _)| is_before(*start)).map(|(_, slot)| code(slot));
        let after = spans.iter().find(|((start, _), _)| !is_before(*start)).map(|(_, slot)| code(slot));
        Err(Refusal::NoSlotThen {
            room: self.room.as_str().to_owned(),
            around: before.into_iter().chain(after).collect(),
        })
    }

    /// The slots of the room among which the time chooses.
    fn slots(&self, board: &'a Board, at: DateTime<Utc>) -> Result<Vec<&'a Slot>, Refusal> {
        let contents = board.contents();
        let of_room =
            |slot: &&Slot| contents.rooms.get(self.room).is_some_and(|room| room.bookings.contains_key(&slot.name));
        let of_day = |day: &str| contents.days.get(day).into_iter().flatten().filter(of_room).collect();
        match (&self.day, self.time) {
            (Some(day), _) => Ok(of_day(day)),
            (None, Moment::Now | Moment::Next) => Ok(contents.days.values().flatten().filter(of_room).collect()),
            (None, Moment::Clock(_)) => match board.today(at) {
                Some((today, _)) => Ok(of_day(today)),
                None => Err(Refusal::NotToday { days: contents.days.keys().cloned().collect() }),
            },
        }
    }
}

impl Moment {
    /// `now`, `next`, `9:30`, `14:00`, `2pm`
    fn read(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "now" => Some(Self::Now),
            "next" => Some(Self::Next),
            word => clock_time(word).map(Self::Clock),
        }
    }
}

/// A day of the programme as people name it: by its name, its date, `today` or `tomorrow`.
pub(super) fn meant_day(board: &Board, typed: &str, at: DateTime<Utc>) -> Result<String, Refusal> {
    let zone = board.contents().timezone;
    let on = |date: NaiveDate| board.today(zone.first_from(date.and_time(NOON))?).map(|(day, _)| day.to_owned());
    known_day(board, typed).or_else(|unknown| meant_date(zone, typed, at).and_then(on).ok_or(unknown))
}

/// `2026-10-19`, `today`, `tomorrow`
pub(super) fn meant_date(zone: Zone, typed: &str, at: DateTime<Utc>) -> Option<NaiveDate> {
    match typed.to_ascii_lowercase().as_str() {
        "today" => Some(zone.date(at)),
        "tomorrow" => zone.date(at).succ_opt(),
        date => NaiveDate::parse_from_str(date, "%Y-%m-%d").ok(),
    }
}

/// True when the clock shows this time while the slot runs; one over midnight also has times of the next day.
fn covers(zone: Zone, start: DateTime<Utc>, end: DateTime<Utc>, time: NaiveTime) -> bool {
    let local = start.with_timezone(&zone.0).date_naive();
    let days = [Some(local), local.succ_opt()];
    days.into_iter().flatten().any(|day| {
        let moments = day.and_time(time).and_local_timezone(zone.0);
        [moments.earliest(), moments.latest()].into_iter().flatten().any(|moment| start <= moment && moment < end)
    })
}

fn room_called<'a>(board: &'a Board, typed: &str) -> Option<&'a RoomName> {
    let rooms = &board.contents().rooms;
    if let Some((room, _)) = rooms.get_key_value(typed) {
        return Some(room);
    }
    let wanted = typed.to_lowercase();
    rooms.keys().find(|room| room.as_str().to_lowercase() == wanted)
}

fn unknown_room(board: &Board, typed: &str) -> Refusal {
    let rooms = board.contents().rooms.keys();
    let near = nearest(typed, rooms.map(RoomName::as_str)).map(str::to_owned);
    Refusal::UnknownRoom { typed: typed.to_owned(), near }
}

fn unknown(board: &Board, typed: &str) -> Refusal {
    let known: Vec<_> = board.codes().collect();
    let names: Vec<_> = known.iter().map(SlotCode::to_string).collect();
    let near = nearest(typed, &names).and_then(|near| known.iter().find(|code| code.to_string() == *near)).cloned();
    Refusal::UnknownSlot { typed: typed.to_owned(), near }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_now_next_or_what_a_clock_shows() {
        assert_eq!(Moment::read("Now"), Some(Moment::Now));
        for (word, hours, minutes) in
            [("9:05", 9, 5), ("2pm", 14, 0), ("2:30PM", 14, 30), ("12am", 0, 0), ("12pm", 12, 0)]
        {
            assert_eq!(Moment::read(word), NaiveTime::from_hms_opt(hours, minutes, 0).map(Moment::Clock), "{word}");
        }
        for word in [
            "", "soon", "24:00", "9:60", "9", ":30", "9:", "009:00", "9:00:00", "+9:00", "pm", "0pm", "13pm", "2p",
            "٩:٠٠",
        ] {
            assert_eq!(Moment::read(word), None, "{word}");
        }
    }
}
