//! Direct rooms, subscriptions and check-ins.

use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::seen::Kind;
use ptgbot_tests::stage::Who::{Gibi, Jane};
use ptgbot_tests::{Homeserver, Stage};

#[tokio::test]
async fn who_subscribes_in_a_direct_room_is_told_there() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let direct = stage.direct(NewRoom::new()).await;
    let asked = stage.jane.say(&direct, "subscribe #swift now").await;
    let answer = stage.jane.expect_reply_to(&asked).await;
    assert_eq!((answer.room(), answer.msgtype()), (direct.as_str(), "m.notice"));

    stage.done(Gibi, "#nova now cells").await;
    stage.done(Gibi, "#swift now ring placement").await;
    let told = stage.jane.expect_words_in(&direct, "ring placement").await;
    assert!(told.body().contains("#swift") && told.body().contains("Vista"), "{told:?}");
    assert!(!stage.jane.seen().iter().any(|seen| seen.room() == direct && seen.body().contains("cells")));

    stage.bot.kill().await;
    stage.bot.start_again().await;
    stage.done(Gibi, "#swift now after a crash").await;
    stage.jane.expect_words_in(&direct, "after a crash").await;
    assert!(!stage.jane.seen().iter().any(|seen| seen.kind() == Kind::Invite && seen.sender() == stage.bot.account.id));
    let told =
        stage.jane.seen().into_iter().filter(|seen| seen.room() == direct && seen.body().contains("ring placement"));
    assert_eq!(told.count(), 1, "one notification for one topic");
}

#[tokio::test]
async fn who_has_no_direct_room_gets_one_and_no_second_after_a_restart() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    stage.answered(Jane, "+subscribe swift").await;
    stage.done(Gibi, "#swift now ring placement").await;
    let bot = stage.bot.account.id.clone();
    let invite = stage.jane.expect_invite_by(&bot).await;
    assert!(invite.is_direct(), "{invite:?}");
    let direct = stage.jane.join(invite.room()).await;
    let told =
        stage.jane.expect_any("the topic", |seen| seen.room() == direct && seen.body().contains("ring placement"));
    assert_eq!(told.await.sender(), bot);

    stage.bot.kill().await;
    stage.bot.start_again().await;
    stage.done(Gibi, "#swift now after a restart").await;
    stage.jane.expect_any("the topic", |seen| seen.room() == direct && seen.body().contains("after a restart")).await;
    let asked = stage.jane.say(&direct, "where swift").await;
    stage.jane.expect_reply_to(&asked).await;
    let invites = stage.jane.seen().into_iter().filter(|seen| seen.kind() == Kind::Invite && seen.sender() == bot);
    assert_eq!(invites.count(), 1);
}

#[tokio::test]
async fn who_cannot_decrypt_is_told_in_a_plain_room() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let mut kim = server.person_without_keys("kim").await;
    stage.gibi.invite(&stage.room, kim.id()).await;
    kim.join(&stage.room).await;
    let asked = kim.say(&stage.room, "+subscribe swift").await;
    kim.expect_reply_to(&asked).await;
    stage.done(Gibi, "#swift now ring placement").await;
    let invite = kim.expect_invite_by(&stage.bot.account.id).await;
    let direct = kim.join(invite.room()).await;
    let told = kim.expect_any("the topic", |seen| seen.room() == direct && seen.body().contains("ring placement"));
    assert!(!told.await.is_encrypted());
}

#[tokio::test]
async fn track_commands_in_a_direct_room_are_answered_with_where_to_give_them() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let direct = stage.direct(NewRoom::new()).await;
    let said = stage.jane.say(&direct, "#swift now in private").await;
    let refused = stage.jane.expect_reply_to(&said).await;
    assert!(!refused.body().is_empty());
    assert_eq!(stage.bot.page.data().await["now"], serde_json::json!({}));
    let said = stage.jane.say(&direct, "hello there").await;
    let refused = stage.jane.expect_reply_to(&said).await;
    assert!(refused.body().contains("help"), "{refused:?}");
}

#[tokio::test]
async fn a_check_in_shows_the_display_name_and_keeps_the_id() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    stage.renamed(Jane, "Jane of Ceph").await;
    let id = stage.jane.id().to_owned();
    stage.answered(Jane, "+in #swift").await;
    let data = stage.bot.page.data().await;
    assert_eq!(data["last_check_in"][&id]["nick"], "Jane of Ceph", "{data}");
    assert_eq!(data["last_check_in"][&id]["location"], "#swift", "{data}");
    let who = stage.answered(Gibi, "+who #swift").await;
    assert!(who.body().contains("Jane of Ceph"), "{who:?}");
    let page = stage.bot.page.document("/").await.expect("a page");
    assert!(page.contains("Jane of Ceph"));
}

#[tokio::test]
async fn people_are_found_by_id_localpart_and_display_name() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    stage.renamed(Jane, "Jane").await;
    stage.answered(Jane, "+in Lobby").await;
    for name in [stage.jane.id().to_owned(), stage.jane.name().to_owned(), "jane".to_owned()] {
        let seen = stage.answered(Gibi, &format!("+seen {name}")).await;
        assert!(seen.body().contains("Lobby"), "{seen:?}");
    }
    let seen = stage.answered(Gibi, "+seen nobody").await;
    assert!(!seen.body().contains("Lobby"), "{seen:?}");
}

#[tokio::test]
async fn a_name_that_two_people_have_finds_neither() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    stage.renamed(Jane, "Sam").await;
    stage.renamed(Gibi, "Sam").await;
    stage.answered(Jane, "+in Lobby").await;
    stage.answered(Gibi, "+in Garden").await;
    let seen = stage.answered(Gibi, "+seen Sam").await;
    assert!(!seen.body().contains("Lobby") || seen.body().contains(stage.gibi.id()), "{seen:?}");
    let id = stage.jane.id().to_owned();
    let seen = stage.answered(Gibi, &format!("+seen {id}")).await;
    assert!(seen.body().contains("Lobby"), "{seen:?}");
}
