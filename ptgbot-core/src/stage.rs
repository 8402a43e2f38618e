//! A board to try rules on, in unit tests: `say` what people say, read what they hear.
#![allow(clippy::unwrap_used)]

use crate::{Answer, Ask, Board, Folding, Network, Person, Record, Request, Role, decide};
use chrono::{DateTime, Utc};
use serde_json::Value;

pub(crate) struct Stage {
    pub(crate) board: Board,
    pub(crate) at: DateTime<Utc>,
}

impl Stage {
    /// A board with a data file's content, on a Monday morning.
    pub(crate) fn with(document: Value) -> Self {
        let mut stage = Self { board: Board::default(), at: "2026-10-19T09:30:00Z".parse().unwrap() };
        stage.load(document);
        stage
    }

    /// Loads a data file; tells what the op hears.
    pub(crate) fn load(&mut self, document: Value) -> String {
        self.ask(Ask::Load { document, source: None })
    }

    /// An op speaks in the channel; tells what is answered, `✓` for an acknowledgement, nothing for silence.
    pub(crate) fn say(&mut self, line: &str) -> String {
        self.ask(Ask::Said(line.into()))
    }

    /// Time passes.
    pub(crate) fn later(&mut self, minutes: i64) {
        self.at += chrono::TimeDelta::minutes(minutes);
    }

    fn ask(&mut self, ask: Ask) -> String {
        let network = Network::nearest("oftc");
        let jane = Person::new(&network, "jane", Folding::Ascii);
        let request = Request::new(&network, self.at, ask).by(jane, Role::Op).in_room("#ptg").folding(Folding::Ascii);
        let request = request.bot("ptgbot");
        let decision = match decide(&self.board, &request) {
            Ok(decision) => decision,
            Err(refusal) => return refusal.to_string(),
        };
        for event in decision.events {
            self.board.apply(&Record::of(self.board.revision() + 1, &request, event));
        }
        match decision.answer {
            Answer::Silence => String::new(),
            Answer::Ack => "✓".into(),
            Answer::Say(reply) => reply.to_string(),
        }
    }
}
