//! Who may give a track's commands: `moderators`.

use super::known_track;
use crate::board::Board;
use crate::command::{Scope, Spec};
use crate::decision::Decision;
use crate::event::BoardEvent;
use crate::limits;
use crate::person::{Folding, PersonId};
use crate::refusal::Refusal;
use crate::reply::{Line, Reply, Span, say, spans};
use crate::request::Request;
use crate::text::{clean, is_invisible};
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
    Decision::event(BoardEvent::ModeratorsSet { track, people: None })
}

/// Names people of this network. Those of other networks stay: nobody can name them from here.
fn name(board: &Board, request: &Request, track: TrackName, words: &[String]) -> Result<Decision, Refusal> {
    let words = words.iter().flat_map(|word| word.split(',')).filter(|word| !word.is_empty());
    let named = words.map(|word| person(request, word)).collect::<Result<BTreeSet<_>, _>>()?;
    let before = board.moderators().get(&track).cloned().unwrap_or_default();
    let elsewhere = before.iter().filter(|person| person.network().is_some_and(|home| *home != request.network));
    let people: BTreeSet<PersonId> = elsewhere.cloned().chain(named).collect();
    if people.len() > limits::MODERATORS {
        return Err(Refusal::TooMany { what: "moderators of one track", most: limits::MODERATORS });
    }
    if people == before {
        return Ok(Decision::reply(line(board, &track)));
    }
    Ok(Decision::event(BoardEvent::ModeratorsSet { track, people: Some(people) }))
}

/// Somebody as they are named on this network: a nick, also with the sign that an op or a voiced person has in lists of
/// names, or a full Matrix ID. What is no name would lock out whoever was meant.
fn person(request: &Request, word: &str) -> Result<PersonId, Refusal> {
    let wrong = |problem| {
        let spec = Spec::find(Scope::Admin, "moderators").expect("moderators is a command of ops");
        Err(Refusal::Usage { spec, problem: Some(problem) })
    };
    if word.chars().any(is_invisible) || word.chars().count() > LONGEST_NAME || word.contains(['<', '>', '!', '*']) {
        return wrong(format!("{} is nobody's name", clean(word)));
    }
    if request.folding == Folding::Exact {
        let is_id = word.strip_prefix('@').is_some_and(|rest| rest.contains(':'));
        return match is_id {
            true => Ok(PersonId::new(&request.network, word, request.folding)),
            false => wrong(format!("{word} is no full ID such as @jane:example.org")),
        };
    }
    let nick = word.trim_start_matches(['@', '+']);
    let is_word = ["none", "off", "on", "all"].iter().any(|known| nick.eq_ignore_ascii_case(known));
    if is_word || nick.is_empty() || nick.starts_with(['#', '~', ':']) {
        return wrong(format!("{word} is nobody's name"));
    }
    Ok(PersonId::new(&request.network, nick, request.folding))
}

/// No network has longer names, in characters: a Matrix ID is at most 255 bytes.
const LONGEST_NAME: usize = 255;

fn line(board: &Board, track: &TrackName) -> Line {
    match board.moderators().get(track) {
        Some(people) if people.is_empty() => spans![track, ": ops alone."],
        Some(people) => spans![track, ": "].and_row(people.iter().map(|person| Span::person(person.key())), ", "),
        None => spans![track, " has no moderators of its own."],
    }
}
