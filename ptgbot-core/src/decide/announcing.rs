//! What a room is told by itself: `announce`.

use crate::announced::{Announced, AnnouncedIn};
use crate::board::Board;
use crate::decision::Decision;
use crate::due::RoomAddress;
use crate::event::BoardEvent;
use crate::limits;
use crate::refusal::Refusal;
use crate::reply::say;
use crate::request::Request;

/// What this room is told.
pub(super) fn tell(board: &Board, request: &Request) -> Decision {
    let Some(room) = room_of(request) else { return Decision::ignored() };
    let announced = &board.contents().announced;
    let state = |what| if announced.rooms(what).contains(&room) { "on" } else { "off" };
    Decision::reply(say![
        "In this channel slots are ",
        state(Announced::Slots),
        ", changes are ",
        state(Announced::Changes),
        "."
    ])
}

pub(super) fn set(board: &Board, request: &Request, what: Announced, on: bool) -> Result<Decision, Refusal> {
    let Some(room) = room_of(request) else { return Ok(Decision::ignored()) };
    let AnnouncedIn { slots, changes } = &board.contents().announced;
    if board.contents().announced.rooms(what).contains(&room) == on {
        let state = if on { "on" } else { "off" };
        return Ok(Decision::reply(say!["In this channel ", what.to_string(), " are ", state, " already."]));
    }
    if on && slots.len() + changes.len() >= limits::ANNOUNCED_ROOMS {
        return Err(Refusal::TooMany { what: "channels with announcements", most: limits::ANNOUNCED_ROOMS });
    }
    Ok(Decision::event(BoardEvent::AnnouncingSet { what, room, on }))
}

/// Where it was asked; nothing in private.
fn room_of(request: &Request) -> Option<RoomAddress> {
    let room = request.place.room()?.to_owned();
    Some(RoomAddress { network: request.network.clone(), room })
}
