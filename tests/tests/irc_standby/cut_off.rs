//! The one that acts is cut off from the network, while its store works: another handles what is said.

use crate::channel::{Channel, Who};
use ptgbot_tests::deadline::PATIENCE;
use ptgbot_tests::{Cable, Ircd, on_both};

on_both!(what_is_said_while_the_bot_is_cut_off_is_handled_once, a_bot_of_another_name_on_the_same_board_is_named);

async fn what_is_said_while_the_bot_is_cut_off_is_handled_once(ircd: Ircd) {
    let cable = Cable::to(ircd.port()).await;
    let port = cable.port().to_string();
    let (mut channel, mut active, standby) = Channel::with_bot_at(&ircd, &["--port", &port]).await;
    channel.both_set_topics();
    channel.history.has("jane", "topic 1").await;
    cable.cut();
    channel.watcher.expect("its end", |line| line.starts_with(":ptgbot!") && line.contains(" QUIT ")).await;
    channel.both_set_topics();
    standby.wait_for_line("this process acts now").await;
    channel.all_count_once().await;
    let status = active.wait(PATIENCE).await;
    assert!(!status.success(), "{status}");
    active.wait_for_line("another process acts for .* now").await;
    channel.sets_topic(Who::Jane);
    channel.is_answered().await;
    channel.all_count_once().await;
}

async fn a_bot_of_another_name_on_the_same_board_is_named(ircd: Ircd) {
    let (channel, active, _standby) = Channel::with_bots(&ircd, None, "").await;
    let other = channel.another_bot(&["--nick", "gibbot"]);
    for bot in [&other, &active] {
        let named = bot.wait_for_line("two bots of one network act on this board").await;
        assert!(named.contains("/ptgbot") && named.contains("/gibbot"), "{named}");
    }
}
