//! Transports: the chat networks, seen from the bot.

use crate::connection::Connection;
use crate::decision::Outcome;
use crate::network::Network;
use crate::outgoing::Outgoing;
use crate::person::{NameForm, PersonId};
use crate::reply::Reply;
use crate::request::Request;
use crate::revision::Revision;
use async_trait::async_trait;
use futures_core::Stream;
use std::pin::Pin;
use std::time::Duration;

/// A chat network. It comes in two halves that work side by side, so that nothing that is said ever waits for
/// something that is sent.
///
/// Who calls: whoever starts the bot, once: [`network`](Self::network), [`account`](Self::account),
/// [`options`](Self::options) and [`connection`](Self::connection), [`stand_by`](Self::stand_by) where another process has
/// the account's lease, then [`go_on_from`](Self::go_on_from) and [`open`](Self::open). The loop that owns the board then
/// holds the [`Inbox`], the outbox the [`Outlet`]; each is used by one task alone.
///
/// ```
/// use ptgbot_core::*;
/// use futures_util::stream;
///
/// /// A network on which one line was said, and where answers are printed.
/// struct OneLine(Network, Request);
///
/// impl Transport for OneLine {
///     fn network(&self) -> &Network {
///         &self.0
///     }
///     fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
///         let said = Incoming::new(self.1).with_id("1");
///         (Box::pin(stream::iter([Ok(said)])), Box::new(Printed))
///     }
/// }
///
/// struct Printed;
///
/// #[async_trait]
/// impl Outlet for Printed {
///     fn send(&mut self, piece: Outgoing) -> Sending {
///         if let Outgoing::Reply { reply, .. } | Outgoing::Notify { reply, .. } | Outgoing::Announce { reply, .. } = piece {
///             println!("{reply}");
///         }
///         Box::pin(async { Ok(()) })
///     }
/// }
/// ```
///
/// What a transport must hold to is a suite that it can run against itself: `ptgbot_runtime::testing`.
pub trait Transport: Send {
    /// The network's name, from the configuration: `oftc`, `example.org`. Its people bear it, and so do its rows in the
    /// journal and the memory of what was delivered there.
    fn network(&self) -> &Network;

    /// What the network asks of those who drive it.
    fn options(&self) -> Options {
        Options::default()
    }

    /// The bot's own account there, of which only one process may speak at a time: whoever drives it needs its
    /// [lease](crate::Lease). `Some` where two processes could be connected under it and both would answer, or each would
    /// put the other out; both name it alike. `None` where nobody else can have it, as with a pipe; so it must be with
    /// [`Order::AsHandled`], which a bot does not run otherwise.
    fn account(&self) -> Option<PersonId> {
        None
    }

    /// Whether the network is reached, from now on and after [`open`](Self::open), too. A process that does not reach it lets
    /// its lease run out, so that another one that does can act; one that stands by takes no lease meanwhile. Without a
    /// word of the transport it is reached. A transport that has yet to connect says that it
    /// [breaks](Connection::breaks) where it begins to, in [`open`](Self::open) or [`stand_by`](Self::stand_by), and not
    /// before: one that does not connect while it stands by would never get the lease.
    fn connection(&self) -> Connection {
        Connection::default()
    }

    /// Another process acts for the account at the moment. From now on the transport watches its network, so that
    /// nothing that is said is lost, and says nothing. Called at most once, before [`open`](Self::open), within the
    /// runtime that the adapter's own tasks need.
    fn stand_by(&mut self) {}

    /// Where the process that acts is at the moment, in the transport's own words; told now and then between
    /// [`stand_by`](Self::stand_by) and [`open`](Self::open). What it had handled before this transport heard anything can
    /// be told from what it handles later.
    fn acts_at(&mut self, _place: &str) {}

