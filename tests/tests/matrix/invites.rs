//! Whose invites the bot accepts, and when it leaves.

use ptgbot_tests::deadline::{PATIENCE, wait_until};
use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::{Homeserver, MatrixBot, MatrixClient, Stage};

#[tokio::test]
async fn an_allowed_persons_invite_is_accepted_and_a_strangers_is_not() {
    let Some(server) = Homeserver::shared().await else { return };
    let (jane, john) = (server.person("jane").await, server.person("john").await);
    let mut bot = MatrixBot::prepare(&server).await;
    bot.start(&[], &format!("allowed = ['{}']", jane.id()));
    let stranger = john.create(NewRoom::new().invite(&bot.account.id)).await;
    let welcome = jane.create(NewRoom::new().invite(&bot.account.id)).await;
    comes(&jane, &welcome, &mut bot).await;
    let asked = jane.say(&welcome, "#swift").await;
    jane.expect_reply_to(&asked).await;
    assert!(!john.members(&stranger).await.contains(&bot.account.id));
    let joined = |seen: &ptgbot_tests::Seen| seen.membership_of(&bot.account.id) == Some("join");
    assert!(!john.seen().iter().any(joined));
}

#[tokio::test]
async fn an_allowed_server_is_everybody_on_it() {
    let Some(server) = Homeserver::shared().await else { return };
    let john = server.person("john").await;
    let mut bot = MatrixBot::prepare(&server).await;
    bot.start(&[], "allowed = ['localhost']");
    let room = john.create(NewRoom::new().invite(&bot.account.id)).await;
    comes(&john, &room, &mut bot).await;
}

#[tokio::test]
async fn anybody_may_write_to_the_bot_directly() {
    let Some(server) = Homeserver::shared().await else { return };
    let john = server.person("john").await;
    let mut bot = MatrixBot::prepare(&server).await;
    bot.start(&["#nowhere:localhost"], "");
    let room = john.create(NewRoom::new().direct(&bot.account.id)).await;
    comes(&john, &room, &mut bot).await;
    let asked = john.say(&room, "where swift").await;
    let answer = john.expect_reply_to(&asked).await;
    assert!(answer.body().contains("Vista"), "{answer:?}");
}

#[tokio::test]
async fn a_strangers_direct_room_of_several_people_is_left_and_nothing_in_it_is_answered() {
    let Some(server) = Homeserver::shared().await else { return };
    let (john, kim) = (server.person("john").await, server.person("kim").await);
    let mut bot = MatrixBot::prepare(&server).await;
    bot.start(&["#nowhere:localhost"], "");
    let both = serde_json::json!([bot.account.id, kim.id()]);
    let several = NewRoom::new().direct(&bot.account.id).with("invite", both);
    let room = john.create(several).await;
    kim.join(&room).await;
    let said = [john.say(&room, "hello everybody").await, john.say(&room, "~emptydb").await];
    john.expect_membership(&room, &bot.account.id, "leave").await;

    let pair = john.create(NewRoom::new().direct(&bot.account.id)).await;
    comes(&john, &pair, &mut bot).await;
    let asked = john.say(&pair, "where swift").await;
    john.expect_reply_to(&asked).await;
    john.invite(&pair, kim.id()).await;
    kim.join(&pair).await;
    let third = john.say(&pair, "hello again").await;
    john.expect_membership(&pair, &bot.account.id, "leave").await;
    for event in said.iter().chain([&third]) {
        assert!(john.answers_to(event).is_empty(), "{:?}", john.answers_to(event));
    }
    assert_eq!(bot.page.data().await["tracks"][0], "cinder");
}

#[tokio::test]
async fn an_allowed_persons_direct_room_of_several_people_is_a_room() {
    let Some(server) = Homeserver::shared().await else { return };
    let (jane, kim) = (server.person("jane").await, server.person("kim").await);
    let mut bot = MatrixBot::prepare(&server).await;
    bot.start(&[], &format!("allowed = ['{}']", jane.id()));
    let both = serde_json::json!([bot.account.id, kim.id()]);
    let room = jane.create(NewRoom::new().direct(&bot.account.id).with("invite", both)).await;
    kim.join(&room).await;
    comes(&jane, &room, &mut bot).await;
    for restart in [false, true] {
        if restart {
            bot.kill().await;
            bot.start_again().await;
        }
        let talk = jane.say(&room, "hello everybody").await;
        let asked = kim.say(&room, "#swift").await;
        kim.expect_reply_to(&asked).await;
        assert!(jane.answers_to(&talk).is_empty());
    }
}

#[tokio::test]
async fn an_invite_that_came_while_the_bot_was_down_is_accepted() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    stage.bot.kill().await;
    let direct = stage.jane.create(NewRoom::new().direct(&stage.bot.account.id)).await;
    stage.bot.start_again().await;
    comes(&stage.jane, &direct, &mut stage.bot).await;
}

#[tokio::test]
async fn a_room_that_everybody_has_left_is_left() {
    let Some(server) = Homeserver::shared().await else { return };
    let jane = server.person("jane").await;
    let mut bot = MatrixBot::prepare(&server).await;
    bot.start(&[], &format!("allowed = ['{}']", jane.id()));
    let room = jane.create(NewRoom::new().invite(&bot.account.id)).await;
    comes(&jane, &room, &mut bot).await;
    jane.leave(&room).await;
    let administrator = server.administrator().await;
    let path = format!("/_synapse/admin/v1/users/{}/joined_rooms", bot.account.id);
    let left = wait_until("the empty room is left", PATIENCE, || async {
        let rooms = administrator.admin_api("GET", &path, serde_json::Value::Null).await;
        rooms["joined_rooms"].as_array().is_some_and(|rooms| !rooms.contains(&room.as_str().into())).then_some(())
    });
    left.await.unwrap_or_else(|late| panic!("{late}; the bot wrote {}", bot.log()));
}

async fn comes(person: &MatrixClient, room: &str, bot: &mut MatrixBot) {
    let came = person.comes(room, &bot.account.id).await;
    assert!(came, "the bot did not come; it wrote {}", bot.log());
}
