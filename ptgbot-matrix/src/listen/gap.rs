//! What a sync left out because it was too much, or because no bot ran: asked for until it is there, or the server
//! says that it will not be. Between two syncs no command may be lost, and no room waits for another.

use super::reader::RoomReader;
use crate::retry::{Failure, Retry};
use crate::room_event;
use matrix_sdk::deserialized_responses::TimelineEvent;
use matrix_sdk::room::{Messages, MessagesOptions};
use matrix_sdk::ruma::UserId;

impl RoomReader {
    /// What was said between two places in the stream, oldest first; nothing from before our joining. Where the
    /// server cannot tell all of it, what it told.
    pub(super) async fn gap(&self, since: &str, until: &str) -> Vec<TimelineEvent> {
        let mut newest_first: Vec<TimelineEvent> = Vec::new();
        let mut from = Some(until.to_owned());
        let mut retry = Retry::new(&self.with.heartbeat);
        while let Some(start) = from.take() {
            let error = match self.page(&start, since).await {
                Ok(page) => {
                    let joined = page.chunk.iter().any(|event| is_joining(event, self.with.account.us()));
                    let ended = page.chunk.is_empty() || joined;
                    newest_first.extend(page.chunk);
                    from = page.end.filter(|_| !ended);
                    retry = Retry::new(&self.with.heartbeat);
                    continue;
                }
                Err(error) => error,
            };
            let room = &self.room;
            match retry.after(Failure::of(&error)) {
                Some(pause) => {
                    tracing::warn!(%error, again_in = ?pause, "cannot read yet what was said meanwhile in {room}");
                    tokio::time::sleep(pause).await;
                    from = Some(start);
                }
                None => {
                    tracing::error!(%error, since, until, "given up: what was said meanwhile in {room} is not heard");
                }
            }
        }
        newest_first.reverse();
        newest_first
    }

    async fn page(&self, from: &str, since: &str) -> Result<Messages, matrix_sdk::Error> {
        let mut options = MessagesOptions::backward().from(from);
        options.to = Some(since.to_owned());
        options.limit = super::PAGE.into();
        // It is never closed.
        let _turn = self.pages.acquire().await;
        let client = self.with.account.client().await;
        match client.get_room(&self.room) {
            Some(room) => room.messages(options).await,
            // Left meanwhile, and forgotten.
            None => Ok(Messages::default()),
        }
    }
}

/// Whether we join the room with this event: what came before is not for us.
pub(super) fn is_joining(event: &TimelineEvent, us: &UserId) -> bool {
    event.raw().deserialize().is_ok_and(|event| room_event::joins(&event, us))
}
