//! IDs of old servers, with capitals in them: as the bot's own, as people's, as moderators' (Matrix specification,
//! "Historical user IDs").

use ptgbot_tests::homeserver::Options;
use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::stage::Who::Gibi;
use ptgbot_tests::{Homeserver, MatrixBot, Stage};

#[tokio::test]
async fn people_and_bots_with_capitals_in_their_ids_are_people_and_bots() {
    let Some(mut server) = Homeserver::start(Options::default()).await else { return };
    let (jane, bot) = (server.account("jane").await, server.account("ptgbot").await);
    server.stop().await;
    let (jane, bot) = (server.with_capitals(&jane), server.with_capitals(&bot));
    server.start_again().await;
    assert_eq!((jane.id.as_str(), bot.id.as_str()), ("@Jane:localhost", "@Ptgbot:localhost"));

    let mut stage = {
        let (gibi, jane) = tokio::join!(server.person("gibi"), server.sign_in(&jane));
        let invited = serde_json::json!([jane.id(), bot.id]);
        let room = gibi.create(NewRoom::new().encrypted().with("invite", invited)).await;
        jane.join(&room).await;
        Stage { gibi, jane, bot: MatrixBot::of(&server, bot, None).await, room }
    };
    stage.bot.start(&[&stage.room], &format!("allowed = ['{0}']\nowner = '{0}'", stage.jane.id()));
    stage.bot_comes().await;

    let direct = stage.direct(NewRoom::new().encrypted()).await;
    let asked = stage.jane.say(&direct, "subscribe swift").await;
    stage.jane.expect_reply_to(&asked).await;
    stage.done(Gibi, &format!("~moderators #swift {}", stage.jane.id())).await;
    let said = stage.jane.say(&stage.room, "Ptgbot: #swift now rings").await;
    stage.acknowledged(&said, "a topic by a moderator with a capital").await;
    let told = stage.jane.expect_words_in(&direct, "rings").await;
    assert!(told.is_encrypted(), "{told:?}");
    let checked_in = stage.jane.say(&stage.room, "+in #swift").await;
    stage.gibi.expect_any("an answer", |seen| seen.answers(&checked_in)).await;
    let data = stage.bot.page.data().await;
    assert_eq!(data["last_check_in"]["@Jane:localhost"]["location"], "#swift", "{data}");
    for name in ["@Jane:localhost", "@jane:localhost", "jane"] {
        let seen = stage.answered(Gibi, &format!("+seen {name}")).await;
        assert!(seen.body().contains("#swift"), "{name}: {seen:?}");
    }
    stage.bot.stop().await;
    stage.bot.start_again().await;
    stage.settled().await;
}
