//! A room that the homeserver cannot serve: all others go on.

use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::seen::Kind;
use ptgbot_tests::stage::Who::{Gibi, Jane};
use ptgbot_tests::{Homeserver, HomeserverProxy, MatrixBot, Stage};
use serde_json::{Value, json};

/// The stage's room and a second one, of which the homeserver hides what was said while the bot was away.
struct Hidden {
    stage: Stage,
    proxy: HomeserverProxy,
    second: String,
    /// A command that was said meanwhile in the second room.
    said: String,
}

impl Hidden {
    /// The bot is away, more was said in the second room than a sync holds, and asking for it is answered so.
    async fn with(server: &Homeserver, status: u16) -> Self {
        let (mut stage, proxy, second) = behind_a_proxy(server).await;
        stage.bot.kill().await;
        let said = stage.jane.say(&second, "#swift now said meanwhile").await;
        for number in 0..110 {
            stage.jane.say(&second, &format!("talk {number}")).await;
        }
        proxy.refuse(&["/messages", &second], status);
        Self { stage, proxy, second, said }
    }
}

#[tokio::test]
async fn a_room_whose_past_is_out_of_order_keeps_no_other_from_being_heard_and_is_read_in_the_end() {
    let Some(server) = Homeserver::shared().await else { return };
    let Hidden { mut stage, proxy, second, said } = Hidden::with(&server, 500).await;
    stage.bot.start_again().await;
    stage.done(Gibi, "#nova now heard").await;
    stage.bot.process().wait_for_line(&format!("(?i)cannot read.*{}", regex(&second))).await;
    stage.bot.kill().await;
    stage.bot.start_again().await;
    stage.done(Gibi, "#nova now heard after a restart").await;
    let later = stage.jane.say(&second, "#swift next said while the past was hidden").await;
    stage.done(Jane, "#cinder now heard all the while").await;
    proxy.mend();
    stage.jane.expect_answer_in_the_end(&said).await;
    stage.jane.expect_answer_in_the_end(&later).await;
    let in_order = |data: &Value| {
        data["now"]["swift"] == "said meanwhile" && data["next"]["swift"] == json!(["said while the past was hidden"])
    };
    stage.bot.page.shows("both in their order", in_order).await;
    stage.bot.kill().await;
    stage.bot.start_again().await;
    stage.settled().await;
    assert_eq!((stage.jane.answers_to(&said).len(), stage.jane.answers_to(&later).len()), (1, 1));
}

#[tokio::test]
async fn a_past_that_is_refused_is_given_up_aloud_and_what_follows_is_heard() {
    let Some(server) = Homeserver::shared().await else { return };
    for status in [400, 404] {
        let Hidden { mut stage, second, said, proxy: _proxy } = Hidden::with(&server, status).await;
        stage.bot.start_again().await;
        stage.bot.process().wait_for_line(&format!("(?i)lost|given up.*{}", regex(&second))).await;
        stage.done(Gibi, "#nova now heard").await;
        let asked = stage.jane.say(&second, "#nova").await;
        stage.jane.expect_reply_to(&asked).await;
        assert!(stage.jane.answers_to(&said).is_empty());
    }
}

#[tokio::test]
async fn a_room_that_takes_no_message_keeps_no_answer_from_another_and_has_its_own_in_the_end() {
    let Some(server) = Homeserver::shared().await else { return };
    for status in [500, 429] {
        let (mut stage, proxy, second) = behind_a_proxy(&server).await;
        proxy.refuse(&["/send/", &second], status);
        let said = [stage.jane.say(&second, "#swift").await, stage.jane.say(&second, "#nova").await];
        stage.bot.process().wait_for_line(&format!("a message to {} waits", regex(&second))).await;
        stage.answered(Gibi, "#cinder").await;
        stage.done(Jane, "#cinder now answered all the while").await;
        stage.waits("answers", 2).await;
        assert!(said.iter().all(|event| stage.jane.answers_to(event).is_empty()));
        proxy.mend();
        for event in &said {
            stage.jane.expect_answer_in_the_end(event).await;
        }
        crate::restarts::each_answered_once_in_order_by(&stage.jane, &stage.bot.account.id, &said).await;
    }
}

#[tokio::test]
async fn a_room_that_refuses_a_message_is_said_in_the_log_and_forgotten() {
    let Some(server) = Homeserver::shared().await else { return };
    let (mut stage, proxy, _second) = behind_a_proxy(&server).await;
    for status in [400, 404] {
        proxy.refuse(&["/send/", &stage.room], status);
        let lost = stage.say(Jane, "#swift").await;
        let given_up = format!("a message to {} is given up.*{status}", regex(&stage.room));
        stage.bot.process().wait_for_line(&given_up).await;
        proxy.mend();
        stage.unanswered(&lost).await;
    }
    stage.waits("answers", 0).await;
}

