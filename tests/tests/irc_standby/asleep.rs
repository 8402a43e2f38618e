//! The one that acts sleeps past its lease: when it wakes, another acts.

use crate::channel::{CHANNEL, Channel, Who};
use ptgbot_tests::deadline::PATIENCE;
use ptgbot_tests::{Ircd, on_both};

on_both!(a_bot_that_slept_past_its_lease_writes_and_says_nothing_more);

async fn a_bot_that_slept_past_its_lease_writes_and_says_nothing_more(ircd: Ircd) {
    let (mut channel, mut sleeper, standby) = Channel::with_bots(&ircd, None, "").await;
    channel.both_set_topics();
    channel.history.has("jane", "topic 1").await;
    // It has more to say than it can say at once.
    (0..30).for_each(|_| channel.gibi.say(CHANNEL, "#swift"));
    channel.gibi.expect_from("ptgbot", "topic 1").await;
    sleeper.pause_between_writes(channel.store()).await;
    channel.both_set_topics();
    standby.wait_for_line("this process acts now").await;
    channel.sets_topic(Who::Jane);
    channel.all_count_once().await;
    channel.gibi.say(CHANNEL, "ptgbot: #swift");
    channel.gibi.expect_from("ptgbot_", "topic 4").await;

    let heard = channel.watcher.fence().await;
    assert!(!heard.iter().any(|line| line.starts_with(":ptgbot!") && line.contains(" QUIT ")), "{heard:#?}");
    sleeper.resume();
    channel.both_set_topics();
    let status = sleeper.wait(PATIENCE).await;
    assert!(!status.success(), "{status}");
    sleeper.wait_for_line("another process acts for .* now").await;
    let before = channel.watcher.log().len();
    channel.has_the_nick().await;
    let log = channel.watcher.log();
    let woke = log.iter().rposition(|line| line.contains("fence-")).unwrap_or(before);
    let said = log[woke..].iter().filter(|line| line.starts_with(":ptgbot!"));
    let words: Vec<_> = said.take_while(|line| !line.contains(" QUIT ")).collect();
    assert!(words.is_empty(), "{words:#?}");
    channel.is_answered().await;
    channel.all_count_once().await;
}
