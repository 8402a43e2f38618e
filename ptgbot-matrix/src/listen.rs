//! Listening: syncs for ever, and turns what people say into requests, each once, in the order of each room.

mod past;
mod recent;
mod sealed;

use crate::error::MatrixError;
use crate::folder::Folder;
use crate::message::Message;
use crate::name::BotName;
use crate::pending::{PendingReplies, PendingReply, Unread};
use crate::people::{FOLDING, person};
use crate::room_event::{self, EventKind, RoomEvent};
use crate::room_manager::{Change, RoomNames};
use crate::session::{Ended, end};
use crate::settings::Settings;
use crate::trust;
use chrono::Utc;
use matrix_sdk::config::SyncSettings;
use matrix_sdk::deserialized_responses::TimelineEvent;
use matrix_sdk::ruma::api::client::filter::{Filter, FilterDefinition, LazyLoadOptions, RoomEventFilter};
use matrix_sdk::ruma::api::error::ErrorKind;
use matrix_sdk::ruma::events::room::member::MembershipState;
use matrix_sdk::ruma::events::{AnySyncStateEvent, AnySyncTimelineEvent, SyncStateEvent};
use matrix_sdk::ruma::serde::Raw;
use matrix_sdk::ruma::{EventId, OwnedEventId, OwnedUserId, UserId};
use matrix_sdk::sync::{JoinedRoomUpdate, SyncResponse};
use matrix_sdk::{Client, Room};
use past::{Past, is_joining};
use ptgbot_core::{Ask, Incoming, Network, Place, Request, Role};
pub(crate) use recent::Recent;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// The half that hears.
pub(crate) struct Listener {
    pub(crate) client: Client,
    pub(crate) settings: Arc<Settings>,
    pub(crate) folder: Arc<Folder>,
    pub(crate) us: OwnedUserId,
    pub(crate) network: Network,
    pub(crate) pending: PendingReplies,
    pub(crate) rooms: RoomNames,
    pub(crate) changes: mpsc::UnboundedSender<Change>,
    pub(crate) to_inbox: mpsc::UnboundedSender<Result<Incoming, MatrixError>>,
    /// Up to where everything is dealt with; `None` on a first start, which ignores the past.
    pub(crate) since: Option<String>,
    /// What could not be decrypted so far, and of what was heard in this run the sealed form.
    pub(crate) unread: Vec<Unread>,
    pub(crate) sealed: HashMap<OwnedEventId, Raw<AnySyncTimelineEvent>>,
    pub(crate) recent: Recent,
}

/// A message on its way to the bot.
struct InboundMessage {
    incoming: Incoming,
    reply: PendingReply,
}

impl Listener {
    /// Listens until nobody wants to hear any more, or the account cannot be used any more.
    pub(crate) async fn run(mut self) {
        let to_inbox = self.to_inbox.clone();
        tokio::select! {
            () = to_inbox.closed() => {}
            error = self.listen() => drop(to_inbox.send(Err(error))),
        }
    }

