//! Decisions: what a request leads to.

use crate::event::Event;
use crate::reply::Reply;

/// What a request leads to: a change, something to say, at most one thing to do outside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    /// The changes, to be recorded together, in this order, before anything is said. A line of chat makes at most one;
    /// a message of several lines makes one a line, and an edit takes back first what the message did before.
    pub events: Vec<Event>,
    /// What the person hears.
    pub answer: Answer,
    /// What must be done outside; its result comes back as a request of the same person.
    pub task: Option<Task>,
}

/// What the person hears.
///
/// Exhaustive: whoever carries out decisions says all that they may hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Answer {
    /// Nothing: the message was not for the bot.
    #[default]
    Silence,
    /// It is done and needs no words.
    Ack,
    /// One message.
    Say(Reply),
}

/// Something only the world outside can do.
///
/// Exhaustive: whoever carries out decisions does all that they may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Fetch a JSON document and ask again with [`crate::Ask::Load`].
    Fetch {
        /// Where it is.
        url: String,
    },
}

/// How a request ended, as the JSON Lines protocol names it.
///
/// Exhaustive: the protocol knows no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The board or a person's own data changed.
    Changed,
    /// It was read only.
    Answered,
    /// An error or a missing right; nothing changed.
    Refused,
    /// It was not for the bot.
    Ignored,
}

impl Decision {
    /// The message was not for the bot.
    pub fn ignored() -> Self {
        Self::default()
    }

    /// It was done before, when the same message was delivered for the first time.
    pub fn repeated() -> Self {
        Self { answer: Answer::Ack, ..Self::default() }
    }

    /// A change that needs no words.
    pub fn event(event: impl Into<Event>) -> Self {
        Self { events: vec![event.into()], answer: Answer::Ack, task: None }
    }

    /// An answer without a change.
    pub fn reply(reply: impl Into<Reply>) -> Self {
        Self { events: Vec::new(), answer: Answer::Say(reply.into()), task: None }
    }

    /// Something to do outside first.
    pub fn task(task: Task) -> Self {
        Self { events: Vec::new(), answer: Answer::Silence, task: Some(task) }
    }

    /// The same decision, told in words.
    #[must_use]
    pub fn saying(self, reply: impl Into<Reply>) -> Self {
        Self { answer: Answer::Say(reply.into()), ..self }
    }

    /// How the request ended. A decision with a task has not ended yet and counts as answered.
    pub fn outcome(&self) -> Outcome {
        match (self.events.as_slice(), &self.answer, &self.task) {
            ([_, ..], _, _) => Outcome::Changed,
            ([], Answer::Silence, None) => Outcome::Ignored,
            ([], _, _) => Outcome::Answered,
        }
    }
}
