//! Encrypted rooms: all of it, in both directions, also over a restart.

use ptgbot_tests::deadline::{PATIENCE, wait_until};
use ptgbot_tests::matrix_bot::files;
use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::stage::Who::{Gibi, Jane};
use ptgbot_tests::{Homeserver, Stage};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

#[tokio::test]
async fn the_whole_event_runs_in_an_encrypted_room_over_a_crash() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::encrypted(&server).await;
    let page = stage.bot.page;
    let direct = stage.direct(NewRoom::new().encrypted()).await;
    let asked = stage.jane.say(&direct, "subscribe swift").await;
    let answer = stage.jane.expect_reply_to(&asked).await;
    assert!(answer.is_encrypted(), "{answer:?}");

    stage.done(Gibi, "~requirevoice").await;
    let refused = stage.answered(Jane, "#swift now not yet").await;
    assert!(refused.is_encrypted() && refused.body().contains("voice"), "{refused:?}");
    let id = stage.jane.id().to_owned();
    stage.gibi.power(&stage.room, &id, 1).await;
    stage.done(Jane, "#swift now ring placement").await;
    page.shows("the topic", |data| data["now"]["swift"] == "ring placement").await;
    let told = stage.jane.expect_words_in(&direct, "ring placement").await;
    assert!(told.is_encrypted(), "{told:?}");

    let booked = stage.answered(Jane, "#swift book Ballroom A-MonA1").await;
    assert!(booked.body().contains("Ballroom A-MonA1"), "{booked:?}");
    page.shows("the booking", |data| data["schedule"]["Ballroom A"]["MonA1"] == "swift").await;
    stage.bot.kill().await;
    stage.bot.start_again().await;
    stage.done(Gibi, "~motd add info Welcome everybody").await;
    page.shows("the message", |data| data["motd"][0]["message"] == "Welcome everybody").await;
    stage.answered(Jane, "#swift undo").await;
    page.shows("the free slot", |data| data["schedule"]["Ballroom A"]["MonA1"] == "").await;
    assert_eq!(page.data().await["now"]["swift"], "ring placement");
    stage.bot.stop().await;
}

#[tokio::test]
async fn what_is_said_while_the_bot_is_down_is_read_afterwards() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::encrypted(&server).await;
    for round in ["first", "second"] {
        stage.done(Gibi, &format!("#nova now before the {round} crash")).await;
        stage.bot.kill().await;
        let command = format!("#swift now said during the {round} crash");
        let said = stage.say(Jane, &command).await;
        stage.bot.start_again().await;
        stage.acknowledged(&said, &command).await;
        stage.settled().await;
        assert_eq!(stage.gibi.answers_to(&said).len(), 1);
    }
}

#[tokio::test]
async fn a_device_that_comes_while_the_bot_is_down_is_understood() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::encrypted(&server).await;
    let account = server.account("kim").await;
    stage.gibi.invite(&stage.room, &account.id).await;
    let kim = server.sign_in(&account).await;
    stage.bot.kill().await;
    kim.join(&stage.room).await;
    stage.gibi.expect_member(&stage.room, kim.id()).await;
    let said = kim.say(&stage.room, "#swift now by a newcomer").await;
    stage.bot.start_again().await;
    stage.acknowledged(&said, "a newcomer's topic").await;
    let asked = kim.say(&stage.room, "#swift").await;
    let answer = kim.expect_reply_to(&asked).await;
    assert!(answer.is_encrypted() && answer.body().contains("by a newcomer"), "{answer:?}");
}

#[tokio::test]
async fn a_disk_that_fails_while_somebody_speaks_for_the_first_time_loses_nothing() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::encrypted(&server).await;
    let kim = server.person("kim").await;
    stage.gibi.invite(&stage.room, kim.id()).await;
    kim.join(&stage.room).await;
    stage.done(Gibi, "#nova now before").await;
    let keys = rusqlite::Connection::open(stage.bot.data().join("store/matrix-sdk-crypto.sqlite3")).expect("the keys");
    keys.execute_batch("BEGIN IMMEDIATE").expect("nobody else can write now");
    let said = kim.say(&stage.room, "#swift now by a newcomer").await;
    stage.bot.process().wait_for_line("cannot keep what the homeserver says").await;
    keys.execute_batch("ROLLBACK").expect("all can write again");
    kim.expect_answer_in_the_end(&said).await;
    assert_eq!(stage.bot.page.data().await["now"]["swift"], "by a newcomer");
    stage.done(Gibi, "#nova now after").await;
    let again = kim.say(&stage.room, "#swift").await;
    assert!(kim.expect_reply_to(&again).await.is_encrypted());
}

#[tokio::test]
async fn the_bots_device_is_vouched_for_and_stays_the_same() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::encrypted(&server).await;
    stage.answered(Jane, "#swift").await;
    let bot = stage.bot.account.id.clone();
    let vouched = stage.vouched_device().await;
    let key = stage.bot.has_a_recovery_key().await;
    let master = master_key(&stage, &bot).await;

    stage.bot.kill().await;
    stage.bot.start_again().await;
    stage.answered(Jane, "#nova").await;
    assert_eq!(stage.jane.cross_signed(&bot).await, [vouched]);
    assert_eq!(master_key(&stage, &bot).await, master, "the identity is the same");
    let same = std::fs::read_to_string(stage.bot.file("recovery-key")).expect("it is still there");
    assert_eq!(same, key);
    let path = format!("/_synapse/admin/v2/users/{bot}/devices");
    let devices = server.administrator().await.admin_api("GET", &path, serde_json::Value::Null).await;
    assert_eq!(devices["total"], 1);
}

