//! What a track says about itself: `etherpad`, `url`, `color`, `location`.

use crate::board::Board;
use crate::color::Color;
use crate::decision::Decision;
use crate::event::TrackEvent;
use crate::link::HttpUrl;
use crate::refusal::Refusal;
use crate::reply::{Span, say};
use crate::text::Text;
use crate::track::TrackName;

pub(super) fn etherpad(board: &Board, track: &TrackName, url: Option<&HttpUrl>) -> Decision {
    let url = url.map(HttpUrl::to_string);
    match (&url, board.contents().etherpads.get(track)) {
        (None, None) => Decision::reply(say![track, " uses the generated pad already."]),
        (Some(new), Some(old)) if new == old => Decision::reply(say![track, " uses that pad already."]),
        _ => Decision::event(TrackEvent::EtherpadSet { track: track.clone(), url }),
    }
}

pub(super) fn url(board: &Board, track: &TrackName, url: Option<&HttpUrl>) -> Decision {
    let url = url.map(HttpUrl::to_string);
    match (&url, board.contents().urls.get(track)) {
        (None, None) => Decision::reply(say![track, " has no link of its own already."]),
        (Some(new), Some(old)) if new == old => Decision::reply(say![track, " has that link already."]),
        _ => Decision::event(TrackEvent::UrlSet { track: track.clone(), url }),
    }
}

/// Keeps the colour as it was typed, but only one that is a colour; says so where white is hard to read on it.
pub(super) fn color(board: &Board, track: &TrackName, typed: &str) -> Result<Decision, Refusal> {
    let Some(color) = Color::parse(typed) else { return Err(Refusal::BadColor { typed: typed.to_owned() }) };
    if board.contents().colors.get(track).is_some_and(|old| old == typed) {
        return Ok(Decision::reply(say![track, " has that colour already."]));
    }
    let decision = Decision::event(TrackEvent::ColorSet { track: track.clone(), color: typed.to_owned() });
    Ok(if color.carries_white_text() {
        decision
    } else {
        let contrast = color.contrast_with_white();
        decision.saying(say![
            "Set, but the white text is hard to read on ",
            Span::quoted(typed),
            format!(": contrast {contrast:.1}, 4.5 would be good. A darker colour helps.")
        ])
    })
}

pub(super) fn location(board: &Board, track: &TrackName, place: &Text) -> Decision {
    if board.contents().locations.get(track) == Some(place) {
        return Decision::reply(say![track, " is in ", place, " already."]);
    }
    Decision::event(TrackEvent::LocationSet { track: track.clone(), location: place.clone() })
}
