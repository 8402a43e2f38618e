//! Which day it is at the event, and where a track meets.

use super::Board;
use crate::programme_name::RoomName;
use crate::programme_name::SlotName;
use crate::slot::{Slot, SlotCode};
use crate::track::TrackName;
use chrono::{DateTime, Datelike, Utc, Weekday};
use std::cmp::Reverse;
use std::collections::BTreeMap;

impl Board {
    /// The event's day at a moment: its name and slots.
    ///
    /// That is the day whose slots start on the current date in the event's zone; where a day's slots have no
    /// times, the day named like the current weekday.
    pub fn today(&self, at: DateTime<Utc>) -> Option<(&str, &[Slot])> {
        let (name, slots) = self.contents.days.get_index(self.today_place(at)?)?;
        Some((name, slots))
    }

    /// The slot of that name, wherever it is.
    pub fn slot(&self, name: &SlotName) -> Option<&Slot> {
        self.index.slot(&self.contents, name)
    }

    /// The day of the slot of that name.
    pub fn day_of(&self, name: &SlotName) -> Option<&str> {
        let (day, _) = *self.index.slots.get(name)?;
        self.contents.days.get_index(day).map(|(name, _)| name.as_str())
    }

    /// The room of a track: that of its slot that runs now (it may have begun yesterday), else of its next one
    /// today, else of its first one today.
    pub fn room_of(&self, track: &TrackName, at: DateTime<Utc>) -> Option<&RoomName> {
        self.room_on(track, at, self.today_place(at))
    }

    /// Where a track meets: the place it gave itself, else its room.
    pub fn place_of(&self, track: &TrackName, at: DateTime<Utc>) -> Option<&str> {
        match self.contents.locations.get(track) {
            Some(own) => Some(own.as_str()),
            None => self.room_of(track, at).map(RoomName::as_str),
        }
    }

    /// The link under which a track meets: its own, else that of its room; as it was given, unchecked.
    pub fn meeting_link(&self, track: &TrackName, at: DateTime<Utc>) -> Option<&str> {
        match self.contents.urls.get(track) {
            Some(own) => Some(own),
            None => self.contents.rooms.get(self.room_of(track, at)?)?.url.as_deref(),
        }
    }

    /// The room of every track that has one, as [`room_of`](Self::room_of) tells it.
    pub fn rooms_today(&self, at: DateTime<Utc>) -> BTreeMap<&TrackName, &RoomName> {
        let day = self.today_place(at);
        let tracks = self.index.holdings.keys();
        tracks.filter_map(|track| Some((track, self.room_on(track, at, day)?))).collect()
    }

