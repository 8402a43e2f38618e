//! `ptgbot-matrix --check`: how a bot stands, found out without being one.

use ptgbot_tests::Stage;
use ptgbot_tests::homeserver::Homeserver;
use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::stage::Who::{Gibi, Jane};
use serde_json::Value;

#[tokio::test]
async fn a_look_around_tells_how_a_bot_stands_and_takes_nothing_from_one_at_work() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::of(&server, NewRoom::new().encrypted().version("11"), "board_message = true").await;
    stage.bot.has_a_recovery_key().await;
    let device = stage.vouched_device().await;
    let kim = server.person("kim").await;
    stage.gibi.invite(&stage.room, kim.id()).await;
    kim.join(&stage.room).await;
    stage.gibi.expect_member(&stage.room, kim.id()).await;

    let said = kim.say(&stage.room, "#swift now by a newcomer").await;
    let (is_well, told) = stage.bot.check().await;
    assert!(is_well, "{told}");
    let (bot, gibi, room) = (stage.bot.account.id.clone(), stage.gibi.id(), &stage.room);
    for line in [
        "ok      bot: one is at work with ".to_owned(),
        "answers, and knows Matrix up to v1.".to_owned(),
        format!("ok      session: {bot} on device {device}, kept in "),
        format!("ok      device: {device} is signed by the account's identity"),
        "ok      owner: none is named".to_owned(),
        "ok      recovery: its key is in ".to_owned(),
        format!("ok      room {room}: the bot is in it, with power level 0"),
        format!("advice  room {room}: the bot may not pin the board: that needs power level 50"),
        format!("ok      room {room}: ops: {gibi}"),
        format!("ok      room {room}: it is encrypted; 4 members have 4 devices with keys"),
    ] {
        assert!(told.contains(&line), "{line:?} is not in {told}");
    }
    stage.acknowledged(&said, "a topic that was said while somebody looked around").await;
    assert!(stage.answered(Jane, "#swift").await.is_encrypted());
    let path = format!("/_synapse/admin/v2/users/{bot}/devices");
    assert_eq!(server.administrator().await.admin_api("GET", &path, Value::Null).await["total"], 1);
    stage.bot.assert_no_secret_in_the_log();
}

#[tokio::test]
async fn before_the_first_start_a_look_around_leaves_no_trace() {
    let Some(server) = Homeserver::shared().await else { return };
    let stage = Stage::without_bot(&server, NewRoom::new()).await;
    let closed = stage.gibi.create(NewRoom::new()).await;
    let password = format!("password_file = '{}'", stage.bot.file("password").display());
    stage.bot.configure(&[&stage.room], &password);
    let (is_well, told) = stage.bot.check().await;
    assert!(is_well, "{told}");
    for line in ["the password is right", "the bot is invited, and joins", "there is none yet, and no identity"] {
        assert!(told.contains(line), "{line:?} is not in {told}");
    }
    assert!(!stage.bot.data().exists());
    let path = format!("/_synapse/admin/v2/users/{}/devices", stage.bot.account.id);
    assert_eq!(server.administrator().await.admin_api("GET", &path, Value::Null).await["total"], 0);

    stage.bot.configure(&[&closed, "#nowhere:localhost"], &password);
    let (is_well, told) = stage.bot.check().await;
    assert!(!is_well && told.contains("#nowhere:localhost: there is no such alias"), "{told}");
    assert!(told.contains(&format!("invite {} to it", stage.bot.account.id)), "{told}");

    std::fs::write(stage.bot.file("password"), "sesame").expect("the folder is writable");
    let (is_well, told) = stage.bot.check().await;
    assert!(!is_well && told.contains("the user name or the password is wrong"), "{told}");
    assert!(!told.contains("sesame"));
}

#[tokio::test]
async fn who_cannot_read_along_and_who_runs_the_event_is_told() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::encrypted(&server).await;
    let kim = server.person_without_keys("kim").await;
    stage.gibi.invite(&stage.room, kim.id()).await;
    kim.join(&stage.room).await;
    stage.gibi.expect_member(&stage.room, kim.id()).await;
    stage.done(Gibi, "#swift now rings").await;
    let (_, told) = stage.bot.check().await;
    let advice = format!("1 of them have no keys and cannot speak with the bot: {}", kim.id());
    assert!(told.contains(&advice), "{told}");
}
