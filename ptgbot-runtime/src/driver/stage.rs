//! What a batch of messages leads to, decided one after the other before any of it is recorded.

use crate::delivery::Notice;
use ptgbot_core::{
    Answer, Board, Decision, Incoming, IncomingKind, Outcome, Outgoing, Record, Request, Target, Task, decide,
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
    /// Where in the batch its records stand.
    pub(super) records: Range<usize>,
    /// What they announce; of an edit, only what the message says now is news.
    pub(super) notice: Option<Notice>,
    /// The end of the message; `None` while a fetch is to be waited for.
    pub(super) done: Option<Outgoing>,
    pub(super) fetch: Option<Fetch>,
}

/// A document that must be fetched before a message can be answered.
pub(super) struct Fetch {
    pub(super) url: String,
    pub(super) id: Option<String>,
    pub(super) request: Request,
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

impl Staged {
    /// Decides about one message and applies its change to the board.
    pub(super) fn add(&mut self, board: &mut Board, incoming: &Incoming, network: &str, recording: Recording) {
        let effect = match &incoming.kind {
            IncomingKind::Message(request) => self.message(board, incoming, request, network, recording),
            IncomingKind::Tick(_) => {
                Effect { done: Some(done(incoming, Outcome::Ignored, board)), ..Effect::default() }
            }
            IncomingKind::Malformed { line, text } => {
                let error = Outgoing::Error { line: *line, text: text.clone() };
                Effect { answer: Some(error), ..Effect::default() }
            }
        };
        self.effects.push(effect);
    }

    fn message(
        &mut self,
        board: &mut Board,
        incoming: &Incoming,
        request: &Request,
        network: &str,
        recording: Recording,
    ) -> Effect {
        let refused = |board: &Board, words: String| Effect {
            answer: Some(reply(incoming, request, words)),
            done: Some(done(incoming, Outcome::Refused, board)),
            ..Effect::default()
        };
        let decision = match catch_unwind(AssertUnwindSafe(|| decide(board, request))) {
            Ok(Ok(decision)) if decision.outcome() == Outcome::Ignored => decision,
            Ok(_) if recording == Recording::Unknown => return refused(board, NOT_SAVED.to_owned()),
            Ok(Ok(decision)) => decision,
            Ok(Err(refusal)) => return refused(board, refusal.to_string()),
            Err(_) => {
                tracing::error!(revision = board.revision(), "deciding about a message panicked: a bug in the rules");
                return refused(board, BUG.to_owned());
            }
        };
        if !decision.events.is_empty() && recording == Recording::Failed {
            return refused(board, NOT_SAVED.to_owned());
        }
        let outcome = decision.outcome();
        let Decision { events, answer, task } = decision;
        let mut effect = Effect { answer: spoken(incoming, request, answer), ..Effect::default() };
        effect.records = self.records.len()..self.records.len() + events.len();
        for event in events {
            let record = Record {
                revision: board.revision() + 1,
                at: request.at,
                by: request.from.clone(),
                origin: request.origin(network),
                event,
            };
            board.apply(&record);
            effect.notice = effect.notice.or_else(|| Notice::of(board, &record));
            self.records.push(record);
        }
        match task {
            Some(Task::Fetch { url }) => {
                effect.fetch = Some(Fetch { url, id: incoming.id.clone(), request: request.clone() });
            }
            None => effect.done = Some(done(incoming, outcome, board)),
        }
        effect
    }
}

fn spoken(incoming: &Incoming, request: &Request, answer: Answer) -> Option<Outgoing> {
    match answer {
        Answer::Silence => None,
        Answer::Ack => Some(Outgoing::Ack { to: Target::answering(request), in_reply_to: incoming.id.clone() }),
        Answer::Say(text) => Some(reply(incoming, request, text)),
    }
}

fn reply(incoming: &Incoming, request: &Request, text: String) -> Outgoing {
    Outgoing::Reply {
        to: Target::answering(request),
        user: request.from.as_ref().map(|person| person.name.clone()).unwrap_or_default(),
        in_reply_to: incoming.id.clone(),
        text,
    }
}

fn done(incoming: &Incoming, outcome: Outcome, board: &Board) -> Outgoing {
    Outgoing::Done { id: incoming.id.clone(), outcome, revision: board.revision() }
}

const BUG: &str = "Sorry, that ran into a bug of mine. Nothing was changed.";
const NOT_SAVED: &str = "Nothing was saved: my store does not work at the moment. Please try again later.";
