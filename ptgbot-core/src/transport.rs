//! Transports: the chat networks, seen from the bot.

use crate::decision::Outcome;
use crate::person::PersonId;
use crate::record::Revision;
use crate::request::{Place, Request};
use async_trait::async_trait;

/// A chat network. It comes in two halves that work side by side, so that nothing that is said ever waits for
/// something that is sent.
///
/// Who calls: whoever starts the bot, once: [`name`](Self::name), then [`split`](Self::split). The loop that owns
/// the board then holds the [`Inbox`], the outbox the [`Outlet`]; each is called by one task alone.
///
/// ```
/// use ptgbot_core::*;
///
/// /// A network on which one line was said, and where answers are printed.
/// struct OneLine(Option<Request>);
///
/// impl Transport for OneLine {
///     fn name(&self) -> &'static str {
///         "one-line"
///     }
///     fn split(self: Box<Self>) -> (Box<dyn Inbox>, Box<dyn Outlet>) {
///         (self, Box::new(Printed))
///     }
/// }
///
/// #[async_trait::async_trait]
/// impl Inbox for OneLine {
///     async fn receive(&mut self, _limit: usize) -> Result<Vec<Incoming>, TransportError> {
///         let heard = self.0.take().into_iter();
///         Ok(heard.map(|request| Incoming { id: None, kind: IncomingKind::Message(request) }).collect())
///     }
/// }
///
/// struct Printed;
///
/// #[async_trait::async_trait]
/// impl Outlet for Printed {
///     fn split(&self, message: Outgoing) -> Vec<Outgoing> {
///         vec![message]
///     }
///     async fn ready(&mut self) {}
///     async fn send(&mut self, message: Outgoing) -> Result<(), TransportError> {
///         println!("{message:?}");
///         Ok(())
///     }
///     fn reaches(&self, _person: &PersonId) -> bool {
///         false
///     }
/// }
///
/// let (_inbox, outlet) = Box::new(OneLine(None)).split();
/// assert_eq!(outlet.order(), Order::AnswersFirst);
/// ```
pub trait Transport: Send {
    /// A short name for logs and the journal: `irc`, `matrix`, `stdio`.
    fn name(&self) -> &'static str;

    /// Parts into what is heard and what is said.
    fn split(self: Box<Self>) -> (Box<dyn Inbox>, Box<dyn Outlet>);
}

/// What is heard.
///
/// Who calls: the loop that owns the board, [`receive`](Self::receive) again and again until the list is empty, an
/// error comes, or the bot stops; it is dropped then. Between two calls the loop records and answers, so an adapter
/// goes on reading its network meanwhile and keeps what comes.
#[async_trait]
pub trait Inbox: Send {
    /// Waits for at least one message and gives all that are waiting, oldest first, at most `limit`; an empty
    /// list means that the network has ended for good. Lost connections are the adapter's own business.
    ///
    /// Cancel safe: dropping the future loses no message.
    ///
    /// # Errors
    /// When the network cannot be used any more (a wrong password, a refused name). The driver stops then.
    async fn receive(&mut self, limit: usize) -> Result<Vec<Incoming>, TransportError>;
}

/// What is said.
///
/// Who calls: the outbox. [`order`](Self::order) once; for each message [`reaches`](Self::reaches) if it is a
/// notification, then [`split`](Self::split); for each piece [`ready`](Self::ready), then [`send`](Self::send);
/// [`flush`](Self::flush) when nothing is left. After an error nothing is called any more.
#[async_trait]
pub trait Outlet: Send {
    /// Cuts a message into pieces that the network takes whole. Called before queueing; each piece is queued
    /// by itself.
    fn split(&self, message: Outgoing) -> Vec<Outgoing>;

    /// Waits until one more piece may leave without breaking the network's limits. While it waits a more urgent piece
    /// may come.
    ///
    /// Cancel safe: dropping the future loses nothing; it is called again before the next piece.
    async fn ready(&mut self);

    /// Hands over one piece; called after [`ready`](Self::ready). The adapter sees to it that it arrives, also
    /// over a lost connection.
    ///
    /// Dropping the future may lose this piece and what the adapter has not sent on yet. The outbox does that only
    /// when the bot stops and its patience has ended.
    ///
    /// # Errors
    /// When the network cannot be used any more.
    async fn send(&mut self, message: Outgoing) -> Result<(), TransportError>;

    /// Called when nothing more is waiting: pushes out what is buffered. Dropping the future may lose what
    /// [`send`](Self::send) had buffered.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    async fn flush(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    /// Whether answers overtake notifications.
    fn order(&self) -> Order {
        Order::AnswersFirst
    }

    /// True for people who can be reached here: their notifications are this transport's to deliver.
    fn reaches(&self, person: &PersonId) -> bool;
}

/// The order in which waiting messages leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As they were said (a pipe).
    AsSaid,
    /// A moderator's answer before sixty notifications (a paced network).
    AnswersFirst,
}

/// Something that reached the transport.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    /// The network's name for the message, given back with its answer.
    pub id: Option<String>,
    /// What it asks.
    pub kind: IncomingKind,
}

/// What reached the transport.
#[derive(Clone, Debug, PartialEq)]
pub enum IncomingKind {
    /// A message.
    Message(Request),
    /// The clock was moved (only where a protocol does that); nothing is asked.
    Tick(chrono::DateTime<chrono::Utc>),
    /// A line that cannot be understood; told back as a fault, not as an answer to a person.
    Malformed {
        /// Its number, from 1.
        line: u64,
        /// What is wrong with it.
        text: String,
    },
}

/// Something to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// An answer to a person.
    Reply {
        /// Where.
        to: Target,
        /// The person addressed.
        user: String,
        /// The message that is answered.
        in_reply_to: Option<String>,
        /// The words; lines are separated by `\n`.
        text: String,
    },
    /// A success without words: a reaction, or silence.
    Ack {
        /// Where.
        to: Target,
        /// The message that is acknowledged.
        in_reply_to: Option<String>,
    },
    /// A private message to a subscriber.
    Notify {
        /// Who.
        user: PersonId,
        /// The words.
        text: String,
    },
    /// A message to a whole room.
    Announce {
        /// The room.
        room: String,
        /// The words.
        text: String,
    },
    /// A request is over, and its change is durable. Only protocols for programs show it.
    Done {
        /// The message.
        id: Option<String>,
        /// How it ended.
        outcome: Outcome,
        /// Where the board stands.
        revision: Revision,
    },
    /// A line could not be understood. Only protocols for programs show it.
    Error {
        /// Its number, from 1.
        line: u64,
        /// What is wrong with it.
        text: String,
    },
}

/// Where an answer goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// The room in which it was asked.
    Room(String),
    /// The person alone.
    User(String),
}

impl Target {
    /// Where the answer to a request belongs.
    pub fn answering(request: &Request) -> Self {
        match &request.place {
            Place::Room(room) => Self::Room(room.clone()),
            Place::Private => Self::User(request.from.as_ref().map(|p| p.id.as_str().to_owned()).unwrap_or_default()),
        }
    }
}

/// Why a network cannot be used any more.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct TransportError(Box<dyn std::error::Error + Send + Sync>);

impl TransportError {
    /// Wraps the adapter's own error.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}
