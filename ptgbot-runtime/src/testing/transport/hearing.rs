//! What is heard.

use super::counterpart::Counterpart;
use super::stage::{Stage, in_time, is_line, next_of_a_person};
use crate::testing::broken::{Fact, Flaw, equal, holds};
use futures_util::FutureExt;
use ptgbot_core::{Ask, Place, Request};

pub(super) async fn lines_in_a_room_are_heard_in_order_and_with_who_said_them<C: Counterpart>(
    mut stage: Stage<C>,
) -> Fact {
    let place = Place::Room(stage.room.clone());
    for somebody in stage.people.clone() {
        let role = somebody.role;
        for line in lines(0..LINES) {
            stage.counterpart.say(&somebody.person, &place, &line).await;
        }
        for line in lines(0..LINES) {
            let heard = stage.hear().await?;
            is_line(&heard, &stage.network, &somebody.person, &place, &line)?;
            equal("the role", &heard.request.role, &role)?;
        }
    }
    Ok(())
}

pub(super) async fn lines_in_private_are_heard_in_order_and_with_who_said_them<C: Counterpart>(
    mut stage: Stage<C>,
) -> Fact {
    let who = stage.people[0].person.clone();
    for line in lines(0..LINES) {
        stage.say(&Place::Private, &line).await;
    }
    for line in lines(0..LINES) {
        let heard = stage.hear().await?;
        is_line(&heard, &stage.network, &who, &Place::Private, &line)?;
    }
    Ok(())
}

pub(super) async fn lines_of_several_people_are_all_heard_once<C: Counterpart>(mut stage: Stage<C>) -> Fact {
    let room = Place::Room(stage.room.clone());
    let mut said = Vec::new();
    for line in lines(0..LINES) {
        for somebody in stage.people.clone() {
            for place in [&room, &Place::Private] {
                stage.counterpart.say(&somebody.person, place, &line).await;
                said.push((somebody.person.id.clone(), place.clone(), Ask::Said(line.clone())));
            }
        }
    }
    while !said.is_empty() {
        let request = stage.hear().await?.request;
        let from = request.from.ok_or_else(|| Flaw("a line is heard from nobody".into()))?;
        let heard = (from.id, request.place, request.ask);
        let at = said.iter().position(|said| *said == heard);
        said.remove(at.ok_or_else(|| Flaw(format!("{heard:?} is heard, and was not said, or is heard twice")))?);
    }
    Ok(())
}

pub(super) async fn a_wait_for_a_line_that_is_given_up_misses_none<C: Counterpart>(mut stage: Stage<C>) -> Fact {
    let (who, place) = (stage.people[0].person.clone(), Place::Room(stage.room.clone()));
    for line in lines(0..LINES) {
        let early = next_of_a_person(&mut stage.inbox).now_or_never();
        holds(early.is_none(), || "something is heard before it is said".into())?;
        stage.say(&place, &line).await;
        // Given up whenever it is not there at once.
        let impatient = async {
            loop {
                if let Some(heard) = next_of_a_person(&mut stage.inbox).now_or_never() {
                    break heard;
                }
                tokio::task::yield_now().await;
            }
        };
        let heard = in_time("a line that was said is not heard", impatient).await??;
        is_line(&heard, &stage.network, &who, &place, &line)?;
    }
    Ok(())
}

pub(super) async fn an_edit_names_the_message_that_was_said<C: Counterpart>(mut stage: Stage<C>) -> Fact {
    let said = hear_something(&mut stage).await?;
    stage.counterpart.edit("#swift now erasure codes").await;
    let edit = stage.hear().await?.request;
    let Ask::Edited { original, text, .. } = edit.ask else {
        return Err(Flaw(format!("an edit is heard as {:?}", edit.ask)));
    };
    equal("the message that was edited", &Some(original), &said.message)?;
    equal("what it says now", &text.as_str(), &"#swift now erasure codes")?;
    equal("who edited it", &edit.from, &said.from)
}

pub(super) async fn a_deletion_names_the_message_that_was_said<C: Counterpart>(mut stage: Stage<C>) -> Fact {
    let said = hear_something(&mut stage).await?;
    stage.counterpart.delete().await;
    let deletion = stage.hear().await?.request;
    let Ask::Deleted { original } = deletion.ask else {
        return Err(Flaw(format!("a deletion is heard as {:?}", deletion.ask)));
    };
    equal("the message that was deleted", &Some(original), &said.message)
}

async fn hear_something<C: Counterpart>(stage: &mut Stage<C>) -> Result<Request, Flaw> {
    let place = Place::Room(stage.room.clone());
    stage.say(&place, "#swift now ring placement").await;
    Ok(stage.hear().await?.request)
}

/// Lines that are surely for the bot.
pub(super) fn lines(numbers: std::ops::Range<usize>) -> impl Iterator<Item = String> {
    numbers.map(|number| format!("#swift now line {number}"))
}

/// How many lines are said in a row.
const LINES: usize = 5;
