//! In which rooms the bot is: joins those of the configuration, answers invitations, follows replaced rooms, leaves
//! empty ones. All of it beside the sync, since a join may take a minute.

use crate::settings::{RoomSetting, Settings};
use matrix_sdk::ruma::api::client::membership::get_member_events;
use matrix_sdk::ruma::api::client::state::get_state_event_for_key;
use matrix_sdk::ruma::api::error::ErrorKind;
use matrix_sdk::ruma::events::StateEventType;
use matrix_sdk::ruma::events::room::member::MembershipState;
use matrix_sdk::ruma::{OwnedRoomId, OwnedServerName, RoomId, RoomOrAliasId, UserId};
use matrix_sdk::{Client, Room, RoomState};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// What is known of rooms before the server's own lists say it; shared by those who hear and those who answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct RoomNames(Arc<Mutex<Rooms>>);

#[derive(Debug, Default)]
struct Rooms {
    /// The names under which the configuration knows rooms.
    names: HashMap<OwnedRoomId, String>,
    /// Rooms to which somebody invited us as to a direct one, and those that we opened.
    direct: HashSet<OwnedRoomId>,
}

/// Something that happened to a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// The first sync is done: what is said from now on is heard.
    Listening,
    /// Somebody wants us in it.
    Invited(OwnedRoomId),
    /// It says that another room takes its place.
    Replaced(OwnedRoomId),
    /// Somebody left it.
    MemberLeft(OwnedRoomId),
    /// We are no longer in it.
    RemovedFromRoom(OwnedRoomId),
}

/// Looks after the rooms.
pub(crate) struct RoomManager {
    client: Client,
    settings: Arc<Settings>,
    known: RoomNames,
    changes: mpsc::UnboundedReceiver<Change>,
    wanted: Vec<Wanted>,
}

/// A room of the configuration.
struct Wanted {
    setting: RoomSetting,
    /// The room that it is, once that is known; after a replacement the newest.
    room: Option<OwnedRoomId>,
    /// The room whose place it took, while that is still to be checked.
    replaces: Option<OwnedRoomId>,
    /// A room that was named as a replacement and does not know the old one.
    impostor: Option<OwnedRoomId>,
    /// When to try to join it (again).
    due: Option<Instant>,
    pause: Duration,
}

/// What is said to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Welcome {
    Accept,
    Decline,
}

impl RoomNames {
    /// The configuration's name of a room.
    pub(crate) fn of(&self, room: &RoomId) -> Option<String> {
        self.rooms().names.get(room).cloned()
    }

    /// The room of a name.
    pub(crate) fn room(&self, name: &str) -> Option<OwnedRoomId> {
        let found = self.rooms().names.iter().find(|(_, known)| *known == name).map(|(room, _)| room.clone());
        found.or_else(|| RoomId::parse(name).ok())
    }

    /// True for a room of one person and us.
    pub(crate) fn is_direct(&self, room: &RoomId) -> bool {
        self.rooms().direct.contains(room)
    }

    pub(crate) fn set_direct(&self, room: &RoomId) {
        self.rooms().direct.insert(room.to_owned());
    }

