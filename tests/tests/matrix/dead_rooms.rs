//! A room that the homeserver cannot serve: all others go on.

use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::stage::Who::{Gibi, Jane};
use ptgbot_tests::{Homeserver, HomeserverProxy, Stage};
use serde_json::json;

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
        let proxy = HomeserverProxy::before(server).await;
        let mut stage = Stage::without_bot(server, NewRoom::new().version("11")).await;
        let second = stage.jane.create(NewRoom::new().invite(&stage.bot.account.id)).await;
        stage.bot.through(&proxy);
        stage.bot.start(&[&stage.room, &second], "");
        stage.bot_comes().await;
        assert!(stage.jane.comes(&second, &stage.bot.account.id).await);
        stage.settled().await;
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
    let data = stage.bot.page.data().await;
    assert_eq!(data["now"]["swift"], "said meanwhile");
    assert_eq!(data["next"]["swift"], json!(["said while the past was hidden"]));
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

fn regex(room: &str) -> String {
    room.replace('!', "\\!").replace('.', "\\.")
}
