//! A standby has a device of its own, and takes over: nothing is lost and nothing done or said twice, however the bot
//! before it ends.

use crate::restarts::each_answered_once_in_order;
use ptgbot_tests::deadline::{PATIENCE, wait_until};
use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::stage::Who::{Gibi, Jane};
use ptgbot_tests::{Homeserver, HomeserverProxy, Stage};
use serde_json::json;

#[tokio::test]
async fn a_standby_takes_over_when_the_bot_is_killed_between_two_commands() {
    let Some(server) = Homeserver::shared().await else { return };
    let stage = Stage::plain(&server).await;
    killed_between_two_commands(stage).await;
}

#[tokio::test]
async fn a_standby_takes_over_an_encrypted_room() {
    let Some(server) = Homeserver::shared().await else { return };
    let stage = Stage::encrypted(&server).await;
    killed_between_two_commands(stage).await;
}

/// Twice: the first process stands by for its standby, and goes on from there.
async fn killed_between_two_commands(mut stage: Stage) {
    let room = stage.room.clone();
    let mut standby = stage.bot.stand_by("second", &[&room]).await;
    both_devices_are_vouched_for(&stage).await;
    let is_encrypted = stage.gibi.seen().iter().any(|seen| seen.event_type() == "m.room.encryption");
    let (mut said, mut next) = (Vec::new(), Vec::new());
    for round in ["first", "second"] {
        next.extend([format!("before the {round} end"), format!("after the {round} end")]);
        said.push(stage.done(Jane, &format!("#swift next before the {round} end")).await);
        let asked = stage.say(Jane, "#nova").await;
        stage.gibi.expect_reply_to(&asked).await;
        stage.bot.kill().await;
        said.extend([asked, stage.say(Jane, &format!("#swift next after the {round} end")).await]);
        let asked = stage.say(Gibi, "#swift").await;
        let mut before = stage.bot.is_now(standby);
        let answer = stage.gibi.expect_reply_to(&asked).await;
        assert!(answer.body().contains(&format!("after the {round} end")), "{answer:?}");
        assert_eq!(answer.is_encrypted(), is_encrypted, "{answer:?}");
        said.push(asked);
        before.process.start_again().await;
        before.is_ready().await;
        standby = before;
    }
    assert_eq!(stage.bot.page.data().await["next"]["swift"], json!(next));
    stage.settled().await;
    each_answered_once_in_order(&stage, &said).await;
}

#[tokio::test]
async fn an_upgrade_is_to_start_the_new_one_and_to_stop_the_old_one() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::encrypted(&server).await;
    let room = stage.room.clone();
    let standby = stage.bot.stand_by("second", &[&room]).await;
    let mut said = Vec::new();
    for number in 0..24 {
        let words = if number % 3 == 0 { "#nova".into() } else { format!("#swift next topic {number}") };
        said.push(stage.say(Jane, &words).await);
        if number == 11 {
            stage.bot.process().terminate();
        }
    }
    let mut old = stage.bot.is_now(standby);
    let status = old.process.wait(PATIENCE).await;
    assert!(status.success(), "{status}: {}", old.process.output().tail());
    stage.bot.acts().await;
    stage.gibi.expect_answer_in_the_end(&said[23]).await;
    let topics: Vec<_> = (0..24).filter(|number| number % 3 != 0).map(|number| format!("topic {number}")).collect();
    stage.bot.page.shows("all of them", |data| data["next"]["swift"] == json!(topics)).await;
    stage.settled().await;
    each_answered_once_in_order(&stage, &said).await;
}