    fn set_name(&self, room: &RoomId, name: &str) {
        self.rooms().names.insert(room.to_owned(), name.to_owned());
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wanted {
    /// To be joined after a pause, each longer than the one before.
    fn try_later(&mut self) {
        self.due = Some(Instant::now() + self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }
}

impl RoomManager {
    pub(crate) fn new(
        client: Client,
        settings: Arc<Settings>,
        known: RoomNames,
        changes: mpsc::UnboundedReceiver<Change>,
    ) -> Self {
        let now = Instant::now();
        let wanted = settings.rooms.iter().map(|setting| {
            let room = RoomId::parse(setting.room.as_str()).ok();
            Wanted {
                setting: setting.clone(),
                room,
                replaces: None,
                impostor: None,
                due: Some(now),
                pause: FIRST_PAUSE,
            }
        });
        let wanted = wanted.collect();
        Self { client, settings, known, changes, wanted }
    }

    /// Works until nothing more can change: the bot has stopped listening.
    ///
    /// It begins when the bot listens: in a room that it joins before that, on a first start, the first command
    /// could be taken for the past.
    pub(crate) async fn run(mut self) {
        loop {
            match self.changes.recv().await {
                Some(Change::Listening) => break,
                // Looking around finds them.
                Some(Change::Invited(_) | Change::Replaced(_) | Change::MemberLeft(_) | Change::RemovedFromRoom(_)) => {
                }
                None => return,
            }
        }
        self.look_around().await;
        loop {
            let due = self.wanted.iter().filter_map(|wanted| wanted.due).min();
            let change = tokio::select! {
                change = self.changes.recv() => match change {
                    Some(change) => Some(change),
                    None => return,
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => None,
            };
            match change {
                Some(Change::Listening) => {}
                Some(Change::Invited(room)) => self.answer_invitation(&room).await,
                Some(Change::Replaced(room)) => self.follow(&room).await,
                Some(Change::MemberLeft(room)) => self.leave_if_empty(&room).await,
                Some(Change::RemovedFromRoom(room)) => self.lost(&room),
                None => self.join_what_is_due().await,
            }
        }
    }

    /// What happened while no bot ran.
    async fn look_around(&mut self) {
        self.join_what_is_due().await;
        for room in self.client.invited_rooms() {
            self.answer_invitation(room.room_id()).await;
        }
        for room in self.client.joined_rooms() {
            if room.active_members_count() <= 1 {
                self.leave_if_empty(room.room_id()).await;
            }
        }
    }

    async fn join_what_is_due(&mut self) {
        let now = Instant::now();
        for index in 0..self.wanted.len() {
            if self.wanted[index].due.is_some_and(|due| due <= now) {
                self.join(index).await;
            }
        }
    }

    async fn join(&mut self, index: usize) {
        let wanted = &self.wanted[index];
        let name = wanted.setting.to_string();
        let joined = match self.resolve(wanted).await {
            Ok((room, via)) => self.enter(&room, &via).await,
            Err(error) => Err(error),
        };
        match joined {
            Ok(room) => self.joined(index, &room).await,
            Err(error) => {
                let wanted = &mut self.wanted[index];
                let said = explain(&error, self.client.user_id());
                tracing::error!(room = name, again_in = ?wanted.pause, "cannot join: {said}");
                wanted.try_later();
            }
        }
    }

    /// The ID of a wanted room, and servers that know it.
    async fn resolve(&self, wanted: &Wanted) -> Result<(OwnedRoomId, Vec<OwnedServerName>), matrix_sdk::Error> {
        if let Some(room) = &wanted.room {
            return Ok((room.clone(), wanted.setting.via.clone()));
        }
        let alias = match wanted.setting.room.as_str().try_into() {
            Ok(alias) => alias,
            // What is no ID is an alias; the settings let nothing else in.
            Err(error) => return Err(matrix_sdk::Error::Identifier(error)),
        };
        let answer = self.client.resolve_room_alias(alias).await?;
        Ok((answer.room_id, answer.servers))
    }

    async fn enter(&self, room: &RoomId, via: &[OwnedServerName]) -> Result<Room, matrix_sdk::Error> {
        if let Some(known) = self.client.get_room(room)
            && known.state() == RoomState::Joined
        {
            return Ok(known);
        }
        let room: &RoomOrAliasId = room.into();
        self.client.join_room_by_id_or_alias(room, via).await
    }

    async fn joined(&mut self, index: usize, room: &Room) {
        if let Some(old) = self.wanted[index].replaces.clone() {
            let points_back = self.points_back(room, &old).await;
            let wanted = &mut self.wanted[index];
            match points_back {
                Ok(true) => wanted.replaces = None,
                Ok(false) => {
                    tracing::error!(%old, new = %room.room_id(), "a room that was named as a replacement does not know the old one; not followed");
                    (wanted.replaces, wanted.room, wanted.due) = (None, Some(old), None);
                    wanted.impostor = Some(room.room_id().to_owned());
                    room.leave().await.ok();
                    return;
                }
                Err(error) => {
                    tracing::warn!(%old, %error, again_in = ?wanted.pause, "cannot see which room the new one replaces");
                    return wanted.try_later();
                }
            }
        }
        let wanted = &mut self.wanted[index];
        let name = wanted.setting.to_string();
        wanted.room = Some(room.room_id().to_owned());
        (wanted.due, wanted.pause) = (None, FIRST_PAUSE);
        self.known.set_name(room.room_id(), &name);
        tracing::info!(room = name, id = %room.room_id(), "in the room");
        if room.is_tombstoned() {
            let room = room.room_id().to_owned();
            Box::pin(self.follow(&room)).await;
        }
    }

    /// A replaced room of the configuration is followed to the new one, if that says the same.
    async fn follow(&mut self, old: &RoomId) {
        let successor = self.client.get_room(old).and_then(|room| room.successor_room());
        let (Some(successor), Some(index)) = (successor, self.index_of(old)) else {
            return;
        };
        let wanted = &mut self.wanted[index];
        if wanted.impostor.as_ref() == Some(&successor.room_id) {
            return;
        }
        tracing::info!(%old, new = %successor.room_id, "the room was replaced");
        wanted.setting.via.extend(old.server_name().map(ToOwned::to_owned));
        wanted.replaces = Some(old.to_owned());
        wanted.room = Some(successor.room_id);
        wanted.pause = FIRST_PAUSE;
        self.join(index).await;
    }

    /// Whether a room names another one as that which it replaces.
    async fn points_back(&self, room: &Room, old: &RoomId) -> Result<bool, matrix_sdk::HttpError> {
        #[derive(Deserialize)]
        struct Create {
            predecessor: Option<Predecessor>,
        }
        #[derive(Deserialize)]
        struct Predecessor {
            room_id: OwnedRoomId,
        }
        let request = get_state_event_for_key::v3::Request::new(
            room.room_id().to_owned(),
            StateEventType::RoomCreate,
            String::new(),
        );
        let answer = self.client.send(request).await?;
        let create = serde_json::from_str::<Create>(answer.event_or_content.get());
        Ok(create.is_ok_and(|create| create.predecessor.is_some_and(|before| before.room_id == old)))
    }

    async fn answer_invitation(&mut self, id: &RoomId) {
        let Some(room) = self.client.get_room(id).filter(|room| room.state() == RoomState::Invited) else {
            return;
        };
        let inviter = match room.invite_details().await {
            Ok(details) => details.inviter_id,
            Err(error) => return tracing::warn!(room = %id, %error, "an invitation without a sender is ignored"),
        };
        let configured = self.configured(id).await;
        let direct = room.is_direct().await.unwrap_or(false);
        match welcome(&self.settings, configured.is_some(), direct, &inviter) {
            Welcome::Accept => match configured {
                Some(index) => self.join(index).await,
                None => self.accept(&room, &inviter, direct).await,
            },
            Welcome::Decline => {
                tracing::info!(room = %id, by = %inviter, "declined an invitation: neither a room of ours nor a direct one, and its sender is not in `allowed`");
                if let Err(error) = room.leave().await {
                    tracing::warn!(room = %id, %error, "cannot decline an invitation");
                }
            }
        }
    }

    async fn accept(&self, room: &Room, inviter: &UserId, direct: bool) {
        let id = room.room_id();
        if direct {
            self.known.set_direct(id);
        }
        match room.join().await {
            Ok(()) => tracing::info!(room = %id, by = %inviter, direct, "accepted an invitation"),
            Err(error) => tracing::warn!(room = %id, by = %inviter, %error, "cannot accept an invitation"),
        }
    }

    /// The configured room that this is. What an invitation says about its own alias proves nothing, so the server
    /// is asked.
    async fn configured(&mut self, id: &RoomId) -> Option<usize> {
        for (index, wanted) in self.wanted.iter_mut().enumerate() {
            if wanted.room.is_none()
                && let Ok(alias) = wanted.setting.room.as_str().try_into()
                && let Ok(answer) = self.client.resolve_room_alias(alias).await
            {
                wanted.room = Some(answer.room_id);
            }
            if wanted.room.as_deref() == Some(id) {
                return Some(index);
            }
        }
        None
    }

    /// Rooms of the configuration are kept: people may still come.
    async fn leave_if_empty(&self, id: &RoomId) {
        let Some(room) = self.client.get_room(id).filter(|room| room.state() == RoomState::Joined) else {
            return;
        };
        if self.index_of(id).is_some() {
            return;
        }
        match self.is_deserted(id).await {
            Ok(true) => match room.leave().await {
                Ok(()) => {
                    tracing::info!(room = %id, "left an empty room");
                    room.forget().await.ok();
                }
                Err(error) => tracing::warn!(room = %id, %error, "cannot leave an empty room"),
            },
            Ok(false) => {}
            Err(error) => tracing::warn!(room = %id, %error, "cannot see who is in the room"),
        }
    }

    /// Whether others have left a room and nobody but us is in it or invited, as the server sees it now. A direct room
    /// that is just being opened has nobody yet, for invitations come last, and nobody has left it.
    async fn is_deserted(&self, id: &RoomId) -> Result<bool, matrix_sdk::HttpError> {
        #[derive(Deserialize)]
        struct Member {
            membership: MembershipState,
        }
        let answer = self.client.send(get_member_events::v3::Request::new(id.to_owned())).await?;
        let members = answer.chunk.iter().filter_map(|event| event.get_field::<Member>("content").ok().flatten());
        let (here, gone): (Vec<_>, Vec<_>) =
            members.partition(|member| matches!(member.membership, MembershipState::Join | MembershipState::Invite));
        Ok(here.len() <= 1 && !gone.is_empty())
    }

    fn lost(&mut self, id: &RoomId) {
        if let Some(index) = self.index_of(id) {
            let wanted = &mut self.wanted[index];
            tracing::warn!(room = %wanted.setting, again_in = ?wanted.pause, "no longer in the room");
            wanted.try_later();
        }
    }

    fn index_of(&self, id: &RoomId) -> Option<usize> {
        self.wanted.iter().position(|wanted| wanted.room.as_deref() == Some(id))
    }
}

fn welcome(settings: &Settings, configured: bool, direct: bool, inviter: &UserId) -> Welcome {
    if configured || direct || settings.allows(inviter) { Welcome::Accept } else { Welcome::Decline }
}

/// Why a join failed, and what would help.
fn explain(error: &matrix_sdk::Error, us: Option<&UserId>) -> String {
    match error.client_api_error_kind() {
        Some(ErrorKind::NotFound) => "there is no such room; is the name right?".to_owned(),
        Some(ErrorKind::Forbidden) => {
            let us = us.map_or("the bot", UserId::as_str);
            format!("it is not open to everybody; invite {us}")
        }
        Some(_) | None => error.to_string(),
    }
}

const FIRST_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::user_id;

    #[test]
    fn strangers_may_only_open_a_direct_room() {
        let mut settings =
            Settings::new("example.org".parse().expect("a server"), "ptgbot".parse().expect("a user"), "data")
                .expect("settings");
        settings.allowed = vec!["@jane:example.org".parse().expect("a user")];
        let (jane, stranger) = (user_id!("@jane:example.org"), user_id!("@s:elsewhere.org"));
        let asked = |configured, direct, who| welcome(&settings, configured, direct, who);
        assert_eq!(asked(false, false, jane), Welcome::Accept);
        assert_eq!(asked(false, true, stranger), Welcome::Accept);
        assert_eq!(asked(true, false, stranger), Welcome::Accept);
        assert_eq!(asked(false, false, stranger), Welcome::Decline);
    }
}
