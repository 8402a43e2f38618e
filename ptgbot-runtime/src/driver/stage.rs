//! What a batch of messages leads to, decided one after the other before any of it is recorded.

use super::bridging::is_done_already;
use crate::bridge::BridgeConfig;
use crate::delivery::PendingNotification;
use chrono::{DateTime, Utc};
use ptgbot_core::{
    Answer, Ask, Board, Decision, Event, Fold, Handled, HttpUrl, Incoming, Order, Outcome, Outgoing, PersonId, Place,
    Record, Reply, Request, Role, Target, Task, decide,
};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Changes to be recorded together, and what follows from them once they are.
#[derive(Default)]
pub(super) struct Staged {
    pub(super) records: Vec<Record>,
    pub(super) effects: Vec<Effect>,
}

/// What follows from one message.
#[derive(Default)]
pub(super) struct Effect {
    /// What is said before subscribers are told.
    pub(super) answer: Option<Outgoing>,
    /// Who asked, and what they may do.
    pub(super) who: Option<PersonId>,
    pub(super) role: Role,
    /// Where in the batch its records stand.
    pub(super) records: Range<usize>,
    /// What was due before, in a pipe.
    pub(super) due: Vec<PendingNotification>,
    /// What they announce; of an edit, only what the message says now is news.
    pub(super) notices: Vec<PendingNotification>,
    /// Whether somebody said it: time that passes is no message.
    pub(super) was_said: bool,
    /// The end of the message; `None` while a fetch is to be waited for, and where nobody waits for it.
    pub(super) handled: Option<Handled>,
    pub(super) fetch: Option<Fetch>,
    /// The message, where the bot on the other side of a bridge has it, too, and acts.
    pub(super) left: Option<Incoming>,
}

/// A document that must be fetched before a message can be answered.
pub(super) struct Fetch {
    pub(super) url: String,
    pub(super) incoming: Incoming,
}

/// What may come of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recording {
    /// They are recorded.
    Possible,
    /// The store has failed: changes are refused, questions are answered.
    Failed,
    /// The store has failed, and the board may hold what was not saved: everything is refused.
    Unknown,
}

/// On which terms it is decided.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    /// How the network counts a line.
    pub(super) line_bytes: usize,
    pub(super) recording: Recording,
    /// Who is on both sides of a bridge.
    pub(super) bridge: &'a BridgeConfig,
    /// Whether commands of ghosts are left to the bot on the other side.
    pub(super) leaves_ghosts: bool,
    /// Whether it is the loop that asks.
    pub(super) is_own: bool,
    /// Whether what is said is said in order, as in a pipe.
    pub(super) order: Order,
}

impl Staged {
    /// Decides about one message and applies its change to the board.
    pub(super) fn add(&mut self, board: &mut Board, incoming: &Incoming, terms: Terms<'_>) {
        let Terms { line_bytes, recording, bridge, leaves_ghosts, is_own, .. } = terms;
        let request = &incoming.request;
        let refused = |board: &Board, words: Reply| Effect {
            // Nobody has asked what time brings.
            answer: (request.ask != Ask::Tick).then(|| reply(incoming, line_bytes, words)),
            handled: Some(handled(incoming, Outcome::Refused, board)),
            ..Effect::default()
        };
        let mut effect = match catch_unwind(AssertUnwindSafe(|| decide(board, request))) {
            Ok(Ok(decision)) if decision.outcome() == Outcome::Ignored => {
                Effect { handled: Some(handled(incoming, Outcome::Ignored, board)), ..Effect::default() }
            }
            Ok(Ok(decision)) if is_done_already(bridge, board, request, &decision.events) => {
                Effect { handled: Some(handled(incoming, Outcome::Ignored, board)), ..Effect::default() }
            }
            Ok(_) if leaves_ghosts && request.from.as_ref().is_some_and(|from| bridge.is_ghost(from)) => Effect {
                left: Some(incoming.clone()),
                handled: Some(handled(incoming, Outcome::Ignored, board)),
                ..Effect::default()
            },
            Ok(_) if recording == Recording::Unknown => refused(board, NOT_SAVED.into()),
            Ok(Ok(decision)) if !decision.events.is_empty() && recording == Recording::Failed => {
                refused(board, NOT_SAVED.into())
            }
            Ok(Ok(decision)) => self.carry_out(board, incoming, decision, terms),
            Ok(Err(refusal)) => refused(board, refusal.reply()),
            Err(_) => {
                tracing::error!(revision = board.revision(), "deciding about a message panicked: a bug in the rules");
                refused(board, BUG.into())
            }
        };
        let who = request.from.as_ref().map(|person| person.id.clone());
        let was_said = request.ask != Ask::Tick;
        if is_own {
            effect.handled = None;
        }
        self.effects.push(Effect { who, role: request.role, was_said, ..effect });
    }

