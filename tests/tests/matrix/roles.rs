//! Who may do what: power levels, as they are at that moment.

use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::stage::Who::{Gibi, Jane};
use ptgbot_tests::{Homeserver, Stage};

#[tokio::test]
async fn a_member_sets_a_topic_until_an_op_requires_voice() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    stage.done(Jane, "#swift now ring placement").await;
    stage.done(Gibi, "~requirevoice").await;
    let refused = stage.answered(Jane, "#swift now nothing of the kind").await;
    assert!(refused.body().contains("voice"), "{refused:?}");
    let data = stage.bot.page.data().await;
    assert_eq!(data["now"]["swift"], "ring placement");
    assert_eq!(data["voice"], 1);
}

#[tokio::test]
async fn power_level_one_is_voice_and_counts_at_once() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    stage.done(Gibi, "~requirevoice").await;
    let id = stage.jane.id().to_owned();
    for topic in ["first", "second", "third"] {
        let refused = stage.answered(Jane, &format!("#swift now not {topic}")).await;
        assert!(refused.body().contains("voice"), "{refused:?}");
        stage.gibi.power(&stage.room, &id, 1).await;
        stage.done(Jane, &format!("#swift now {topic}")).await;
        stage.bot.page.shows(topic, |data| data["now"]["swift"] == topic).await;
        stage.gibi.power(&stage.room, &id, 0).await;
    }
}

#[tokio::test]
async fn a_track_has_moderators_by_their_ids_and_nobody_else() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let (jane, gibi) = (stage.jane.id().to_owned(), stage.gibi.id().to_owned());
    let refused = stage.answered(Gibi, "~moderators #swift Jane").await;
    assert!(refused.body().contains("full ID"), "{refused:?}");
    stage.done(Gibi, &format!("~moderators #swift {gibi}")).await;
    let refused = stage.answered(Jane, "#swift now nothing of the kind").await;
    assert!(refused.body().contains("moderators of #swift"), "{refused:?}");
    stage.done(Gibi, &format!("~moderators #swift {jane}")).await;
    stage.done(Jane, "#swift now ring placement").await;
    // Another name is the same person.
    stage.renamed(Jane, "somebody else").await;
    stage.done(Jane, "#swift now erasure codes").await;
    stage.bot.page.shows("the topic", |data| data["now"]["swift"] == "erasure codes").await;
}

#[tokio::test]
async fn power_level_fifty_is_op_and_forty_nine_is_not() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let id = stage.jane.id().to_owned();
    stage.gibi.power(&stage.room, &id, 49).await;
    stage.answered(Jane, "~add ironic").await;
    stage.gibi.power(&stage.room, &id, 50).await;
    stage.done(Jane, "~add manila").await;
    let data = stage.bot.page.shows("#manila", |data| has_track(data, "manila")).await;
    assert!(!has_track(&data, "ironic"), "{data}");
}

#[tokio::test]
async fn the_level_that_everybody_has_counts() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    stage.done(Gibi, "~requirevoice").await;
    stage.gibi.power_of_everybody(&stage.room, 1).await;
    stage.done(Jane, "#swift now for all").await;
}

#[tokio::test]
async fn the_creator_of_a_version_12_room_is_op() {
    let Some(server) = Homeserver::shared().await else { return };
    let room = NewRoom::new().version("12");
    let mut stage = Stage::of(&server, room, "").await;
    let path = format!("/rooms/{}/state/m.room.power_levels", stage.room);
    let levels = stage.gibi.api("GET", &path, serde_json::Value::Null).await;
    assert!(levels["users"].get(stage.gibi.id()).is_none(), "a creator is in no list: {levels}");
    stage.done(Gibi, "~add manila").await;
    stage.bot.page.shows("#manila", |data| has_track(data, "manila")).await;
    let refused = stage.answered(Jane, "~add ironic").await;
    assert!(refused.body().contains("op"), "{refused:?}");
}

#[tokio::test]
async fn the_levels_are_the_operators_to_set() {
    let Some(server) = Homeserver::shared().await else { return };
    let room = NewRoom::new().version("11");
    let mut stage = Stage::of(&server, room, "voice_level = 10\nop_level = 75").await;
    let id = stage.jane.id().to_owned();
    stage.done(Gibi, "~requirevoice").await;
    stage.gibi.power(&stage.room, &id, 9).await;
    stage.answered(Jane, "#swift now too early").await;
    stage.gibi.power(&stage.room, &id, 74).await;
    stage.done(Jane, "#swift now in time").await;
    stage.answered(Jane, "~add ironic").await;
    stage.gibi.power(&stage.room, &id, 75).await;
    stage.done(Jane, "~add ironic").await;
}

fn has_track(data: &serde_json::Value, track: &str) -> bool {
    data["tracks"].as_array().is_some_and(|tracks| tracks.iter().any(|name| name == track))
}