    /// The slots that a track holds today, and those that run now (one may have begun yesterday); some may come twice.
    pub(super) fn held_today<'a>(&'a self, track: &TrackName, at: DateTime<Utc>) -> impl Iterator<Item = &'a Slot> {
        let today = self.today_place(at);
        self.held_on(track, at, today).map(|(_, slot)| slot)
    }

    /// All slots that a track holds, with their day and room, in the order of rooms and of the slots in them.
    pub(crate) fn holdings(&self, track: &TrackName) -> Vec<(&str, &Slot, &RoomName)> {
        let held = self.index.holdings.get(track).into_iter().flatten();
        let whole = held.filter_map(|holding| {
            let (day, place) = *self.index.slots.get(&holding.slot)?;
            let (day, slots) = self.contents.days.get_index(day)?;
            let (room, _) = self.contents.rooms.get_index(holding.room)?;
            Some((day.as_str(), slots.get(place)?, room))
        });
        whole.collect()
    }

    /// All slot codes with a room, in the programme's order.
    pub fn codes(&self) -> impl Iterator<Item = SlotCode> + '_ {
        self.contents.rooms.iter().flat_map(|(room, held)| {
            held.bookings.keys().map(move |slot| SlotCode { room: room.clone(), slot: slot.clone() })
        })
    }

    /// The day that a person means: in any case, or its beginning where that is one day's only.
    pub fn find_day(&self, typed: &str) -> Option<&str> {
        let days = || self.contents.days.keys().map(String::as_str);
        let wanted = typed.to_lowercase();
        let begins = || {
            let mut fitting =
                days().filter(|day| wanted.chars().count() >= 3 && day.to_lowercase().starts_with(&wanted));
            fitting.next().filter(|_| fitting.next().is_none())
        };
        days().find(|day| day.to_lowercase() == wanted).or_else(begins)
    }

    /// The code that a person means: the known codes decide, in any case and with any blanks. Where two codes
    /// differ in case alone, the exact spelling wins.
    pub fn find_code(&self, typed: &str) -> Option<SlotCode> {
        let typed = crate::text::clean_name(typed);
        if let Some(exact) = self.codes().find(|code| code.to_string() == typed) {
            return Some(exact);
        }
        let wanted = typed.to_lowercase();
        for (room, held) in &self.contents.rooms {
            let Some(rest) = wanted.strip_prefix(&room.as_str().to_lowercase()) else {
                continue;
            };
            let Some(rest) = rest.strip_prefix('-') else {
                continue;
            };
            if let Some(slot) = held.bookings.keys().find(|slot| slot.as_str().to_lowercase() == rest) {
                return Some(SlotCode { room: room.clone(), slot: slot.clone() });
            }
        }
        None
    }

    fn today_place(&self, at: DateTime<Utc>) -> Option<usize> {
        let date = at.with_timezone(&self.contents.timezone.0).date_naive();
        let dates = &self.index.dates;
        // Late slots of one day may start on the date of the next: the day with most slots on it has the date.
        let fitting = dates.iter().enumerate().filter_map(|(place, day)| Some((*day.get(&date)?, place)));
        let most = fitting.max_by_key(|(count, place)| (*count, Reverse(*place))).map(|(_, place)| place);
        most.or_else(|| {
            let names = self.contents.days.keys();
            names.zip(dates).position(|(name, day)| day.is_empty() && is_weekday(name, date.weekday()))
        })
    }

    fn room_on(&self, track: &TrackName, at: DateTime<Utc>, today: Option<usize>) -> Option<&RoomName> {
        let held = self.held_on(track, at, today);
        let (.., room) = held.map(|(held, slot)| (order_at(slot, at), held.day, held.place, held.room)).min()?;
        self.contents.rooms.get_index(room).map(|(name, _)| name)
    }

    /// What a track holds on a day of the programme, and what runs now.
    fn held_on<'a>(
        &'a self,
        track: &TrackName,
        at: DateTime<Utc>,
        today: Option<usize>,
    ) -> impl Iterator<Item = (Held, &'a Slot)> {
        let held = self.index.holdings.get(track).into_iter().flatten();
        held.filter_map(move |holding| {
            let (day, place) = *self.index.slots.get(&holding.slot)?;
            let slot = self.contents.days.get_index(day)?.1.get(place)?;
            let held = Held { day, place, room: holding.room };
            (Some(day) == today || slot.runs_at(at)).then_some((held, slot))
        })
    }
}

/// Where a track's booking stands in the programme.
struct Held {
    day: usize,
    place: usize,
    room: usize,
}

/// Smaller is nearer: running, then to come, then over, each from the earliest on, then those without a time.
fn order_at(slot: &Slot, at: DateTime<Utc>) -> (u8, i64) {
    match slot.realtime {
        Some(_) if slot.runs_at(at) => (0, 0),
        Some(start) if start > at => (1, start.timestamp()),
        Some(start) => (2, start.timestamp()),
        None => (3, 0),
    }
}

