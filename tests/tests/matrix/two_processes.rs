//! Two processes of one account: one device is for one of them.

use crate::encrypted::copy_folder;
use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::stage::Who::{Gibi, Jane};
use ptgbot_tests::{Homeserver, Process, Stage, deadline::PATIENCE};
use serde_json::{Value, json};
use std::fs;

#[tokio::test]
async fn a_second_process_on_a_data_folder_is_refused_and_the_first_goes_on() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let data = stage.bot.data();
    let log = refused(stage.bot.start_another(&data, &[&stage.room], "")).await;
    assert!(log.contains("in use by another ptgbot-matrix"), "{log}");
    stage.done(Jane, "#swift now rings").await;
}

#[tokio::test]
async fn a_second_process_with_the_same_access_token_is_refused_and_the_first_goes_on() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::without_bot(&server, NewRoom::new()).await;
    let account = stage.bot.account.clone();
    let sign_in = json!({
        "type": "m.login.password", "password": account.password,
        "identifier": {"type": "m.id.user", "user": account.name},
    });
    let session = stage.jane.api("POST", "/login", sign_in).await;
    let file = stage.bot.file("token");
    fs::write(&file, session["access_token"].as_str().expect("a token")).expect("the folder is writable");
    let token = format!("token_file = '{}'", file.display());
    stage.bot.configure(&[&stage.room], &token);
    stage.bot.run();
    stage.bot_comes().await;
    stage.done(Gibi, "#swift now rings").await;
    let elsewhere = stage.bot.file("elsewhere");
    let log = refused(stage.bot.start_another(&elsewhere, &[&stage.room], &token)).await;
    assert!(log.contains("same access token"), "{log}");
    stage.done(Jane, "#swift now on the first one").await;
}

#[tokio::test]
async fn a_copy_of_the_folder_of_the_process_that_acts_is_refused_and_that_one_goes_on() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::encrypted(&server).await;
    stage.vouched_device().await;
    stage.done(Jane, "#swift now rings").await;
    let (data, copy) = (stage.bot.data(), stage.bot.file("copy"));
    copy_folder(&data, &copy);
    let password = format!("password_file = '{}'", stage.bot.file("password").display());
    // The second time the copy is older than what it is a copy of.
    for topic in ["after the first", "after the second"] {
        let log = refused(stage.bot.start_another(&copy, &[&stage.room], &password)).await;
        assert!(log.contains("is a copy of the folder") && log.contains("start it with an empty folder"), "{log}");
        stage.done(Jane, &format!("#swift now {topic}")).await;
    }
    assert!(stage.answered(Gibi, "#swift").await.is_encrypted());
    stage.bot.stop().await;
}

#[tokio::test]
async fn a_process_whose_device_another_one_begins_to_use_ends_and_says_so() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    stage.done(Gibi, "#swift now rings").await;
    let account = server.sign_in(&stage.bot.account).await;
    let devices = account.api("GET", "/devices", Value::Null).await;
    let devices = devices["devices"].as_array().expect("a list");
    let device = devices.iter().find(|device| device["display_name"] == "ptgbot").expect("the bot's");
    let device = device["device_id"].as_str().expect("an ID");
    // As a process does that goes on from a copy of the data folder.
    let counter = format!("/user/{}/account_data/ptgbot.generation.{device}", account.id());
    account.api("PUT", &counter, json!({"generation": 99})).await;
    stage.say(Gibi, "#nova").await;
    let log = stage.bot.fails().await;
    assert!(log.contains("another ptgbot-matrix uses the device"), "{log}");
}

/// Waits until a process has ended with a failure; gives what it wrote.
async fn refused(mut process: Process) -> String {
    let status = process.wait(PATIENCE * 2).await;
    process.output().wait_for_end("the end of its output", PATIENCE).await.expect("a dead process is silent");
    let log = process.output().lines().join("\n");
    assert_eq!(status.code(), Some(1), "{log}");
    log
}
