//! What an answer looks like, and what is none of the bot's business.

use ptgbot_tests::stage::Who::{Gibi, Jane};
use ptgbot_tests::{Homeserver, Stage};
use serde_json::json;

#[tokio::test]
async fn a_topic_is_acknowledged_with_a_reaction_and_on_the_page() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let said = stage.say(Jane, "#swift now ring placement").await;
    let reaction = stage.acknowledged(&said, "now").await;
    assert_eq!(reaction.sender(), stage.bot.account.id);
    let relation = json!({"rel_type": "m.annotation", "event_id": said, "key": "✅"});
    assert_eq!(reaction.content()["m.relates_to"], relation);
    let data = stage.bot.page.data().await;
    assert_eq!(data["now"]["swift"], "ring placement");
    let page = stage.bot.page.document("/").await.expect("a page");
    assert!(page.contains("ring placement"));
    stage.settled().await;
    assert_eq!(stage.gibi.answers_to(&said).len(), 1);
    stage.bot.stop().await;
}

#[tokio::test]
async fn an_answer_is_a_notice_that_replies_and_mentions_the_asker_alone() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let topic = format!("@room <b>bold</b> {}", stage.gibi.id());
    stage.done(Gibi, &format!("#swift now {topic}")).await;
    let answer = stage.answered(Jane, "#swift").await;
    assert_eq!(answer.msgtype(), "m.notice");
    assert_eq!(answer.sender(), stage.bot.account.id);
    assert_eq!(answer.mentions(), Some(vec![stage.jane.id()]));
    assert_ne!(answer.content()["m.mentions"]["room"], true);
    assert!(answer.body().contains("<b>bold</b>"), "{answer:?}");
    assert!(answer.body().contains("Vista"), "{answer:?}");
    assert!(!answer.html().is_empty() && answer.html().contains("&lt;b&gt;bold"), "{answer:?}");
    assert!(!answer.body().starts_with("> "), "{answer:?}");
}

#[tokio::test]
async fn a_refusal_is_a_reply_that_says_what_would_work() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let refused = stage.answered(Jane, "#swfit now rings").await;
    assert!(refused.body().contains("#swift"), "{refused:?}");
    assert_eq!(refused.msgtype(), "m.notice");
    assert_eq!(refused.mentions(), Some(vec![stage.jane.id()]));
    let refused = stage.answered(Gibi, "#swift book Ballroom A-MonA2").await;
    assert!(refused.body().contains("Ballroom A-MonA1"), "{refused:?}");
    assert_eq!(refused.mentions(), Some(vec![stage.gibi.id()]));
}

#[tokio::test]
async fn the_bots_name_in_front_is_dropped() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let (name, id) = (stage.bot.account.name.clone(), stage.bot.account.id.clone());
    for address in [format!("{name}: "), format!("{name}, "), format!("{id}: "), format!("{}: ", name.to_uppercase())] {
        let help = stage.answered(Jane, &format!("{address}+help")).await;
        assert!(help.body().contains("subscribe"), "{help:?}");
    }
    let html = format!("<a href=\"https://matrix.to/#/{id}\">{name}</a>: #swift now mentioned");
    let said = stage.jane.say_html(&stage.room, &format!("{name}: #swift now mentioned"), &html).await;
    stage.acknowledged(&said, "a mention in front").await;
    assert_eq!(stage.bot.page.data().await["now"]["swift"], "mentioned");
    let other = stage.say(Jane, &format!("somebody: {}", "#swift now not for the bot")).await;
    stage.unanswered(&other).await;
}

#[tokio::test]
async fn who_speaks_to_the_bot_by_name_needs_no_prefix() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let name = stage.bot.account.name.clone();
    let help = stage.answered(Jane, &format!("{name}: help")).await;
    assert!(help.body().contains("subscribe"), "{help:?}");
    let talk = stage.say(Jane, &format!("{name}: you are a great bot")).await;
    stage.unanswered(&talk).await;
}

