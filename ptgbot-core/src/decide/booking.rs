//! Who holds which slot: `book`, `unbook`, `free`.

use super::named_slot::{meant_day, named_slot};
use super::policy;
use super::show::span_of;
use crate::board::Board;
use crate::booking::{Booking, Sharing};
use crate::decision::Decision;
use crate::event::TrackEvent;
use crate::policy::Enforcement;
use crate::refusal::Refusal;
use crate::reply::{Line, Span, say, spans};
use crate::request::Request;
use crate::room::{Availability, Room};
use crate::slot::{Slot, SlotCode};
use crate::track::TrackName;
use chrono::{DateTime, Utc};

/// Gives a slot to a track: one that is open, or one of a shared room to which it comes as one more.
pub(super) fn book(board: &Board, request: &Request, track: &TrackName, typed: &str) -> Result<Decision, Refusal> {
    let (code, room, booking) = named_slot(board, typed, request.at)?;
    match room.availability(booking, track) {
        Availability::Free => {
            let told = judged(board, request, track, &code, None)?;
            let when = time_of(board, &code, typed);
            let said = spans![track, " now holds ", &code].and(when).and(with_others(booking.holders()));
            let said = said.and([".".into()]);
            let said = said.and(told.into_spans());
            Ok(Decision::event(TrackEvent::SlotBooked { track: track.clone(), code }).saying(said))
        }
        Availability::Own => Ok(Decision::reply(say![track, " holds ", &code, " already."])),
        Availability::Taken(_) | Availability::Full => Err(not_available(board, request, track, code, booking, None)),
    }
}

/// Others have a slot: how it stands, and what is free instead.
pub(super) fn not_available(
    board: &Board,
    request: &Request,
    track: &TrackName,
    code: SlotCode,
    booking: &Booking,
    giving_up: Option<&SlotCode>,
) -> Refusal {
    let free = free_instead(board, request, track, &code, giving_up);
    match booking.holders() {
        [by] => Refusal::SlotTaken { by: by.clone(), code, free },
        holders => Refusal::SlotFull { code, count: holders.len(), free },
    }
}

/// ` (13:30-14:30 IST)` for a slot that was named by a time; nothing where its code was typed.
fn time_of(board: &Board, code: &SlotCode, typed: &str) -> Vec<Span> {
    let by_code = board.find_code(typed).is_some();
    let span = board.slot(&code.slot).and_then(Slot::span).filter(|_| !by_code);
    let Some((start, end)) = span else { return Vec::new() };
    spans![" (", span_of(start, end, board.contents().timezone), ")"].into_spans()
}

/// ` with #swift, #nova`; nothing where nobody else is there.
pub(super) fn with_others(others: &[TrackName]) -> Vec<Span> {
    if others.is_empty() { Vec::new() } else { spans![" with "].and_row(others, ", ").into_spans() }
}

/// Whether the rules let a track have a slot, and what is to be said of it where they only warn.
pub(super) fn judged(
    board: &Board,
    request: &Request,
    track: &TrackName,
    code: &SlotCode,
    giving_up: Option<&SlotCode>,
) -> Result<Line, Refusal> {
    let objections = board.objections(track, code, giving_up, request.at, request.role);
    if objections.is_empty() {
        return Ok(Line::default());
    }
    let against = policy::in_words(&objections, board.contents().timezone);
    match board.contents().policy.enforcement {
        Enforcement::Warn => Ok(Line::default().and(policy::against_the_rules(against))),
        Enforcement::Enforce => {
            let free = free_instead(board, request, track, code, giving_up);
            Err(Refusal::AgainstPolicy { why: against.into(), code: code.clone(), free })
        }
    }
}

/// What else a track may book: on the day of a slot, else on the first one after it or before it with something free.
fn free_instead(
    board: &Board,
    request: &Request,
    track: &TrackName,
    code: &SlotCode,
    giving_up: Option<&SlotCode>,
) -> Option<(String, Vec<SlotCode>)> {
    let days = &board.contents().days;
    let here = days.get_index_of(board.day_of(&code.slot)?)?;
    let wanted = board.slot(&code.slot).and_then(|slot| slot.realtime);
    let free_on = |place: usize| {
        let (day, slots) = days.get_index(place)?;
        let slots = slots.iter().filter(|slot| !slot.ended_by(request.at));
        let mut free = board.bookable(Some(track), giving_up, slots, request.at, request.role);
        // What begins at the same time or nearly so first, what is far from it not at all.
        free.sort_by_key(|code| distance(board, code, wanted));
        free.truncate(MOST_FREE);
        Some((day.clone(), free)).filter(|(_, free)| !free.is_empty())
    };
    let order = (here..days.len()).chain((0..here).rev());
    order.into_iter().find_map(free_on).or_else(|| Some((days.get_index(here)?.0.clone(), Vec::new())))
}

/// How far a slot begins from a time, in seconds; as far as can be where it has none.
fn distance(board: &Board, code: &SlotCode, wanted: Option<DateTime<Utc>>) -> u64 {
    let start = board.slot(&code.slot).and_then(|slot| slot.realtime);
    start.zip(wanted).map_or(u64::MAX, |(start, wanted)| (start - wanted).num_seconds().unsigned_abs())
}

