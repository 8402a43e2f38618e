//! Reading one room: what its people said becomes requests, each once, in the order of the room.

use super::Context;
use super::backlog::Update;
use super::recent::{Original, Recent};
use crate::lasting_name::Names;
use crate::message::Message;
use crate::name::BotName;
use crate::pending::PendingReply;
use crate::people::{FOLDING, person};
use crate::position::Unread;
use crate::predecessor::Predecessor;
use crate::room_changes::Change;
use crate::room_event::{self, Encryption, EventKind, RoomEvent, RoomState};
use crate::transaction;
use chrono::Utc;
use matrix_sdk::Room;
use matrix_sdk::deserialized_responses::TimelineEvent;
use matrix_sdk::ruma::events::AnySyncTimelineEvent;
use matrix_sdk::ruma::events::room::power_levels::RoomPowerLevels;
use matrix_sdk::ruma::serde::Raw;
use matrix_sdk::ruma::{EventId, OwnedEventId, OwnedRoomId, OwnedUserId, RoomId, UserId};
use ptgbot_core::{Ask, Incoming, Place, Request, Role};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Reads one room. Whatever it has to wait for, no other room waits with it.
pub(super) struct RoomReader {
    pub(super) room: OwnedRoomId,
    pub(super) with: Context,
    pub(super) pages: Arc<Semaphore>,
    recent: Recent,
    /// Who has been told that what they say in the open is not obeyed.
    pub(super) warned: HashSet<OwnedUserId>,
    /// What could not be decrypted so far, and of what was heard in this run the sealed form.
    pub(super) unread: Vec<Unread>,
    pub(super) sealed: HashMap<OwnedEventId, Raw<AnySyncTimelineEvent>>,
}

/// A message on its way to the bot.
pub(super) struct InboundMessage {
    incoming: Incoming,
    id: OwnedEventId,
    reply: PendingReply,
}

impl RoomReader {
    /// For a room in which some messages may have been left undecrypted by an earlier run.
    pub(super) fn new(room: OwnedRoomId, with: Context, pages: Arc<Semaphore>) -> Self {
        let unread = with.pending.unread_in(&room);
        Self { room, with, pages, recent: Recent::default(), warned: HashSet::new(), unread, sealed: HashMap::new() }
    }

    /// Which room.
    pub(super) fn room(&self) -> &RoomId {
        &self.room
    }

    /// Whether messages wait for their keys.
    pub(super) fn has_unread(&self) -> bool {
        !self.unread.is_empty()
    }

    /// Hands on what was said, once all of it is there.
    pub(super) async fn take_in(&mut self, update: Update) {
        let Update { since, until, missing_until, mut events, powers, predecessor } = update;
        if let Some(missing_until) = missing_until {
            let mut gap = self.gap(&since, &missing_until).await;
            tracing::info!(room = %self.room, events = gap.len(), "read what was said meanwhile");
            gap.append(&mut events);
            events = gap;
        }
        let said = match predecessor {
            Predecessor::Us => Names::new(),
            Predecessor::Another => self.said_by_us(&events).await,
        };
        let (messages, unread) = self.read_events(&events, &powers, &said).await;
        let replies = messages.iter().map(|message| (message.id.clone(), message.reply.clone())).collect();
        self.with.pending.read(&self.room, &until, replies, &unread);
        self.hand_on(messages).await;
    }

    /// Hands on what can be decrypted by now.
    pub(super) async fn try_again(&mut self) {
        let messages = self.decrypt_again().await;
        for message in &messages {
            self.with.pending.decrypted(&message.id, message.reply.clone());
        }
        self.hand_on(messages).await;
    }

    async fn hand_on(&self, messages: Vec<InboundMessage>) {
        if messages.is_empty() {
            return;
        }
        let place = self.with.place().await;
        for message in messages {
            let mut incoming = message.incoming;
            incoming.place.clone_from(&place);
            // When nobody listens any more the bot ends.
            self.with.to_inbox.send(incoming).await.ok();
        }
    }

