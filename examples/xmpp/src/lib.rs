//! The event board's bot on XMPP, in a multi-user chat (XEP-0045).
//!
//! A moderator is an op, a participant has voice, a visitor is a member. People are known by their nicks in the room, and
//! write to the bot alone by private messages there. A correction (XEP-0308) of somebody's last message edits it.
//! [`XmppTransport`] is what a bot is driven by; the task behind it (`room`) owns the connection.

mod connect;
mod room;

use async_trait::async_trait;
use ptgbot_core::{
    Connection, Folding, Inbox, Network, Outgoing, Outlet, PersonId, SendError, Sending, Target, Transport,
    TransportError,
};
use ptgbot_runtime::inbox;
use room::{Order, Piece, Room};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_xmpp::jid::{BareJid, FullJid};

/// What the transport has to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The network's name on the board.
    pub network: Network,
    /// The bot's account.
    pub account: BareJid,
    /// Its password.
    pub password: String,
    /// The room, and the bot's nick there.
    pub room: FullJid,
    /// An address such as `127.0.0.1:5222`, reached without encryption, instead of what the account's domain says.
    pub plain_address: Option<String>,
}

/// A bot in a room.
pub struct XmppTransport {
    settings: Settings,
    connection: Connection,
}

impl XmppTransport {
    /// A bot that connects once it is opened.
    pub fn new(settings: Settings) -> Self {
        Self { settings, connection: Connection::default() }
    }
}

impl Transport for XmppTransport {
    fn network(&self) -> &Network {
        &self.settings.network
    }

    fn account(&self) -> Option<PersonId> {
        Some(PersonId::new(&self.settings.network, self.settings.account.as_str(), Folding::Exact))
    }

    fn connection(&self) -> Connection {
        self.connection.clone()
    }

    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        self.connection.breaks();
        let (heard, hears) = mpsc::unbounded_channel();
        let (orders, taken) = mpsc::unbounded_channel();
        let (runs, ended) = oneshot::channel();
        let room = Room::new(self.settings, self.connection, heard);
        let task = tokio::spawn(async move {
            room.run(taken).await;
            drop(runs);
        });
        (inbox(hears, task), Box::new(XmppOutlet { orders, ended }))
    }
}

struct XmppOutlet {
    orders: mpsc::UnboundedSender<Order>,
    /// Comes when the task is gone.
    ended: oneshot::Receiver<()>,
}

#[async_trait]
impl Outlet for XmppOutlet {
    /// A message holds any answer; a success without words is told by silence.
    fn split(&self, message: Outgoing) -> Vec<Outgoing> {
        if matches!(message, Outgoing::Ack { .. }) { Vec::new() } else { vec![message] }
    }

    fn send(&mut self, piece: Outgoing) -> Sending {
        let to = piece.target();
        let text = match piece {
            Outgoing::Reply { to: Target::Room(_), user: Some(user), reply, .. } => format!("{}: {reply}", user.name),
            Outgoing::Reply { reply, .. } | Outgoing::Notify { reply, .. } | Outgoing::Announce { reply, .. } => {
                reply.to_string()
            }
            Outgoing::Ack { .. } => return Box::pin(async { Ok(()) }),
        };
        let (done, taken) = oneshot::channel();
        // Where the task has ended, nobody takes it.
        self.orders.send(Order::Say(Piece { to, text, done, sent_as: None })).ok();
        Box::pin(async move { taken.await.unwrap_or_else(|_| Err(SendError::Closed(TransportError::new(ENDED)))) })
    }

    fn speak_for(&mut self, left: Option<Duration>) {
        self.orders.send(Order::SpeakUntil(left.map(|left| Instant::now() + left))).ok();
    }

    async fn close(self: Box<Self>) -> Result<(), TransportError> {
        let Self { orders, ended } = *self;
        drop(orders);
        drop(ended.await);
        Ok(())
    }
}

const ENDED: &str = "the connection to the XMPP server has ended";
