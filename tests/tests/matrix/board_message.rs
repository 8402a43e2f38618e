//! The pinned message that shows the board: one a room, edited in place, whatever happens to it and to the bot.

use ptgbot_tests::deadline::{PATIENCE, wait_until};
use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::stage::Who::{Gibi, Jane};
use ptgbot_tests::{Homeserver, Seen, Stage};
use serde_json::{Value, json};

const ON: &str = "board_message = true";

/// What the bot has said that answers nobody and is no edit.
fn boards(stage: &Stage) -> Vec<Seen> {
    let is_board = |seen: &Seen| {
        seen.room() == stage.room
            && seen.sender() == stage.bot.account.id
            && seen.msgtype() == "m.notice"
            && seen.content().get("m.relates_to").is_none()
    };
    stage.gibi.seen().into_iter().filter(is_board).collect()
}

/// The board's message, waited for.
async fn board(stage: &mut Stage) -> Seen {
    let first = wait_until("the board's message", PATIENCE, || async { boards(stage).pop() }).await;
    first.unwrap_or_else(|late| panic!("{late}; the bot wrote {}", stage.bot.log()))
}

/// An edit of the message to these words, waited for.
async fn edited(stage: &mut Stage, message: &str, words: &str) -> Seen {
    let is_edit = |seen: &Seen| {
        let relation = &seen.content()["m.relates_to"];
        relation["rel_type"] == "m.replace"
            && relation["event_id"] == message
            && seen.content()["m.new_content"]["body"].as_str().is_some_and(|body| body.contains(words))
    };
    let edit = stage.gibi.soon(is_edit).await;
    edit.unwrap_or_else(|| panic!("no edit of {message} to {words:?}; the bot wrote {}", stage.bot.log()))
}

async fn pinned(stage: &Stage) -> Value {
    stage.gibi.api("GET", &format!("/rooms/{}/state/m.room.pinned_events", stage.room), Value::Null).await["pinned"]
        .take()
}

async fn is_pinned(stage: &mut Stage, events: &[&str]) {
    let what = |seen: &Seen| seen.event_type() == "m.room.pinned_events" && seen.content()["pinned"] == json!(events);
    let seen = stage.gibi.soon(what).await;
    assert!(seen.is_some(), "{events:?} are not pinned; the bot wrote {}", stage.bot.log());
}

/// A room in which the bot may pin.
fn where_all_may_pin() -> NewRoom {
    NewRoom::new().version("11").with("power_level_content_override", json!({"events": {"m.room.pinned_events": 0}}))
}

#[tokio::test]
async fn the_board_stands_once_in_the_room_pinned_and_follows_every_change_silently() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::of(&server, where_all_may_pin(), ON).await;
    let message = board(&mut stage).await;
    assert!(message.body().contains("Nothing is announced"), "{message:?}");
    assert_eq!((message.msgtype(), message.mentions()), ("m.notice", Some(vec![])));
    is_pinned(&mut stage, &[message.id()]).await;

    stage.done(Jane, "#swift now ring <placement>").await;
    let edit = edited(&mut stage, message.id(), "#swift (Vista): ").await;
    let new = &edit.content()["m.new_content"];
    assert_eq!((new["msgtype"].as_str(), &new["m.mentions"]), (Some("m.notice"), &json!({})));
    assert!(new["formatted_body"].as_str().is_some_and(|html| html.contains("ring &lt;placement&gt;")), "{edit:?}");
    assert_eq!((edit.msgtype(), edit.mentions()), ("m.notice", Some(vec![])), "also where edits are not understood");

    stage.bot.kill().await;
    stage.bot.start_again().await;
    stage.done(Jane, "#swift next quotas").await;
    edited(&mut stage, message.id(), "next: ").await;
    assert_eq!(boards(&stage).len(), 1, "a restart makes no second one");
    assert_eq!(pinned(&stage).await, json!([message.id()]));
}

#[tokio::test]
async fn a_bot_on_a_new_machine_goes_on_with_the_message_in_an_encrypted_room() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::of(&server, NewRoom::new().encrypted(), ON).await;
    let message = board(&mut stage).await;
    assert!(message.is_encrypted());
    stage.bot.has_a_recovery_key().await;
    stage.done(Jane, "#swift now before the move").await;
    assert!(edited(&mut stage, message.id(), "before the move").await.is_encrypted());
    stage.bot.stop().await;
    std::fs::remove_dir_all(stage.bot.data()).expect("it is there");
    stage.bot.start_again().await;
    stage.bot.process().wait_for_line("in the room").await;
    stage.bot.process().wait_for_line("the device is signed by its owner").await;
    stage.asks_until_answered("#cinder").await;
    stage.done(Jane, "#swift now after the move").await;
    edited(&mut stage, message.id(), "after the move").await;
    assert_eq!(boards(&stage).len(), 1);
}

#[tokio::test]
async fn a_deleted_board_comes_again_in_the_place_of_the_old_one() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::of(&server, where_all_may_pin(), ON).await;
    let first = board(&mut stage).await;
    is_pinned(&mut stage, &[first.id()]).await;
    let others = stage.gibi.say(&stage.room, "read this, too").await;
    stage.gibi.state(&stage.room, "m.room.pinned_events", "", json!({"pinned": [first.id(), others]})).await;
    stage.gibi.redact(&stage.room, first.id()).await;
    let came = wait_until("another board", PATIENCE, || async {
        boards(&stage).into_iter().find(|seen| seen.id() != first.id())
    });
    let second = came.await.unwrap_or_else(|late| panic!("{late}"));
    is_pinned(&mut stage, &[&others, second.id()]).await;
}

#[tokio::test]
async fn a_bot_that_may_not_pin_says_what_it_lacks_and_pins_once_it_may() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::of(&server, NewRoom::new().version("11"), ON).await;
    let message = board(&mut stage).await;
    stage.bot.process().wait_for_line("needs power level 50 .m.room.pinned_events., and the bot has").await;
    stage.done(Gibi, "#swift now unpinned").await;
    edited(&mut stage, message.id(), "unpinned").await;
    let bot = stage.bot.account.id.clone();
    stage.gibi.power(&stage.room, &bot, 50).await;
    is_pinned(&mut stage, &[message.id()]).await;
    assert_eq!(stage.bot.log().matches("cannot pin the board's message").count(), 1);
}
