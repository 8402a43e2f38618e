//! A network in memory: rooms, private messages, edits, a connection that can break, and, where it is wanted, a fault.

use crate::clock::{Clock, SystemClock};
use crate::testing::{Arrived, Counterpart, Somebody};
use async_trait::async_trait;
use futures_util::stream;
use ptgbot_core::{
    Ask, Folding, Inbox, Incoming, Network, Outgoing, Outlet, Person, Place, Reply, Request, Role, SendError, Sending,
    Target, Transport, TransportError,
};
use tokio::sync::{mpsc, watch};

/// What is wrong with a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    MishearsPlaces,
    DropsEdits,
    CutsOff,
    TellsTheFirstLine,
    ForgetsAfterReady,
    TellsTwice,
    TellsTheRoom,
    SwallowsNobodys,
    TakesTooEarly,
    RepeatsAfterBreak,
    EndsBadly,
}

pub(super) fn memory_network(fault: Option<Fault>) -> (Box<dyn Transport>, People) {
    let network = Network::nearest("memory");
    let (said, heard) = mpsc::unbounded_channel();
    let (tell, told) = mpsc::unbounded_channel();
    let (connection, connected) = watch::channel(Connection::Up);
    let bot = Bot { network: network.clone(), heard, tell: tell.clone(), connected, fault };
    (Box::new(bot), People { network, said: Some(said), told, tell, connection, last: None, seen: Vec::new(), fault })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Connection {
    Up,
    Down,
}

type Heard = Result<Incoming, TransportError>;

struct Bot {
    network: Network,
    heard: mpsc::UnboundedReceiver<Heard>,
    tell: mpsc::UnboundedSender<Arrived>,
    connected: watch::Receiver<Connection>,
    fault: Option<Fault>,
}

impl Transport for Bot {
    fn network(&self) -> &Network {
        &self.network
    }

    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        let Self { heard, tell, connected, fault, .. } = *self;
        let inbox = stream::unfold(heard, async |mut heard| Some((heard.recv().await?, heard)));
        (Box::pin(inbox), Box::new(Mouth { tell, connected, fault, forgotten: false, waiting: false }))
    }
}

struct Mouth {
    tell: mpsc::UnboundedSender<Arrived>,
    connected: watch::Receiver<Connection>,
    fault: Option<Fault>,
    /// With [`Fault::ForgetsAfterReady`]: a wait was given up.
    forgotten: bool,
    /// True within a wait.
    waiting: bool,
}

#[async_trait]
impl Outlet for Mouth {
    fn split(&self, message: Outgoing) -> Vec<Outgoing> {
        let most = if self.fault == Some(Fault::CutsOff) { 1 } else { usize::MAX };
        let cut = |reply: &Reply| {
            let text = reply.to_string();
            let text = match self.fault {
                Some(Fault::TellsTheFirstLine) => text.lines().next().unwrap_or_default(),
                _ => &text,
            };
            let words: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
            words.chunks(WORDS).take(most).map(|words| Reply::from(words.join(" "))).collect::<Vec<_>>()
        };
        match message {
            Outgoing::Reply { to, user, in_reply_to, reply } => {
                let piece = |reply| Outgoing::Reply {
                    to: to.clone(),
                    user: user.clone(),
                    in_reply_to: in_reply_to.clone(),
                    reply,
                };
                cut(&reply).into_iter().map(piece).collect()
            }
            Outgoing::Notify { to, revision, reply } => {
                let piece = |reply| Outgoing::Notify { to: to.clone(), revision, reply };
                cut(&reply).into_iter().map(piece).collect()
            }
            Outgoing::Announce { room, reply } => {
                let piece = |reply| Outgoing::Announce { room: room.clone(), reply };
                cut(&reply).into_iter().map(piece).collect()
            }
            Outgoing::Ack { .. } => Vec::new(),
        }
    }

    async fn ready(&mut self) {
        // Still true when the last wait was given up.
        self.forgotten |= std::mem::replace(&mut self.waiting, true) && self.fault == Some(Fault::ForgetsAfterReady);
        tokio::task::yield_now().await;
        self.waiting = false;
    }

