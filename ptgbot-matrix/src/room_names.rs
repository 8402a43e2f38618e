//! What the account's rooms are to the bot: rooms of the event with a name, rooms to which somebody trusted invited
//! it, direct rooms, and rooms that are none of its business.

use crate::error::MatrixError;
use crate::folder::Folder;
use crate::settings::RoomSetting;
use matrix_sdk::ruma::{OwnedRoomId, OwnedUserId, RoomId, UserId};
use matrix_sdk::{Room, StoreError};
use ptgbot_core::Place;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// What is known of rooms, shared by those who hear, those who answer, and the [`RoomManager`].
///
/// [`RoomManager`]: crate::room_manager::RoomManager
#[derive(Clone, Debug)]
pub(crate) struct RoomNames(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    folder: Arc<Folder>,
    rooms: Mutex<Rooms>,
    /// Rooms that we are just entering: what they are shows when that is done.
    entering: watch::Sender<HashSet<OwnedRoomId>>,
    /// Whether what our rooms are is still to be found out.
    looking: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Rooms {
    /// The rooms in which we work, those of the configuration with their names there.
    ours: BTreeMap<OwnedRoomId, Option<String>>,
    /// A folder of version 0.1 does not say to which rooms we were invited by somebody who may.
    completeness: Completeness,
    /// Rooms to which somebody invited us as to a direct one, and those that we opened; the next sync tells of them in
    /// the account's own list (`m.direct`). Each with the person.
    direct: BTreeMap<OwnedRoomId, OwnedUserId>,
}

/// Whether a room that is not among ours is none of ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Completeness {
    #[default]
    Unknown,
    Complete,
}

