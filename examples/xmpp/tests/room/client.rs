//! Somebody in the room, on a connection of their own that comes back by itself.

use futures_util::StreamExt;
use ptgbot_tests::Prosody;
use ptgbot_tests::deadline::PATIENCE;
use ptgbot_tests::prosody::PASSWORD;
use ptgbot_tests::transcript::Transcript;
use tokio::sync::mpsc;
use tokio_xmpp::Stanza;
use tokio_xmpp::connect::{DnsConfig, TcpServerConnector};
use tokio_xmpp::jid::{BareJid, FullJid, Jid};
use tokio_xmpp::minidom::Element;
use tokio_xmpp::parsers::message::{Id, Lang, Message, MessageType};
use tokio_xmpp::parsers::muc::user::Role;
use tokio_xmpp::parsers::muc::{Muc, MucUser};
use tokio_xmpp::parsers::presence::{Presence, Type};
use tokio_xmpp::parsers::{iq::Iq, message_correct::Replace, ping::Ping};
use tokio_xmpp::stanzastream::{Event, StanzaStream, StreamEvent};
use tokio_xmpp::xmlstream::Timeouts;

/// The room of every test.
pub(crate) const ROOM: &str = "ptg@rooms.localhost";

pub(crate) struct RoomClient {
    nick: String,
    said: u32,
    stanzas: mpsc::UnboundedSender<Stanza>,
    /// What is seen, in words: `gibi is here, a moderator`, `gibi is gone`, `room gibi: text`, `alone gibi: text`, `answer 7`.
    seen: Transcript,
    next: usize,
}

impl RoomClient {
    /// Enters the room with the account of that name, and waits until they are in.
    pub(crate) async fn enter(prosody: &Prosody, account: &str, nick: &str) -> Self {
        let address = format!("127.0.0.1:{}", prosody.port());
        let account = BareJid::new(&format!("{account}@localhost")).expect("an account");
        let connect = move || {
            let server = TcpServerConnector(DnsConfig::addr(&address));
            StanzaStream::new_c2s(server, account.clone().into(), PASSWORD.to_owned(), Timeouts::tight(), 64)
        };
        let (stanzas, waiting) = mpsc::unbounded_channel();
        let seen = Transcript::new();
        tokio::spawn(live(connect, occupant(nick), waiting, seen.clone()));
        let mut this = Self { nick: nick.to_owned(), said: 0, stanzas, seen, next: 0 };
        this.expect(&format!("{nick} is here")).await;
        this
    }

    pub(crate) fn say(&mut self, text: &str) {
        self.send(Message::groupchat(Jid::from(occupant("x").to_bare())), text);
    }

    pub(crate) fn say_alone(&mut self, to: &str, text: &str) {
        self.send(Message::chat(Jid::from(occupant(to))).with_payload(MucUser::new()), text);
    }

    /// Corrects what was said last in the room.
    pub(crate) fn correct(&mut self, text: &str) {
        let replace = Replace { id: Id(self.said.to_string()) };
        self.send(Message::groupchat(Jid::from(occupant("x").to_bare())).with_payload(replace), text);
    }

    fn send(&mut self, message: Message, text: &str) {
        // A correction bears another name than what it corrects.
        let is_correction = !message.payloads.is_empty() && message.type_ == MessageType::Groupchat;
        self.said += u32::from(!is_correction);
        let id = if is_correction { format!("{}c", self.said) } else { self.said.to_string() };
        let message = Message { id: Some(Id(id)), ..message }.with_body(Lang::new(), text.to_owned());
        self.stanzas.send(message.into()).expect("the client runs");
    }

    /// Asks whether somebody is there, and waits for the answer.
    pub(crate) async fn ping(&mut self, nick: &str) {
        self.said += 1;
        let ping = Iq::from_get(self.said.to_string(), Ping).with_to(occupant(nick).into());
        self.stanzas.send(ping.into()).expect("the client runs");
        self.expect(&format!("answer {}", self.said)).await;
    }

