//! The two halves that the bot sees: what is heard and what is said.

use crate::answer::{self, Answered, Piece, ack, notice, notification};
use crate::direct_rooms::DirectRooms;
use crate::error::MatrixError;
use crate::folder::Folder;
use crate::listen::{Listener, Recent};
use crate::pending::{POSITION, PendingReplies, Position};
use crate::room_manager::{RoomManager, RoomNames};
use crate::send::{self, Posted, post};
use crate::session::sign_in;
use crate::settings::Settings;
use crate::transaction;
use async_trait::async_trait;
use futures_util::stream;
use matrix_sdk::Client;
use matrix_sdk::ruma::{EventId, OwnedUserId, TransactionId, UserId};
use ptgbot_core::{
    Delivery, Handled, Inbox, Incoming, NameForm, Network, Options, Outgoing, Outlet, Sending, Target, Transport,
    TransportError,
};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};

/// A Matrix account as a transport.
///
/// [`open`](Transport::open) must be called within a tokio runtime: it starts the tasks that listen and look after
/// the rooms. They end when the inbox is dropped.
pub struct MatrixTransport {
    client: Client,
    us: OwnedUserId,
    network: Network,
    settings: Arc<Settings>,
    folder: Arc<Folder>,
    position: Position,
}

/// What is said in Matrix.
struct MatrixOutlet {
    pending: PendingReplies,
    speaker: Arc<Mutex<Speaker>>,
}

/// What speaks.
struct Speaker {
    client: Client,
    pending: PendingReplies,
    rooms: RoomNames,
    direct: DirectRooms,
}

impl MatrixTransport {
    /// Takes the data folder and signs in: from the session that is kept there, without the network, else with the
    /// password or token, waiting for the server as long as it takes.
    ///
    /// # Errors
    /// When a setting makes no sense, or the account or the folder cannot be used.
    pub async fn connect(settings: Settings) -> Result<Self, MatrixError> {
        let folder = Folder::open(&settings.data)?;
        let position = folder.read(POSITION)?.unwrap_or_default();
        let client = sign_in(&settings, &folder).await?;
        let us = client.user_id().ok_or(MatrixError::NoSecret)?.to_owned();
        let network = settings.network.clone().unwrap_or_else(|| Network::nearest(us.server_name().as_str()));
        Ok(Self { client, us, network, settings: Arc::new(settings), folder: Arc::new(folder), position })
    }

    /// Whose account it is.
    pub fn user(&self) -> &UserId {
        &self.us
    }
}

impl Transport for MatrixTransport {
    fn network(&self) -> &Network {
        &self.network
    }

    fn options(&self) -> Options {
        let mut options = Options::default();
        options.names = NameForm::MatrixId;
        options.line_bytes = 4_000;
        options.delivery = Delivery::WhenTaken;
        options
    }

    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        let Self { client, us, network, settings, folder, position } = *self;
        let (to_inbox, heard) = mpsc::unbounded_channel();
        let (changes, to_keeper) = mpsc::unbounded_channel();
        let rooms = RoomNames::default();
        let pending = PendingReplies::new(folder.clone(), position.clone());
        let keeper = RoomManager::new(client.clone(), settings.clone(), rooms.clone(), to_keeper);
        let listener = Listener {
            client: client.clone(),
            us,
            network,
            settings,
            folder,
            pending: pending.clone(),
            rooms: rooms.clone(),
            changes,
            to_inbox,
            since: position.since,
            unread: position.unread,
            sealed: HashMap::new(),
            recent: Recent::default(),
        };
        tokio::spawn(keeper.run());
        tokio::spawn(listener.run());
        let direct = DirectRooms::new(client.clone(), rooms.clone());
        let heard = stream::unfold(heard, |mut heard| async move {
            let message: Result<Incoming, MatrixError> = heard.recv().await?;
            Some((message.map_err(TransportError::new), heard))
        });
        let speaker = Speaker { client, pending: pending.clone(), rooms, direct };
        (Box::pin(heard), Box::new(MatrixOutlet { pending, speaker: Arc::new(Mutex::new(speaker)) }))
    }
}

