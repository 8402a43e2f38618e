//! What time brings: told in the room, and to each person alone, once.

use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::soon::soon;
use ptgbot_tests::stage::Who::Gibi;
use ptgbot_tests::{Homeserver, Stage};

#[tokio::test]
async fn a_slot_that_begins_is_announced_in_the_room_and_a_reminder_comes_in_a_direct_one() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let direct = stage.direct(NewRoom::new()).await;
    stage.bot.import(&soon()).await;
    stage.done(Gibi, "~announce slots on").await;
    let asked = stage.jane.say(&direct, "remind swift 240").await;
    stage.jane.expect_reply_to(&asked).await;
    let told = stage.jane.expect_words_in(&direct, " meets in ").await;
    assert!(told.body().contains("#swift") && told.body().contains("Vista"), "{told:?}");
    let room = stage.room.clone();
    let told = stage.gibi.expect_words_in(&room, " begins").await;
    assert!(told.body().contains("#nova"), "{told:?}");
    assert_eq!((told.msgtype(), told.reply_to(), told.mentions()), ("m.notice", None, Some(Vec::new())));

    stage.bot.kill().await;
    stage.bot.start_again().await;
    let asked = stage.jane.say(&direct, "remind nova 240").await;
    stage.jane.expect_reply_to(&asked).await;
    let is_reminder = |track: &str, body: &str| body.contains(track) && body.contains(" meets in ");
    stage.jane.expect_any("a reminder", |seen| is_reminder("#nova", seen.body())).await;
    let reminders = stage.jane.seen().into_iter().filter(|seen| is_reminder("#swift", seen.body()));
    assert_eq!(reminders.count(), 1);
    stage.settled().await;
    let announced = stage.gibi.seen().into_iter().filter(|seen| seen.room() == room && seen.body().contains(" begins"));
    assert_eq!(announced.count(), 1);
}