#[tokio::test]
async fn keys_and_session_are_for_the_operator_alone() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::encrypted(&server).await;
    stage.answered(Jane, "#swift").await;
    stage.bot.has_a_recovery_key().await;
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&stage.bot.data()), 0o700);
    assert_eq!(mode(&stage.bot.file("recovery-key")), 0o600);
    stage.bot.stop().await;
}

#[tokio::test]
async fn a_new_machine_with_the_recovery_key_is_the_same_bot() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::encrypted(&server).await;
    stage.done(Jane, "#swift now before the move").await;
    stage.bot.has_a_recovery_key().await;
    let bot = stage.bot.account.id.clone();
    let master = master_key(&stage, &bot).await;
    stage.bot.stop().await;
    std::fs::remove_dir_all(stage.bot.data()).expect("it is there");
    stage.bot.start_again().await;
    wait_until("a second device", PATIENCE, || async {
        let devices = stage.jane.cross_signed(&bot).await;
        (devices.len() == 2).then_some(())
    })
    .await
    .unwrap_or_else(|late| panic!("{late}; the bot wrote {}", stage.bot.log()));
    assert_eq!(master_key(&stage, &bot).await, master, "the identity is the same");
}

#[tokio::test]
async fn an_old_copy_of_the_data_folder_is_noticed_and_a_new_device_takes_its_place() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::encrypted(&server).await;
    let device = stage.vouched_device().await;
    stage.bot.has_a_recovery_key().await;
    stage.answered(Jane, "#swift").await;
    stage.bot.stop().await;
    let (data, copy) = (stage.bot.data(), stage.bot.file("copy"));
    copy_folder(&data, &copy);
    stage.bot.start_again().await;
    for _ in 0..3 {
        stage.answered(Jane, "#swift").await;
    }
    stage.bot.stop().await;
    std::fs::remove_dir_all(&data).expect("it is there");
    std::fs::rename(&copy, &data).expect("it is there");
    stage.bot.start_again().await;
    stage.bot.process().wait_for_line("is an old copy").await;
    stage.asks_until_answered("#nova").await;
    assert!(stage.answered(Jane, "#swift").await.is_encrypted());
    wait_until("a second device", PATIENCE, || async {
        let devices = stage.jane.cross_signed(&stage.bot.account.id).await;
        (devices.len() == 2 && devices.contains(&device)).then_some(())
    })
    .await
    .unwrap_or_else(|late| panic!("{late}"));
    stage.bot.stop().await;
    stage.bot.start_again().await;
    stage.asks_until_answered("#nova").await;
}

#[tokio::test]
async fn an_old_copy_without_a_password_ends_the_bot_with_what_to_do() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    stage.settled().await;
    stage.bot.stop().await;
    let (data, copy) = (stage.bot.data(), stage.bot.file("copy"));
    copy_folder(&data, &copy);
    stage.bot.start_again().await;
    stage.settled().await;
    stage.bot.stop().await;
    std::fs::remove_dir_all(&data).expect("it is there");
    std::fs::rename(&copy, &data).expect("it is there");
    stage.bot.configure(&[&stage.room], "");
    stage.bot.run();
    let log = stage.bot.fails().await;
    assert!(log.contains("is an old copy") && log.contains("PTGBOT_MATRIX_PASSWORD"), "{log}");
}

#[tokio::test]
async fn a_command_in_the_open_in_an_encrypted_room_is_not_obeyed_and_that_is_said_once() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::encrypted(&server).await;
    let kim = server.person_without_keys("kim").await;
    stage.gibi.invite(&stage.room, kim.id()).await;
    kim.join(&stage.room).await;
    let talk = kim.say(&stage.room, "hello everybody").await;
    let first = kim.say(&stage.room, "#swift now in the open").await;
    let warning = stage.gibi.expect_reply_to(&first).await;
    assert!(warning.body().contains("encrypted") && warning.mentions() == Some(vec![kim.id()]), "{warning:?}");
    let second = kim.say(&stage.room, "#swift now in the open again").await;
    stage.unanswered(&talk).await;
    stage.unanswered(&second).await;
    assert_eq!(stage.bot.page.data().await["now"], serde_json::json!({}));
}

#[tokio::test]
async fn an_identity_that_cannot_be_recovered_is_never_replaced() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::encrypted(&server).await;
    stage.done(Jane, "#swift now before the loss").await;
    stage.bot.has_a_recovery_key().await;
    let bot = stage.bot.account.id.clone();
    let master = master_key(&stage, &bot).await;
    stage.bot.stop().await;
    std::fs::remove_dir_all(stage.bot.data()).expect("it is there");
    std::fs::remove_file(stage.bot.file("recovery-key")).expect("it is there");
    stage.bot.start_again().await;
    stage.bot.process().wait_for_line("(?i)recovery|identity|cross-sign").await;
    assert_eq!(master_key(&stage, &bot).await, master);
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    for file in files(from) {
        let copy = to.join(file.strip_prefix(from).expect("it is in there"));
        std::fs::create_dir_all(copy.parent().expect("a folder")).expect("the folder is writable");
        std::fs::copy(file, copy).expect("the folder is writable");
    }
}

/// What a user's other keys hang on.
pub(crate) async fn master_key(stage: &Stage, user: &str) -> serde_json::Value {
    let keys = stage.jane.api("POST", "/keys/query", serde_json::json!({"device_keys": {user: []}})).await;
    keys["master_keys"][user]["keys"].clone()
}
