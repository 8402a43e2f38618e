//! What happens to rooms, from those who see it to the one who acts on it.

use crate::removal::Removal;
use matrix_sdk::ruma::OwnedRoomId;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

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
    /// Somebody speaks in it, and it is none of our rooms.
    NotOurs(OwnedRoomId),
    /// We are no longer in it; who has put us out, if somebody has.
    RemovedFromRoom(OwnedRoomId, Option<Removal>),
}

/// Changes that wait. What is waiting already is not added again, so there are never more than a few for each room.
#[derive(Clone, Debug, Default)]
pub(crate) struct RoomChanges(Arc<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    changes: Mutex<VecDeque<Change>>,
    news: Notify,
}

impl RoomChanges {
    /// Tells of a change.
    pub(crate) fn tell(&self, change: Change) {
        let mut changes = self.0.changes.lock().unwrap_or_else(PoisonError::into_inner);
        if !changes.contains(&change) {
            changes.push_back(change);
            self.0.news.notify_one();
        }
    }

    /// The oldest change, waited for. One task asks. Cancel safe.
    pub(crate) async fn next(&self) -> Change {
        loop {
            let oldest = self.0.changes.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            match oldest {
                Some(change) => return change,
                None => self.0.news.notified().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::room_id;

    #[tokio::test]
    async fn changes_come_in_order_and_each_once() {
        let (changes, room) = (RoomChanges::default(), room_id!("!a:b"));
        for _ in 0..100 {
            changes.tell(Change::MemberLeft(room.to_owned()));
            changes.tell(Change::Invited(room.to_owned()));
        }
        assert_eq!(changes.next().await, Change::MemberLeft(room.to_owned()));
        assert_eq!(changes.next().await, Change::Invited(room.to_owned()));
        changes.tell(Change::Listening);
        assert_eq!(changes.next().await, Change::Listening);
    }
}
