//! The list of tracks: `~list`, `~add`, `~del`, `~clean`.

use crate::board::Board;
use crate::decision::Decision;
use crate::event::BoardEvent;
use crate::limits;
use crate::refusal::Refusal;
use crate::reply::{Span, spans};
use crate::slot::SlotCode;
use crate::track::TrackName;

pub(super) fn list(board: &Board) -> Decision {
    let tracks = &board.contents().tracks;
    Decision::reply(if tracks.is_empty() {
        spans!["There are no tracks yet. ", Span::command("~add TRACK"), " adds one."]
    } else {
        let count = if tracks.len() == 1 { "1 track: ".to_owned() } else { format!("{} tracks: ", tracks.len()) };
        spans![count].and_row(tracks, " ")
    })
}

/// Adds all or, when a name is invalid, none.
pub(super) fn add(board: &Board, names: &[String]) -> Result<Decision, Refusal> {
    let named = names.iter().map(|name| TrackName::parse(name)).collect::<Result<Vec<_>, _>>();
    let named = without_doubles(named.map_err(Refusal::BadTrackName)?);
    let (known, new): (Vec<_>, Vec<_>) = named.into_iter().partition(|track| board.knows(track));
    if !new.is_empty() && board.contents().tracks.len() + new.len() > limits::TRACKS {
        return Err(Refusal::TooMany { what: "tracks", most: limits::TRACKS });
    }
    Ok(match (new.is_empty(), known.is_empty()) {
        (true, _) => Decision::reply(spans!["Known already: "].and_row(&known, " ").and([".".into()])),
        (false, true) => Decision::event(BoardEvent::TracksAdded { tracks: new }),
        (false, false) => {
            let said = spans!["Added "].and_row(&new, " ").and([". Known already: ".into()]);
            let said = said.and_row(&known, " ").and([".".into()]);
            Decision::event(BoardEvent::TracksAdded { tracks: new }).saying(said)
        }
    })
}

/// Removes tracks with their now and next. Bookings stay: they may be meant for another name of the same track.
pub(super) fn del(board: &Board, names: &[String]) -> Result<Decision, Refusal> {
    let tracks = all_known(board, names)?;
    let held: Vec<SlotCode> = tracks.iter().flat_map(|track| held_by(board, track)).collect();
    let decision = Decision::event(BoardEvent::TracksDeleted { tracks });
    Ok(match held.len() {
        0 => decision,
        1 => decision.saying(spans!["Removed. 1 booking is left: ", &held[0], "."]),
        count => {
            let said = spans!["Removed. ", count, " bookings are left: "];
            decision.saying(said.and_row(&held, ", ").and([".".into()]))
        }
    })
}

pub(super) fn clean(board: &Board, names: &[String]) -> Result<Decision, Refusal> {
    let contents = board.contents();
    let named = all_known(board, names)?;
    let tracks: Vec<_> = named
        .into_iter()
        .filter(|track| contents.now.contains_key(track) || contents.next.contains_key(track))
        .collect();
    Ok(if tracks.is_empty() {
        Decision::reply("There is nothing to clean.")
    } else {
        Decision::event(BoardEvent::TopicsCleared { tracks })
    })
}

fn all_known(board: &Board, names: &[String]) -> Result<Vec<TrackName>, Refusal> {
    let parsed = names.iter().map(|name| TrackName::parse(name).ok().filter(|track| board.knows(track)));
    let (known, unknown): (Vec<_>, Vec<_>) = parsed.zip(names).partition(|(track, _)| track.is_some());
    if let [(_, name)] = unknown.as_slice() {
        return Err(super::known_track(board, name)
            .err()
            .unwrap_or(Refusal::UnknownTracks { names: vec![(*name).clone()] }));
    }
    if !unknown.is_empty() {
        return Err(Refusal::UnknownTracks { names: unknown.into_iter().map(|(_, name)| name.clone()).collect() });
    }
    Ok(without_doubles(known.into_iter().filter_map(|(track, _)| track)))
}

fn held_by(board: &Board, track: &TrackName) -> Vec<SlotCode> {
    let held = |code: &SlotCode| {
        let room = board.contents().rooms.get(&code.room);
        room.and_then(|room| room.bookings.get(&code.slot)).is_some_and(|booking| booking.is_held_by(track))
    };
    board.codes().filter(held).collect()
}

fn without_doubles(tracks: impl IntoIterator<Item = TrackName>) -> Vec<TrackName> {
    let mut kept = Vec::new();
    for track in tracks {
        if !kept.contains(&track) {
            kept.push(track);
        }
    }
    kept
}