/// `Monday`, `monday`, `Mon`.
fn is_weekday(name: &str, day: Weekday) -> bool {
    let full = match day {
        Weekday::Mon => "monday",
        Weekday::Tue => "tuesday",
        Weekday::Wed => "wednesday",
        Weekday::Thu => "thursday",
        Weekday::Fri => "friday",
        Weekday::Sat => "saturday",
        Weekday::Sun => "sunday",
    };
    let name = name.trim();
    name.eq_ignore_ascii_case(full) || name.eq_ignore_ascii_case(&full[..3])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Stage;
    use serde_json::json;

    fn time(raw: &str) -> DateTime<Utc> {
        raw.parse().expect("a time")
    }

    fn track() -> TrackName {
        TrackName::parse("swift").expect("a name")
    }

    /// A day of the event in Tokyo whose last slot begins after midnight there.
    fn tokyo() -> Stage {
        let slot = |name: &str, start: &str| json!({"name": name, "realtime": start, "duration": 120});
        Stage::with(json!({
            "timezone": "Asia/Tokyo",
            "slots": {
                "Monday": [slot("M1", "2026-10-19T01:00:00Z"), slot("M2", "2026-10-19T14:00:00Z"), slot("M3", "2026-10-19T16:00:00Z")],
                "Tuesday": [slot("T1", "2026-10-20T01:00:00Z"), slot("T2", "2026-10-20T03:00:00Z")],
            },
            "schedule": {"A": {"M1": "swift", "M3": "nova", "T2": "swift"}, "B": {"M2": "swift"}},
        }))
    }

    #[test]
    fn the_date_is_that_of_the_events_zone() {
        let board = tokyo().board;
        let day = |at: &str| board.today(time(at)).map(|(day, _)| day.to_owned());
        assert_eq!(day("2026-10-18T14:59:59Z"), None);
        assert_eq!(day("2026-10-18T15:00:00Z").as_deref(), Some("Monday"));
        assert_eq!(day("2026-10-19T14:59:59Z").as_deref(), Some("Monday"));
        assert_eq!(day("2026-10-19T15:00:00Z").as_deref(), Some("Tuesday"));
        assert_eq!(day("2026-10-20T15:00:00Z"), None);
    }

    #[test]
    fn a_slot_that_still_runs_after_midnight_is_where_its_track_is() {
        let board = tokyo().board;
        let room = |at: &str| board.room_of(&track(), time(at)).map(|room| room.as_str().to_owned());
        assert_eq!(room("2026-10-19T15:59:59Z").as_deref(), Some("B"));
        assert_eq!(room("2026-10-19T16:00:00Z").as_deref(), Some("A"));
        let nova = TrackName::parse("nova").expect("a name");
        assert_eq!(board.rooms_today(time("2026-10-19T17:00:00Z")).len(), 2);
        assert_eq!(board.room_of(&nova, time("2026-10-19T18:00:00Z")), None);
    }

    #[test]
    fn the_exact_spelling_wins() {
        let keys = json!({"mon": "", "MON": ""});
        let slots = json!({"Monday": [{"name": "mon"}, {"name": "MON"}]});
        let board = Stage::with(json!({"slots": slots, "schedule": {"a": keys, "A": keys}})).board;
        for code in board.codes() {
            assert_eq!(board.find_code(&code.to_string()), Some(code));
        }
        assert_eq!(board.find_code("A-Mon").map(|code| code.to_string()).as_deref(), Some("a-mon"));
    }

    #[test]
    fn known_codes_decide_where_a_code_is_cut() {
        let slots = json!({"Monday": [{"name": "1"}, {"name": "b-1"}, {"name": "Mon A"}]});
        let keys = json!({"1": "", "b-1": "", "Mon A": ""});
        let board =
            Stage::with(json!({"slots": slots, "schedule": {"a": {"1": ""}, "a-b": keys, "Pike's-Peak": keys}})).board;
        for code in board.codes() {
            assert_eq!(board.find_code(&code.to_string().to_uppercase()), Some(code));
        }
        for typed in ["", "-", "a", "a-", "-1", "a-b", "a--1", "b-1"] {
            assert_eq!(board.find_code(typed), None, "{typed}");
        }
    }
}