    /// The same behind others that nobody waits for: what is due by the time of the message comes first, and is recorded
    /// with it.
    pub(super) fn add_behind(&mut self, board: &mut Board, first: &[Incoming], incoming: &Incoming, terms: Terms<'_>) {
        let start = self.records.len();
        let mut due = Vec::new();
        for first in first {
            self.add(board, first, terms);
            due.extend(self.effects.pop().unwrap_or_default().notices);
        }
        let found_something = self.records.len() > start;
        self.add(board, incoming, terms);
        if let Some(effect) = self.effects.last_mut().filter(|_| found_something) {
            effect.records = start..self.records.len();
            effect.due = due;
        }
    }

    /// It is not known whether the changes were saved: whoever asked for one is told so, and nothing else follows from it.
    pub(super) fn in_doubt(mut self, batch: &[Incoming], board: &Board, line_bytes: usize) -> Self {
        for (effect, incoming) in self.effects.iter_mut().zip(batch) {
            if !effect.records.is_empty() {
                *effect = Effect {
                    who: effect.who.take(),
                    role: effect.role,
                    was_said: effect.was_said,
                    answer: effect.was_said.then(|| reply(incoming, line_bytes, IN_DOUBT.into())),
                    handled: effect.handled.take().map(|_| handled(incoming, Outcome::Refused, board)),
                    ..Effect::default()
                };
            }
            effect.records = 0..0;
        }
        self.records.clear();
        self
    }

    /// What time has brought is told as of now: between that and the moment at which it was recorded the store may have been
    /// away.
    pub(super) fn tell_time(&mut self, board: &Board, now: DateTime<Utc>) {
        for effect in &mut self.effects {
            let records = &self.records[effect.records.clone()];
            let brought = records.iter().filter(|record| matches!(record.event, Event::Time(_)));
            effect.notices.extend(brought.flat_map(|record| PendingNotification::of(board, record, now)));
        }
    }

    fn carry_out(&mut self, board: &mut Board, incoming: &Incoming, decision: Decision, terms: Terms<'_>) -> Effect {
        let request = &incoming.request;
        let outcome = decision.outcome();
        let Decision { events, answer, task } = decision;
        let mut effect = Effect { answer: spoken(incoming, terms.line_bytes, answer), ..Effect::default() };
        effect.records = self.records.len()..self.records.len() + events.len();
        for event in events {
            let record = Record::of(board.revision() + 1, request, event);
            board.apply(&record);
            // In a pipe no time passes until it is told.
            if terms.order == Order::AsHandled || !matches!(record.event, Event::Time(_)) {
                effect.notices.extend(PendingNotification::of(board, &record, request.at));
            }
            self.records.push(record);
        }
        match task {
            Some(Task::Fetch { url }) => {
                // By the time of its end others will have been handled: its place is no place to go on from.
                let mut incoming = incoming.clone();
                incoming.place = None;
                effect.fetch = Some(Fetch { url, incoming });
            }
            None => effect.handled = Some(handled(incoming, outcome, board)),
        }
        effect
    }
}

fn spoken(incoming: &Incoming, line_bytes: usize, answer: Answer) -> Option<Outgoing> {
    match answer {
        Answer::Silence => None,
        Answer::Ack => {
            Some(Outgoing::Ack { to: Target::answering(&incoming.request), in_reply_to: incoming.id.clone() })
        }
        Answer::Say(words) => Some(reply(incoming, line_bytes, words)),
    }
}

/// An answer: in a channel the beginning of a long one, in private all that somebody can read.
fn reply(incoming: &Incoming, line_bytes: usize, words: Reply) -> Outgoing {
    let Request { place, from, page, .. } = &incoming.request;
    let lines = match place {
        Place::Room(_) => Reply::LINES_IN_A_CHANNEL,
        Place::Private => LINES_IN_PRIVATE,
    };
    let words = if place == &Place::Private { words.without_private() } else { words };
    Outgoing::Reply {
        to: Target::answering(&incoming.request),
        user: from.clone(),
        in_reply_to: incoming.id.clone(),
        reply: words.folded(Fold::new(lines, line_bytes).on(page.as_ref().map(HttpUrl::as_str))),
    }
}

fn handled(incoming: &Incoming, outcome: Outcome, board: &Board) -> Handled {
    Handled::new(incoming.id.clone(), outcome, board.revision())
}

/// More is for the page.
const LINES_IN_PRIVATE: usize = 60;

const BUG: &str = "Sorry, that ran into a bug of mine. Nothing was changed.";
/// A pipe does not wait until it can be found out.
const IN_DOUBT: &str =
    "My store stopped working while it saved that: it may be saved or not. Please look before you say it again.";
const NOT_SAVED: &str = "Nothing was saved: my store does not work at the moment. Please try again later.";
