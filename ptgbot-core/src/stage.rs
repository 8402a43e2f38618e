//! A board to try rules on, in unit tests: `say` what people say, read what they hear.
#![allow(clippy::unwrap_used)]

use crate::{Answer, Ask, Board, Folding, Origin, Person, Place, Record, Request, Role, decide};
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
        let by = Some(Person::new("jane", Folding::Ascii));
        let (place, folding, bot) = (Place::Room("#ptg".into()), Folding::Ascii, "ptgbot".into());
        let request =
            Request { at: self.at, from: by.clone(), role: Role::Op, place, folding, bot, message: None, ask };
        let decision = match decide(&self.board, &request) {
            Ok(decision) => decision,
            Err(refusal) => return refusal.to_string(),
        };
        for event in decision.events {
            let revision = self.board.revision() + 1;
            self.board.apply(&Record { revision, at: self.at, by: by.clone(), origin: Origin::default(), event });
        }
        match decision.answer {
            Answer::Silence => String::new(),
            Answer::Ack => "✓".into(),
            Answer::Say(text) => text,
        }
    }
}
