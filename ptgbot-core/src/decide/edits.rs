//! Edits and deletions: a recent message that is edited or deleted takes what it did back.
//!
//! A message's changes are found in the history by [`Origin::is_of`](crate::Origin::is_of). What is nobody's but a
//! person's own (check-ins, subscriptions) is no part of it: an edit of such a command just does the new one too.

use super::{decide, may, undo};
use crate::board::Board;
use crate::command::read::read;
use crate::command::{Scope, Spec};
use crate::decision::{Decision, Outcome};
use crate::event::Event;
use crate::history::Change;
use crate::record::{Origin, Record};
use crate::refusal::{Refusal, Unamended};
use crate::request::{Ask, Request};
use crate::setting::Setting;
use crate::text::clean;
use crate::track::TrackName;
use chrono::TimeDelta;

/// What became of the change that a message led to.
enum Fate<'a> {
    /// It led to none.
    None,
    /// It stands.
    Stands(&'a Change),
    /// An earlier edit or deletion of the message took it back: this is that taking back.
    Withdrawn(&'a Change),
    /// Somebody took it back.
    Undone(&'a Change),
    /// It stands and cannot be taken back: it is an undo, or nothing is kept of what was before.
    Final(&'a Change),
}

/// Takes back what a message of the same person did and does what it says now, both or neither. Where it did
/// nothing but was a command, what it says now is done.
pub(super) fn amend(
    board: &Board,
    request: &Request,
    original: &str,
    was: Option<&str>,
    text: &str,
) -> Result<Decision, Refusal> {
    if was.is_some_and(|was| is_same(board, request, was, text)) {
        return Ok(Decision::ignored());
    }
    match Fate::of(board, original) {
        Fate::None if was.is_some_and(|was| is_command(board, request, was)) => say(board, request, text),
        Fate::Withdrawn(change) if is_by(change, request) => say(board, request, text),
        Fate::Stands(change) if is_by(change, request) && !is_same(board, request, &change.what, text) => {
            replace(board, request, change, text)
        }
        Fate::Undone(change) if is_by(change, request) && is_command(board, request, text) => {
            Err(stands(change, Unamended::UndoneAlready))
        }
        Fate::Final(change) if is_by(change, request) => Err(stands(change, Unamended::Final)),
        Fate::None | Fate::Withdrawn(_) | Fate::Stands(_) | Fate::Undone(_) | Fate::Final(_) => Ok(Decision::ignored()),
    }
}

/// Takes back what a message did that is gone. Its author may, and an op; for anything else there is silence.
pub(super) fn withdraw(board: &Board, request: &Request, original: &str) -> Result<Decision, Refusal> {
    match Fate::of(board, original) {
        Fate::Stands(change) if may_withdraw(change, request) && is_recent(change, request) => {
            let event = taking_back(board, request, change)?;
            if let Some(later) = changed_since(board, change) {
                return Err(stands(change, Unamended::DeletedTooLate { later: later.what.clone() }));
            }
            Ok(Decision::event(event).saying(undo::taken_back(board, change, track_of(change))))
        }
        Fate::None | Fate::Withdrawn(_) | Fate::Stands(_) | Fate::Undone(_) | Fate::Final(_) => Ok(Decision::ignored()),
    }
}

impl<'a> Fate<'a> {
    fn of(board: &'a Board, original: &str) -> Self {
        let history = board.history();
        let changes = || history.newest_first().filter(|change| change.origin.is_of(original));
        if let Some(change) = changes().find(|change| change.can_be_undone()) {
            return Self::Stands(change);
        }
        let Some(newest) = changes().next() else { return Self::None };
        match newest.undoes.map(|revision| history.change(revision)) {
            Some(Some(undone)) if undone.origin.is_of(original) => Self::Withdrawn(newest),
            None if newest.undone => Self::Undone(newest),
            Some(_) | None => Self::Final(newest),
        }
    }
}

fn replace(board: &Board, request: &Request, change: &Change, text: &str) -> Result<Decision, Refusal> {
    if !is_recent(change, request) {
        return Err(stands(change, Unamended::TooOld));
    }
    let event = taking_back(board, request, change)?;
    if let Some(later) = changed_since(board, change) {
        return Err(stands(change, Unamended::ChangedSince { later: later.what.clone() }));
    }
    let (revision, by, origin) = (board.revision() + 1, request.from.clone(), Origin::default());
    let record = Record { revision, at: request.at, by, origin, event };
    let mut after = board.clone();
    after.apply(&record);
    let said = say(&after, request, text).map_err(|why| stands(change, Unamended::Refused(Box::new(why))))?;
    if said.task.is_some() {
        return Err(stands(change, Unamended::TakesAWhile));
    }
    if said.outcome() == Outcome::Ignored {
        return Ok(Decision::event(record.event).saying(undo::taken_back(board, change, track_of(change))));
    }
    let events = std::iter::once(record.event).chain(said.events).collect();
    Ok(Decision { events, ..said })
}

/// The event that takes a change back, if the person may do that now: what `#TRACK undo` could take back needs
/// what that needs, everything else an op.
fn taking_back(board: &Board, request: &Request, change: &Change) -> Result<Event, Refusal> {
    let track = track_of(change);
    let scope = if track.is_some() { Scope::Track } else { Scope::Admin };
    let spec = Spec::find(scope, "undo").expect("undo is a command of tracks and of ops");
    may(board, request, spec).map_err(|why| stands(change, Unamended::Refused(Box::new(why))))?;
    let (revision, restored) = (change.revision, change.before.clone());
    Ok(Event::ChangeUndone { revision, track: track.cloned(), restored })
}

/// The newest later change of the same track or the same thing that still stands.
fn changed_since<'a>(board: &'a Board, change: &Change) -> Option<&'a Change> {
    let later = board.history().newest_first().take_while(|later| later.revision > change.revision);
    let touches = |a: &Setting, b: &Setting| a.overlaps(b) || a.names().is_some_and(|track| b.names() == Some(track));
    later
        .filter(|later| later.can_be_undone())
        .find(|later| later.before.iter().any(|a| change.before.iter().any(|b| touches(a, b))))
}

/// The one track of which all of a change is.
fn track_of(change: &Change) -> Option<&TrackName> {
    let track = change.before.first()?.track()?;
    change.before.iter().all(|setting| setting.track() == Some(track)).then_some(track)
}

fn may_withdraw(change: &Change, request: &Request) -> bool {
    is_by(change, request) || request.role >= crate::role::Role::Op
}

fn is_by(change: &Change, request: &Request) -> bool {
    match (&change.by, &request.from) {
        (Some(by), Some(from)) => by.id == from.id,
        (Some(_) | None, _) => false,
    }
}

fn is_recent(change: &Change, request: &Request) -> bool {
    request.at - change.at <= RECENT
}

/// True when both read as the same command, or differ in blanks only.
fn is_same(board: &Board, request: &Request, a: &str, b: &str) -> bool {
    clean(a) == clean(b)
        || match (read(board, request, a), read(board, request, b)) {
            (Ok(Some(a)), Ok(Some(b))) => a.command == b.command && a.track == b.track,
            (Ok(_) | Err(_), _) => false,
        }
}

/// True when a line is for the bot, also one that it refuses.
fn is_command(board: &Board, request: &Request, line: &str) -> bool {
    !matches!(read(board, request, line), Ok(None))
}

fn say(board: &Board, request: &Request, text: &str) -> Result<Decision, Refusal> {
    decide(board, &Request { ask: Ask::Said(text.to_owned()), ..request.clone() })
}

fn stands(change: &Change, why: Unamended) -> Refusal {
    Refusal::NotAmended { what: change.what.clone(), why }
}

/// How old a change may be for an edit or a deletion of its message to take it back.
const RECENT: TimeDelta = TimeDelta::hours(1);
