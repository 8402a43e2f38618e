//! What tracks discuss: `now`, `next`, `advance`, `drop`, `clean`.

use super::show;
use crate::board::Board;
use crate::decision::Decision;
use crate::event::{BoardEvent, TrackEvent};
use crate::limits;
use crate::refusal::Refusal;
use crate::reply::{Line, Span, say, spans};
use crate::text::Text;
use crate::track::TrackName;
use chrono::{DateTime, Utc};

/// Announces what is discussed now. A track without a room today is told so: people would look for it in vain.
pub(super) fn now(board: &Board, track: &TrackName, topic: &Text, at: DateTime<Utc>) -> Decision {
    let event = TrackEvent::TopicSet { track: track.clone(), topic: topic.clone() };
    telling_of_missing_room(Decision::event(event), board, track, at)
}

/// Announces what will be discussed.
pub(super) fn next(board: &Board, track: &TrackName, topic: &Text, at: DateTime<Utc>) -> Result<Decision, Refusal> {
    if board.contents().next.get(track).is_some_and(|list| list.len() >= limits::NEXT_TOPICS) {
        return Err(Refusal::ListFull { what: "next topics", most: limits::NEXT_TOPICS });
    }
    let event = TrackEvent::TopicPlanned { track: track.clone(), topic: topic.clone() };
    Ok(telling_of_missing_room(Decision::event(event), board, track, at))
}

/// Takes the first of the next topics; the rest stays.
pub(super) fn advance(board: &Board, track: &TrackName, at: DateTime<Utc>) -> Decision {
    match board.contents().next.get(track).and_then(|list| list.first()) {
        Some(topic) => {
            let said = spans![track, " now: ", topic];
            let event = TrackEvent::TopicAdvanced { track: track.clone(), topic: topic.clone() };
            match missing_room(board, track, at) {
                Some(hint) => Decision::event(event).saying(Line::joined([said, hint], ". ")),
                None => Decision::event(event).saying(said),
            }
        }
        None => Decision::reply(say![track, " has nothing next to advance to."]),
    }
}

/// Takes one of the next topics off the list.
pub(super) fn drop(board: &Board, track: &TrackName, number: usize) -> Result<Decision, Refusal> {
    let list = board.contents().next.get(track).map(Vec::as_slice).unwrap_or_default();
    match number.checked_sub(1).and_then(|place| list.get(place)) {
        Some(topic) => {
            let event = TrackEvent::TopicDropped { track: track.clone(), number };
            Ok(Decision::event(event).saying(say!["Dropped: ", topic]))
        }
        None => Err(Refusal::NoSuchPlace { what: "next topic", number, count: list.len() }),
    }
}

/// Removes now and next.
pub(super) fn clean(board: &Board, track: &TrackName) -> Decision {
    let contents = board.contents();
    if contents.now.contains_key(track) || contents.next.contains_key(track) {
        Decision::event(BoardEvent::TopicsCleared { tracks: vec![track.clone()] })
    } else {
        Decision::reply(say![track, " has nothing to clean."])
    }
}

fn telling_of_missing_room(decision: Decision, board: &Board, track: &TrackName, at: DateTime<Utc>) -> Decision {
    match missing_room(board, track, at) {
        Some(hint) => decision.saying(Line::joined([spans!["Noted"], hint], ". ")),
        None => decision,
    }
}

fn missing_room(board: &Board, track: &TrackName, at: DateTime<Utc>) -> Option<Line> {
    if board.place_of(track, at).is_some() {
        return None;
    }
    let free = show::free_today(board, at);
    let location = Span::Command(format!("{track} location …"));
    Some(match free.first() {
        Some(code) => spans![
            "But ",
            track,
            " has no room today: book one (",
            Span::Command(format!("{track} book {code}")),
            ") or say where it meets (",
            location,
            ")."
        ],
        None => spans!["But ", track, " has no room today: say where it meets (", location, ")."],
    })
}