    /// What a transport that stands by fails with, if it does: it could never act. Waited for between
    /// [`stand_by`](Self::stand_by) and [`open`](Self::open); nothing is asked of it after that. Cancel safe.
    fn fails(&mut self) -> Pin<Box<dyn Future<Output = TransportError> + Send + '_>> {
        Box::pin(std::future::pending())
    }

    /// Stops standing by for good without ever having acted: says goodbye where the network wants that. Called at most once,
    /// instead of [`open`](Self::open). Given up after a while.
    fn stand_down(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }

    /// Where the process before left off: the newest [`Incoming::place`] that was remembered. Called at most once,
    /// before [`open`](Self::open); what was said since is then heard, once.
    fn go_on_from(&mut self, _place: &str) {}

    /// Begins to act: parts into what is heard and what is said. Called within the runtime that the adapter's own tasks need.
    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>);
}

/// What is heard, oldest first.
///
/// It ends when the network has ended for good, and fails when it cannot be used any more (a wrong password, a
/// refused name); nothing is asked of it after either. Lost connections are the adapter's own business, and a fault
/// in the adapter's own task is a failure, never an end.
///
/// Each room is in order, and so is what one person says in private; across them nothing depends on it. The name and the
/// [role](Request::role) of who speaks are what the network's server vouches for, never what the sender's own words say.
///
/// The loop takes what is there, records, answers, and takes again; an adapter goes on reading its network meanwhile
/// and keeps what comes. Between two items it may be dropped: nothing that was not given out counts as heard.
pub type Inbox = Pin<Box<dyn Stream<Item = Result<Incoming, TransportError>> + Send>>;

/// What is said.
///
/// Who calls: the outbox, which has all the queues: an outlet keeps no more than what its network has not confirmed.
/// For each message [`split`](Self::split); for each piece [`ready`](Self::ready), then [`send`](Self::send), whose
/// future runs beside others; when all pieces of all answers to a request were taken or refused,
/// [`handled`](Self::handled); [`close`](Self::close) at the end.
///
/// A connection that takes all that it is given, at once:
///
/// ```
/// use async_trait::async_trait;
/// use ptgbot_core::{Outgoing, Outlet, Sending, Target};
/// use std::sync::{Arc, Mutex};
///
/// #[derive(Default)]
/// struct Wire(Arc<Mutex<Vec<String>>>);
///
/// #[async_trait]
/// impl Outlet for Wire {
///     fn send(&mut self, piece: Outgoing) -> Sending {
///         let wire = self.0.clone();
///         Box::pin(async move {
///             let line = match piece {
///                 Outgoing::Reply { to: Target::Room(room), reply, .. } => format!("{room}: {reply}"),
///                 Outgoing::Reply { to: Target::Person(to), reply, .. } => format!("{}: {reply}", to.key()),
///                 Outgoing::Reply { to: Target::Unnamed, reply, .. } => reply.to_string(),
///                 Outgoing::Notify { to, reply, .. } => format!("{}: {reply}", to.key()),
///                 Outgoing::Announce { room, reply } => format!("{room}: {reply}"),
///                 // Silence means success on this network.
///                 Outgoing::Ack { .. } => return Ok(()),
///             };
///             wire.lock().unwrap().push(line);
///             Ok(())
///         })
///     }
/// }
/// # let wire = Wire::default();
/// # let (mut outlet, kept) = (Wire(wire.0.clone()), wire.0);
/// # let piece = Outgoing::Announce { room: "#ptg".into(), reply: "Hello.".into() };
/// # futures_util::future::FutureExt::now_or_never(outlet.send(piece)).unwrap().unwrap();
/// # assert_eq!(*kept.lock().unwrap(), ["#ptg: Hello."]);
/// ```
#[async_trait]
pub trait Outlet: Send {
    /// Cuts a message into pieces that the network takes whole; nothing for what is said by silence there. Each
    /// piece is queued by itself. Nobody else cuts: a message may have several lines, in private up to sixty.
    /// [`Outgoing::cut`] and [`Outgoing::cut_into_lines`] do it.
    fn split(&self, message: Outgoing) -> Vec<Outgoing> {
        vec![message]
    }