    async fn listen(&mut self) -> MatrixError {
        let mut settings = SyncSettings::new().filter(filter().into()).timeout(Duration::ZERO);
        let mut past = self.catch_up().await;
        let mut began = false;
        let mut pause = FIRST_PAUSE;
        let mut silent = false;
        loop {
            match self.client.sync_once(settings.clone()).await {
                Ok(response) => {
                    if std::mem::take(&mut silent) {
                        tracing::info!("listening again");
                    }
                    pause = FIRST_PAUSE;
                    settings = settings.timeout(LONG_POLL);
                    self.take_in(response, std::mem::replace(&mut past, Past::DealtWith)).await;
                    if !std::mem::replace(&mut began, true) {
                        self.tell(Change::Listening);
                        self.establish_trust();
                    }
                }
                Err(error) => {
                    if let Some(ErrorKind::UnknownToken(token)) = error.client_api_error_kind() {
                        let ended = if token.soft_logout { Ended::Token } else { Ended::Device };
                        return self.signed_out(ended, error.to_string());
                    }
                    if !std::mem::replace(&mut silent, true) {
                        match &error {
                            matrix_sdk::Error::Http(_) => {
                                tracing::warn!(%error, "the homeserver does not answer; trying again until it does");
                            }
                            _ => tracing::error!(%error, "cannot keep what the homeserver says; trying again"),
                        }
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    fn signed_out(&self, ended: Ended, reason: String) -> MatrixError {
        let key_file = trust::key_file(&self.settings, self.folder.path());
        match end(&self.folder, ended) {
            Ok(()) => MatrixError::SignedOut { reason, key_file },
            Err(error) => error,
        }
    }

    /// Beside the sync: it may take some requests, and commands should not wait for it.
    fn establish_trust(&self) {
        let (client, settings, folder) = (self.client.clone(), self.settings.clone(), self.folder.clone());
        tokio::spawn(async move {
            if let Err(error) = trust::establish(&client, &settings, folder.path()).await {
                tracing::error!(%error, "this device may not be trusted by others");
            }
        });
    }

    /// Hands on what came with a sync.
    async fn take_in(&mut self, response: SyncResponse, past: Past) {
        let mut messages = Vec::new();
        if let (Past::Mixed, Some(since)) = (past, self.since.clone()) {
            messages.extend(self.read_between(&since, &response.next_batch).await);
        }
        if let (Past::DealtWith, Some(since)) = (past, self.since.clone()) {
            messages.extend(self.decrypt_again().await);
            for (id, update) in response.rooms.joined {
                let Some(room) = self.client.get_room(&id) else { continue };
                self.notice_changes(&room, &update);
                messages.extend(self.read_room(&room, update, &since).await);
            }
        }
        response.rooms.invited.into_keys().for_each(|room| self.tell(Change::Invited(room)));
        response.rooms.left.into_keys().for_each(|room| self.tell(Change::RemovedFromRoom(room)));
        self.hand_on(response.next_batch, messages);
    }

    /// Gives messages to the bot; once they are answered, everything up to `next` is dealt with.
    fn hand_on(&mut self, next: String, messages: Vec<InboundMessage>) {
        self.since = Some(next.clone());
        let replies = messages.iter().filter_map(|message| Some((id_of(message)?, message.reply.clone())));
        self.pending.hear(next, replies.collect(), self.unread.clone());
        for message in messages {
            drop(self.to_inbox.send(Ok(message.incoming)));
        }
    }

    async fn read_room(&mut self, room: &Room, update: JoinedRoomUpdate, since: &str) -> Vec<InboundMessage> {
        let mut events = update.timeline.events;
        let joined = events.iter().any(|event| is_joining(event, &self.us));
        if update.timeline.limited
            && !joined
            && let Some(from) = update.timeline.prev_batch
        {
            let mut gap = self.gap(room, from, since).await;
            gap.append(&mut events);
            events = gap;
        }
        self.read_events(room, &events).await
    }

    async fn read_events(&mut self, room: &Room, events: &[TimelineEvent]) -> Vec<InboundMessage> {
        let mut messages = Vec::new();
        for event in self.read(room, events).await {
            if let EventKind::Unreadable { reason } = &event.kind {
                self.cannot_read(room, &event, reason, events);
            } else {
                messages.extend(self.message(room, event).await);
            }
        }
        messages
    }

    async fn read(&self, room: &Room, events: &[TimelineEvent]) -> Vec<RoomEvent> {
        let powers = room.power_levels_or_default().await;
        let rules = room.clone_info().room_version_rules_or_default();
        room_event::read(events, &self.bot_in(room).await, &powers, &rules.redaction)
    }

    /// What people of a room call the bot.
    async fn bot_in(&self, room: &Room) -> BotName {
        let us = room.get_member_no_sync(&self.us).await.ok().flatten();
        BotName::new(&self.us, us.as_ref().and_then(|member| member.display_name()))
    }

    async fn message(&mut self, room: &Room, event: RoomEvent) -> Option<InboundMessage> {
        if self.pending.is_open(event.id.as_str()) {
            return None;
        }
        let RoomEvent { id, sender, at, power, kind } = event;
        let (ask, about, thread) = match kind {
            EventKind::Message(Message::Said { text, thread }) => {
                self.recent.remember(&id, &sender, &text);
                (Ask::Said(text), Some(id.clone()), thread)
            }
            EventKind::Message(Message::Edited { original, text }) => {
                let was = self.original(room, &original, &sender).await?;
                (Ask::Edited { original: original.to_string(), was, text }, Some(original), None)
            }
            EventKind::Deleted { original } => (Ask::Deleted { original: original.to_string() }, None, None),
            EventKind::Unreadable { .. } => return None,
        };
        let place = self.place(room).await;
        let shown = room.get_member_no_sync(&sender).await.ok().flatten();
        let from = person(&self.network, &sender, shown.as_ref().and_then(|member| member.display_name()));
        let role = match &place {
            Place::Room(_) => self.settings.levels.role(power),
            Place::Private => Role::Member,
        };
        let mut request = Request::new(&self.network, at.min(Utc::now()), ask).by(from, role).folding(FOLDING);
        request = request.bot(self.us.localpart()).message(id.as_str());
        request.place = place;
        let reply = PendingReply { room: room.room_id().to_owned(), sender, about, thread };
        Some(InboundMessage { incoming: Incoming::new(request).with_id(id.as_str()), reply })
    }

    /// What an edited message said; `None` where it is somebody else's or gone.
    async fn original(&self, room: &Room, original: &EventId, sender: &UserId) -> Option<Option<String>> {
        if let Some((author, words)) = self.recent.message(original) {
            return (author == sender).then(|| Some(words.clone()));
        }
        let Ok(event) = room.event(original, None).await else {
            return Some(None);
        };
        if event.sender().as_deref() != Some(sender) {
            return None;
        }
        Some(room_event::words(&event, &self.bot_in(room).await))
    }

    async fn place(&self, room: &Room) -> Place {
        if let Some(name) = self.rooms.of(room.room_id()) {
            return Place::Room(name);
        }
        if self.rooms.is_direct(room.room_id()) || room.is_direct().await.unwrap_or(false) {
            Place::Private
        } else {
            Place::Room(room.room_id().to_string())
        }
    }

    fn notice_changes(&self, room: &Room, update: &JoinedRoomUpdate) {
        if room.is_tombstoned() {
            self.tell(Change::Replaced(room.room_id().to_owned()));
        }
        if update.timeline.limited {
            // Whoever left meanwhile is not shown.
            self.tell(Change::MemberLeft(room.room_id().to_owned()));
        }
        let in_timeline = update.timeline.events.iter().filter_map(|event| event.raw().deserialize().ok());
        for event in in_timeline {
            if let AnySyncTimelineEvent::State(AnySyncStateEvent::RoomMember(SyncStateEvent::Original(member))) = event
                && matches!(member.content.membership, MembershipState::Leave | MembershipState::Ban)
            {
                self.tell(Change::MemberLeft(room.room_id().to_owned()));
            }
        }
    }

    fn tell(&self, change: Change) {
        drop(self.changes.send(change));
    }
}

fn id_of(message: &InboundMessage) -> Option<OwnedEventId> {
    EventId::parse(message.incoming.id.as_deref()?).ok()
}

/// What we want of a sync: as many messages as servers give, no presence, no receipts, members as they speak.
fn filter() -> FilterDefinition {
    let as_they_speak = LazyLoadOptions::Enabled { include_redundant_members: false };
    let mut filter = FilterDefinition::default();
    filter.presence = Filter::ignore_all();
    filter.room.ephemeral = RoomEventFilter::ignore_all();
    filter.room.state.lazy_load_options = as_they_speak;
    filter.room.timeline.lazy_load_options = as_they_speak;
    filter.room.timeline.limit = Some(PAGE.into());
    filter
}

/// How many messages are asked for at once.
const PAGE: u8 = 100;
/// How long the server may hold an answer back when there is nothing new.
const LONG_POLL: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