#[tokio::test]
async fn a_process_that_sleeps_past_its_lease_says_nothing_more_and_ends() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let room = stage.room.clone();
    let direct = stage.direct(NewRoom::new()).await;
    let asked = stage.jane.say(&direct, "subscribe nova").await;
    stage.jane.expect_reply_to(&asked).await;
    let standby = stage.bot.stand_by("second", &[&room]).await;
    stage.done(Jane, "#swift next before the sleep").await;
    let store = stage.bot.store();
    stage.bot.process().pause_between_writes(&store).await;
    let mut said = Vec::new();
    for number in 0..4 {
        said.push(stage.say(Jane, &format!("#swift next topic {number}")).await);
        said.push(stage.say(Jane, "#swift").await);
    }
    said.push(stage.say(Jane, "#nova now cells").await);
    let mut sleeper = stage.bot.is_now(standby);
    stage.bot.acts().await;
    stage.gibi.expect_answer_in_the_end(&said[8]).await;
    sleeper.process.resume();
    let status = sleeper.process.wait(PATIENCE).await;
    assert_eq!(status.code(), Some(1), "{}", sleeper.process.output().tail());
    sleeper.process.wait_for_line("another process acts for").await;
    said.push(stage.done(Gibi, "#nova now after the sleep").await);
    stage.jane.expect_words_in(&direct, "after the sleep").await;
    stage.settled().await;
    each_answered_once_in_order(&stage, &said).await;
    let next = ["before the sleep", "topic 0", "topic 1", "topic 2", "topic 3"];
    assert_eq!(stage.bot.page.data().await["next"]["swift"], json!(next));
    let told = stage.jane.seen().into_iter().filter(|seen| seen.room() == direct && seen.body().contains("cells"));
    assert_eq!(told.count(), 1, "one notification for one topic");
}

#[tokio::test]
async fn a_notification_that_waits_when_the_bot_is_killed_is_told_by_the_standby_once() {
    let Some(server) = Homeserver::shared().await else { return };
    let proxy = HomeserverProxy::before(&server).await;
    let mut stage = Stage::without_bot(&server, NewRoom::new().encrypted()).await;
    let room = stage.room.clone();
    stage.bot.through(&proxy);
    stage.bot.start(&[&room], "");
    stage.bot_comes().await;
    let direct = stage.direct(NewRoom::new().encrypted()).await;
    for (person, room) in [(&stage.jane, direct.as_str()), (&stage.gibi, room.as_str())] {
        let words = if room == direct { "subscribe swift" } else { "+subscribe swift" };
        let asked = person.say(room, words).await;
        person.expect_reply_to(&asked).await;
    }
    stage.bot.straight_to(&server);
    let standby = stage.bot.stand_by("second", &[&room]).await;
    // jane's is told and nobody knows; gibi's has no room to be told in.
    proxy.withhold_answers(&["/send/m.room.encrypted", &direct]);
    proxy.refuse(&["/createRoom"], 500);
    stage.done(Gibi, "#swift now ring placement").await;
    stage.jane.expect_words_in(&direct, "ring placement").await;
    let withheld =
        wait_until("an answer that is withheld", PATIENCE, || async { (proxy.withheld() > 0).then_some(()) });
    withheld.await.unwrap_or_else(|late| panic!("{late}"));
    stage.waits("notifications", 2).await;
    stage.bot.kill().await;
    let _killed = stage.bot.is_now(standby);
    let bot = stage.bot.account.id.clone();
    let gibis = stage.gibi.expect_invite_by(&bot).await.room().to_owned();
    stage.gibi.join(&gibis).await;
    stage.done(Gibi, "#swift now erasure codes").await;
    for (person, room) in [(&stage.jane, &direct), (&stage.gibi, &gibis)] {
        person.expect_any("the last topic", |seen| seen.room() == *room && seen.body().contains("erasure codes")).await;
        let told = person.seen().into_iter().filter(|seen| seen.room() == *room && seen.body().contains("placement"));
        assert_eq!(told.count(), 1, "{} was told of one topic once", person.name());
    }
}

/// The bot's identity stands for both devices.
async fn both_devices_are_vouched_for(stage: &Stage) {
    let vouched = wait_until("two devices", PATIENCE, || async {
        (stage.jane.cross_signed(&stage.bot.account.id).await.len() == 2).then_some(())
    });
    vouched.await.unwrap_or_else(|late| panic!("{late}"));
}
