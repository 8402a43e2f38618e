//! Beginning to act: what was said since somebody last did is read from the rooms.

use super::backlog::Update;
use super::{Listener, Past, TaskEnd};
use crate::predecessor::Predecessor;
use crate::stream_place::StreamPlace;
use matrix_sdk::Room;
use matrix_sdk::ruma::OwnedDeviceId;
use matrix_sdk::store::{StateStoreDataKey, StateStoreDataValue};

impl Listener {
    /// Another process may have acted until now. Where that had another device, what was said since its place in the
    /// stream is read when the next sync tells where the stream is: ours may not be as far as that place yet.
    ///
    /// From here on the store says that it is this device which acts: also if all that comes is too much to be
    /// remembered, whoever acts next looks for what we have said.
    pub(super) async fn begin_to_act(&mut self, from: Option<StreamPlace>) -> Past {
        let device = self.device().await;
        self.predecessor = match from.and_then(|place| place.of_another(&device)) {
            Some(position) => {
                self.with.pending.go_on_from(position);
                Predecessor::Another
            }
            None if self.began_as == device => Predecessor::Us,
            // The device that we had is gone: where it was the folder says, but not what it has said since.
            None => Predecessor::Another,
        };
        if self.predecessor == Predecessor::Another {
            self.with.names.another_was_at_work();
        }
        self.with.tell_place().await;
        self.with.before.was(self.predecessor);
        let telling = self.with.clone().tell_places();
        self.tasks.spawn(async move {
            telling.await;
            TaskEnd::Nothing
        });
        match self.predecessor {
            Predecessor::Us => self.catch_up().await,
            Predecessor::Another => Past::Mixed,
        }
    }

    /// The device that we are at the moment.
    pub(super) async fn device(&self) -> OwnedDeviceId {
        let client = self.with.account.closed_client().await;
        client.device_id().map(ToOwned::to_owned).unwrap_or_else(|| "".into())
    }

    /// The library goes on behind the last sync that it has stored; what of that was not dealt with when the bot was
    /// killed is read from the rooms, and so is what could not be read before.
    pub(super) async fn catch_up(&mut self) -> Past {
        let client = self.with.account.client().await;
        let stored = client.state_store().get_kv_data(StateStoreDataKey::SyncToken).await;
        let stored = stored.ok().flatten().and_then(StateStoreDataValue::into_sync_token);
        let (since, stored) = match (self.with.pending.since(), stored) {
            (None, _) => return Past::Ignored,
            (Some(_), None) => return Past::Mixed,
            (Some(since), Some(stored)) => (since, stored),
        };
        let joined = client.joined_rooms();
        let behind = self.with.pending.behind();
        for left in behind.iter().filter(|room| joined.iter().all(|known| known.room_id() != *room)) {
            self.with.pending.leave(left);
        }
        let has_unread = |room: &Room| !self.with.pending.unread_in(room.room_id()).is_empty();
        let waiting: Vec<_> = joined.iter().filter(|room| has_unread(room)).cloned().collect();
        let at_work = |room: &Room| self.rooms.contains_key(room.room_id());
        let missed: Vec<_> = if since == stored {
            joined.into_iter().filter(|room| behind.iter().any(|id| id == room.room_id()) && !at_work(room)).collect()
        } else {
            joined
        };
        self.read_meanwhile(missed, &stored, since != stored).await;
        for room in waiting {
            self.reading(room.room_id().to_owned());
        }
        Past::DealtWith
    }

    /// Has rooms read from their places up to `until`; `moved` says that the stream has moved on to there.
    pub(super) async fn read_meanwhile(&mut self, rooms: Vec<Room>, until: &str, moved: bool) {
        let mut updates = Vec::new();
        for room in &rooms {
            let at_work = self.rooms.contains_key(room.room_id());
            let since = if at_work { self.with.pending.since() } else { self.with.pending.since_in(room.room_id()) };
            let powers = room.power_levels_or_default().await;
            let (until, missing_until) = (until.to_owned(), Some(until.to_owned()));
            let (since, events, predecessor) = (since.unwrap_or_default(), Vec::new(), self.predecessor);
            updates.push(Update { since, until, missing_until, events, powers, predecessor });
        }
        if moved {
            self.with.pending.synced(until, rooms.iter().map(|room| room.room_id()));
        }
        for (room, update) in rooms.iter().zip(updates) {
            self.reading(room.room_id().to_owned()).backlog.push(update);
            self.go_on(room.room_id().to_owned());
        }
    }
}