    /// Waits until one more piece may leave without breaking the network's limits. While it waits a more urgent piece
    /// may come.
    ///
    /// Cancel safe: dropping the future loses nothing; it is called again before the next piece.
    async fn ready(&mut self) {}

    /// Hands over one piece. The future is done when the network has taken it, also over a lost connection, or has
    /// refused it for good; until then the piece is under way. How many pieces to one target may be under way at once
    /// is one of the [`Options`]. The future is polled only while this process may speak; a transport that hands the piece
    /// to a task of its own heeds [`speak_for`](Self::speak_for) there.
    ///
    /// Dropping the future may lose the piece; that happens only when the bot stops and its patience has ended.
    fn send(&mut self, piece: Outgoing) -> Sending;

    /// For how long from now this process may speak for its account, unless that is said again; `None` where nobody else
    /// ever can. It is said before the first piece and with each renewal of the lease, and is zero once another process
    /// acts. What was handed over and has not left by then must not leave: a process may sleep in between. It is kept, and
    /// leaves when the time is renewed; where another process acts this one ends, and what it kept is gone.
    fn speak_for(&mut self, _left: Option<Duration>) {}

    /// The board in words has changed ([`board_words`](crate::board_words)): where it stands by itself, such as in a
    /// pinned message, this is what it says from now on. Called where [`Options::shows_board`] is set, with the newest
    /// words alone. It is the transport's to see that this holds up no answer and heeds
    /// [`speak_for`](Self::speak_for).
    fn show(&mut self, _board: &Reply) {}

    /// A request is over: its change is durable, its answers were taken or refused. Called once for every request that was
    /// heard, also for lines that are ignored, for repetitions and ticks, in the order in which they were over.
    /// Notifications are not waited for. What was heard and was not over when the bot stopped is for the next process: where
    /// messages are acknowledged, here is the place for it.
    async fn handled(&mut self, _handled: Handled) {}

    /// Nothing more will be said: pushes out what is buffered, says goodbye, and ends, with the task behind it. Given up
    /// after a while.
    ///
    /// # Errors
    /// When something was lost.
    async fn close(self: Box<Self>) -> Result<(), TransportError> {
        Ok(())
    }
}

/// A piece under way: done when the network has taken or refused it.
pub type Sending = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send>>;

/// Why a piece was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The network will not take this piece, now or later: nobody of that name, no right to speak there. It is logged and
    /// dropped. Of a notification the rest is dropped, too, and it counts as told.
    #[error("the network refuses it: {0}")]
    Refused(String),
    /// The network cannot be used any more.
    #[error(transparent)]
    Closed(#[from] TransportError),
}

/// What a network asks of those who drive it.
///
/// The default is that of a chat network with limits: nicks, answers first, lines of 400 bytes, one piece under way to
/// each, any number of people told at once, remembered before sending, fetches beside, the store in a thread, ten seconds
/// to leave.
///
/// ```
/// use ptgbot_core::{Delivery, Options};
/// let mut options = Options::default();
/// options.line_bytes = 4_000;
/// options.delivery = Delivery::WhenTaken;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The form of its people's names.
    pub names: NameForm,
    /// The order in which waiting messages leave.
    pub order: Order,
    /// How many bytes of our words the network takes as one line, besides what the transport puts in front: by these the
    /// length of an answer is counted, so that a room gets four such lines at most. It cuts nothing: [`Outlet::split`]
    /// does.
    pub line_bytes: usize,
    /// How many pieces to one room or person may be under way at once. One, where a piece could overtake another.
    pub under_way: usize,
    /// How many people may be told something at once; others wait in the outbox. Answers are not counted.
    pub told_at_once: usize,
    /// When a notification counts as delivered.
    pub delivery: Delivery,
    /// Whether a request that needs a fetch holds up those behind it.
    pub fetching: Fetching,
    /// Where the work of a store of ours is done; a [`Journal`](crate::Journal) of yours does not see it.
    pub blocking: Blocking,
    /// Whether the board stands there by itself and follows each change, whoever made it, and time: then
    /// [`Outlet::show`] is told. Not with [`Order::AsHandled`].
    pub shows_board: bool,
    /// How long what waits may go on leaving after the inbox has ended (the outlet is used until then); after a stop was
    /// asked for it is ten seconds at most. `None`: as long as it takes.
    pub drain: Option<Duration>,
}

