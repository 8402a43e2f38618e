//! The task that owns the connection: who is in the room, what is heard, and what is said until the room has taken it.

use crate::{Settings, connect::connect};
use chrono::Utc;
use futures_util::StreamExt;
use ptgbot_core::{Ask, Connection, Folding, Incoming, Person, Request, Role, SendError, Target, TransportError};
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};
use tokio_xmpp::jid::{FullJid, Jid};
use tokio_xmpp::parsers::message::{Id, Lang, Message, MessageType};
use tokio_xmpp::parsers::muc::muc::{History, Muc};
use tokio_xmpp::parsers::muc::user::{MucUser, Role as MucRole, Status};
use tokio_xmpp::parsers::presence::{Presence, Type};
use tokio_xmpp::parsers::stanza_error::{DefinedCondition as Condition, ErrorType, StanzaError};
use tokio_xmpp::parsers::{iq::Iq, message_correct::Replace, ping::Ping};
use tokio_xmpp::stanzastream::{Event, StanzaStream, StreamEvent};
use tokio_xmpp::{Stanza, minidom::Element};

/// What the outlet asks for.
pub(crate) enum Order {
    Say(Piece),
    /// Nothing may leave from this moment on.
    SpeakUntil(Option<Instant>),
}

/// Something to say, and who waits until it is taken; under which name it was sent since we are in the room.
pub(crate) struct Piece {
    pub(crate) to: Target,
    pub(crate) text: String,
    pub(crate) done: oneshot::Sender<Result<(), SendError>>,
    pub(crate) sent_as: Option<String>,
}

pub(crate) type Heard = Result<Incoming, TransportError>;

pub(crate) struct Room {
    pub(crate) settings: Settings,
    pub(crate) connection: Connection,
    pub(crate) heard: mpsc::UnboundedSender<Heard>,
    /// Us in the room.
    us: FullJid,
    is_in: bool,
    rejoin: Option<Instant>,
    speak_until: Option<Instant>,
    roles: HashMap<String, Role>,
    /// What somebody said last, in the room or alone: their name for it, ours, and how it reads.
    last: HashMap<(String, bool), (Id, String, String)>,
    /// What is not taken, in the order in which it came.
    pieces: Vec<Piece>,
    numbers: u64,
    /// Sets the names of this run's messages apart from those of all others.
    run: String,
}

impl Room {
    pub(crate) fn new(settings: Settings, connection: Connection, heard: mpsc::UnboundedSender<Heard>) -> Self {
        let (us, run) = (settings.room.clone(), format!("xmpp-{:x}", Utc::now().timestamp_micros()));
        let (is_in, numbers, rejoin, speak_until) = (false, 0, None, None);
        let (roles, last, pieces) = (HashMap::new(), HashMap::new(), Vec::new());
        Self { settings, connection, heard, us, is_in, rejoin, speak_until, roles, last, pieces, numbers, run }
    }

