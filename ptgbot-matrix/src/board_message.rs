//! The board's message: one in each room of the event, pinned and edited in place, that shows now and next.
//!
//! It follows the board, not commands: the runtime tells the words, from wherever the change came. Each room has a task of
//! its own, so that none waits for another, and no answer waits for any of them. Which message it is, the account itself
//! remembers (`kept`), so that a restart, a new machine or another process of the account goes on with the same one.

mod kept;
mod news;
mod pace;
mod pin;
mod room;

use crate::predecessor::Before;
use crate::room_names::RoomNames;
use crate::send::Sender;
use crate::voice::Voice;
use matrix_sdk::ruma::OwnedRoomId;
pub(crate) use news::BoardNews;
use pace::Pace;
use ptgbot_core::{Place, Reply};
use room::RoomBoard;
use std::collections::HashSet;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What all rooms share.
#[derive(Clone)]
pub(crate) struct BoardMessages {
    pub(crate) sender: Sender,
    pub(crate) names: RoomNames,
    pub(crate) voice: Voice,
    pub(crate) before: Before,
    pub(crate) news: BoardNews,
}

impl BoardMessages {
    /// Shows the newest words in all rooms of the event until nobody tells any more.
    pub(crate) async fn follow(self, mut words: watch::Receiver<Option<Reply>>) {
        // Nothing is said before it is known which device we are.
        self.before.predecessor().await;
        let mut news = self.news.subscribe();
        let pace = Pace::default();
        let (mut shown_in, mut rooms) = (HashSet::new(), JoinSet::new());
        while words.wait_for(Option::is_some).await.is_ok() {
            for room in self.rooms().await {
                if shown_in.insert(room.clone()) {
                    let board = RoomBoard::new(room, self.clone(), pace.clone(), words.clone());
                    rooms.spawn(board.follow());
                }
            }
            tokio::select! {
                changed = words.changed() => if changed.is_err() { return },
                // It lives as long as we do.
                _ = news.changed() => {}
                Some(ended) = rooms.join_next() => match ended {
                    Ok(room) => { shown_in.remove(&room); }
                    Err(error) => tracing::error!(%error, "the board is not shown in a room any more"),
                },
            }
        }
    }

    /// The rooms of the event in which we are.
    async fn rooms(&self) -> Vec<OwnedRoomId> {
        let joined = self.sender.account.client().await.joined_rooms();
        let mut rooms = Vec::new();
        for room in joined {
            if let Ok(Some(Place::Room(_))) = self.names.place(&room).await {
                rooms.push(room.room_id().to_owned());
            }
        }
        rooms
    }
}