    async fn read_events(
        &mut self,
        events: &[TimelineEvent],
        powers: &RoomPowerLevels,
        said: &Names,
    ) -> (Vec<InboundMessage>, Vec<Unread>) {
        let (mut messages, mut unread) = (Vec::new(), Vec::new());
        let client = self.with.account.client().await;
        let Some(room) = client.get_room(&self.room) else {
            return (messages, unread);
        };
        for event in self.read(&room, events, powers).await {
            if said.contains(&transaction::answer(&event.id, 0)) {
                continue;
            }
            match &event.kind {
                EventKind::Unreadable { reason } => unread.extend(self.cannot_read(&event, reason, events)),
                EventKind::Unencrypted(message) => self.warn_once(&room, &event, message).await,
                EventKind::Message(_) | EventKind::Deleted { .. } => messages.extend(self.message(&room, event).await),
            }
        }
        (messages, unread)
    }

    pub(super) async fn read(&self, room: &Room, events: &[TimelineEvent], powers: &RoomPowerLevels) -> Vec<RoomEvent> {
        let rules = room.clone_info().room_version_rules_or_default();
        let encryption = if room.encryption_state().is_encrypted() { Encryption::On } else { Encryption::Off };
        let end = RoomState { powers, encryption, redaction: &rules.redaction };
        room_event::read(events, &self.bot_in(room).await, &end)
    }

    /// What people of the room call the bot.
    async fn bot_in(&self, room: &Room) -> BotName {
        let us = room.get_member_no_sync(self.with.account.us()).await.ok().flatten();
        BotName::new(self.with.account.us(), us.as_ref().and_then(|member| member.display_name()))
    }

    pub(super) async fn message(&mut self, room: &Room, event: RoomEvent) -> Option<InboundMessage> {
        if self.with.pending.is_open(event.id.as_str()) {
            return None;
        }
        let place = self.place(room).await?;
        let RoomEvent { id, sender, at, power, kind } = event;
        let (ask, about, thread) = match kind {
            EventKind::Message(Message::Said { text, thread }) => {
                self.recent.remember(&id, &sender, &text, thread.as_deref());
                (Ask::Said(text), Some(id.clone()), thread)
            }
            EventKind::Message(Message::Edited { original, text }) => {
                let Original { text: was, thread } = self.original(room, &original, &sender).await?;
                (Ask::Edited { original: original.to_string(), was, text }, Some(original), thread)
            }
            EventKind::Deleted { original } => (Ask::Deleted { original: original.to_string() }, None, None),
            EventKind::Unencrypted(_) | EventKind::Unreadable { .. } => return None,
        };
        let shown = room.get_member_no_sync(&sender).await.ok().flatten();
        let network = &self.with.network;
        let from = person(network, &sender, shown.as_ref().and_then(|member| member.display_name()));
        let role = match &place {
            Place::Room(_) => self.with.settings.levels.role(power),
            Place::Private => Role::Member,
        };
        let request = Request::new(network, at.min(Utc::now()), ask).by(from, role).folding(FOLDING);
        let request = request.bot(self.with.account.us().localpart()).message(id.as_str());
        let request = match place {
            Place::Room(name) => request.in_room(name),
            Place::Private => request,
        };
        let reply = PendingReply { room: self.room.clone(), sender, about, thread };
        Some(InboundMessage { incoming: Incoming::new(request).with_id(id.as_str()), id, reply })
    }

    /// Where what is said here is said; `None` where it is not for us.
    pub(super) async fn place(&self, room: &Room) -> Option<Place> {
        match self.with.names.place(room).await {
            Ok(Some(place)) => Some(place),
            Ok(None) => {
                self.with.changes.tell(Change::NotOurs(self.room.clone()));
                None
            }
            Err(error) => {
                tracing::error!(room = %self.room, %error, "cannot see what this room is; a message in it is not heard");
                None
            }
        }
    }

    /// What an edited message said; `None` where it is somebody else's. One that is gone has said nothing that is
    /// known.
    async fn original(&self, room: &Room, original: &EventId, sender: &UserId) -> Option<Original> {
        if let Some((author, original)) = self.recent.message(original) {
            return (author == sender).then(|| original.clone());
        }
        let Ok(event) = room.event(original, None).await else {
            return Some(Original::default());
        };
        if event.sender().as_deref() != Some(sender) {
            return None;
        }
        Some(match room_event::message(&event, &self.bot_in(room).await) {
            Some(Message::Said { text, thread }) => Original { text: Some(text), thread },
            Some(Message::Edited { text, .. }) => Original { text: Some(text), thread: None },
            None => Original::default(),
        })
    }
}
