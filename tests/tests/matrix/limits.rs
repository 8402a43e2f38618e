//! A homeserver that limits how fast the bot may send.

use crate::restarts::each_answered_once_in_order;
use ptgbot_tests::homeserver::{Options, Sending};
use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::stage::Who::Gibi;
use ptgbot_tests::{Homeserver, Stage};

#[tokio::test]
async fn all_answers_come_in_order_and_once_however_slowly_the_server_takes_them() {
    let options = Options { sending: Sending::Limited { per_second: 3.0, burst: 4 }, room_version: None };
    let Some(server) = Homeserver::start(options).await else { return };
    let mut stage = Stage::without_bot(&server, NewRoom::new()).await;
    server.unlimited(stage.gibi.id()).await;
    stage.bot.start(&[&stage.room], "");
    stage.bot_comes().await;
    let mut said = Vec::new();
    for number in 0..30 {
        // Fewer questions than may wait for one person.
        let command = if number % 8 == 0 { "#nova".to_owned() } else { format!("#swift next topic {number}") };
        said.push(stage.say(Gibi, &command).await);
    }
    stage.gibi.expect_answer_in_the_end(&said[29]).await;
    stage.settled().await;
    each_answered_once_in_order(&stage, &said).await;
}
