//! Direct rooms: where a person is told what they subscribed to.

use crate::room_names::RoomNames;
use crate::shared_client::SharedClient;
use matrix_sdk::ruma::api::client::keys::get_keys;
use matrix_sdk::ruma::api::client::room::create_room::v3::{Request, RoomPreset};
use matrix_sdk::ruma::events::InitialStateEvent;
use matrix_sdk::ruma::events::room::encryption::RoomEncryptionEventContent;
use matrix_sdk::ruma::{OwnedRoomId, OwnedUserId, UserId};
use matrix_sdk::{Client, Error, Room};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Finds people's direct rooms, and makes one where there is none. Copies share what they have made.
#[derive(Clone)]
pub(crate) struct DirectRooms {
    account: SharedClient,
    names: RoomNames,
    /// Rooms that were just made; the next sync tells of them in the account's own list (`m.direct`).
    made: Arc<Mutex<HashMap<OwnedUserId, OwnedRoomId>>>,
    /// The list is read, changed and written: by one at a time.
    making: Arc<tokio::sync::Mutex<()>>,
}

/// What a person's devices can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reads {
    Everything,
    /// No device of theirs has keys, as with people who are bridged from other networks.
    PlainOnly,
}

impl DirectRooms {
    pub(crate) fn new(account: SharedClient, names: RoomNames) -> Self {
        Self { account, names, made: Arc::default(), making: Arc::default() }
    }

    /// The person's direct room, made if need be: encrypted, if the person can read that. Servers limit that strictly,
    /// so a room in which the person still is, or to which they are invited, is always used again.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) async fn room(&self, person: &UserId) -> Result<OwnedRoomId, Error> {
        let client = self.account.client().await;
        if let Some(room) = self.existing(&client, person).await? {
            return Ok(room);
        }
        let _alone = self.making.lock().await;
        let room = make(&client, person, reads(&client, person).await?).await?;
        tracing::info!(%person, room = %room.room_id(), "opened a direct room");
        self.names.set_direct(room.room_id());
        self.made().insert(person.to_owned(), room.room_id().to_owned());
        Ok(room.room_id().to_owned())
    }

    async fn existing(&self, client: &Client, person: &UserId) -> Result<Option<OwnedRoomId>, Error> {
        let made = self.made().get(person).and_then(|room| client.get_room(room));
        let mut rooms: Vec<Room> = client.get_dm_rooms(person).collect();
        rooms.retain(|room| room.active_members_count() <= TWO);
        for room in rooms.into_iter().chain(made) {
            let encrypted = room.latest_encryption_state().await?.is_encrypted();
            if is_there(&room, person).await && (!encrypted || reads(client, person).await? == Reads::Everything) {
                return Ok(Some(room.room_id().to_owned()));
            }
        }
        Ok(None)
    }

    /// Forgets a room that turned out to be of no use.
    pub(crate) fn forget(&self, person: &UserId) {
        self.made().remove(person);
    }

    fn made(&self) -> MutexGuard<'_, HashMap<OwnedUserId, OwnedRoomId>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn make(client: &Client, person: &UserId, reads: Reads) -> Result<Room, Error> {
    let mut request = Request::new();
    request.invite = vec![person.to_owned()];
    request.is_direct = true;
    request.preset = Some(RoomPreset::TrustedPrivateChat);
    match reads {
        Reads::Everything => {
            let encryption = RoomEncryptionEventContent::with_recommended_defaults();
            request.initial_state = vec![InitialStateEvent::with_empty_state_key(encryption).to_raw_any()];
        }
        Reads::PlainOnly => {}
    }
    client.create_room(request).await
}

/// What a person's devices can read. Of those with whom we share an encrypted room the library knows it, of others
/// the server.
async fn reads(client: &Client, person: &UserId) -> Result<Reads, Error> {
    let known = client.encryption().get_user_devices(person).await;
    if known.is_ok_and(|devices| devices.devices().next().is_some()) {
        return Ok(Reads::Everything);
    }
    let mut request = get_keys::v3::Request::new();
    request.device_keys.insert(person.to_owned(), Vec::new());
    let answer = client.send(request).await?;
    let has_keys = answer.device_keys.get(person).is_some_and(|devices| !devices.is_empty());
    // Who cannot be asked about is taken for one who has keys: nothing is said in the open by mistake.
    let silent = answer.failures.contains_key(person.server_name().as_str());
    Ok(if has_keys || silent { Reads::Everything } else { Reads::PlainOnly })
}

async fn is_there(room: &Room, person: &UserId) -> bool {
    use matrix_sdk::ruma::events::room::member::MembershipState::{Invite, Join};
    match room.get_member(person).await {
        Ok(Some(member)) => matches!(member.membership(), Join | Invite),
        Ok(None) | Err(_) => false,
    }
}

/// The person and we.
const TWO: u64 = 2;
