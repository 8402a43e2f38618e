//! What is sent.

use super::counterpart::Counterpart;
use super::stage::{Stage, in_time, numbers};
use crate::testing::broken::{Fact, holds};
use futures_util::FutureExt;
use ptgbot_core::{Fetching, Handled, Outcome, Outgoing, Place, Reply, SendError, Target};

pub(super) async fn a_message_is_cut_into_pieces_that_are_not_empty_and_hold_all_its_words<C: Counterpart>(
    mut stage: Stage<C>,
) -> Fact {
    let person = stage.people[1].person.id.clone();
    let messages = [
        (stage.in_room(), stage.reply(&stage.in_room(), LONG)),
        (stage.in_private(), stage.reply(&stage.in_private(), LONG)),
        (Target::Person(person.clone()), stage.notification(&person, LONG)),
    ];
    for (target, message) in messages {
        let wanted: Vec<u32> = numbers(&words(&message)).collect();
        let pieces = stage.outlet.split(message);
        for piece in &pieces {
            holds(!words(piece).trim().is_empty(), || format!("a piece is empty: {pieces:?}"))?;
            let to = piece.target();
            holds(to == target, || format!("a piece of what is for {target:?} is for {to:?}"))?;
        }
        let text: Vec<String> = pieces.iter().map(words).collect();
        let held: Vec<u32> = numbers(&text.join(" ")).collect();
        holds(held == wanted, || format!("the words {wanted:?} are cut into {text:?}"))?;
    }
    Ok(())
}

pub(super) async fn what_is_said_to_one_target_arrives_in_order<C: Counterpart>(mut stage: Stage<C>) -> Fact {
    for target in [stage.in_room(), stage.in_private()] {
        for count in [1, LONG, 3] {
            let message = stage.reply(&target, count);
            stage.send(message).await?;
        }
    }
    stage.everything_arrives_once().await
}

pub(super) async fn a_wait_for_leave_to_send_that_is_given_up_loses_nothing<C: Counterpart>(
    mut stage: Stage<C>,
) -> Fact {
    let room = stage.in_room();
    for _ in 0..MESSAGES {
        // Given up where it has to wait, and where leave was given already.
        stage.outlet.ready().now_or_never();
        let message = stage.reply(&room, 2);
        stage.send(message).await?;
        stage.outlet.ready().now_or_never();
    }
    stage.everything_arrives_once().await
}

pub(super) async fn what_was_taken_arrives_once<C: Counterpart>(mut stage: Stage<C>) -> Fact {
    for target in [stage.in_room(), stage.in_private()] {
        for _ in 0..MESSAGES {
            let message = stage.reply(&target, 2);
            stage.send(message).await?;
            stage.everything_arrives().await?;
        }
    }
    stage.everything_arrives_once().await
}

pub(super) async fn a_notification_arrives_at_its_person_alone<C: Counterpart>(mut stage: Stage<C>) -> Fact {
    for somebody in stage.people.clone() {
        let notification = stage.notification(&somebody.person.id, 3);
        stage.send(notification).await?;
        stage.everything_arrives().await?;
    }
    // What had gone to the room as well would be seen before this.
    let last = stage.reply(&stage.in_room(), 1);
    stage.send(last).await?;
    stage.everything_arrives().await
}

pub(super) async fn what_nobody_can_get_is_refused_and_stops_nothing<C: Counterpart>(mut stage: Stage<C>) -> Fact {
    let nobody = stage.counterpart.nobody();
    let reply = Reply::from("Nobody reads this.");
    let lost = Outgoing::Notify { to: nobody.id, revision: 1, reply };
    for piece in stage.outlet.split(lost) {
        in_time("nothing may be sent", stage.outlet.ready()).await?;
        let sending = stage.outlet.send(piece);
        let taken = in_time("what nobody can get is neither taken nor refused", sending).await?;
        let refused = matches!(taken, Err(SendError::Refused(_)));
        holds(refused, || format!("a message that nobody can get ends with {taken:?}"))?;
    }
    let message = stage.reply(&stage.in_room(), 3);
    stage.send(message).await?;
    stage.everything_arrives_once().await
}

pub(super) async fn requests_may_be_over_in_any_mix<C: Counterpart>(mut stage: Stage<C>) -> Fact {
    let (place, room) = (Place::Room(stage.room.clone()), stage.in_room());
    let outcomes = [Outcome::Changed, Outcome::Answered, Outcome::Refused, Outcome::Ignored];
    let mut heard = Vec::new();
    for outcome in outcomes {
        stage.say(&place, "#swift now ring placement").await;
        heard.push((stage.hear().await?.id, outcome));
    }
    if stage.options.fetching == Fetching::Beside {
        heard.reverse();
    }
    for (id, outcome) in heard {
        let answer = match outcome {
            Outcome::Changed => Some(Outgoing::Ack { to: room.clone(), in_reply_to: id.clone() }),
            Outcome::Answered | Outcome::Refused => Some(stage.reply(&room, 2)),
            Outcome::Ignored => None,
        };
        if let Some(answer) = answer {
            stage.send(answer).await?;
        }
        let over = stage.outlet.handled(Handled::new(id, outcome, 1));
        in_time("the end of a request is not taken", over).await?;
    }
    let unnamed = stage.outlet.handled(Handled::new(None, Outcome::Ignored, 1));
    in_time("the end of a request without a name is not taken", unnamed).await?;
    stage.everything_arrives_once().await
}

/// What a message says.
fn words(message: &Outgoing) -> String {
    match message {
        Outgoing::Reply { reply, .. } | Outgoing::Notify { reply, .. } | Outgoing::Announce { reply, .. } => {
            reply.to_string()
        }
        Outgoing::Ack { .. } => String::new(),
    }
}

/// How many words a message has that no line of a chat holds.
const LONG: usize = 150;
/// How many messages are sent one after the other.
const MESSAGES: usize = 3;