#[tokio::test]
async fn a_person_for_whom_no_room_can_be_made_keeps_nobody_from_being_told() {
    let Some(server) = Homeserver::shared().await else { return };
    for status in [500, 429] {
        let (mut stage, proxy, _second) = behind_a_proxy(&server).await;
        // Who subscribed first is told first.
        stage.answered(Jane, "+subscribe swift").await;
        stage.answered(Gibi, "+subscribe swift").await;
        let jane = stage.jane.id().to_owned();
        proxy.refuse(&["/createRoom", &jane], status);
        stage.done(Gibi, "#swift now ring placement").await;
        let bot = stage.bot.account.id.clone();
        stage.gibi.expect_invite_by(&bot).await;
        stage.answered(Jane, "#swift").await;
        stage.waits("notifications", 1).await;
        proxy.mend();
        let invite = stage.jane.expect_invite_by(&bot).await;
        let direct = stage.jane.join(invite.room()).await;
        let told = |seen: &ptgbot_tests::Seen| seen.room() == direct && seen.body().contains("ring placement");
        stage.jane.expect_any("the topic", told).await;
    }
}

#[tokio::test]
async fn a_stop_while_notifications_wait_loses_none_and_doubles_none() {
    ended_while_notifications_wait(async |bot| bot.stop().await).await;
}

#[tokio::test]
async fn a_kill_while_notifications_wait_loses_none_and_doubles_none() {
    ended_while_notifications_wait(async |bot| bot.kill().await).await;
}

async fn ended_while_notifications_wait(end: impl AsyncFn(&mut MatrixBot)) {
    let Some(server) = Homeserver::shared().await else { return };
    let (mut stage, proxy, _second) = behind_a_proxy(&server).await;
    let (first, second) = (stage.direct(NewRoom::new()).await, stage.gibi.create(direct_with(&stage)).await);
    assert!(stage.gibi.comes(&second, &stage.bot.account.id).await);
    for (person, room) in [(&stage.jane, &first), (&stage.gibi, &second)] {
        let asked = person.say(room, "subscribe swift").await;
        person.expect_reply_to(&asked).await;
    }
    proxy.refuse(&["/send/", &first], 500);
    stage.done(Gibi, "#swift now ring placement").await;
    stage.gibi.expect_words_in(&second, "ring placement").await;
    stage.bot.process().wait_for_line(&format!("a message to {} waits", regex(&first))).await;
    end(&mut stage.bot).await;
    proxy.mend();
    stage.bot.start_again().await;
    stage.jane.expect_words_in(&first, "ring placement").await;
    stage.settled().await;
    for (person, room) in [(&stage.jane, &first), (&stage.gibi, &second)] {
        let told =
            person.seen().into_iter().filter(|seen| seen.room() == room && seen.body().contains("ring placement"));
        assert_eq!(told.count(), 1, "{}", person.name());
    }
}

#[tokio::test]
async fn a_stop_while_a_direct_room_cannot_be_made_loses_no_notification_and_doubles_none() {
    let Some(server) = Homeserver::shared().await else { return };
    let (mut stage, proxy, _second) = behind_a_proxy(&server).await;
    stage.answered(Jane, "+subscribe swift").await;
    stage.answered(Gibi, "+subscribe swift").await;
    proxy.refuse(&["/createRoom", stage.jane.id()], 500);
    stage.done(Gibi, "#swift now ring placement").await;
    stage.waits("notifications", 1).await;
    stage.bot.stop().await;
    proxy.mend();
    stage.bot.start_again().await;
    let bot = stage.bot.account.id.clone();
    let invited = [stage.jane.expect_invite_by(&bot).await, stage.gibi.expect_invite_by(&bot).await];
    let people = [&stage.jane, &stage.gibi];
    let mut rooms = Vec::new();
    for (person, invited) in people.into_iter().zip(&invited) {
        let room = person.join(invited.room()).await;
        let told = |seen: &ptgbot_tests::Seen| seen.room() == room && seen.body().contains("ring placement");
        person.expect_any("the topic", told).await;
        rooms.push(room);
    }
    stage.settled().await;
    for (person, room) in [&stage.jane, &stage.gibi].into_iter().zip(&rooms) {
        let seen = person.seen();
        let told = seen.iter().filter(|seen| seen.room() == room && seen.body().contains("ring placement"));
        let invited = seen.iter().filter(|seen| seen.kind() == Kind::Invite && seen.sender() == bot);
        assert_eq!((told.count(), invited.count()), (1, 1), "{}", person.name());
    }
}

/// A bot in the stage's room and in a second one, whose way to the homeserver leads through a proxy.
async fn behind_a_proxy(server: &Homeserver) -> (Stage, HomeserverProxy, String) {
    let proxy = HomeserverProxy::before(server).await;
    let mut stage = Stage::without_bot(server, NewRoom::new().version("11")).await;
    let second = stage.jane.create(NewRoom::new().invite(&stage.bot.account.id)).await;
    stage.bot.through(&proxy);
    stage.bot.start(&[&stage.room, &second], "");
    stage.bot_comes().await;
    assert!(stage.jane.comes(&second, &stage.bot.account.id).await);
    stage.settled().await;
    (stage, proxy, second)
}

fn direct_with(stage: &Stage) -> NewRoom {
    NewRoom::new().direct(&stage.bot.account.id)
}

fn regex(room: &str) -> String {
    room.replace('!', "\\!").replace('.', "\\.")
}