/// So many codes are named in a refusal; `free` has all.
const MOST_FREE: usize = 12;

/// Frees a slot; only its holder may, and of several each for itself.
pub(super) fn unbook(board: &Board, track: &TrackName, typed: &str, at: DateTime<Utc>) -> Result<Decision, Refusal> {
    let (code, _, booking) = named_slot(board, typed, at)?;
    match booking.holders() {
        [] => Ok(Decision::reply(say![&code, " is free already."])),
        holders if holders.contains(track) => {
            let others: Vec<_> = holders.iter().filter(|holder| *holder != track).cloned().collect();
            let said = match others.as_slice() {
                [] => spans![&code, " is free again."],
                others => {
                    let said = spans![track, " no longer holds ", &code, ". Still there: "];
                    said.and_row(others, ", ").and([".".into()])
                }
            };
            Ok(Decision::event(TrackEvent::SlotFreed { track: track.clone(), code }).saying(said))
        }
        holders => Err(Refusal::NotYours { by: holders.to_vec(), code }),
    }
}

/// The codes that can be booked: today from now on, or on a day. Where rules are enforced, what the asker's track may not
/// take is left out.
pub(super) fn free(board: &Board, request: &Request, day: Option<&str>) -> Result<Decision, Refusal> {
    let today = board.today(request.at).map(|(day, _)| day.to_owned());
    let named = board.contents().days.keys().any(|day| day.eq_ignore_ascii_case("today"));
    let (when, day, from_now) = match day.filter(|day| named || !day.eq_ignore_ascii_case("today")) {
        None => match today {
            Some(day) => (format!("today ({day})"), day, true),
            None => return Ok(Decision::reply(no_day_today(board))),
        },
        Some(typed) => {
            let day = meant_day(board, typed, request.at)?;
            (format!("on {day}"), day, false)
        }
    };
    let track = track_of(board, request);
    let slots = board.contents().days.get(&day).into_iter().flatten();
    let slots = slots.filter(|slot| !from_now || !slot.ended_by(request.at));
    let free = board.bookable(track.as_ref(), None, slots, request.at, request.role);
    let whose = match &track {
        Some(track) if leaves_out(board, track) => spans![" for ", track],
        Some(_) | None => Line::default(),
    };
    Ok(Decision::reply(if free.is_empty() {
        spans!["Nothing is free ", when].and(whose.into_spans()).and([".".into()])
    } else {
        spans!["Free ", when].and(whose.into_spans()).and([": ".into()]).and_row(&free, ", ")
    }))
}

/// True where what is free to a track may be less than what is free to others.
fn leaves_out(board: &Board, track: &TrackName) -> bool {
    let shares = |room: &Room| {
        room.sharing == Sharing::Shared && room.bookings.values().any(|booking| booking.is_held_by(track))
    };
    board.contents().policy.enforcement == Enforcement::Enforce || board.contents().rooms.values().any(shares)
}

/// The one track that somebody moderates, or else has checked in to.
fn track_of(board: &Board, request: &Request) -> Option<TrackName> {
    let person = request.from.as_ref()?;
    let mut moderated = board.moderators().keys().filter(|track| board.moderates(person, track));
    match (moderated.next(), moderated.next()) {
        (Some(one), None) => Some(one.clone()),
        (Some(_), Some(_)) => None,
        (None, _) => board.check_in(&person.id).filter(|check_in| check_in.is_open())?.track(),
    }
}

/// The name of the day that a person means, or which there are.
pub(super) fn known_day(board: &Board, typed: &str) -> Result<String, Refusal> {
    board.find_day(typed).map(str::to_owned).ok_or_else(|| unknown_day(board, typed))
}

pub(super) fn unknown_day(board: &Board, typed: &str) -> Refusal {
    Refusal::UnknownDay { typed: typed.to_owned(), days: board.contents().days.keys().cloned().collect() }
}

fn no_day_today(board: &Board) -> String {
    let days: Vec<_> = board.contents().days.keys().map(String::as_str).collect();
    if days.is_empty() {
        "No slots are planned.".into()
    } else {
        format!("No slots today. Ask for a day: {}.", days.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use crate::stage::Stage;
    use serde_json::json;

    #[test]
    fn what_is_over_is_not_offered_but_may_be_booked() {
        let slot = |name: &str, start: &str| json!({"name": name, "realtime": format!("2026-10-19T{start}:00Z")});
        let mut stage = Stage::with(json!({
            "slots": {"Monday": [slot("1", "08:00"), slot("2", "09:00"), slot("3", "10:00")]},
            "schedule": {"A": {"1": "", "2": "", "3": "swift"}, "B": {"1": ""}},
        }));
        assert_eq!(stage.say("+free"), "Free today (Monday): A-2");
        assert_eq!(stage.say("+free Today"), "Free today (Monday): A-2");
        assert_eq!(stage.say("+free mon"), "Free on Monday: A-1, B-1, A-2");
        stage.say("~add nova");
        assert_eq!(stage.say("#nova book A-3"), "A-3 is held by #swift. Free on Monday: A-2.");
        assert_eq!(stage.say("#nova book b-1"), "#nova now holds B-1.");
    }
}
