//! Direct rooms: where a person is told what they subscribed to.

use crate::room_manager::RoomNames;
use matrix_sdk::ruma::{OwnedRoomId, OwnedUserId, UserId};
use matrix_sdk::{Client, Room};
use std::collections::HashMap;

/// Finds people's direct rooms, and makes one where there is none.
pub(crate) struct DirectRooms {
    client: Client,
    known: RoomNames,
    /// Rooms that were just made; the next sync tells of them in the account's own list (`m.direct`).
    made: HashMap<OwnedUserId, OwnedRoomId>,
}

impl DirectRooms {
    pub(crate) fn new(client: Client, known: RoomNames) -> Self {
        Self { client, known, made: HashMap::new() }
    }

    /// The person's direct room, made if need be (encrypted then). Servers limit that strictly, so a room in which
    /// the person still is, or to which they are invited, is always used again.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) async fn room(&mut self, person: &UserId) -> Result<Room, matrix_sdk::Error> {
        for room in self.client.get_dm_rooms(person).collect::<Vec<_>>() {
            if is_there(&room, person).await {
                return Ok(room);
            }
        }
        if let Some(room) = self.made.get(person).and_then(|room| self.client.get_room(room)) {
            return Ok(room);
        }
        let room = self.client.create_dm(person).await?;
        tracing::info!(%person, room = %room.room_id(), "opened a direct room");
        self.known.set_direct(room.room_id());
        self.made.insert(person.to_owned(), room.room_id().to_owned());
        Ok(room)
    }

    /// Forgets a room that turned out to be of no use.
    pub(crate) fn forget(&mut self, person: &UserId) {
        self.made.remove(person);
    }
}

async fn is_there(room: &Room, person: &UserId) -> bool {
    use matrix_sdk::ruma::events::room::member::MembershipState::{Invite, Join};
    match room.get_member(person).await {
        Ok(Some(member)) => matches!(member.membership(), Join | Invite),
        Ok(None) | Err(_) => false,
    }
}
