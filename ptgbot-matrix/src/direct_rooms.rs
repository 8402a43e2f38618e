//! Direct rooms: where a person is told what they subscribed to.

use crate::retry::Heartbeat;
use crate::room_names::RoomNames;
use crate::shared_client::SharedClient;
use matrix_sdk::config::RequestConfig;
use matrix_sdk::ruma::api::client::keys::get_keys;
use matrix_sdk::ruma::api::client::room::create_room::v3::{Request, RoomPreset};
use matrix_sdk::ruma::events::InitialStateEvent;
use matrix_sdk::ruma::events::room::encryption::RoomEncryptionEventContent;
use matrix_sdk::ruma::{OwnedRoomId, RoomId, UserId};
use matrix_sdk::{Client, Error, Room};
use std::time::Duration;

/// Finds people's direct rooms, and makes one where there is none. Copies share what they have made.
#[derive(Clone)]
pub(crate) struct DirectRooms {
    account: SharedClient,
    names: RoomNames,
    heartbeat: Heartbeat,
}

/// What a person's devices can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reads {
    Everything,
    /// No device of theirs has keys, as with people who are bridged from other networks.
    PlainOnly,
}

impl DirectRooms {
    pub(crate) fn new(account: SharedClient, names: RoomNames, heartbeat: Heartbeat) -> Self {
        Self { account, names, heartbeat }
    }

    /// The person's direct room, made if need be: encrypted, if the person can read that. Servers limit that strictly,
    /// so a room in which the person still is, or to which they are invited, is always used again.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) async fn room(&self, person: &UserId) -> Result<OwnedRoomId, Error> {
        if let Some(room) = self.existing(person).await? {
            return Ok(room);
        }
        let room = {
            let client = self.account.client().await;
            let room = make(&client, person, reads(&client, person).await?).await?;
            tracing::info!(%person, %room, "opened a direct room");
            self.names.set_direct(&room, person);
            if let Err(error) = client.account().mark_as_dm(&room, &[person.to_owned()]).await {
                tracing::warn!(%person, %error, "after a restart another direct room would be opened");
            }
            room
        };
        self.arrives(&room).await;
        Ok(room)
    }

    /// Waits until a sync has brought a room; if none does, whoever sends there tries again.
    async fn arrives(&self, room: &RoomId) {
        let mut beats = self.heartbeat.subscribe();
        let there =
            async { while self.account.client().await.get_room(room).is_none() && beats.changed().await.is_ok() {} };
        tokio::time::timeout(ARRIVAL, there).await.ok();
    }

    /// The direct room that the person has.
    ///
    /// # Errors
    /// When it cannot be seen what they can read.
    pub(crate) async fn existing(&self, person: &UserId) -> Result<Option<OwnedRoomId>, Error> {
        let client = &*self.account.client().await;
        let mut rooms: Vec<Room> = client.get_dm_rooms(person).collect();
        for new in self.names.direct_with(person) {
            match client.get_room(&new) {
                Some(room) => rooms.push(room),
                // The next sync brings it.
                None => return Ok(Some(new)),
            }
        }
        rooms.retain(|room| room.active_members_count() <= TWO);
        for room in rooms {
            let encrypted = room.latest_encryption_state().await?.is_encrypted();
            if is_there(&room, person).await && (!encrypted || reads(client, person).await? == Reads::Everything) {
                return Ok(Some(room.room_id().to_owned()));
            }
        }
        Ok(None)
    }

    /// Forgets a room that turned out to be of no use.
    pub(crate) fn forget(&self, person: &UserId) {
        self.names.forget_direct_with(person);
    }
}

/// Asks once for a new room: whoever waits for the server lets nobody else wait.
async fn make(client: &Client, person: &UserId, reads: Reads) -> Result<OwnedRoomId, Error> {
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
    let once = RequestConfig::new().timeout(TIMEOUT).disable_retry();
    Ok(client.send(request).with_request_config(once).await?.room_id)
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

/// Inviting somebody of another server takes a while.
const TIMEOUT: Duration = Duration::from_secs(60);
/// A sync answers at once when there is something new.
const ARRIVAL: Duration = Duration::from_secs(5);
/// The person and we.
const TWO: u64 = 2;
