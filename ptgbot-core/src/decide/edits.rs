//! Edits and deletions: a recent message that is edited or deleted takes what it did back.
//!
//! A message's changes are found in the history by [`Origin::is_of`](crate::Origin::is_of). What is nobody's but a
//! person's own (check-ins, subscriptions) is no part of it: an edit of such a command just does the new one too.

use super::lines::split;
use super::read::read;
use super::{decide, may, policy, undo};
use crate::board::Board;
use crate::command::{Scope, Spec};
use crate::decision::{Decision, Outcome};
use crate::event::{BoardEvent, Event};
use crate::history::Change;
use crate::record::{Origin, Record};
use crate::refusal::{EditRefused, Refusal};
use crate::reply::Line;
use crate::request::{Ask, Request};
use crate::setting::Setting;
use crate::track::TrackName;
use chrono::TimeDelta;

/// What became of the changes that a message led to.
enum MessageEffect<'a> {
    /// It led to none.
    None,
    /// They stand, some at least.
    Stands(Changes<'a>),
    /// An earlier edit or deletion of the message took them back: this is the last taking back.
    TakenBack(&'a Change),
    /// Somebody took them back.
    Undone(&'a Change),
    /// They stand and cannot be taken back: an undo, or nothing is kept of what was before.
    Final(&'a Change),
}

/// The changes of one message that stand: one a line.
struct Changes<'a> {
    newest: &'a Change,
    /// Those before it, newest first.
    before: Vec<&'a Change>,
}

/// Takes back what a message of the same person did and does what it says now, both or neither. Where it did
/// nothing but was a command, what it says now is done.
pub(super) fn edit(
    board: &Board,
    request: &Request,
    original: &str,
    was: Option<&str>,
    text: &str,
) -> Result<Decision, Refusal> {
    if was.is_some_and(|was| is_same(board, request, was, text)) {
        return Ok(Decision::ignored());
    }
    match MessageEffect::of(board, original) {
        MessageEffect::None if was.is_some_and(|was| is_command(board, request, was)) => say(board, request, text),
        MessageEffect::TakenBack(change) if is_by(change, request) => say(board, request, text),
        MessageEffect::Stands(changes)
            if is_by(changes.newest, request) && !is_same(board, request, &changes.what(), text) =>
        {
            replace(board, request, &changes, text)
        }
        MessageEffect::Undone(change) if is_by(change, request) && is_command(board, request, text) => {
            Err(stands(&change.what, EditRefused::UndoneAlready))
        }
        MessageEffect::Final(change) if is_by(change, request) => Err(stands(&change.what, EditRefused::Final)),
        MessageEffect::None
        | MessageEffect::TakenBack(_)
        | MessageEffect::Stands(_)
        | MessageEffect::Undone(_)
        | MessageEffect::Final(_) => Ok(Decision::ignored()),
    }
}

/// Takes back what a message did that is gone. Its author may, and an op; for anything else there is silence.
pub(super) fn delete(board: &Board, request: &Request, original: &str) -> Result<Decision, Refusal> {
    match MessageEffect::of(board, original) {
        MessageEffect::Stands(changes)
            if may_take_back(changes.newest, request) && is_recent(changes.oldest(), request) =>
        {
            let (_, events) = taken_back(board, request, &changes)?;
            if let Some(later) = changed_since(board, &changes) {
                return Err(stands(&changes.what(), EditRefused::DeletedTooLate { later: later.what.clone() }));
            }
            Ok(Decision { events, ..Decision::reply(tell(board, &changes)) })
        }
        MessageEffect::None
        | MessageEffect::TakenBack(_)
        | MessageEffect::Stands(_)
        | MessageEffect::Undone(_)
        | MessageEffect::Final(_) => Ok(Decision::ignored()),
    }
}

impl<'a> MessageEffect<'a> {
    fn of(board: &'a Board, original: &str) -> Self {
        let history = board.history();
        let changes = || history.newest_first().filter(|change| change.origin.is_of(original));
        let mut standing = changes().filter(|change| change.can_be_undone());
        if let Some(newest) = standing.next() {
            return Self::Stands(Changes { newest, before: standing.collect() });
        }
        let Some(newest) = changes().next() else { return Self::None };
        match newest.undoes.map(|revision| history.change(revision)) {
            Some(Some(undone)) if undone.origin.is_of(original) => Self::TakenBack(newest),
            None if newest.undone => Self::Undone(newest),
            Some(_) | None => Self::Final(newest),
        }
    }
}

impl<'a> Changes<'a> {
    fn newest_first(&self) -> impl Iterator<Item = &'a Change> {
        std::iter::once(self.newest).chain(self.before.iter().copied())
    }

    fn oldest(&self) -> &'a Change {
        self.before.last().copied().unwrap_or(self.newest)
    }

    /// What the message did, as the commands that do it.
    fn what(&self) -> String {
        let mut lines: Vec<_> = self.newest_first().map(|change| change.what.as_str()).collect();
        lines.reverse();
        lines.join("\n")
    }
}

