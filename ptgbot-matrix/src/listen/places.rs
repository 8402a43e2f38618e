//! Where another process would go on: told as the stream moves on, also where nobody asks for anything.

use super::Context;
use crate::stream_place::StreamPlace;
use chrono::Utc;
use ptgbot_core::{Ask, Incoming, Request};
use std::time::Duration;

impl Context {
    /// Where another process goes on at the moment: nothing of what is not answered is behind it.
    pub(super) async fn place(&self) -> Option<String> {
        let position = self.pending.position();
        let device = self.account.client().await.device_id()?.to_owned();
        StreamPlace::new(&device, position)?.text()
    }

    /// Tells the place as it is; false when nobody wants to hear any more.
    pub(super) async fn tell_place(&self) -> bool {
        let Some(place) = self.place().await else { return true };
        let tick = Request::new(&self.network, Utc::now(), Ask::Tick);
        self.to_inbox.send(Incoming::new(tick).with_place(place)).await.is_ok()
    }

    /// Tells each new place, at most one a second, until nobody wants to hear any more.
    pub(super) async fn tell_places(self) {
        let mut moves = self.pending.moves();
        while moves.next().await && self.tell_place().await {
            tokio::time::sleep(AT_MOST_EVERY).await;
        }
    }
}

const AT_MOST_EVERY: Duration = Duration::from_secs(1);
