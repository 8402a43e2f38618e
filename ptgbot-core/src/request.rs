//! Requests: what reaches the bot, with the time, the rights and the zone that were true at that moment.

use crate::person::{Folding, Person};
use crate::record::Origin;
use crate::role::Role;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// Something to decide about.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// When it was said (UTC).
    pub at: DateTime<Utc>,
    /// Who speaks; `None` for the command line and other unnamed sources.
    pub from: Option<Person>,
    /// What they may do at that moment, as their network says.
    pub role: Role,
    /// Where it was said.
    pub place: Place,
    /// How their network compares names: `seen NICK` needs it.
    pub folding: Folding,
    /// The bot's own name there: `NAME: ` in front of a command is dropped.
    pub bot: String,
    /// The network's lasting name of the message (a Matrix event ID): the same when it is delivered again after a
    /// restart, never another's on any network, and opaque, so that no person's name is in it. `None` where
    /// there is none (IRC, stdio).
    pub message: Option<String>,
    /// What is asked.
    pub ask: Ask,
}

impl Request {
    /// Where the changes come from that this leads to, on the network called `network`.
    pub fn origin(&self, network: &str) -> Origin {
        let edits = match &self.ask {
            Ask::Amended { original, .. } | Ask::Withdrawn { original } => Some(original.clone()),
            Ask::Said(_) | Ask::Load { .. } | Ask::LoadFailed { .. } => None,
        };
        let room = self.place.room().map(str::to_owned);
        Origin { network: network.to_owned(), room, message: self.message.clone(), edits }
    }
}

/// Where a message was said.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In a channel or room, under the network's name for it.
    Room(String),
    /// To the bot alone.
    Private,
}

impl Place {
    /// The room's name; `None` in private.
    pub fn room(&self) -> Option<&str> {
        match self {
            Self::Room(name) => Some(name),
            Self::Private => None,
        }
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// A line of chat, as it was typed.
    Said(String),
    /// Somebody edited a message of theirs: what it did is taken back and what it says now is done instead, both
    /// or neither.
    Amended {
        /// The message that was edited: the first of its versions.
        original: String,
        /// How it read before, where the adapter knows that.
        was: Option<String>,
        /// How it reads now.
        text: String,
    },
    /// A message was deleted, by its author or by a moderator: what it did is taken back.
    Withdrawn {
        /// The message that is gone.
        original: String,
    },
    /// The document that `~fetchdb` or `import` brought.
    Load {
        /// The whole document, not yet checked.
        document: Value,
        /// Where it came from.
        source: Option<String>,
    },
    /// The document could not be had.
    LoadFailed {
        /// Why, in a sentence.
        reason: String,
    },
}
