//! The rooms of the configuration: joined, joined again when we are put out, and followed when they are replaced.

use super::{RoomManager, request_state};
use crate::retry::{Failure, Pauses};
use crate::settings::RoomSetting;
use matrix_sdk::ruma::api::error::ErrorKind;
use matrix_sdk::ruma::events::StateEventType;
use matrix_sdk::ruma::{OwnedRoomId, OwnedServerName, RoomId, RoomOrAliasId, UserId};
use matrix_sdk::{Client, HttpError, Room, RoomState};
use serde::Deserialize;
use std::time::Duration;
use tokio::time::Instant;

/// A room of the configuration.
pub(super) struct Wanted {
    pub(super) setting: RoomSetting,
    /// The room that it is, once that is known; after a replacement the newest.
    pub(super) room: Option<OwnedRoomId>,
    /// The room whose place it took, while that is still to be checked.
    replaces: Option<OwnedRoomId>,
    /// A room that was named as a replacement and does not know the old one.
    impostor: Option<OwnedRoomId>,
    /// When to try to join it (again).
    pub(super) due: Option<Instant>,
    pauses: Pauses,
}

/// What became of a room that we have entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joined {
    /// It is a room of the event.
    Here,
    /// It is not, or that cannot be said yet.
    NotYet,
}

impl Wanted {
    /// A room that is to be joined at once.
    pub(super) fn new(setting: &RoomSetting) -> Self {
        let room = RoomId::parse(setting.room.as_str()).ok();
        let (replaces, impostor, due) = (None, None, Some(Instant::now()));
        Self { setting: setting.clone(), room, replaces, impostor, due, pauses: pauses() }
    }

    /// To be joined after a pause, each longer than the one before. Gives the pause.
    pub(super) fn try_later(&mut self) -> Duration {
        let pause = self.pauses.next();
        self.try_after(pause)
    }

    /// To be joined when the server asks for it where it limits joins, else as [`try_later`](Self::try_later) says.
    fn try_again(&mut self, error: &matrix_sdk::Error) -> Duration {
        match Failure::of(error) {
            Failure::Limited(Some(pause)) => self.try_after(pause),
            Failure::Limited(None) | Failure::Passing | Failure::Final => self.try_later(),
        }
    }

    fn try_after(&mut self, pause: Duration) -> Duration {
        self.due = Some(Instant::now() + pause);
        pause
    }
}

impl RoomManager {
    pub(super) async fn join_what_is_due(&mut self) {
        let now = Instant::now();
        for index in 0..self.wanted.len() {
            if self.wanted[index].due.is_some_and(|due| due <= now) {
                self.join(index).await;
            }
        }
    }

    pub(super) async fn join(&mut self, index: usize) {
        let client = self.account.client().await;
        let entered = match resolve(&client, &self.wanted[index]).await {
            Ok((room, via)) => {
                let entering = self.names.entering(&room);
                enter(&client, &room, &via).await.map(|room| (room, entering))
            }
            Err(error) => Err(error),
        };
        match entered {
            Ok((room, entering)) => {
                let joined = self.joined(&client, index, &room).await;
                drop((client, entering));
                if joined == Joined::Here && room.is_tombstoned() {
                    Box::pin(self.follow(room.room_id())).await;
                }
            }
            Err(error) => {
                let pause = self.wanted[index].try_again(&error);
                let (room, reason) = (&self.wanted[index].setting, explain(&error, self.account.us()));
                tracing::error!(%room, again_in = ?pause, "cannot join: {reason}");
            }
        }
    }

