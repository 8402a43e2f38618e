//! Nothing is lost and nothing is done twice, however the bot ends.

use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::stage::Who::{Gibi, Jane};
use ptgbot_tests::{Homeserver, MatrixClient, Stage};
use serde_json::{Value, json};

#[tokio::test]
async fn no_command_is_lost_or_doubled_when_the_bot_is_killed_in_the_middle() {
    let Some(server) = Homeserver::shared().await else { return };
    let stage = Stage::plain(&server).await;
    killed_in_the_middle(stage).await;
}

#[tokio::test]
async fn no_encrypted_command_is_lost_or_doubled_when_the_bot_is_killed_in_the_middle() {
    let Some(server) = Homeserver::shared().await else { return };
    let stage = Stage::encrypted(&server).await;
    killed_in_the_middle(stage).await;
}

/// Every third command is answered in words, the others by a reaction.
async fn killed_in_the_middle(mut stage: Stage) {
    let before = stage.bot.page.data().await["revision"].as_u64().expect("a number");
    let mut said = Vec::new();
    let mut expected = Vec::new();
    for number in 0..45 {
        if number % 3 == 0 {
            said.push(stage.say(Jane, &format!("#tact next topic {number}")).await);
        } else {
            expected.push(format!("topic {number}"));
            said.push(stage.say(Jane, &format!("#swift next topic {number}")).await);
        }
        if number % 15 == 10 {
            stage.bot.kill().await;
            stage.bot.start_again().await;
        }
    }
    let event = stage.say(Gibi, "#cinder").await;
    stage.gibi.expect_answer_in_the_end(&event).await;
    let is_done = |data: &Value| data["revision"].as_u64() == Some(before + 45);
    let data = stage.bot.page.shows("all of them", is_done).await;
    assert_eq!(data["next"]["swift"], json!(expected));
    assert_eq!(data["next"]["tact"].as_array().map(Vec::len), Some(15));
    each_answered_once_in_order(&stage, &said).await;
}

/// Of which none gets more topics than a track may have.
const TRACKS: [&str; 3] = ["swift", "nova", "cinder"];

#[tokio::test]
async fn more_commands_than_a_sync_holds_wait_while_the_bot_is_down() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    stage.done(Gibi, "#swift now before").await;
    let before = stage.bot.page.data().await["revision"].as_u64().expect("a number");
    stage.bot.kill().await;
    let mut said = Vec::new();
    for number in 0..130 {
        let track = TRACKS[number % TRACKS.len()];
        said.push(stage.say(Jane, &format!("#{track} next topic {number}")).await);
    }
    stage.bot.start_again().await;
    stage.gibi.expect_answer_in_the_end(&said[129]).await;
    let is_done = |data: &Value| data["revision"].as_u64() == Some(before + 130);
    let data = stage.bot.page.shows("all of them", is_done).await;
    for (first, track) in TRACKS.into_iter().enumerate() {
        let numbers = (first..130).step_by(TRACKS.len());
        let topics: Vec<_> = numbers.map(|number: usize| format!("topic {number}")).collect();
        assert_eq!(data["next"][track], json!(topics));
    }
    stage.settled().await;
    each_answered_once_in_order(&stage, &said).await;
}

#[tokio::test]
async fn a_first_start_ignores_what_was_said_before() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::without_bot(&server, NewRoom::new().version("11")).await;
    let account = server.sign_in(&stage.bot.account).await;
    account.join(&stage.room).await;
    stage.gibi.expect_member(&stage.room, account.id()).await;
    let old = stage.say(Gibi, "#swift now long ago").await;
    account.expect_any("the old command", |seen| seen.id() == old).await;
    stage.bot.start(&[&stage.room], "");
    stage.bot.process().wait_for_line(".").await;
    stage.bot.page.shows("the board", |data| data["tracks"][0] == "cinder").await;
    // Nobody sees from outside when a bot that is in the room already begins to listen.
    stage.asks_until_answered("#nova").await;
    stage.unanswered(&old).await;
    assert_eq!(stage.bot.page.data().await["now"], json!({}));
}

#[tokio::test]
async fn what_was_said_before_the_bot_came_is_ignored() {
    let Some(server) = Homeserver::shared().await else { return };
    let alias = format!("board-{}", server.account("room").await.name);
    let mut stage = Stage::without_bot(&server, NewRoom::new().public(&alias)).await;
    let old = stage.say(Gibi, "#swift now long ago").await;
    stage.bot.start(&[&format!("#{alias}:localhost")], "");
    stage.bot_comes().await;
    stage.done(Gibi, "#nova now at last").await;
    stage.unanswered(&old).await;
    assert_eq!(stage.bot.page.data().await["now"], json!({"nova": "at last"}));
}

/// Each command has one answer in the end, and those in words came in the order of the commands. A reaction waits for no
/// words, and neither do those who run the room.
pub(crate) async fn each_answered_once_in_order(stage: &Stage, said: &[String]) {
    each_answered_once_in_order_by(&stage.gibi, &stage.bot.account.id, said).await;
}

/// The same, as somebody sees it.
pub(crate) async fn each_answered_once_in_order_by(person: &MatrixClient, bot: &str, said: &[String]) {
    for event in said {
        person.expect_answer_in_the_end(event).await;
    }
    let place = |target: &str| said.iter().position(|event| event == target);
    let seen: Vec<_> = person.seen().into_iter().filter(|seen| seen.sender() == bot).collect();
    let words: Vec<usize> = seen.iter().filter_map(|seen| place(seen.reply_to()?)).collect();
    let reactions: Vec<usize> = seen.iter().filter_map(|seen| place(seen.reaction_to()?.0)).collect();
    assert!(words.is_sorted(), "{words:?}");
    let mut answers = [words, reactions].concat();
    answers.sort_unstable();
    let expected: Vec<usize> = (0..said.len()).collect();
    assert_eq!(answers, expected, "each command's answer by its place");
}
