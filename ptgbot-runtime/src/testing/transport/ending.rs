//! The end, of the bot and of the network.

use super::counterpart::Counterpart;
use super::stage::{Stage, in_time};
use crate::testing::broken::{Fact, holds};
use futures_util::StreamExt;
use ptgbot_core::{Ask, Place};

pub(super) async fn everything_that_was_taken_has_arrived_after_the_close<C: Counterpart>(mut stage: Stage<C>) -> Fact {
    let somebody = stage.people[1].person.id.clone();
    for target in [stage.in_room(), stage.in_private()] {
        let message = stage.reply(&target, 20);
        stage.send(message).await?;
    }
    let notification = stage.notification(&somebody, 3);
    stage.send(notification).await?;
    let Stage { outlet, mut counterpart, mut words, .. } = stage;
    in_time("the outlet does not close", outlet.close()).await??;
    words.arrive(&mut counterpart).await
}

pub(super) async fn the_inbox_ends_without_an_error_where_the_network_ends<C: Counterpart>(
    mut stage: Stage<C>,
) -> Fact {
    stage.say(&Place::Room(stage.room.clone()), "#swift now ring placement").await;
    stage.counterpart.end().await;
    let mut heard = 0;
    while let Some(next) = in_time("the inbox does not end", stage.inbox.next()).await? {
        heard += usize::from(matches!(next?.request.ask, Ask::Said(_)));
    }
    holds(heard == 1, || format!("one line was said before the end, and {heard} are heard"))
}