    async fn joined(&mut self, client: &Client, index: usize, room: &Room) -> Joined {
        if let Some(old) = self.wanted[index].replaces.clone() {
            let points_back = points_back(client, room, &old).await;
            let wanted = &mut self.wanted[index];
            match points_back {
                Ok(true) => wanted.replaces = None,
                Ok(false) => {
                    tracing::error!(%old, new = %room.room_id(), "a room that was named as a replacement does not know the old one; not followed");
                    (wanted.replaces, wanted.room, wanted.due) = (None, Some(old), None);
                    wanted.impostor = Some(room.room_id().to_owned());
                    room.leave().await.ok();
                    return Joined::NotYet;
                }
                Err(error) => {
                    let pause = wanted.try_later();
                    tracing::warn!(%old, %error, again_in = ?pause, "cannot see which room the new one replaces");
                    return Joined::NotYet;
                }
            }
        }
        let wanted = &mut self.wanted[index];
        let name = wanted.setting.to_string();
        wanted.room = Some(room.room_id().to_owned());
        (wanted.due, wanted.pauses) = (None, pauses());
        self.names.set_name(room.room_id(), &name).await;
        tracing::info!(room = name, id = %room.room_id(), "in the room");
        Joined::Here
    }

    /// A replaced room of the configuration is followed to the new one, if that says the same.
    pub(super) async fn follow(&mut self, old: &RoomId) {
        let successor = self.account.client().await.get_room(old).and_then(|room| room.successor_room());
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
        wanted.pauses = pauses();
        self.join(index).await;
    }

    /// The configured room that this is. What an invitation says about its own alias proves nothing, so the server
    /// is asked.
    pub(super) async fn configured(&mut self, client: &Client, id: &RoomId) -> Option<usize> {
        for (index, wanted) in self.wanted.iter_mut().enumerate() {
            if wanted.room.is_none()
                && let Ok(alias) = wanted.setting.room.as_str().try_into()
                && let Ok(answer) = client.resolve_room_alias(alias).await
            {
                wanted.room = Some(answer.room_id);
            }
            if wanted.room.as_deref() == Some(id) {
                return Some(index);
            }
        }
        None
    }

    pub(super) fn index_of(&self, id: &RoomId) -> Option<usize> {
        self.wanted.iter().position(|wanted| wanted.room.as_deref() == Some(id))
    }
}

/// The ID of a wanted room, and servers that know it.
async fn resolve(client: &Client, wanted: &Wanted) -> Result<(OwnedRoomId, Vec<OwnedServerName>), matrix_sdk::Error> {
    if let Some(room) = &wanted.room {
        return Ok((room.clone(), wanted.setting.via.clone()));
    }
    // What is no ID is an alias; the settings let nothing else in.
    let alias = wanted.setting.room.as_str().try_into().map_err(matrix_sdk::Error::Identifier)?;
    let answer = client.resolve_room_alias(alias).await?;
    Ok((answer.room_id, answer.servers))
}

async fn enter(client: &Client, room: &RoomId, via: &[OwnedServerName]) -> Result<Room, matrix_sdk::Error> {
    if let Some(known) = client.get_room(room)
        && known.state() == RoomState::Joined
    {
        return Ok(known);
    }
    let room: &RoomOrAliasId = room.into();
    client.join_room_by_id_or_alias(room, via).await
}

/// Whether a room names another one as that which it replaces.
async fn points_back(client: &Client, room: &Room, old: &RoomId) -> Result<bool, HttpError> {
    #[derive(Deserialize)]
    struct Create {
        predecessor: Option<Predecessor>,
    }
    #[derive(Deserialize)]
    struct Predecessor {
        room_id: OwnedRoomId,
    }
    let create: Option<Create> = request_state(client, room.room_id(), StateEventType::RoomCreate).await?;
    Ok(create.is_some_and(|create| create.predecessor.is_some_and(|before| before.room_id == old)))
}

/// Why a join failed, and what would help.
fn explain(error: &matrix_sdk::Error, us: &UserId) -> String {
    match error.client_api_error_kind() {
        Some(ErrorKind::NotFound) => "there is no such room; is the name right?".to_owned(),
        Some(ErrorKind::Forbidden) => format!("it is not open to everybody; invite {us}"),
        Some(_) | None => error.to_string(),
    }
}

fn pauses() -> Pauses {
    Pauses::new(FIRST_PAUSE, LONGEST_PAUSE)
}

const FIRST_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
