//! Threads: what is asked in a thread is answered in it, in rooms and in private.

use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::stage::Who::{Gibi, Jane};
use ptgbot_tests::{Homeserver, Stage};
use serde_json::json;

#[tokio::test]
async fn a_command_in_a_thread_is_answered_in_it_as_a_reply_to_the_command() {
    let Some(server) = Homeserver::shared().await else { return };
    for mut stage in [Stage::plain(&server).await, Stage::encrypted(&server).await] {
        let root = stage.say(Gibi, "what shall we do?").await;
        let asked = stage.jane.say_in_thread(&stage.room, &root, "#swift").await;
        let answer = stage.gibi.expect_any("an answer", |seen| seen.reply_to() == Some(&asked)).await;
        let relation = answer.content()["m.relates_to"].clone();
        let in_reply_to = json!({"event_id": asked});
        assert_eq!((&relation["rel_type"], &relation["event_id"]), (&json!("m.thread"), &json!(root)));
        assert_eq!(relation["m.in_reply_to"], in_reply_to, "clients without threads show a reply");
        assert_ne!(relation["is_falling_back"], true, "and those with threads, too");

        let said = stage.jane.say_in_thread(&stage.room, &root, "#swift now rings").await;
        stage.acknowledged(&said, "a topic in a thread").await;
        stage.jane.edit(&stage.room, &said, "#swift now ring placement").await;
        stage.bot.page.shows("the edited topic", |data| data["now"]["swift"] == "ring placement").await;
        let outside = stage.answered(Jane, "#nova").await;
        assert_eq!(outside.thread(), None, "outside of a thread stays outside");
    }
}

#[tokio::test]
async fn a_thread_in_a_direct_room_is_answered_in_it() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let direct = stage.direct(NewRoom::new()).await;
    let root = stage.jane.say(&direct, "help").await;
    stage.jane.expect_reply_to(&root).await;
    let asked = stage.jane.say_in_thread(&direct, &root, "now").await;
    let answer = stage.jane.expect_reply_to(&asked).await;
    assert_eq!(answer.thread(), Some(root.as_str()), "{answer:?}");
}
