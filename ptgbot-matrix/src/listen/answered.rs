//! What another device of ours has answered already: it is not asked again.

use super::reader::RoomReader;
use crate::lasting_name::{Names, names_in};
use matrix_sdk::deserialized_responses::TimelineEvent;

impl RoomReader {
    /// The names of what we have said among some events.
    pub(super) async fn said_by_us(&self, events: &[TimelineEvent]) -> Names {
        let client = self.with.account.client().await;
        match client.get_room(&self.room) {
            Some(room) => names_in(&room, events).await,
            None => Names::new(),
        }
    }
}
