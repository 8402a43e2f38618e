//! When a track meets: `when`.

use super::show::span_of;
use crate::board::Board;
use crate::decision::Decision;
use crate::reply::{Line, say, spans};
use crate::track::TrackName;
use chrono::{DateTime, Utc};

/// The slots of a track that are not over, the next one first; at the end those whose time is not known.
pub(super) fn when(board: &Board, track: &TrackName, at: DateTime<Utc>) -> Decision {
    let zone = board.contents().timezone;
    let mut coming = board.holdings(track);
    coming.retain(|(_, slot, _)| !slot.ended_by(at));
    coming.sort_by_key(|(_, slot, _)| (slot.realtime.is_none(), slot.realtime));
    let lines = coming.into_iter().map(|(day, slot, room)| {
        let said = spans![track, ": ", day.to_owned(), " "];
        let said = match slot.span() {
            Some((start, end)) => said.and([span_of(start, end, zone)]),
            None if slot.desc.is_empty() => said.and([slot.name.as_str().into()]),
            None => said.and([slot.desc.as_str().into()]),
        };
        said.and([" in ".into(), crate::reply::Span::quoted(room.as_str())]).item()
    });
    let lines: Vec<Line> = lines.collect();
    Decision::reply(if lines.is_empty() { say![track, " has no coming slot."] } else { lines.into() })
}
