//! Where another process would go on: told as the stream moves on, also where nobody asks for anything.

use super::Context;
use crate::place::Place;
use chrono::Utc;
use ptgbot_core::{Ask, Incoming, Request};
use std::time::Duration;

impl Context {
    /// Where another process goes on at the moment: nothing of what is not answered is behind it.
    pub(super) async fn place(&self) -> Option<String> {
        let position = self.pending.position();
        let device = self.account.client().await.device_id()?.to_owned();
        Place::new(&device, position)?.text()
    }

    /// Tells each new place, at most one a second, until nobody wants to hear any more.
    pub(super) async fn tell_places(self) {
        let mut moves = self.pending.moves();
        while moves.next().await {
            if let Some(place) = self.place().await {
                let tick = Request::new(&self.network, Utc::now(), Ask::Tick);
                if self.to_inbox.send(Incoming::new(tick).with_place(place)).await.is_err() {
                    return;
                }
            }
            tokio::time::sleep(AT_MOST_EVERY).await;
        }
    }
}

const AT_MOST_EVERY: Duration = Duration::from_secs(1);
