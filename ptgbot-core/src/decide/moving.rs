//! `move`: a booking goes to another slot, in one change.

use super::booking::{judged, not_available, with_others};
use super::named_slot::{MOST_GROWTH, is_time, named_slot};
use crate::board::Board;
use crate::booking::Booking;
use crate::decision::Decision;
use crate::event::TrackEvent;
use crate::refusal::Refusal;
use crate::reply::{say, spans};
use crate::request::Request;
use crate::room::{Availability, Room};
use crate::slot::SlotCode;
use crate::text::clean_name;
use crate::track::TrackName;

/// Moves a booking of a track to a free slot. Nothing is given back before the other slot is the track's.
pub(super) fn move_booking(
    board: &Board,
    request: &Request,
    track: &TrackName,
    typed: &str,
) -> Result<Decision, Refusal> {
    let typed = clean_name(typed);
    let (from, rest) = held_first(board, request, track, &typed)?;
    let (to, room, booking) = destination(board, request, &from, rest)?;
    match room.availability(booking, track) {
        Availability::Free => {
            let told = judged(board, request, track, &to, Some(&from))?;
            let said = spans![track, " moved from ", &from, " to ", &to].and(with_others(booking.holders()));
            let said = said.and([".".into()]).and(told.into_spans());
            Ok(Decision::event(TrackEvent::SlotMoved { track: track.clone(), from, to }).saying(said))
        }
        Availability::Own => Ok(Decision::reply(say![track, " holds ", &to, " already."])),
        Availability::Taken(_) | Availability::Full => {
            Err(not_available(board, request, track, to, booking, Some(&from)))
        }
    }
}

/// The booking of the track with which the words begin, by its code or as a room and a time, and what follows.
fn held_first<'a>(
    board: &Board,
    request: &Request,
    track: &TrackName,
    typed: &'a str,
) -> Result<(SlotCode, &'a str), Refusal> {
    let held = board.holdings(track).into_iter();
    let held: Vec<_> = held.map(|(_, slot, room)| SlotCode { room: room.clone(), slot: slot.name.clone() }).collect();
    let blanks = || typed.match_indices(' ').map(|(blank, _)| blank);
    let spelt: Vec<_> = held.iter().map(|code| (code.to_string().to_lowercase(), code)).collect();
    let longest = spelt.iter().map(|(name, _)| name.len()).max().unwrap_or_default() * MOST_GROWTH;
    // The longest, for one code may begin another.
    let code = blanks().take_while(|blank| *blank <= longest).filter_map(|blank| {
        let typed_code = typed[..blank].to_lowercase();
        let (_, code) = spelt.iter().find(|(name, _)| *name == typed_code)?;
        Some(((*code).clone(), &typed[blank + 1..]))
    });
    let code = code.last();
    if let Some(found) = code {
        return Ok(found);
    }
    let times = blanks().filter(|blank| typed[..*blank].rsplit(' ').next().is_some_and(is_time));
    for blank in times.take(MOST_TIMES) {
        let Ok((code, _, booking)) = named_slot(board, &typed[..blank], request.at) else { continue };
        match booking.holders() {
            [] => continue,
            holders if holders.contains(track) => return Ok((code, &typed[blank + 1..])),
            holders => return Err(Refusal::NotYours { by: holders.to_vec(), code }),
        }
    }
    Err(Refusal::NothingToMove { track: track.clone(), holds: held })
}

/// The slot to which a booking goes: named as in `book`, or by a time in the room where it is.
fn destination<'a>(
    board: &'a Board,
    request: &Request,
    from: &SlotCode,
    typed: &str,
) -> Result<(SlotCode, &'a Room, &'a Booking), Refusal> {
    let named = named_slot(board, typed.strip_prefix("to ").unwrap_or(typed), request.at);
    if named.is_ok() || !typed.rsplit(' ').next().is_some_and(is_time) {
        return named;
    }
    let typed = typed.strip_prefix("to ").unwrap_or(typed);
    let there = named_slot(board, &format!("{} {typed}", from.room), request.at);
    match there {
        // Neither a room nor a day: what was meant was another room.
        Err(Refusal::UnknownDay { .. } | Refusal::UnknownSlot { .. }) => named,
        there => there,
    }
}

/// So many times are looked at in a line.
const MOST_TIMES: usize = 8;
