//! What the bot says, and to whom.

use crate::person::{Person, PersonId};
use crate::reply::Reply;
use crate::request::{Place, Request};
use crate::revision::Revision;

/// Something to send.
///
/// Exhaustive: a transport that does not know a kind of message must not build, for it would drop that kind in silence.
#[derive(Clone, Debug, PartialEq)]
pub enum Outgoing {
    /// An answer to a person.
    Reply {
        /// Where.
        to: Target,
        /// The person addressed; `None` for unnamed sources.
        user: Option<Person>,
        /// The message that is answered.
        in_reply_to: Option<String>,
        /// The words.
        reply: Reply,
    },
    /// A success without words: a reaction, or silence.
    Ack {
        /// Where.
        to: Target,
        /// The message that is acknowledged.
        in_reply_to: Option<String>,
    },
    /// A private message to a person who asked to be told.
    Notify {
        /// Who.
        to: PersonId,
        /// The change of which it tells: with the person a lasting name of this notification, which all its pieces
        /// share.
        revision: Revision,
        /// The words.
        reply: Reply,
    },
    /// A message to a room that nobody asked for: what time has brought, where an op wants that told
    /// ([`crate::due_messages`]).
    Announce {
        /// The room, under the network's name for it.
        room: String,
        /// The words.
        reply: Reply,
    },
}

/// Where an answer goes.
///
/// Exhaustive: a transport that does not know a target must not build.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// The room in which it was asked.
    Room(String),
    /// A person alone.
    Person(PersonId),
    /// Whoever sits at the other end and has not said who they are.
    Unnamed,
}

impl Target {
    /// Where the answer to a request belongs.
    pub fn answering(request: &Request) -> Self {
        match (&request.place, &request.from) {
            (Place::Room(room), _) => Self::Room(room.clone()),
            (Place::Private, Some(person)) => Self::Person(person.id.clone()),
            (Place::Private, None) => Self::Unnamed,
        }
    }
}

impl Outgoing {
    /// Where it goes.
    pub fn target(&self) -> Target {
        match self {
            Self::Reply { to, .. } | Self::Ack { to, .. } => to.clone(),
            Self::Notify { to, .. } => Target::Person(to.clone()),
            Self::Announce { room, .. } => Target::Room(room.clone()),
        }
    }

    /// The same in pieces of at most so many bytes, for [`Outlet::split`](crate::Outlet::split) of a network that takes
    /// several lines at once: lines stay together as long as they fit. A line that is too long is cut between words or
    /// spans, a longer word between characters; spans keep what they mean. An [`Ack`](Self::Ack) is one piece, and of
    /// blank words there is none.
    ///
    /// ```
    /// use ptgbot_core::Outgoing;
    /// let said = Outgoing::Announce { room: "lobby".into(), reply: "one two three four".into() };
    /// let words = |piece: &Outgoing| match piece {
    ///     Outgoing::Announce { reply, .. } => reply.to_string(),
    ///     other => panic!("{other:?}"),
    /// };
    /// assert_eq!(said.cut(10).iter().map(words).collect::<Vec<_>>(), ["one two", "three four"]);
    /// ```
    pub fn cut(self, bytes: usize) -> Vec<Self> {
        self.cut_by(|reply| reply.cut(bytes))
    }

    /// The same in pieces of one line each, of at most so many bytes, for a network whose messages are lines; cut as by
    /// [`cut`](Self::cut).
    pub fn cut_into_lines(self, bytes: usize) -> Vec<Self> {
        self.cut_by(|reply| reply.cut_into_lines(bytes))
    }

    /// The same in pieces as a function cuts its words, for a network with limits of another kind. An
    /// [`Ack`](Self::Ack) is one piece.
    pub fn cut_by(self, cut: impl FnOnce(&Reply) -> Vec<Reply>) -> Vec<Self> {
        match self {
            Self::Reply { to, user, in_reply_to, reply } => {
                let piece = |reply| {
                    let (to, user, in_reply_to) = (to.clone(), user.clone(), in_reply_to.clone());
                    Self::Reply { to, user, in_reply_to, reply }
                };
                cut(&reply).into_iter().map(piece).collect()
            }
            Self::Notify { to, revision, reply } => {
                cut(&reply).into_iter().map(|reply| Self::Notify { to: to.clone(), revision, reply }).collect()
            }
            Self::Announce { room, reply } => {
                cut(&reply).into_iter().map(|reply| Self::Announce { room: room.clone(), reply }).collect()
            }
            Self::Ack { .. } => vec![self],
        }
    }
}