    fn send(&mut self, piece: Outgoing) -> Sending {
        let (at, text) = match &piece {
            Outgoing::Notify { reply, .. } if self.fault == Some(Fault::TellsTheRoom) => {
                (Target::Room(ROOM.into()), reply.to_string())
            }
            Outgoing::Reply { reply, .. } | Outgoing::Notify { reply, .. } | Outgoing::Announce { reply, .. } => {
                (piece.target(), reply.to_string())
            }
            Outgoing::Ack { .. } => return Box::pin(async { Ok(()) }),
        };
        if matches!(&at, Target::Person(person) if person.key() == NOBODY) {
            let swallowed = self.fault == Some(Fault::SwallowsNobodys);
            let refused = move || if swallowed { Ok(()) } else { Err(SendError::Refused("nobody is there".into())) };
            return Box::pin(async move { refused() });
        }
        let (mut connected, tell, fault) = (self.connected.clone(), self.tell.clone(), self.fault);
        let deliver = async move {
            connected.wait_for(|state| *state == Connection::Up).await.expect("the network is there");
            let times = if fault == Some(Fault::TellsTwice) { 2 } else { 1 };
            (0..times).for_each(|_| tell.send(Arrived { at: at.clone(), text: text.clone() }).unwrap_or_default());
        };
        if std::mem::take(&mut self.forgotten) {
            return Box::pin(async { Ok(()) });
        }
        if fault == Some(Fault::TakesTooEarly) {
            tokio::spawn(deliver);
            return Box::pin(async { Ok(()) });
        }
        Box::pin(async move {
            deliver.await;
            Ok(())
        })
    }
}

pub(super) struct People {
    network: Network,
    /// `None` after the end.
    said: Option<mpsc::UnboundedSender<Heard>>,
    told: mpsc::UnboundedReceiver<Arrived>,
    tell: mpsc::UnboundedSender<Arrived>,
    connection: watch::Sender<Connection>,
    /// What was said last.
    last: Option<Request>,
    /// What was told, for [`Fault::RepeatsAfterBreak`].
    seen: Vec<Arrived>,
    fault: Option<Fault>,
}

impl People {
    fn person(&self, name: &str) -> Person {
        Person::new(&self.network, name, Folding::Exact)
    }

    fn hears(&self, request: Request) {
        let incoming = Incoming::new(request).with_id("$1");
        self.said.as_ref().expect("open").send(Ok(incoming)).unwrap_or_default();
    }

    fn changes(&self, ask: impl FnOnce(String) -> Ask) {
        let said = self.last.clone().expect("something was said");
        let original = said.message.clone().expect("a name");
        if self.fault == Some(Fault::DropsEdits) {
            self.hears(said);
        } else {
            self.hears(said.asking(ask(original)).message("$2"));
        }
    }
}

#[async_trait]
impl Counterpart for People {
    fn people(&self) -> [Somebody; 2] {
        [
            Somebody { person: self.person("jane"), role: Role::Op },
            Somebody { person: self.person("john"), role: Role::Member },
        ]
    }

    fn room(&self) -> String {
        ROOM.into()
    }

    async fn say(&mut self, who: &Person, place: &Place, line: &str) {
        let role = if who.name == "jane" { Role::Op } else { Role::Member };
        let said = Request::new(&self.network, SystemClock.now(), Ask::Said(line.into()));
        let mut said = said.by(who.clone(), role).message("$1");
        if self.fault != Some(Fault::MishearsPlaces) {
            said.place = place.clone();
        }
        self.last = Some(said.clone());
        self.hears(said);
    }

    async fn arrived(&mut self) -> Arrived {
        let arrived = self.told.recv().await.expect("the network is there");
        self.seen.push(arrived.clone());
        arrived
    }

    async fn edit(&mut self, line: &str) {
        self.changes(|original| Ask::Edited { original, was: None, text: line.into() });
    }

    async fn delete(&mut self) {
        self.changes(|original| Ask::Deleted { original });
    }

    async fn break_off(&mut self) {
        self.connection.send_replace(Connection::Down);
    }

    async fn mend(&mut self) {
        if self.fault == Some(Fault::RepeatsAfterBreak) {
            self.seen.drain(..).for_each(|seen| self.tell.send(seen).unwrap_or_default());
        }
        self.connection.send_replace(Connection::Up);
    }

    async fn end(&mut self) {
        let said = self.said.take().expect("open");
        if self.fault == Some(Fault::EndsBadly) {
            said.send(Err(TransportError::new("the network ended"))).unwrap_or_default();
        }
    }

    fn nobody(&self) -> Person {
        self.person(NOBODY)
    }
}

const ROOM: &str = "!ptg";
const NOBODY: &str = "nobody";
/// How many words a message holds.
const WORDS: usize = 8;