    /// Asks the room for a change of somebody (XEP-0045, section 9): `nick='jane' role='none'`.
    pub(crate) fn change(&mut self, item: &str) {
        let query = format!("<query xmlns='http://jabber.org/protocol/muc#admin'><item {item}/></query>");
        let payload: Element = query.parse().expect("XML");
        let to = Some(occupant("x").to_bare().into());
        self.stanzas.send(Iq::Set { from: None, to, id: "change".into(), payload }.into()).expect("the client runs");
    }

    /// Waits for the next thing seen that begins so.
    pub(crate) async fn expect(&mut self, words: &str) -> String {
        self.expect_any(&[words]).await
    }

    /// Waits for the next thing seen that begins with one of these. Cancel safe.
    pub(crate) async fn expect_any(&mut self, beginnings: &[&str]) -> String {
        let is_meant = |line: &str| beginnings.iter().any(|words| line.starts_with(words));
        match self.seen.wait_for(&format!("{beginnings:?}"), PATIENCE, self.next, is_meant).await {
            Ok((place, line)) => {
                self.next = place + 1;
                line
            }
            Err(late) => panic!("{} waited: {late}; they saw {}", self.nick, self.seen.tail()),
        }
    }
}

fn occupant(nick: &str) -> FullJid {
    FullJid::new(&format!("{ROOM}/{nick}")).expect("a nick")
}

/// Enters the room whenever the connection is a new one, and writes down what is seen.
async fn live(
    connect: impl Fn() -> StanzaStream,
    us: FullJid,
    mut waiting: mpsc::UnboundedReceiver<Stanza>,
    seen: Transcript,
) {
    let (mut stream, mut lost) = (connect(), 0);
    loop {
        // Twice in a row: the server does not know the session any more, and the stream would ask for it for ever.
        if lost > 1 {
            (stream, lost) = (connect(), 0);
        }
        let stanza = tokio::select! {
            event = stream.next() => match event {
                Some(Event::Stream(StreamEvent::Reset { .. })) => {
                    lost = 0;
                    Presence::available().with_to(us.clone()).with_payload(Muc::new()).into()
                }
                Some(Event::Stanza(stanza)) => {
                    if let Some(line) = in_words(stanza) {
                        seen.push(line);
                    }
                    continue;
                }
                Some(Event::Stream(StreamEvent::Suspended)) => {
                    lost += 1;
                    continue;
                }
                Some(Event::Stream(StreamEvent::Resumed)) => {
                    lost = 0;
                    continue;
                }
                None => return seen.end(),
            },
            Some(stanza) = waiting.recv() => stanza,
        };
        stream.send(Box::new(stanza)).await;
    }
}

fn in_words(stanza: Stanza) -> Option<String> {
    let nick = |from: Option<Jid>| from.and_then(|from| Some(from.resource()?.to_string()));
    match stanza {
        Stanza::Presence(Presence { from, type_: Type::None, payloads, .. }) => {
            let muc = payloads.into_iter().find_map(|payload| MucUser::try_from(payload).ok())?;
            let is_moderator = muc.items.iter().any(|item| item.role == Role::Moderator);
            Some(format!("{} is here{}", nick(from)?, if is_moderator { ", a moderator" } else { "" }))
        }
        Stanza::Presence(Presence { from, type_: Type::Unavailable, .. }) => Some(format!("{} is gone", nick(from)?)),
        Stanza::Message(Message { from, type_, bodies, .. }) => {
            let place = if type_ == MessageType::Groupchat { "room" } else { "alone" };
            Some(format!("{place} {}: {}", nick(from)?, bodies.into_values().next()?))
        }
        Stanza::Iq(iq @ (Iq::Result { .. } | Iq::Error { .. })) => Some(format!("answer {}", iq.id())),
        _ => None,
    }
}