impl Options {
    /// What is usual for a pipe to another program: everything in order, nothing left behind.
    pub fn pipe() -> Self {
        Self {
            order: Order::AsHandled,
            delivery: Delivery::BeforeSending,
            fetching: Fetching::InTurn,
            blocking: Blocking::Inline,
            drain: None,
            ..Self::default()
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            names: NameForm::Nick,
            order: Order::AnswersFirst,
            line_bytes: 400,
            under_way: 1,
            told_at_once: usize::MAX,
            delivery: Delivery::BeforeSending,
            fetching: Fetching::Beside,
            blocking: Blocking::Thread,
            shows_board: false,
            drain: Some(Duration::from_secs(10)),
        }
    }
}

/// The order in which waiting messages leave.
///
/// Exhaustive, as are the other choices in [`Options`]: whoever drives a transport does what it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As the requests were handled (a pipe). Only for what has no [account](Transport::account): what waits in this order
    /// heeds no lease.
    AsHandled,
    /// Answers in rooms first, then answers in private, then notifications; of these, people take turns.
    AnswersFirst,
}

/// When a notification counts as delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Just before it is sent: after a crash the one under way may be lost, and none comes twice.
    BeforeSending,
    /// When it was taken: after a crash the one under way is sent again. For networks that know a message which is
    /// sent again ([`Outgoing::Notify`] has a lasting name) and show it once.
    WhenTaken,
}

/// Whether a request that needs a fetch holds up those behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetching {
    /// Others are answered meanwhile.
    Beside,
    /// Each request is over before the next is looked at.
    InTurn,
}

/// Where blocking work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocking {
    /// In a thread of its own: the bot goes on listening meanwhile.
    Thread,
    /// On the spot: two changes of thread less, where nothing else can go on before it is done.
    Inline,
}

/// Something that reached the bot.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Incoming {
    /// The network's name for the message in this run, given back with its answers and when it was handled. The name
    /// that lasts, by which an edit or a repetition is known, is [`Request::message`]; the two may be one.
    pub id: Option<String>,
    /// What it asks.
    pub request: Request,
    /// Where another process goes on once this message is handled, in the transport's own words. It is remembered with the
    /// message's change in one step, else within half a second; one of more than [`LONGEST_PLACE`](Self::LONGEST_PLACE)
    /// bytes is not, and the one before stays. A transport that moves on without messages sends an
    /// [`Ask::Tick`](crate::Ask::Tick) with it.
    pub place: Option<String>,
}

impl Incoming {
    /// How long a [`place`](Self::place) may be, in bytes.
    pub const LONGEST_PLACE: usize = 16 << 10;

    /// A message without a name.
    pub fn new(request: Request) -> Self {
        Self { id: None, request, place: None }
    }

    /// The same under the network's name for it.
    #[must_use]
    pub fn with_id(self, id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..self }
    }

    /// The same with where another process goes on behind it.
    #[must_use]
    pub fn with_place(self, place: impl Into<String>) -> Self {
        Self { place: Some(place.into()), ..self }
    }
}

/// A request is over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Handled {
    /// The message.
    pub id: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Where the board stands.
    pub revision: Revision,
}

impl Handled {
    /// The end of a request.
    pub fn new(id: Option<String>, outcome: Outcome, revision: Revision) -> Self {
        Self { id, outcome, revision }
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
