//! Who may give a track's commands: `moderators`.

use super::known_track;
use crate::board::Board;
use crate::command::{Scope, Spec};
use crate::decision::Decision;
use crate::event::PersonEvent;
use crate::limits;
use crate::person::{Folding, PersonId};
use crate::refusal::Refusal;
use crate::reply::{Line, Reply, Span, say, spans};
use crate::request::Request;
use crate::track::TrackName;
use std::collections::BTreeSet;

pub(super) fn moderators(board: &Board, request: &Request, words: &[String]) -> Result<Decision, Refusal> {
    let Some((track, names)) = words.split_first() else { return Ok(all(board)) };
    let track = known_track(board, track)?;
    match names {
        [] => Ok(Decision::reply(line(board, &track))),
        [word] if word.eq_ignore_ascii_case("none") => Ok(none(board, track)),
        names => name(board, request, track, names),
    }
}

fn all(board: &Board) -> Decision {
    let tracks = board.moderators().keys();
    let lines: Vec<Line> = tracks.map(|track| line(board, track).item()).collect();
    Decision::reply(if lines.is_empty() { "No track has moderators of its own.".into() } else { Reply::from(lines) })
}

fn none(board: &Board, track: TrackName) -> Decision {
    if !board.moderators().contains_key(&track) {
        return Decision::reply(say![&track, " has no moderators of its own."]);
    }
    Decision::event(PersonEvent::ModeratorsSet { track, people: Vec::new() })
}

/// Names people of this network. Those of other networks stay: nobody can name them from here.
fn name(board: &Board, request: &Request, track: TrackName, names: &[String]) -> Result<Decision, Refusal> {
    if let Some(wrong) = names.iter().find(|name| request.folding == Folding::Exact && !is_matrix_id(name)) {
        let spec = Spec::find(Scope::Admin, "moderators").ok_or(Refusal::NeedsName)?;
        let problem = format!("{wrong} is no full ID such as @jane:example.org");
        return Err(Refusal::Usage { spec, problem: Some(problem) });
    }
    let before = board.moderators().get(&track).cloned().unwrap_or_default();
    let elsewhere = before.iter().filter(|person| person.network().is_some_and(|home| *home != request.network));
    let named = names.iter().map(|name| PersonId::new(&request.network, name, request.folding));
    let people: BTreeSet<PersonId> = elsewhere.cloned().chain(named).collect();
    if people.len() > limits::MODERATORS {
        return Err(Refusal::TooMany { what: "moderators of one track", most: limits::MODERATORS });
    }
    if people == before {
        return Ok(Decision::reply(line(board, &track)));
    }
    Ok(Decision::event(PersonEvent::ModeratorsSet { track, people: people.into_iter().collect() }))
}

fn line(board: &Board, track: &TrackName) -> Line {
    match board.moderators().get(track) {
        Some(people) => spans![track, ": "].and_row(people.iter().map(|person| Span::person(person.key())), ", "),
        None => spans![track, " has no moderators of its own."],
    }
}

fn is_matrix_id(name: &str) -> bool {
    name.strip_prefix('@').is_some_and(|rest| rest.contains(':'))
}
