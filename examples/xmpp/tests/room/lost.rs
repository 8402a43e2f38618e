//! What goes wrong: the server dies, the room puts the bot out, its nick is somebody else's, its password is wrong.

use crate::bot::{Bot, settings};
use crate::client::RoomClient;
use ptgbot_tests::{Cable, Prosody};

#[tokio::test]
async fn a_server_that_dies_is_waited_for_and_the_board_goes_on() {
    let Some(mut prosody) = Prosody::start(&["gibi", "ptgbot"]).await else { return };
    let mut gibi = RoomClient::enter(&prosody, "gibi", "gibi").await;
    let cable = Cable::to(prosody.port()).await;
    let bot = Bot::start(settings(cable.port()));
    gibi.expect("ptgbot is here").await;
    gibi.say("~add swift");
    gibi.say("#swift now ring placement");
    gibi.expect("room ptgbot: gibi: Noted").await;
    // The room has died with the server: gibi opens it again before the bot gets there.
    cable.cut();
    prosody.crash_and_restart().await;
    gibi.expect("gibi is here, a moderator").await;
    cable.mend();
    gibi.expect("ptgbot is here").await;
    gibi.say("+now");
    // What the room had not confirmed when it died may be said once more before.
    gibi.expect("room ptgbot: gibi: #swift: ring placement").await;
    bot.stop().await;
}

#[tokio::test]
async fn a_bot_that_is_kicked_comes_back_and_one_that_is_banned_ends() {
    let Some(prosody) = Prosody::start(&["gibi", "ptgbot"]).await else { return };
    let mut gibi = RoomClient::enter(&prosody, "gibi", "gibi").await;
    let bot = Bot::start(settings(prosody.port()));
    gibi.expect("ptgbot is here").await;
    gibi.change("nick='ptgbot' role='none'");
    gibi.expect("ptgbot is gone").await;
    gibi.expect("ptgbot is here").await;
    gibi.say("+seen jane");
    gibi.expect("room ptgbot: gibi: ").await;
    gibi.change("jid='ptgbot@localhost' affiliation='outcast'");
    gibi.expect("ptgbot is gone").await;
    let error = bot.end().await.expect_err("banned").to_string();
    assert_eq!(error, "ptg@rooms.localhost: the bot is banned");
    let error = Bot::start(settings(prosody.port())).end().await.expect_err("still banned").to_string();
    assert!(error.contains("the bot is not let in (Forbidden)"), "{error}");
}

#[tokio::test]
async fn a_nick_that_somebody_has_is_left_to_them() {
    let Some(prosody) = Prosody::start(&["gibi", "ptgbot"]).await else { return };
    let mut gibi = RoomClient::enter(&prosody, "gibi", "ptgbot").await;
    let bot = Bot::start(settings(prosody.port()));
    gibi.expect("ptgbot_ is here").await;
    gibi.say("ptgbot_: seen jane");
    gibi.expect("room ptgbot_: ptgbot: ").await;
    gibi.say_alone("ptgbot_", "help");
    gibi.expect("alone ptgbot_: ").await;
    bot.stop().await;
}

#[tokio::test]
async fn a_wrong_password_ends_the_bot() {
    let Some(prosody) = Prosody::start(&["ptgbot"]).await else { return };
    let mut settings = settings(prosody.port());
    settings.password = "another".to_owned();
    let error = Bot::start(settings).end().await.expect_err("refused").to_string();
    assert!(error.contains("not-authorized") || error.contains("NotAuthorized"), "{error}");
}
