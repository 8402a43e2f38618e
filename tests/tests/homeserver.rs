//! The homeserver and its people do what the Matrix tests rely on.

use ptgbot_tests::Homeserver;
use ptgbot_tests::homeserver::{Options, Sending};
use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::seen::Kind;
use serde_json::json;

#[tokio::test]
async fn two_people_talk_in_a_plain_room() {
    let Some(server) = Homeserver::shared().await else { return };
    let (jane, john, room) = talk(&server, NewRoom::new()).await;
    let hello = jane.say(&room, "hello").await;
    let seen = john.expect_any("hello", |seen| seen.id() == hello).await;
    assert_eq!((seen.body(), seen.msgtype(), seen.sender()), ("hello", "m.text", jane.id()));
    assert!(!seen.is_encrypted());

    let reply = john.reply(&room, &hello, jane.id(), "hello", "good morning").await;
    let seen = jane.expect_reply_to(&hello).await;
    assert_eq!(seen.id(), reply);
    assert!(seen.body().starts_with("> <@"), "{seen:?}");

    let relation = json!({"m.relates_to": {"rel_type": "m.annotation", "event_id": hello, "key": "✅"}});
    john.react(&room, &hello, "✅").await;
    let seen = jane.expect_reaction(&hello).await;
    assert_eq!(seen.content(), &relation);
    assert_eq!(jane.answers_to(&hello).len(), 2);
}

#[tokio::test]
async fn two_people_talk_in_an_encrypted_room() {
    let Some(server) = Homeserver::shared().await else { return };
    let (jane, john, room) = talk(&server, NewRoom::new().encrypted()).await;
    let hello = jane.say(&room, "hello").await;
    let seen = john.expect_any("hello", |seen| seen.id() == hello && seen.kind() == Kind::Event).await;
    assert_eq!(seen.body(), "hello");
    assert!(seen.is_encrypted());
    let answer = john.notice(&room, "good morning").await;
    let seen = jane.expect_any("an answer", |seen| seen.id() == answer && seen.kind() == Kind::Event).await;
    assert!(seen.is_encrypted() && seen.msgtype() == "m.notice", "{seen:?}");
    assert!(jane.cross_signed(john.id()).await.is_empty(), "nobody has vouched for this device");
}

#[tokio::test]
async fn edits_redactions_levels_names_and_departures_are_seen() {
    let Some(server) = Homeserver::shared().await else { return };
    let (jane, john, room) = talk(&server, NewRoom::new()).await;
    let first = jane.say(&room, "first").await;
    let edit = jane.edit(&room, &first, "second").await;
    let seen = john.expect_any("the edit", |seen| seen.id() == edit).await;
    assert_eq!(seen.content()["m.new_content"]["body"], "second");
    jane.redact(&room, &first).await;
    john.expect_any("the redaction", |seen| seen.redacts() == Some(&first)).await;
    jane.power(&room, john.id(), 50).await;
    john.expect_any("the level", |seen| {
        seen.event_type() == "m.room.power_levels" && seen.content()["users"][john.id()] == 50
    })
    .await;
    john.display_name("John").await;
    jane.expect_any("the name", |seen| {
        seen.membership_of(john.id()) == Some("join") && seen.content()["displayname"] == "John"
    })
    .await;
    jane.kick(&room, john.id()).await;
    john.expect_any("the end", |seen| seen.kind() == Kind::Left && seen.room() == room).await;
    jane.expect_membership(&room, john.id(), "leave").await;
    assert_eq!(jane.members(&room).await, [jane.id()]);
}

#[tokio::test]
async fn an_upgraded_room_names_its_replacement() {
    let Some(server) = Homeserver::shared().await else { return };
    let jane = server.person("jane").await;
    let room = jane.create(NewRoom::new().version("10")).await;
    let next = jane.upgrade(&room, "12").await;
    assert!(next.starts_with('!') && !next.contains(':'), "{next}");
    jane.expect_any("the tombstone", |seen| {
        seen.event_type() == "m.room.tombstone" && seen.content()["replacement_room"] == next
    })
    .await;
    assert!(jane.rooms().await.contains(&next));
}

#[tokio::test]
async fn a_stopped_server_starts_again_with_its_rooms() {
    let Some(mut server) = Homeserver::start(Options::default()).await else { return };
    let (jane, john, room) = talk(&server, NewRoom::new().encrypted()).await;
    server.stop().await;
    server.start_again().await;
    let hello = jane.say(&room, "still here").await;
    let seen = john.expect_any("hello", |seen| seen.id() == hello && seen.kind() == Kind::Event).await;
    assert_eq!(seen.body(), "still here");
}

#[tokio::test]
async fn a_limited_server_answers_too_many_requests() {
    let sending = Sending::Limited { per_second: 0.2, burst: 2 };
    let Some(server) = Homeserver::start(Options { sending, room_version: Some("11") }).await else { return };
    let jane = server.person("jane").await;
    let room = jane.create(NewRoom::new()).await;
    let say = async |count: usize| {
        let path = format!("/rooms/{room}/send/m.room.message/{count}");
        jane.api("PUT", &path, json!({"msgtype": "m.text", "body": count.to_string()})).await;
    };
    let mut said = 0;
    while server.too_many_requests().await == 0 {
        assert!(said < 20, "{said} messages in a row, and none was refused");
        say(said).await;
        said += 1;
    }
    let refused = server.too_many_requests().await;
    server.unlimited(jane.id()).await;
    for count in said..said + 20 {
        say(count).await;
    }
    assert_eq!(server.too_many_requests().await, refused);
    let created = jane.expect_any("the room", |seen| seen.event_type() == "m.room.create").await;
    assert_eq!(created.content()["room_version"], "11");
}

async fn talk(server: &Homeserver, room: NewRoom) -> (ptgbot_tests::MatrixClient, ptgbot_tests::MatrixClient, String) {
    let jane = server.person("jane").await;
    let mut john = server.person("john").await;
    let room = jane.create(room.invite(john.id())).await;
    let invite = john.expect_invite_by(jane.id()).await;
    assert_eq!(invite.room(), room);
    assert!(!invite.is_direct());
    john.join(&room).await;
    jane.expect_member(&room, john.id()).await;
    (jane, john, room)
}

#[tokio::test]
async fn an_invite_to_a_direct_room_says_so() {
    let Some(server) = Homeserver::shared().await else { return };
    let (jane, mut john) = (server.person("jane").await, server.person("john").await);
    let room = jane.create(NewRoom::new().direct(john.id())).await;
    let invite = john.expect_invite_by(jane.id()).await;
    assert_eq!((invite.room(), invite.is_direct()), (room.as_str(), true));
}
