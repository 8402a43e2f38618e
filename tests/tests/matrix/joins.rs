//! Joins that the homeserver limits.

use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::stage::Who::Gibi;
use ptgbot_tests::{Homeserver, HomeserverProxy, Stage};

#[tokio::test]
async fn rooms_and_invitations_that_the_server_limits_are_joined_when_it_lets_us() {
    let Some(server) = Homeserver::shared().await else { return };
    let proxy = HomeserverProxy::before(&server).await;
    let mut stage = Stage::without_bot(&server, NewRoom::new().version("11")).await;
    let bot = stage.bot.account.id.clone();
    let second = stage.jane.create(NewRoom::new().invite(&bot)).await;
    proxy.refuse(&["POST", "/join"], 429);
    stage.bot.through(&proxy);
    stage.bot.start(&[&stage.room, &second], "");
    stage.bot.process().wait_for_line("cannot join").await;
    let direct = stage.jane.create(NewRoom::new().direct(&bot)).await;
    stage.bot.process().wait_for_line("cannot accept an invitation").await;
    proxy.mend();
    stage.bot_comes().await;
    for room in [&second, &direct] {
        assert!(stage.jane.comes(room, &bot).await, "{}", stage.bot.log());
    }
    stage.done(Gibi, "#swift now in the end").await;
}
