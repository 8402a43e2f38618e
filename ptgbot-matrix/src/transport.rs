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
use matrix_sdk::Client;
use matrix_sdk::ruma::{EventId, OwnedUserId, TransactionId, UserId};
use ptgbot_core::{Inbox, Incoming, Outgoing, Outlet, PersonId, Target, Transport, TransportError};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::mpsc;

/// A Matrix account as a transport.
///
/// [`split`](Transport::split) must be called within a tokio runtime: it starts the tasks that listen and look after
/// the rooms. They end when the inbox is dropped.
pub struct MatrixTransport {
    client: Client,
    us: OwnedUserId,
    settings: Arc<Settings>,
    folder: Arc<Folder>,
    position: Position,
}

/// What is heard in Matrix.
struct MatrixInbox {
    heard: mpsc::UnboundedReceiver<Result<Incoming, MatrixError>>,
    failed: Option<MatrixError>,
}

/// What is said in Matrix.
struct MatrixOutlet {
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
        Ok(Self { client, us, settings: Arc::new(settings), folder: Arc::new(folder), position })
    }

    /// Whose account it is.
    pub fn user(&self) -> &UserId {
        &self.us
    }
}

impl Transport for MatrixTransport {
    fn name(&self) -> &'static str {
        "matrix"
    }

    fn split(self: Box<Self>) -> (Box<dyn Inbox>, Box<dyn Outlet>) {
        let Self { client, us, settings, folder, position } = *self;
        let (to_inbox, heard) = mpsc::unbounded_channel();
        let (changes, to_keeper) = mpsc::unbounded_channel();
        let rooms = RoomNames::default();
        let pending = PendingReplies::new(folder.clone(), position.clone());
        let keeper = RoomManager::new(client.clone(), settings.clone(), rooms.clone(), to_keeper);
        let listener = Listener {
            client: client.clone(),
            us,
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
        (Box::new(MatrixInbox { heard, failed: None }), Box::new(MatrixOutlet { client, pending, rooms, direct }))
    }
}

#[async_trait]
impl Inbox for MatrixInbox {
    async fn receive(&mut self, limit: usize) -> Result<Vec<Incoming>, TransportError> {
        if let Some(error) = self.failed.take() {
            return Err(TransportError::new(error));
        }
        let mut batch = Vec::new();
        self.heard.recv_many(&mut batch, limit.max(1)).await;
        let mut messages = Vec::with_capacity(batch.len());
        for heard in batch {
            match heard {
                Ok(message) => messages.push(message),
                // What came before it is given first.
                Err(error) if messages.is_empty() => return Err(TransportError::new(error)),
                Err(error) => self.failed = Some(error),
            }
        }
        Ok(messages)
    }
}

#[async_trait]
impl Outlet for MatrixOutlet {
    fn split(&self, message: Outgoing) -> Vec<Outgoing> {
        match message {
            Outgoing::Reply { to, user, in_reply_to, text } => {
                let reply = |piece: Piece| Outgoing::Reply {
                    to: to.clone(),
                    user: user.clone(),
                    in_reply_to: in_reply_to.clone(),
                    text: piece.plain,
                };
                answer::pieces(&text, answer::LIMIT).into_iter().map(reply).collect()
            }
            Outgoing::Notify { user, text } => {
                let notify = |piece: Piece| Outgoing::Notify { user: user.clone(), text: piece.plain };
                answer::pieces(&text, answer::LIMIT).into_iter().map(notify).collect()
            }
            Outgoing::Announce { room, text } => {
                let announce = |piece: Piece| Outgoing::Announce { room: room.clone(), text: piece.plain };
                answer::pieces(&text, answer::LIMIT).into_iter().map(announce).collect()
            }
            Outgoing::Ack { .. } | Outgoing::Done { .. } => vec![message],
            // Only protocols for programs have lines that cannot be understood.
            Outgoing::Error { .. } => Vec::new(),
        }
    }

    /// One message is sent at a time, and the server says when it has had enough.
    async fn ready(&mut self) {}

    async fn send(&mut self, message: Outgoing) -> Result<(), TransportError> {
        match message {
            Outgoing::Reply { to, in_reply_to, text, .. } => self.reply(&to, in_reply_to.as_deref(), &text).await,
            Outgoing::Ack { in_reply_to, .. } => self.acknowledge(in_reply_to.as_deref()).await,
            Outgoing::Notify { user, text } => self.notify(user.as_str(), &text).await,
            Outgoing::Announce { room, text } => self.announce(&room, &text).await,
            Outgoing::Done { id, .. } => id.iter().for_each(|id| self.pending.done(id)),
            Outgoing::Error { .. } => {}
        }
        Ok(())
    }

    fn reaches(&self, person: &PersonId) -> bool {
        send::user(person.as_str()).is_some()
    }
}

impl MatrixOutlet {
    async fn reply(&mut self, to: &Target, in_reply_to: Option<&str>, text: &str) {
        let asked = in_reply_to.and_then(|id| Some((EventId::parse(id).ok()?, self.pending.answering(id)?)));
        let Some((id, (question, number))) = asked else {
            return match to {
                Target::Room(room) => self.announce(room, text).await,
                Target::User(user) => self.notify(user, text).await,
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
