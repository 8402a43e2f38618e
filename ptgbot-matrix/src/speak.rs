//! Saying things: who is answered where, and how often what is sent again may stand there: once.

use crate::content::{Answered, ack, notice, notification};
use crate::direct_rooms::DirectRooms;
use crate::lasting_name::Names;
use crate::pending::Answering;
use crate::predecessor::{Before, Predecessor};
use crate::room_names::RoomNames;
use crate::said_before::{SaidBefore, last_said};
use crate::send::{Sender, Urgency};
use crate::transaction;
use matrix_sdk::ruma::events::room::message::RoomMessageEventContent;
use matrix_sdk::ruma::{OwnedRoomId, OwnedTransactionId, OwnedUserId, TransactionId, UserId};
use ptgbot_core::{PersonId, Reply, Revision, SendError, Target};

/// Who speaks.
#[derive(Clone)]
pub(crate) struct Speaker {
    pub(crate) names: RoomNames,
    pub(crate) direct: DirectRooms,
    pub(crate) sender: Sender,
    /// Whether another device of ours spoke before, and what it said.
    pub(crate) before: Before,
    pub(crate) said: SaidBefore,
}

impl Speaker {
    /// Answers a message: in its room and thread, as a reply that mentions who asked.
    ///
    /// # Errors
    /// When the server will not take it.
    pub(crate) async fn answer(&self, asked: &Answering, words: &Reply) -> Result<(), SendError> {
        let reply = &asked.reply;
        let answered = reply.about.as_deref().map(|event| Answered { event, thread: reply.thread.as_deref() });
        // Of several pieces the first is enough to call somebody.
        let mention = Some(&*reply.sender).filter(|_| asked.piece == 0);
        let content = notice(words, answered, mention);
        let transaction = transaction::answer(&asked.message, asked.piece);
        self.sender.post(&reply.room, content, transaction, Urgency::Answer).await
    }

    /// Reacts to a message. A reaction bears the name that an answer in words would have: a message that was answered
    /// before a kill in words is not also reacted to after it.
    ///
    /// # Errors
    /// When the server will not take it.
    pub(crate) async fn acknowledge(&self, asked: &Answering) -> Result<(), SendError> {
        let Some(about) = asked.reply.about.clone() else {
            return Ok(());
        };
        let transaction = transaction::answer(&asked.message, asked.piece);
        self.sender.post(&asked.reply.room, ack(about), transaction, Urgency::Answer).await
    }

    /// Says something that answers no message.
    ///
    /// # Errors
    /// When there is no such room or person, or the server will not take it.
    pub(crate) async fn say(&self, to: &Target, words: &Reply) -> Result<(), SendError> {
        let content = notice(words, None, None);
        match to {
            Target::Room(name) => {
                let room = self.names.room(name).ok_or_else(|| SendError::Refused(format!("no room {name}")))?;
                self.sender.post(&room, content, TransactionId::new(), Urgency::Answer).await
            }
            Target::Person(person) => self.tell(&user(person)?, content, TransactionId::new(), Urgency::Answer).await,
            Target::Unnamed => Ok(()),
        }
    }

    /// Tells a person what they subscribed to. It is a message, not a notice: clients stay silent at notices, and
    /// to be called is what the person asked for. The change of which it tells and the number of the piece are its
    /// lasting name.
    ///
    /// # Errors
    /// When it is nobody of this network, or the server will not take it.
    pub(crate) async fn notify(
        &self,
        to: &PersonId,
        (revision, piece): (Revision, usize),
        words: &Reply,
    ) -> Result<(), SendError> {
        let person = user(to)?;
        let content = notification(words, &person);
        let transaction = transaction::notification(&person, revision, piece);
        if self.was_told(&person, &transaction).await? {
            tracing::info!(%person, revision, "another process has told this already");
            return Ok(());
        }
        self.tell(&person, content, transaction, Urgency::Notification).await
    }

    /// Whether another device of ours has told a person something, whose answer from the server may have come too late
    /// to be remembered.
    async fn was_told(&self, person: &UserId, name: &TransactionId) -> Result<bool, SendError> {
        match self.before.predecessor().await {
            Predecessor::Us => return Ok(false),
            Predecessor::Another => {}
        }
        if let Some(was_told) = self.said.contains(person, name) {
            return Ok(was_told);
        }
        let room = self.room_of(person).await?;
        let what = format!("what {person} was told");
        let ask = || async { last_said(&*self.sender.account.client().await, &room).await };
        let names = match self.sender.until_done(&what, None, ask).await {
            Ok(names) => names,
            // Nothing can be said there either.
            Err(SendError::Refused(_)) => Names::new(),
            Err(error) => return Err(error),
        };
        self.said.keep(person, names);
        Ok(self.said.contains(person, name).unwrap_or_default())
    }

    async fn tell(
        &self,
        person: &UserId,
        content: RoomMessageEventContent,
        transaction: OwnedTransactionId,
        urgency: Urgency,
    ) -> Result<(), SendError> {
        let room = self.room_of(person).await?;
        match self.sender.post(&room, content.clone(), transaction.clone(), urgency).await {
            Err(SendError::Refused(_)) => {
                // The room that was just made may be gone already.
                self.direct.forget(person);
                let room = self.room_of(person).await?;
                self.sender.post(&room, content, transaction, urgency).await
            }
            sent => sent,
        }
    }

    /// The person's direct room. Who has none holds up nobody who has one.
    async fn room_of(&self, person: &UserId) -> Result<OwnedRoomId, SendError> {
        let what = format!("a direct room with {person}");
        match self.sender.until_done(&what, None, || self.direct.existing(person)).await? {
            Some(room) => Ok(room),
            None => self.sender.until_done(&what, Some(&self.sender.new_rooms), || self.direct.room(person)).await,
        }
    }
}

fn user(person: &PersonId) -> Result<OwnedUserId, SendError> {
    UserId::parse(person.key()).map_err(|error| SendError::Refused(format!("{person} is no Matrix user: {error}")))
}
