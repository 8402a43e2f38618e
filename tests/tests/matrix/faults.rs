//! What goes wrong says so, and is tried again where that helps.

use crate::encrypted::master_key;
use ptgbot_tests::homeserver::Options;
use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::stage::Who::{Gibi, Jane};
use ptgbot_tests::{Homeserver, HomeserverProxy, MatrixBot, Stage};
use serde_json::json;
use std::fs;

#[tokio::test]
async fn a_wrong_password_ends_the_bot_with_the_reason() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut bot = MatrixBot::prepare(&server).await;
    fs::write(bot.file("password"), "sesame-that-opens-nothing\n").expect("the folder is writable");
    bot.start(&["#ptg:localhost"], "");
    let log = bot.needs_somebody().await;
    assert!(log.to_lowercase().contains("password"), "{log}");
    assert!(log.contains(&bot.account.name), "{log}");
    assert!(!log.contains("sesame"), "{log}");
}

#[tokio::test]
async fn a_room_that_is_not_there_is_named_and_the_others_work() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::without_bot(&server, NewRoom::new()).await;
    stage.bot.start(&["#nowhere:localhost", &stage.room.clone()], "");
    stage.bot_comes().await;
    stage.bot.process().wait_for_line("#nowhere:localhost").await;
    stage.done(Gibi, "#swift now rings").await;
}

#[tokio::test]
async fn the_configured_address_is_used_also_when_the_server_announces_another() {
    let Some(server) = Homeserver::shared().await else { return };
    let proxy = HomeserverProxy::before(&server).await;
    let mut stage = Stage::without_bot(&server, NewRoom::new()).await;
    stage.bot.through(&proxy);
    stage.bot.start(&[&stage.room], "");
    stage.bot_comes().await;
    stage.done(Gibi, "#swift now rings").await;
    assert!(proxy.requests(&["/login"]) > 0 && proxy.requests(&["/sync"]) > 0 && proxy.requests(&["/send/"]) > 0);
}

#[tokio::test]
async fn a_server_that_is_down_is_awaited() {
    let Some(mut server) = Homeserver::start(Options::default()).await else { return };
    let mut stage = Stage::without_bot(&server, NewRoom::new().encrypted()).await;
    server.stop().await;
    stage.bot.start(&[&stage.room], "");
    stage.bot.process().wait_for_line("(?i)(warn|error).*(homeserver|connect|reach|127\\.0\\.0\\.1)").await;
    server.start_again().await;
    stage.bot_comes().await;
    stage.done(Jane, "#swift now after the start").await;

    server.stop().await;
    stage.bot.process().wait_for_line("(?i)(warn|error).*(sync|homeserver|connect|reach|127\\.0\\.0\\.1)").await;
    assert!(stage.bot.process().is_running(), "{}", stage.bot.log());
    server.start_again().await;
    stage.done(Jane, "#swift now after the pause").await;
    stage.bot.stop().await;
}

#[tokio::test]
async fn a_token_signs_in_as_a_password_does_and_its_end_is_said() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::without_bot(&server, NewRoom::new().encrypted()).await;
    let account = stage.bot.account.clone();
    let sign_in = json!({
        "type": "m.login.password", "password": account.password,
        "identifier": {"type": "m.id.user", "user": account.name},
    });
    let session = stage.jane.api("POST", "/login", sign_in).await;
    let token = session["access_token"].as_str().expect("a token");
    let file = stage.bot.file("token");
    fs::write(&file, format!("{token}\n")).expect("the folder is writable");
    stage.bot.configure(&[&stage.room], &format!("token_file = '{}'", file.display()));
    stage.bot.run();
    stage.bot_comes().await;
    stage.done(Jane, "#swift now rings").await;

    server.sign_in(&account).await.sign_out_everywhere().await;
    let log = stage.bot.fails().await;
    assert!(log.contains("signed out") || log.contains("token"), "{log}");
}

#[tokio::test]
async fn who_is_signed_out_elsewhere_says_so_and_comes_back_as_a_trusted_device() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::encrypted(&server).await;
    stage.done(Jane, "#swift now rings").await;
    let bot = stage.bot.account.clone();
    let gone = stage.vouched_device().await;
    stage.bot.has_a_recovery_key().await;
    let master = master_key(&stage, &bot.id).await;
    server.sign_in(&bot).await.sign_out_everywhere().await;
    let log = stage.bot.fails().await;
    assert!(log.contains("session") && log.contains("PTGBOT_MATRIX_PASSWORD"), "{log}");
    stage.bot.start_again().await;
    stage.asks_until_answered("#nova").await;
    stage.done(Jane, "#swift now after all").await;
    assert_ne!(stage.vouched_device().await, gone);
    assert_eq!(master_key(&stage, &bot.id).await, master, "the identity is the same");
}

#[tokio::test]
async fn a_token_that_the_server_does_not_know_ends_the_bot_with_the_reason() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut bot = MatrixBot::prepare(&server).await;
    let file = bot.file("token");
    fs::write(&file, "syt_no_such_token_anywhere\n").expect("the folder is writable");
    bot.configure(&["#ptg:localhost"], &format!("token_file = '{}'", file.display()));
    bot.run();
    let log = bot.needs_somebody().await;
    assert!(log.to_lowercase().contains("token"), "{log}");
}

#[tokio::test]
async fn a_setting_that_nobody_knows_is_named() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut bot = MatrixBot::prepare(&server).await;
    bot.start(&["#ptg:localhost"], "pasword = 'sesame-that-opens-nothing'");
    let status = bot.process().wait(ptgbot_tests::deadline::PATIENCE).await;
    assert_eq!(status.code(), Some(2));
    let late = bot.process().output().wait_for_end("the end", ptgbot_tests::deadline::PATIENCE).await;
    late.expect("a dead process is silent");
    let log = bot.log();
    assert!(log.contains("pasword") && !log.contains("sesame"), "{log}");
}
