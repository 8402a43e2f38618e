//! Requests: what reaches the bot, with the time, the rights and the zone that were true at that moment.

use crate::link::HttpUrl;
use crate::network::Network;
use crate::person::{Folding, NameForm, Person};
use crate::record::Origin;
use crate::role::Role;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// Something to decide about.
///
/// ```
/// use ptgbot_core::{Ask, Folding, Network, Person, Place, Request, Role};
/// let oftc = Network::parse("oftc").unwrap();
/// let jane = Person::new(&oftc, "Jane", Folding::Rfc1459);
/// let request = Request::new(&oftc, "2026-10-19T09:00:00Z".parse().unwrap(), Ask::Said("~list".into()))
///     .by(jane, Role::Op)
///     .in_room("#ptg")
///     .folding(Folding::Rfc1459)
///     .bot("ptgbot");
/// assert_eq!(request.place, Place::Room("#ptg".into()));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// When it was said (UTC): "now" in its answer, and whether a slot is over, go by that; what becomes due goes by the
    /// bot's own clock. What is heard late has its old time. A clock that members set themselves is none to go by.
    pub at: DateTime<Utc>,
    /// On which network; `cli` for the command line.
    pub network: Network,
    /// Who speaks; `None` for the command line and other unnamed sources.
    pub from: Option<Person>,
    /// What they may do at that moment, as their network's server says, never as they say themselves.
    pub role: Role,
    /// Where it was said.
    pub place: Place,
    /// How their network compares names: `seen NICK` needs it.
    pub folding: Folding,
    /// The bot's own name there: `NAME: ` in front of a command is dropped.
    pub bot: String,
    /// The network's lasting name of the message (a Matrix event ID): the same when it is delivered again after a
    /// restart, never another's on any network, and opaque, so that no person's name is in it. `None` where
    /// there is none (IRC, stdio): there a line that is heard twice counts twice. Changes are known again by it; a
    /// question that is heard twice is answered twice. Of an edit or a deletion it is the name of the edit or deletion
    /// itself; the message that is edited or deleted is the `original` of the [`Ask`].
    pub message: Option<String>,
    /// Where everybody can read the board and how to use it. Whoever drives the bot knows that; a transport need not.
    pub page: Option<HttpUrl>,
    /// What is asked.
    pub ask: Ask,
}

impl Request {
    /// Something that an unnamed source without rights asks in private.
    pub fn new(network: &Network, at: DateTime<Utc>, ask: Ask) -> Self {
        Self {
            at,
            network: network.clone(),
            from: None,
            role: Role::Member,
            place: Place::Private,
            folding: Folding::default(),
            bot: String::new(),
            message: None,
            page: None,
            ask,
        }
    }

    /// The same, asked by a person with a role.
    #[must_use]
    pub fn by(self, person: Person, role: Role) -> Self {
        Self { from: Some(person), role, ..self }
    }

    /// The same, asked in a room, under the network's name for it.
    #[must_use]
    pub fn in_room(self, room: impl Into<String>) -> Self {
        Self { place: Place::Room(room.into()), ..self }
    }

    /// The same on a network that compares names in this way.
    #[must_use]
    pub fn folding(self, folding: Folding) -> Self {
        Self { folding, ..self }
    }

    /// The same where the bot bears this name.
    #[must_use]
    pub fn bot(self, name: impl Into<String>) -> Self {
        Self { bot: name.into(), ..self }
    }

    /// The same in a message with this lasting name.
    #[must_use]
    pub fn message(self, name: impl Into<String>) -> Self {
        Self { message: Some(name.into()), ..self }
    }

    /// The same where everybody can read the board at an address.
    #[must_use]
    pub fn page(self, address: HttpUrl) -> Self {
        Self { page: Some(address), ..self }
    }

    /// The same source asks something else.
    #[must_use]
    pub fn asking(self, ask: Ask) -> Self {
        Self { ask, ..self }
    }

    /// Where the changes come from that this leads to.
    pub fn origin(&self) -> Origin {
        let edits = match &self.ask {
            Ask::Edited { original, .. } | Ask::Deleted { original } => Some(original.clone()),
            Ask::Said(_)
            | Ask::Load { .. }
            | Ask::Begin { .. }
            | Ask::LoadFailed { .. }
            | Ask::AdoptNames(_)
            | Ask::Tick => None,
        };
        Origin {
            network: self.network.to_string(),
            names: self.from.as_ref().map(|person| person.id.form()),
            room: self.place.room().map(str::to_owned),
            message: self.message.clone(),
            edits,
        }
    }
}

/// Where a message was said.
///
/// Exhaustive: who may say what depends on it.
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
#[non_exhaustive]
pub enum Ask {
    /// What was said, as it was typed; of several lines each is a command of its own.
    Said(String),
    /// Somebody edited a message of theirs: what it did is taken back and what it says now is done instead, both
    /// or neither.
    Edited {
        /// The message that was edited: the first of its versions.
        original: String,
        /// How it read before, where the adapter knows that.
        was: Option<String>,
        /// How it reads now.
        text: String,
    },
    /// A message was deleted, by its author or by a moderator: what it did is taken back.
    Deleted {
        /// The message that is gone.
        original: String,
    },
    /// The document that `~fetchdb` or `import` brought. One with errors ([`check_file`](crate::check_file)) is refused.
    Load {
        /// The whole document, not yet checked.
        document: Value,
        /// Where it came from: an address or a file name.
        source: Option<String>,
    },
    /// The document with which a board begins: the older bot's at the first start, or a sample. What can be read is taken,
    /// and its errors are told: an event that runs goes on.
    Begin {
        /// The whole document, not yet checked.
        document: Value,
        /// Where it came from.
        source: Option<String>,
    },
    /// The document that `~fetchdb` asked for could not be had.
    LoadFailed {
        /// Why, in a sentence.
        reason: String,
    },
    /// The people whom older data names without their network are this network's, unless they are another's already.
    AdoptNames(NameForm),
    /// Time has passed, as far as the source knows; nothing is asked.
    Tick,
}