    /// Until the outlet is closed, or nothing can be heard or said any more.
    pub(crate) async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let (failed, mut failures) = mpsc::unbounded_channel();
        let settings = self.settings.clone();
        let new_stream = || {
            let (settings, failed) = (settings.clone(), failed.clone());
            let connector = move |_, slot| drop(tokio::spawn(connect(settings.clone(), failed.clone(), slot)));
            StanzaStream::new(Box::new(connector), WAITING)
        };
        let (mut stream, mut is_lost) = (new_stream(), false);
        let ended = loop {
            let rejoin = self.rejoin;
            let sent = tokio::select! {
                event = stream.next() => {
                    let was_lost = is_lost;
                    is_lost = matches!(event, Some(Event::Stream(StreamEvent::Suspended)));
                    if was_lost && is_lost {
                        // A server that was started again does not know our session, and how Prosody says so the stream
                        // does not understand: it would ask for ever. A new one has no session to ask for.
                        stream = new_stream();
                    }
                    event.map_or_else(|| Err(TransportError::new("the stream has ended")), |event| self.happens(event))
                }
                Some(error) = failures.recv() => Err(error),
                () = sleep_until(rejoin.unwrap_or_else(Instant::now)), if rejoin.is_some() => Ok(self.join()),
                order = orders.recv() => match order {
                    Some(order) => Ok(self.asked(order)),
                    None => break None,
                },
            };
            match sent {
                Err(error) => break Some(error),
                Ok(stanzas) => {
                    for stanza in stanzas {
                        stream.send(Box::new(stanza)).await;
                    }
                }
            }
        };
        match ended {
            Some(error) => drop(self.heard.send(Err(error))),
            None => drop(stream.send(Box::new(Presence::unavailable().with_to(self.us).into())).await),
        }
        stream.close().await;
    }

    fn asked(&mut self, order: Order) -> Vec<Stanza> {
        match order {
            Order::Say(piece) => self.pieces.push(piece),
            Order::SpeakUntil(moment) => self.speak_until = moment,
        }
        self.say_all()
    }

    /// What is to be sent when something has happened.
    fn happens(&mut self, event: Event) -> Result<Vec<Stanza>, TransportError> {
        match event {
            Event::Stream(StreamEvent::Suspended) => self.connection.breaks(),
            // Our stay in the room goes on, and so does what is under way (XEP-0198).
            Event::Stream(StreamEvent::Resumed) if self.is_in => self.connection.returns(),
            Event::Stream(StreamEvent::Resumed | StreamEvent::Reset { .. }) => return Ok(self.join()),
            Event::Stanza(Stanza::Message(message)) => self.message(message),
            Event::Stanza(Stanza::Presence(presence)) => return self.presence(presence),
            Event::Stanza(Stanza::Iq(iq)) => return Ok(self.iq(iq)),
        }
        Ok(self.say_all())
    }

    /// Comes into the room. What was said and not taken is said again there.
    fn join(&mut self) -> Vec<Stanza> {
        self.leave(None);
        let muc = Muc::new().with_history(History::new().with_maxstanzas(0));
        vec![Presence::available().with_to(self.us.clone()).with_payload(muc).into()]
    }

    fn leave(&mut self, rejoin: Option<Instant>) {
        (self.is_in, self.rejoin) = (false, rejoin);
        self.connection.breaks();
        self.roles.clear();
        self.pieces.iter_mut().for_each(|piece| piece.sent_as = None);
    }

    /// What waits, in order. Behind each message we ask after ourselves (XEP-0410): the room answers in turn, so what it
    /// has not refused by then it has taken.
    fn say_all(&mut self) -> Vec<Stanza> {
        let mut stanzas = Vec::new();
        let may_speak = self.speak_until.is_none_or(|until| Instant::now() < until);
        if !self.is_in || !self.connection.stands() || !may_speak {
            return stanzas;
        }
        let room = self.us.to_bare();
        for mut piece in std::mem::take(&mut self.pieces) {
            if piece.sent_as.is_none() {
                let to = match &piece.to {
                    Target::Room(_) => Some(Message::groupchat(Jid::from(room.clone()))),
                    Target::Person(who) if self.roles.contains_key(who.key()) => {
                        let to = room.with_resource_str(who.key()).ok();
                        to.map(|to| Message::chat(Jid::from(to)).with_payload(MucUser::new()))
                    }
                    Target::Person(_) | Target::Unnamed => None,
                };
                let Some(to) = to else {
                    piece.done.send(Err(SendError::Refused("nobody of that name is in the room".into()))).ok();
                    continue;
                };
                let name = self.name();
                // Two characters that a reply may hold and XML does not.
                let text = piece.text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
                let message = Message { id: Some(Id(name.clone())), ..to }.with_body(Lang::new(), text);
                let ping = Iq::from_get(&name, Ping).with_to(self.us.clone().into());
                stanzas.extend([message.into(), ping.into()]);
                piece.sent_as = Some(name);
            }
            self.pieces.push(piece);
        }
        stanzas
    }

    /// A name for a message that no other has.
    fn name(&mut self) -> String {
        self.numbers += 1;
        format!("{}-{}", self.run, self.numbers)
    }

    /// The piece that was sent under a name is taken or refused.
    fn done(&mut self, name: &str, how: Result<(), SendError>) {
        if let Some(at) = self.pieces.iter().position(|piece| piece.sent_as.as_deref() == Some(name)) {
            self.pieces.remove(at).done.send(how).ok();
        }
    }

    fn iq(&mut self, iq: Iq) -> Vec<Stanza> {
        let is_ours = self.pieces.iter().any(|piece| piece.sent_as.as_deref() == Some(iq.id()));
        match iq {
            Iq::Result { id, .. } => self.done(&id, Ok(())),
            // The room does not know us.
            Iq::Error { .. } if is_ours => return self.join(),
            Iq::Get { from: Some(from), id, .. } | Iq::Set { from: Some(from), id, .. } => {
                let unknown = StanzaError::new(ErrorType::Cancel, Condition::ServiceUnavailable, "en", "not offered");
                return vec![Iq::from_error(id, unknown).with_to(from).into()];
            }
            Iq::Error { .. } | Iq::Get { .. } | Iq::Set { .. } => {}
        }
        Vec::new()
    }

    fn presence(&mut self, presence: Presence) -> Result<Vec<Stanza>, TransportError> {
        let (muc, room) = (payload::<MucUser>(&presence.payloads).unwrap_or_default(), self.us.to_bare());
        let Some(from) = presence.from.filter(|from| from.to_bare() == room) else { return Ok(Vec::new()) };
        let is_us = from == self.us || muc.status.contains(&Status::SelfPresence);
        let failed = |why: &str| Err(TransportError::new(format!("{room}: {why}")));
        let later = Some(Instant::now() + REJOIN);
        match presence.type_ {
            Type::None if muc.status.contains(&Status::RoomHasBeenCreated) => {
                // There was no room. Whoever opens it owns it, and a bot is no moderator: it waits for somebody.
                self.leave(later);
                return Ok(vec![Presence::unavailable().with_to(self.us.clone()).into()]);
            }
            Type::None => {
                let role = match muc.items.first().map(|item| &item.role) {
                    Some(MucRole::Moderator) => Role::Op,
                    Some(MucRole::Participant) => Role::Voice,
                    Some(MucRole::Visitor | MucRole::None) | None => Role::Member,
                };
                self.roles.insert(nick(&from), role);
                if is_us {
                    // Under the nick that the room gives us.
                    (self.is_in, self.us) = (true, from.try_into_full().unwrap_or(self.us.clone()));
                    self.connection.returns();
                }
            }
            Type::Unavailable if is_us && muc.status.contains(&Status::Banned) => return failed("the bot is banned"),
            Type::Unavailable if is_us => self.leave(later),
            Type::Unavailable => {
                self.roles.remove(&nick(&from));
                self.last.retain(|(who, _), _| *who != nick(&from));
            }
            Type::Error if !self.is_in => {
                match payload(&presence.payloads).map(|error: StanzaError| error.defined_condition) {
                    // Somebody has our nick.
                    Some(Condition::Conflict) => {
                        let other = format!("{}_", self.us.resource());
                        self.us = room.with_resource_str(&other).map_err(TransportError::new)?;
                        return Ok(self.join());
                    }
                    None | Some(Condition::ServiceUnavailable | Condition::RemoteServerTimeout) => self.leave(later),
                    Some(condition) => return failed(&format!("the bot is not let in ({condition:?})")),
                }
            }
            _ => {}
        }
        Ok(self.say_all())
    }

    fn message(&mut self, message: Message) {
        let Message { from: Some(from), id, type_, bodies, payloads, .. } = message else { return };
        let (who, id, name) = (nick(&from), id.unwrap_or(Id(String::new())), self.name());
        let in_room = type_ == MessageType::Groupchat;
        match type_ {
            MessageType::Groupchat | MessageType::Chat if from != self.us && from.to_bare() == self.us.to_bare() => {}
            MessageType::Error => {
                let why = payload(&payloads).map(|error: StanzaError| error.defined_condition);
                // Whether we are in the room the question behind it tells.
                if why != Some(Condition::NotAcceptable) {
                    self.done(&id.0, Err(SendError::Refused(format!("{why:?}"))));
                }
                return;
            }
            _ => return,
        }
        let (Some(text), Some(role)) = (bodies.into_values().next(), self.roles.get(&who)) else { return };
        let ask = match (payload(&payloads), self.last.get_mut(&(who.clone(), in_room))) {
            (None, _) => {
                self.last.insert((who.clone(), in_room), (id, name.clone(), text.clone()));
                Ask::Said(text)
            }
            (Some(Replace { id }), Some((last, original, was))) if *last == id => {
                let was = std::mem::replace(was, text.clone());
                Ask::Edited { original: original.clone(), was: Some(was), text }
            }
            // A correction of something older.
            (Some(_), _) => return,
        };
        let network = &self.settings.network;
        let person = Person::new(network, &who, Folding::Exact);
        let request = Request::new(network, Utc::now(), ask).by(person, if in_room { *role } else { Role::Member });
        let request = request.folding(Folding::Exact).bot(self.us.resource().as_str());
        let request = if in_room { request.in_room(from.to_bare().as_str()) } else { request };
        self.heard.send(Ok(Incoming::new(request.message(&name)).with_id(name))).ok();
    }
}

/// Somebody's nick in the room.
fn nick(occupant: &Jid) -> String {
    occupant.resource().map(ToString::to_string).unwrap_or_default()
}

/// The first payload of a kind.
fn payload<T: TryFrom<Element>>(payloads: &[Element]) -> Option<T> {
    payloads.iter().find_map(|payload| T::try_from(payload.clone()).ok())
}

/// For how long to stay away from a room that has put us out, or that nobody has opened yet.
const REJOIN: Duration = Duration::from_secs(5);
/// How many stanzas may wait on each side of the stream.
const WAITING: usize = 1024;
