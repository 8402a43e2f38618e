//! Rooms that are replaced, and rooms that are not there.

use ptgbot_tests::deadline::{PATIENCE, wait_until};
use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::stage::Who::Gibi;
use ptgbot_tests::{Homeserver, Stage};
use serde_json::json;

#[tokio::test]
async fn a_replaced_room_is_followed_when_the_new_one_points_back() {
    let Some(server) = Homeserver::shared().await else { return };
    let alias = server.account("room").await.name;
    let mut stage = Stage::of(&server, NewRoom::new().version("11").public(&alias), "").await;
    let next = stage.gibi.upgrade(&stage.room, "12").await;
    let came = stage.gibi.comes(&next, &stage.bot.account.id).await;
    assert!(came, "the bot did not follow; it wrote {}", stage.bot.log());
    stage.room = next;
    stage.done(Gibi, "#swift now in the new room").await;
    stage.done(Gibi, "~add manila").await;
    stage.bot.kill().await;
    stage.bot.start_again().await;
    stage.done(Gibi, "#swift now after a restart").await;
}

#[tokio::test]
async fn a_replacement_that_does_not_point_back_is_not_followed() {
    let Some(server) = Homeserver::shared().await else { return };
    let alias = server.account("room").await.name;
    let mut stage = Stage::of(&server, NewRoom::new().version("11").public(&alias), "").await;
    let trap = server.account("room").await.name;
    let trap = stage.gibi.create(NewRoom::new().version("11").public(&trap)).await;
    let tombstone = json!({"body": "moved", "replacement_room": trap});
    stage.gibi.state(&stage.room, "m.room.tombstone", "", tombstone).await;
    let direct = stage.direct(NewRoom::new()).await;
    let asked = stage.jane.say(&direct, "where swift").await;
    stage.jane.expect_reply_to(&asked).await;
    stage.bot.process().wait_for_line("(?i)replace|tombstone|point|follow").await;
    let absent = wait_until("the bot is not there", PATIENCE, || async {
        (!stage.gibi.members(&trap).await.contains(&stage.bot.account.id)).then_some(())
    });
    absent.await.unwrap_or_else(|late| panic!("{late}"));
    let said = stage.gibi.say(&trap, "#swift now in a trap").await;
    let asked = stage.jane.say(&direct, "where swift").await;
    stage.jane.expect_reply_to(&asked).await;
    assert!(stage.gibi.answers_to(&said).is_empty());
    assert_eq!(stage.bot.page.data().await["now"], json!({}));
}

#[tokio::test]
async fn two_rooms_have_one_board() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::without_bot(&server, NewRoom::new()).await;
    let second = stage.jane.create(NewRoom::new().invite(&stage.bot.account.id)).await;
    stage.bot.start(&[&stage.room, &second], "");
    stage.bot_comes().await;
    assert!(stage.jane.comes(&second, &stage.bot.account.id).await);
    stage.done(Gibi, "#swift now rings").await;
    let asked = stage.jane.say(&second, "#swift").await;
    let answer = stage.jane.expect_reply_to(&asked).await;
    assert!(answer.room() == second && answer.body().contains("rings"), "{answer:?}");
    let refused = stage.answered(ptgbot_tests::stage::Who::Jane, "~add manila").await;
    assert!(refused.body().contains("op"), "her own room counts nothing here: {refused:?}");
}
