//! Second thoughts: edits and redactions.

use ptgbot_tests::stage::Who::{Gibi, Jane};
use ptgbot_tests::{Homeserver, Stage};

#[tokio::test]
async fn an_edit_takes_the_first_command_back_and_runs_the_new_one() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    stage.done(Jane, "#swift next quotas").await;
    let said = stage.done(Jane, "#swift next rign placement").await;
    stage.jane.edit(&stage.room, &said, "#swift next ring placement").await;
    let next = stage.bot.page.shows("the new words", |data| data["next"]["swift"][1] == "ring placement").await;
    assert_eq!(next["next"]["swift"], serde_json::json!(["quotas", "ring placement"]));
    stage.settled().await;
    let answers = stage.gibi.answers_to(&said);
    assert_eq!(answers.iter().filter(|seen| seen.reaction_to().is_some()).count(), 1, "{answers:#?}");
}

#[tokio::test]
async fn an_edit_to_another_track_moves_the_topic() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let said = stage.done(Jane, "#swift now cells").await;
    stage.jane.edit(&stage.room, &said, "#nova now cells").await;
    let data = stage.bot.page.shows("the topic at #nova", |data| data["now"]["nova"] == "cells").await;
    assert!(data["now"].get("swift").is_none(), "{data}");
}

#[tokio::test]
async fn a_refused_command_can_be_put_right_by_an_edit() {
    let Some(server) = Homeserver::shared().await else { return };
    let stage = Stage::plain(&server).await;
    let said = stage.say(Jane, "#swift discussing rings").await;
    stage.gibi.expect_reply_to(&said).await;
    stage.jane.edit(&stage.room, &said, "#swift now discussing rings").await;
    stage.bot.page.shows("the topic", |data| data["now"]["swift"] == "discussing rings").await;
}

#[tokio::test]
async fn an_edit_is_refused_once_another_has_changed_the_track() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let said = stage.done(Jane, "#swift now first").await;
    stage.done(Gibi, "#swift now by another").await;
    let before = stage.bot.page.data().await["revision"].clone();
    let edit = stage.jane.edit(&stage.room, &said, "#swift now second").await;
    let answer = |seen: &ptgbot_tests::Seen| {
        seen.msgtype() == "m.notice" && [Some(said.as_str()), Some(edit.as_str())].contains(&seen.reply_to())
    };
    stage.gibi.expect_any("a refusal of the edit", answer).await;
    let data = stage.bot.page.data().await;
    assert_eq!((&data["now"]["swift"], &data["revision"]), (&"by another".into(), &before));
}

#[tokio::test]
async fn nobody_edits_or_takes_back_a_command_of_another_by_sending_an_edit() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let said = stage.done(Jane, "#swift now first").await;
    stage.gibi.edit(&stage.room, &said, "#swift now forged").await;
    stage.settled().await;
    assert_eq!(stage.bot.page.data().await["now"]["swift"], "first");
}

#[tokio::test]
async fn a_redaction_takes_the_command_back() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    stage.done(Jane, "#swift now before").await;
    let said = stage.done(Jane, "#swift now regretted").await;
    stage.jane.redact(&stage.room, &said).await;
    stage.bot.page.shows("the topic before", |data| data["now"]["swift"] == "before").await;
}

#[tokio::test]
async fn a_redaction_after_a_change_by_another_takes_nothing_back() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let said = stage.done(Jane, "#swift now first").await;
    stage.done(Gibi, "#swift now by another").await;
    stage.jane.redact(&stage.room, &said).await;
    stage.settled().await;
    assert_eq!(stage.bot.page.data().await["now"]["swift"], "by another");
}

#[tokio::test]
async fn an_edit_while_the_bot_is_away_counts() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let said = stage.done(Jane, "#swift now first").await;
    stage.bot.kill().await;
    stage.jane.edit(&stage.room, &said, "#swift now second").await;
    stage.bot.start_again().await;
    stage.bot.page.shows("the new topic", |data| data["now"]["swift"] == "second").await;
}

#[tokio::test]
async fn the_answer_to_an_edit_in_a_thread_stands_in_the_thread() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let root = stage.say(Gibi, "what shall we do?").await;
    let said = stage.jane.say_in_thread(&stage.room, &root, "#swift discussing rings").await;
    stage.settled().await;
    for restart in [false, true] {
        if restart {
            stage.bot.kill().await;
            stage.bot.start_again().await;
        }
        let (misspelt, meant) = if restart { ("swfit", "#swift") } else { ("novva", "#nova") };
        stage.jane.edit(&stage.room, &said, &format!("#{misspelt} now rings")).await;
        let meant = |seen: &ptgbot_tests::Seen| seen.reply_to() == Some(&said) && seen.body().contains(meant);
        let answer = stage.gibi.expect_any("an answer to the edit", meant).await;
        assert_eq!(answer.thread(), Some(root.as_str()), "{answer:?}");
    }
}