fn replace(board: &Board, request: &Request, changes: &Changes<'_>, text: &str) -> Result<Decision, Refusal> {
    if !is_recent(changes.oldest(), request) {
        return Err(stands(&changes.what(), EditRefused::TooOld));
    }
    let (after, mut events) = taken_back(board, request, changes)?;
    if let Some(later) = changed_since(board, changes) {
        return Err(stands(&changes.what(), EditRefused::ChangedSince { later: later.what.clone() }));
    }
    let said =
        say(&after, request, text).map_err(|why| stands(&changes.what(), EditRefused::Refused(Box::new(why))))?;
    if said.task.is_some() {
        return Err(stands(&changes.what(), EditRefused::TakesAWhile));
    }
    if said.outcome() == Outcome::Ignored {
        return Ok(Decision { events, ..Decision::reply(tell(board, changes)) });
    }
    events.extend(said.events);
    Ok(Decision { events, ..said })
}

/// The board without a message's changes, and the events that lead there, newest change first.
fn taken_back(board: &Board, request: &Request, changes: &Changes<'_>) -> Result<(Board, Vec<Event>), Refusal> {
    let mut after = board.clone();
    let mut events = Vec::new();
    for change in changes.newest_first() {
        let event = taking_back(board, request, change)?;
        let record = Record::of(after.revision() + 1, request, event.clone());
        after.apply(&Record { origin: Origin::default(), ..record });
        events.push(event);
    }
    Ok((after, events))
}

fn tell(board: &Board, changes: &Changes<'_>) -> Vec<Line> {
    changes.newest_first().map(|change| undo::taken_back(board, change, track_of(change))).collect()
}

/// The event that takes a change back, if the person may do that now: what `#TRACK undo` could take back needs
/// what that needs, everything else an op.
fn taking_back(board: &Board, request: &Request, change: &Change) -> Result<Event, Refusal> {
    let track = track_of(change);
    let scope = if track.is_some() { Scope::Track } else { Scope::Admin };
    let spec = Spec::find(scope, "undo").expect("undo is a command of tracks and of ops");
    may(board, request, spec, track).map_err(|why| stands(&change.what, EditRefused::Refused(Box::new(why))))?;
    policy::may_restore(board, request, &change.before)
        .map_err(|why| stands(&change.what, EditRefused::Refused(Box::new(why))))?;
    let (revision, restored) = (change.revision, change.before.clone());
    Ok(Event::Board(BoardEvent::ChangeUndone { revision, track: track.cloned(), restored }))
}

/// The newest change of others since, of the same track or the same thing, that still stands.
fn changed_since<'a>(board: &'a Board, changes: &Changes<'_>) -> Option<&'a Change> {
    let touches = |a: &Setting, b: &Setting| a.overlaps(b) || a.names().is_some_and(|track| b.names() == Some(track));
    let is_own = |later: &Change| changes.newest_first().any(|own| own.revision == later.revision);
    let overlap = |later: &Change, own: &Change| {
        later.revision > own.revision && later.before.iter().any(|a| own.before.iter().any(|b| touches(a, b)))
    };
    board
        .history()
        .newest_first()
        .take_while(|later| later.revision > changes.oldest().revision)
        .filter(|later| later.can_be_undone() && !is_own(later))
        .find(|later| changes.newest_first().any(|own| overlap(later, own)))
}

/// The one track of which all of a change is.
fn track_of(change: &Change) -> Option<&TrackName> {
    let track = change.before.first()?.track()?;
    change.before.iter().all(|setting| setting.track() == Some(track)).then_some(track)
}

fn may_take_back(change: &Change, request: &Request) -> bool {
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

/// True when both read as the same commands, or differ in blanks only.
fn is_same(board: &Board, request: &Request, a: &str, b: &str) -> bool {
    let same = |a: &str, b: &str| {
        a == b
            || match (read(board, request, a), read(board, request, b)) {
                (Ok(Some(a)), Ok(Some(b))) => a.command == b.command && a.track == b.track,
                (Ok(_) | Err(_), _) => false,
            }
    };
    let (a, b) = (split(a), split(b));
    a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| same(a, b))
}

/// True when a line of it is for the bot, also one that it refuses.
fn is_command(board: &Board, request: &Request, text: &str) -> bool {
    split(text).iter().any(|line| !matches!(read(board, request, line), Ok(None)))
}

fn say(board: &Board, request: &Request, text: &str) -> Result<Decision, Refusal> {
    decide(board, &Request { ask: Ask::Said(text.to_owned()), ..request.clone() })
}

fn stands(what: &str, why: EditRefused) -> Refusal {
    Refusal::NotEdited { what: what.to_owned(), why }
}

/// How old a change may be for an edit or a deletion of its message to take it back.
const RECENT: TimeDelta = TimeDelta::hours(1);