#[async_trait]
impl Outlet for MatrixOutlet {
    fn split(&self, message: Outgoing) -> Vec<Outgoing> {
        match message {
            Outgoing::Reply { to, user, in_reply_to, reply } => {
                let piece = |piece: Piece| Outgoing::Reply {
                    to: to.clone(),
                    user: user.clone(),
                    in_reply_to: in_reply_to.clone(),
                    reply: piece.plain.into(),
                };
                answer::pieces(&reply.to_string(), answer::LIMIT).into_iter().map(piece).collect()
            }
            Outgoing::Notify { to, revision, reply } => {
                let piece = |piece: Piece| Outgoing::Notify { to: to.clone(), revision, reply: piece.plain.into() };
                answer::pieces(&reply.to_string(), answer::LIMIT).into_iter().map(piece).collect()
            }
            Outgoing::Ack { .. } => vec![message],
        }
    }

    fn send(&mut self, piece: Outgoing) -> Sending {
        let speaker = Arc::clone(&self.speaker);
        Box::pin(async move {
            let mut speaker = speaker.lock().await;
            match piece {
                Outgoing::Reply { to, in_reply_to, reply, .. } => {
                    speaker.reply(&to, in_reply_to.as_deref(), &reply.to_string()).await;
                }
                Outgoing::Ack { in_reply_to, .. } => speaker.acknowledge(in_reply_to.as_deref()).await,
                Outgoing::Notify { to, reply, .. } => speaker.notify(to.key(), &reply.to_string()).await,
            }
            Ok(())
        })
    }

    async fn handled(&mut self, handled: Handled) {
        handled.id.iter().for_each(|id| self.pending.done(id));
    }
}

impl Speaker {
    async fn reply(&mut self, to: &Target, in_reply_to: Option<&str>, text: &str) {
        let asked = in_reply_to.and_then(|id| Some((EventId::parse(id).ok()?, self.pending.answering(id)?)));
        let Some((id, (question, number))) = asked else {
            return match to {
                Target::Room(room) => self.announce(room, text).await,
                Target::Person(person) => self.notify(person.key(), text).await,
                Target::Unnamed => {}
            };
        };
        let Some(room) = self.client.get_room(&question.room) else { return };
        let thread = question.thread.as_deref();
        let answered = question.about.as_deref().map(|event| Answered { event, thread });
        // Of several pieces the first is enough to call somebody.
        let mention = Some(&*question.sender).filter(|_| number == 0);
        let answer = notice(Piece::whole(text), answered, mention);
        post(&room, answer, transaction::answer(&id, number)).await;
    }

    /// A reaction bears the name that an answer in words would have: a message that was answered before a kill in
    /// words is not also reacted to after it.
    async fn acknowledge(&self, in_reply_to: Option<&str>) {
        let asked = in_reply_to.and_then(|id| Some((EventId::parse(id).ok()?, self.pending.answering(id)?)));
        if let Some((id, (question, number))) = asked
            && let Some(about) = &question.about
            && let Some(room) = self.client.get_room(&question.room)
        {
            post(&room, ack(about.clone()), transaction::answer(&id, number)).await;
        }
    }

    /// Tells a person what they subscribed to. It is a message, not a notice: clients stay silent at notices, and
    /// to be called is what the person asked for.
    async fn notify(&mut self, person: &str, text: &str) {
        let Some(person) = send::user(person) else { return };
        let transaction = TransactionId::new();
        let mut tries = 0;
        loop {
            let room = match self.direct.room(&person).await {
                Ok(room) => room,
                Err(error) => match send::worth_waiting(&error) {
                    Some(pause) if tries < TRIES => {
                        tracing::info!(%person, %error, again_in = ?pause, "a direct room cannot be opened yet");
                        tokio::time::sleep(pause).await;
                        tries += 1;
                        continue;
                    }
                    Some(_) | None => {
                        tracing::warn!(%person, %error, "cannot open a direct room");
                        return;
                    }
                },
            };
            if post(&room, notification(Piece::whole(text), &person), transaction.clone()).await == Posted::Sent
                || tries > 0
            {
                return;
            }
            // The room that was just made may be gone already.
            self.direct.forget(&person);
            tries += 1;
        }
    }

    async fn announce(&self, room: &str, text: &str) {
        let room = self.rooms.room(room).and_then(|room| self.client.get_room(&room));
        if let Some(room) = room {
            post(&room, notice(Piece::whole(text), None, None), TransactionId::new()).await;
        }
    }
}

/// How often a direct room is asked for.
const TRIES: u32 = 20;
