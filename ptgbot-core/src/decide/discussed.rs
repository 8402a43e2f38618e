//! What was discussed: `log`.

use super::booking::known_day;
use super::known_track;
use super::show::span_of;
use crate::board::Board;
use crate::contents::Zone;
use crate::decision::Decision;
use crate::discussion::Discussion;
use crate::refusal::Refusal;
use crate::reply::{Line, Reply, Span, say, spans};
use crate::request::{Place, Request};
use crate::track::TrackName;
use chrono::{DateTime, NaiveDate, Utc};

/// The topics of a day, of all tracks or one: all of them in private, in a channel the last few and where the rest is.
pub(super) fn log(board: &Board, request: &Request, rest: &str) -> Result<Decision, Refusal> {
    let zone = board.contents().timezone;
    let (track, day) = track_and_day(board, rest)?;
    let dates = match day {
        Some(day) => dates_of(board, day)?,
        None => vec![zone.date(request.at)],
    };
    let is_wanted = |one: &&Discussion| {
        dates.contains(&zone.date(one.from)) && track.as_ref().is_none_or(|track| *track == one.track)
    };
    let discussed: Vec<&Discussion> = board.discussions().iter().filter(is_wanted).collect();
    let Some(date) = discussed.last().map(|last| zone.date(last.from)) else {
        return Ok(Decision::reply(nothing(track.as_ref(), dates.first().copied())));
    };
    let shown = match request.place {
        Place::Room(_) => &discussed[discussed.len().saturating_sub(SHOWN_IN_A_ROOM)..],
        Place::Private => &discussed[..],
    };
    let mut lines: Vec<Line> = shown.iter().map(|one| line(one, request.at, zone)).collect();
    if let (Place::Room(_), Some(page)) = (&request.place, &request.page) {
        let address = format!("{}/record/{date}.html", page.as_str().trim_end_matches('/'));
        lines.push(spans!["All of it: ", Span::link(&address)]);
    } else if shown.len() < discussed.len() {
        let earlier = discussed.len() - shown.len();
        lines.push(spans![
            "… and ",
            earlier,
            " earlier: send me ",
            Span::command(format!("log {rest}").trim()),
            " in private."
        ]);
    }
    Ok(Decision::reply(Reply::from(lines)))
}

/// `#swift`, `Monday`, `#swift Monday`; the first word is a track if one is called so, and the rest a day.
fn track_and_day<'a>(board: &Board, rest: &'a str) -> Result<(Option<TrackName>, Option<&'a str>), Refusal> {
    let (first, day) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_track = first.starts_with('#') || TrackName::parse(first).is_ok_and(|track| board.knows(&track));
    let (track, day) = if is_track { (Some(known_track(board, first)?), day) } else { (None, rest) };
    Ok((track, Some(day).filter(|day| !day.is_empty())))
}

/// The dates of a day of the programme, or a date as people write it: `2026-10-19`.
fn dates_of(board: &Board, day: &str) -> Result<Vec<NaiveDate>, Refusal> {
    if let Ok(date) = NaiveDate::parse_from_str(day, "%Y-%m-%d") {
        return Ok(vec![date]);
    }
    let zone = board.contents().timezone;
    let slots = &board.contents().days[known_day(board, day)?.as_str()];
    Ok(slots.iter().filter_map(|slot| slot.realtime).map(|start| zone.date(start)).collect())
}

fn line(one: &Discussion, now: DateTime<Utc>, zone: Zone) -> Line {
    let time = if one.runs_at(now) { super::show::since(one.from, zone) } else { span_of(one.from, one.until(), zone) };
    let said = spans![time, " ", &one.track];
    let said = match &one.place {
        Some(place) => said.and([" (".into(), Span::quoted(place), ")".into()]),
        None => said,
    };
    said.and([": ".into(), (&one.topic).into()]).item()
}

fn nothing(track: Option<&TrackName>, date: Option<NaiveDate>) -> Reply {
    let when = date.map(|date| format!(" on {date}")).unwrap_or_default();
    match track {
        Some(track) => say![track, " has announced nothing", when, "."],
        None => say!["Nothing was announced", when, "."],
    }
}

/// How many topics a channel is told.
const SHOWN_IN_A_ROOM: usize = 3;
