//! The list of tracks: `~list`, `~add`, `~del`, `~clean`.

use crate::board::Board;
use crate::decision::Decision;
use crate::event::Event;
use crate::refusal::{Refusal, codes};
use crate::room::Booking;
use crate::slot::SlotCode;
use crate::track::TrackName;

pub(super) fn list(board: &Board) -> Decision {
    let tracks = &board.contents().tracks;
    Decision::reply(if tracks.is_empty() {
        "There are no tracks yet. ~add TRACK adds one.".to_owned()
    } else {
        let count = if tracks.len() == 1 { "1 track".to_owned() } else { format!("{} tracks", tracks.len()) };
        format!("{count}: {}", row(tracks))
    })
}

/// Adds all or, when a name is invalid, none.
pub(super) fn add(board: &Board, names: &[String]) -> Result<Decision, Refusal> {
    let named = names.iter().map(|name| TrackName::parse(name)).collect::<Result<Vec<_>, _>>();
    let named = without_doubles(named.map_err(Refusal::BadTrackName)?);
    let (known, new): (Vec<_>, Vec<_>) = named.into_iter().partition(|track| board.knows(track));
    Ok(match (new.is_empty(), known.is_empty()) {
        (true, _) => Decision::reply(format!("Known already: {}.", row(&known))),
        (false, true) => Decision::event(Event::TracksAdded { tracks: new }),
        (false, false) => {
            let said = format!("Added {}. Known already: {}.", row(&new), row(&known));
            Decision::event(Event::TracksAdded { tracks: new }).saying(said)
        }
    })
}

/// Removes tracks with their now and next. Bookings stay: they may be meant for another name of the same track.
pub(super) fn del(board: &Board, names: &[String]) -> Result<Decision, Refusal> {
    let tracks = all_known(board, names)?;
    let held: Vec<SlotCode> = tracks.iter().flat_map(|track| held_by(board, track)).collect();
    let decision = Decision::event(Event::TracksDeleted { tracks });
    Ok(match held.len() {
        0 => decision,
        1 => decision.saying(format!("Removed. 1 booking is left: {}.", codes(&held))),
        count => decision.saying(format!("Removed. {count} bookings are left: {}.", codes(&held))),
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
        Decision::event(Event::TopicsCleared { tracks })
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
        room.and_then(|room| room.bookings.get(&code.slot)).and_then(Booking::holder) == Some(track)
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

fn row<'a>(tracks: impl IntoIterator<Item = &'a TrackName>) -> String {
    tracks.into_iter().map(TrackName::to_string).collect::<Vec<_>>().join(" ")
}
