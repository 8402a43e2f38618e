//! A whole conversation: rights, private messages, notifications, corrections.

use crate::bot::{BOT, Bot, settings};
use crate::client::RoomClient;
use ptgbot_tests::Prosody;

#[tokio::test]
async fn a_moderator_sets_up_a_participant_reports_and_a_subscriber_is_told() {
    let Some(prosody) = Prosody::start(&["gibi", "jane", "ptgbot"]).await else { return };
    let mut gibi = RoomClient::enter(&prosody, "gibi", "gibi").await;
    let mut jane = RoomClient::enter(&prosody, "jane", "jane").await;
    let bot = Bot::start(settings(prosody.port()));
    gibi.expect("ptgbot is here").await;
    jane.expect("ptgbot is here").await;

    jane.say("~add swift");
    assert!(jane.expect("room ptgbot: jane: ").await.contains("op"), "a participant is none");
    gibi.say("~add swift nova");
    gibi.say("~requirevoice");
    gibi.say_alone(BOT, "subscribe swift");
    gibi.expect("alone ptgbot: You are subscribed").await;

    jane.say("#swfit now ring placement");
    jane.expect("room ptgbot: jane: Did you mean: #swift now ring placement").await;
    jane.correct("#swift now ring placement");
    gibi.expect("alone ptgbot: #swift now: ring placement").await;
    jane.correct("#swift now erasure codes");
    gibi.expect("alone ptgbot: #swift now: erasure codes").await;

    gibi.change("nick='jane' role='visitor'");
    jane.expect("jane is here").await;
    jane.say_alone(BOT, "now");
    assert!(jane.expect("alone ptgbot: ").await.contains("erasure codes"));

    bot.stop().await;
    gibi.expect("ptgbot is gone").await;
}

#[tokio::test]
async fn a_message_that_xml_cannot_hold_is_said_all_the_same() {
    let Some(prosody) = Prosody::start(&["gibi", "ptgbot"]).await else { return };
    let mut gibi = RoomClient::enter(&prosody, "gibi", "gibi").await;
    let bot = Bot::start(settings(prosody.port()));
    gibi.expect("ptgbot is here").await;
    gibi.say("+seen a<b>&\u{1f600}");
    assert!(gibi.expect("room ptgbot: gibi: ").await.contains("a<b>&\u{1f600}"));
    bot.stop().await;
}
