//! Connections that break and come back.

use super::counterpart::Counterpart;
use super::stage::{Stage, in_time, is_line, send};
use crate::testing::broken::{Fact, Flaw, holds};
use crate::testing::transport::hearing::lines;
use ptgbot_core::Place;
use std::pin::pin;
use std::time::Duration;

pub(super) async fn nothing_counts_as_taken_while_the_connection_is_broken<C: Counterpart>(
    mut stage: Stage<C>,
) -> Fact {
    stage.counterpart.break_off().await;
    let message = stage.reply(&stage.in_room(), 3);
    {
        let mut sending = pin!(send(stage.outlet.as_mut(), stage.options, message));
        let early = tokio::time::timeout(A_WHILE, &mut sending).await;
        holds(early.is_err(), || "a message counts as taken although it cannot arrive".into())?;
        let both = async { tokio::join!(stage.counterpart.mend(), sending) };
        in_time("a message is not taken after the connection is back", both).await?.1?;
    }
    stage.everything_arrives_once().await
}

pub(super) async fn what_is_sent_over_a_broken_connection_arrives_once<C: Counterpart>(mut stage: Stage<C>) -> Fact {
    for target in [stage.in_room(), stage.in_private()] {
        stage.counterpart.break_off().await;
        let message = stage.reply(&target, 3);
        let sending = send(stage.outlet.as_mut(), stage.options, message);
        let both = async { tokio::join!(sending, stage.counterpart.mend()) };
        in_time("a message is not taken after the connection is back", both).await?.0?;
        stage.everything_arrives_once().await?;
    }
    Ok(())
}

pub(super) async fn what_was_taken_before_a_break_does_not_come_again<C: Counterpart>(mut stage: Stage<C>) -> Fact {
    for target in [stage.in_room(), stage.in_private()] {
        let message = stage.reply(&target, 3);
        stage.send(message).await?;
    }
    stage.everything_arrives().await?;
    stage.counterpart.break_off().await;
    in_time("the connection does not come back", stage.counterpart.mend()).await?;
    stage.everything_arrives_once().await
}

pub(super) async fn lines_after_a_break_are_heard_once<C: Counterpart>(mut stage: Stage<C>) -> Fact {
    let (who, place) = (stage.people[0].person.clone(), Place::Room(stage.room.clone()));
    for line in lines(0..2) {
        stage.say(&place, &line).await;
        is_line(&stage.hear().await?, &stage.network, &who, &place, &line)?;
    }
    stage.counterpart.break_off().await;
    in_time("the connection does not come back", stage.counterpart.mend()).await?;
    for line in lines(2..5) {
        stage.say(&place, &line).await;
        let heard = stage.hear().await.map_err(|Flaw(told)| Flaw(format!("after the break: {told}")))?;
        is_line(&heard, &stage.network, &who, &place, &line)?;
    }
    Ok(())
}

/// How long one looks whether a message is taken that cannot be.
const A_WHILE: Duration = Duration::from_millis(200);