#[tokio::test]
async fn each_line_of_a_message_is_a_command() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    stage.done(Jane, "#swift now rings\n#nova now cells").await;
    assert_eq!(stage.bot.page.data().await["now"], json!({"swift": "rings", "nova": "cells"}));
    let answer = stage.answered(Jane, "#swift\n#nova").await;
    assert!(answer.body().contains("rings") && answer.body().contains("cells"), "{answer:?}");
}

#[tokio::test]
async fn the_name_that_the_bot_has_in_the_room_is_dropped() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::without_bot(&server, ptgbot_tests::matrix_client::NewRoom::new()).await;
    server.sign_in(&stage.bot.account).await.display_name("Event Board").await;
    stage.bot.start(&[&stage.room], "");
    stage.bot_comes().await;
    stage.done(Jane, "Event Board: #swift now called by name").await;
}

#[tokio::test]
async fn notices_and_other_message_types_are_never_answered() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let notice = stage.gibi.notice(&stage.room, "#swift now from a bot").await;
    let emote = json!({"msgtype": "m.emote", "body": "#swift now from an emote"});
    let emote = stage.gibi.send(&stage.room, emote).await;
    stage.unanswered(&notice).await;
    stage.unanswered(&emote).await;
    assert_eq!(stage.bot.page.data().await["now"], json!({}));
    let own = stage.gibi.seen().into_iter().filter(|seen| seen.sender() == stage.bot.account.id);
    for own in own.filter(|seen| seen.msgtype() == "m.notice") {
        assert!(stage.gibi.answers_to(own.id()).is_empty(), "{own:?}");
    }
}

#[tokio::test]
async fn everyday_talk_is_ignored_in_silence() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let mut talk = Vec::new();
    for words in ["+1", "#1234", "~10 minutes", "+hugs", "#ptg:example.org", "whelp that broke", "/me waves"] {
        talk.push(stage.say(Jane, words).await);
    }
    for event in talk {
        stage.unanswered(&event).await;
    }
}

#[tokio::test]
async fn quoted_lines_of_a_reply_are_not_read() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::plain(&server).await;
    let first = stage.say(Gibi, "what is next?").await;
    let reply = stage.jane.reply(&stage.room, &first, stage.gibi.id(), "what is next?", "#swift now rings").await;
    stage.acknowledged(&reply, "a reply").await;
    assert_eq!(stage.bot.page.data().await["now"]["swift"], "rings");
    let agreed = stage.jane.reply(&stage.room, &first, stage.gibi.id(), "#swift now quoted", "fine with me").await;
    stage.unanswered(&agreed).await;
    assert_eq!(stage.bot.page.data().await["now"]["swift"], "rings");
}

#[tokio::test]
async fn of_a_long_list_a_room_gets_the_beginning_and_how_much_more_there_is() {
    let Some(server) = Homeserver::shared().await else { return };
    let mut stage = Stage::without_bot(&server, ptgbot_tests::matrix_client::NewRoom::new()).await;
    let tracks: Vec<String> = (0..2_000).map(|n| format!("working-group-with-a-long-name-{n:04}")).collect();
    let mut board = ptgbot_tests::matrix_bot::board();
    board["tracks"] = json!(tracks);
    stage.bot.import(&board).await;
    stage.bot.start(&[&stage.room], "");
    stage.bot_comes().await;
    let asked = stage.say(Gibi, "~list").await;
    let said = stage.gibi.expect_any("how many more", |seen| seen.body().contains("… and ")).await;
    assert_eq!(said.reply_to(), Some(asked.as_str()));
    let words = said.body();
    let listed: Vec<&str> = words.split_whitespace().filter_map(|word| word.strip_prefix('#')).collect();
    assert!(
        !listed.is_empty() && tracks.starts_with(&listed.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    );
    assert!(words.ends_with(&format!("… and {} more.", tracks.len() - listed.len())), "{words}");
}