impl RoomNames {
    /// What the folder says of the rooms of a configuration.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub(crate) fn open(folder: Arc<Folder>, configured: &[RoomSetting]) -> Result<Self, MatrixError> {
        let kept: Option<BTreeMap<OwnedRoomId, Option<String>>> = folder.read(ROOMS)?;
        let completeness = if kept.is_some() { Completeness::Complete } else { Completeness::Unknown };
        let configured: HashSet<String> = configured.iter().map(ToString::to_string).collect();
        let mut ours = kept.unwrap_or_default();
        for name in ours.values_mut() {
            name.take_if(|name| !configured.contains(name));
        }
        let rooms = Mutex::new(Rooms { ours, completeness, direct: BTreeMap::new() });
        Ok(Self(Arc::new(Shared {
            folder,
            rooms,
            entering: watch::Sender::default(),
            looking: watch::Sender::default(),
        })))
    }

    /// Says that another device of ours was at work: of which rooms that was, looking around tells.
    pub(crate) fn another_was_at_work(&self) {
        {
            let mut rooms = self.rooms();
            rooms.completeness = Completeness::Unknown;
            rooms.ours.retain(|_, name| name.is_some());
        }
        self.0.looking.send_replace(true);
    }

    /// Where somebody speaks who speaks in a room. `None`: the room is none of ours, such as one of several people to
    /// which a stranger invited us as to a direct one. Waits while we are just entering it, or looking around.
    ///
    /// # Errors
    /// When the library's store fails.
    pub(crate) async fn place(&self, room: &Room) -> Result<Option<Place>, StoreError> {
        let id = room.room_id();
        let mut entering = self.0.entering.subscribe();
        let mut looking = self.0.looking.subscribe();
        // The senders live as long as we do.
        looking.wait_for(|looking| !looking).await.ok();
        entering.wait_for(|entering| !entering.contains(id)).await.ok();
        let direct = room.is_direct().await?;
        Ok(self.rooms().place(id, direct, room.active_members_count()))
    }

    /// The room of a name.
    pub(crate) fn room(&self, name: &str) -> Option<OwnedRoomId> {
        let rooms = self.rooms();
        let found = rooms.ours.iter().find(|(_, known)| known.as_deref() == Some(name)).map(|(room, _)| room.clone());
        found.or_else(|| RoomId::parse(name).ok())
    }

    /// Whether we work in a room as in one of the event.
    pub(crate) fn is_ours(&self, room: &RoomId) -> bool {
        self.rooms().ours.contains_key(room)
    }

    /// Gives a room its name of the configuration, and keeps that. Another room that had it has none now.
    pub(crate) async fn set_name(&self, room: &RoomId, name: &str) {
        let before = self.rooms().name(room, name);
        if before.as_deref() != Some(name) {
            self.keep().await;
        }
    }

    /// Says that somebody who may has invited us to a room, and keeps that.
    pub(crate) async fn accept(&self, room: &RoomId) {
        self.rooms().ours.entry(room.to_owned()).or_default();
        self.keep().await;
    }

    /// Takes over the rooms of a folder of version 0.1, and those of another device of ours; does nothing where our own
    /// are known.
    pub(crate) async fn complete_with(&self, joined: impl Iterator<Item = OwnedRoomId>) {
        {
            let mut rooms = self.rooms();
            if rooms.completeness == Completeness::Complete {
                return;
            }
            rooms.completeness = Completeness::Complete;
            for room in joined {
                rooms.ours.entry(room).or_default();
            }
        }
        self.0.looking.send_replace(false);
        self.keep().await;
    }

    /// Says that a room is one of a person and us.
    pub(crate) fn set_direct(&self, room: &RoomId, person: &UserId) {
        self.rooms().direct.insert(room.to_owned(), person.to_owned());
    }

    /// The rooms of a person and us in this run.
    pub(crate) fn direct_with(&self, person: &UserId) -> Vec<OwnedRoomId> {
        let rooms = self.rooms();
        rooms.direct.iter().filter(|(_, with)| *with == person).map(|(room, _)| room.clone()).collect()
    }

    /// Forgets the rooms of a person and us in this run: they turned out to be of no use.
    pub(crate) fn forget_direct_with(&self, person: &UserId) {
        self.rooms().direct.retain(|_, with| with != person);
    }

    /// Forgets a room that we have left.
    pub(crate) async fn leave(&self, room: &RoomId) {
        let was_ours = {
            let mut rooms = self.rooms();
            rooms.direct.remove(room);
            rooms.ours.remove(room).is_some()
        };
        if was_ours {
            self.keep().await;
        }
    }

    /// Says that we are entering a room, until what is given back is dropped.
    pub(crate) fn entering(&self, room: &RoomId) -> Entering {
        self.0.entering.send_modify(|entering| {
            entering.insert(room.to_owned());
        });
        Entering { names: self.clone(), room: room.to_owned() }
    }

    async fn keep(&self) {
        let ours = {
            let rooms = self.rooms();
            match rooms.completeness {
                Completeness::Complete => rooms.ours.clone(),
                Completeness::Unknown => return,
            }
        };
        let shared = self.0.clone();
        let kept = tokio::task::spawn_blocking(move || shared.folder.write(ROOMS, &ours)).await;
        if let Ok(Err(error)) = kept {
            tracing::error!(%error, "after a restart the bot would leave a room to which it was invited");
        }
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rooms {
    fn place(&self, room: &RoomId, direct: bool, members: u64) -> Option<Place> {
        let direct = direct || self.direct.contains_key(room);
        match (self.ours.get(room), self.completeness) {
            (Some(Some(name)), _) => Some(Place::Room(name.clone())),
            _ if direct && members <= TWO => Some(Place::Private),
            (Some(None), _) => Some(Place::Room(room.to_string())),
            (None, Completeness::Unknown) if !direct => Some(Place::Room(room.to_string())),
            (None, Completeness::Unknown | Completeness::Complete) => None,
        }
    }

    /// Gives the name that the room had before.
    fn name(&mut self, room: &RoomId, name: &str) -> Option<String> {
        for (other, known) in &mut self.ours {
            known.take_if(|known| *other != room && known == name);
        }
        self.ours.insert(room.to_owned(), Some(name.to_owned())).flatten()
    }
}

/// The time in which we enter a room and what it is to us is not known.
#[derive(Debug)]
pub(crate) struct Entering {
    names: RoomNames,
    room: OwnedRoomId,
}

impl Drop for Entering {
    fn drop(&mut self) {
        self.names.0.entering.send_modify(|entering| {
            entering.remove(&self.room);
        });
    }
}

/// The file of the rooms in which we work.
const ROOMS: &str = "rooms.json";
/// The person and we.
const TWO: u64 = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::room_id;

    fn folder() -> (Arc<Folder>, tempfile::TempDir) {
        let outside = tempfile::tempdir().expect("a folder");
        (Arc::new(Folder::open(outside.path()).expect("the folder")), outside)
    }

    fn place(names: &RoomNames, room: &RoomId, direct: bool, members: u64) -> Option<Place> {
        names.rooms().place(room, direct, members)
    }

    #[tokio::test]
    async fn only_two_people_are_in_private() {
        let (folder, _outside) = folder();
        let names = RoomNames::open(folder, &[]).expect("no file");
        names.complete_with(std::iter::empty()).await;
        let room = room_id!("!d:b");
        assert_eq!(place(&names, room, true, 2), Some(Place::Private));
        assert_eq!(place(&names, room, true, 3), None, "a stranger's room of several people");
        names.accept(room).await;
        assert_eq!(place(&names, room, true, 2), Some(Place::Private));
        assert_eq!(place(&names, room, true, 3), Some(Place::Room("!d:b".into())), "somebody trusted invited us");
    }

    #[tokio::test]
    async fn rooms_and_their_names_are_known_again_after_a_restart() {
        let (folder, _outside) = folder();
        let (named, invited) = (room_id!("!n:b"), room_id!("!i:b"));
        let configured: Vec<RoomSetting> = vec!["#ptg:b".parse().expect("a room")];
        let names = RoomNames::open(folder.clone(), &configured).expect("no file");
        names.set_name(named, "#ptg:b").await;
        assert_eq!(place(&names, invited, false, 9), Some(Place::Room("!i:b".into())), "as version 0.1 had it");
        names.complete_with([invited.to_owned()].into_iter()).await;
        let again = RoomNames::open(folder.clone(), &configured).expect("a file");
        assert_eq!(place(&again, named, false, 9), Some(Place::Room("#ptg:b".into())));
        assert_eq!(place(&again, invited, false, 9), Some(Place::Room("!i:b".into())));
        assert_eq!(place(&again, room_id!("!x:b"), false, 9), None);
        let other = RoomNames::open(folder, &[]).expect("a file");
        assert_eq!(place(&other, named, false, 9), Some(Place::Room("!n:b".into())), "no longer configured");
    }

    #[tokio::test]
    async fn the_newest_room_of_a_name_has_it() {
        let (folder, _outside) = folder();
        let names = RoomNames::open(folder, &[]).expect("no file");
        let (old, new) = (room_id!("!old:b"), room_id!("!new:b"));
        names.set_name(old, "#ptg:b").await;
        names.set_name(new, "#ptg:b").await;
        assert_eq!(names.room("#ptg:b").as_deref(), Some(new));
        assert_eq!(place(&names, old, false, 9), Some(Place::Room("!old:b".into())));
    }
}
