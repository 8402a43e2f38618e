//! The one that acts is killed with -9: another goes on where it was.

use crate::channel::{Channel, Who};
use ptgbot_tests::deadline::PATIENCE;
use ptgbot_tests::{Database, Ircd, Seed, on_both};

on_both!(
    two_commands_count_once_when_the_bot_is_killed_between_them,
    twenty_kills_at_any_moment_lose_no_command_and_double_none,
    no_notification_comes_twice_over_a_kill,
    a_standby_that_is_stopped_says_goodbye,
);

#[tokio::test]
async fn on_postgresql_two_commands_count_once_when_the_bot_is_killed_between_them() {
    let Some(ircd) = Ircd::hybrid().await else { return };
    let Some(database) = Database::start().await else { return };
    is_killed_between_two_commands(&ircd, Some(database.board("irc"))).await;
}

async fn two_commands_count_once_when_the_bot_is_killed_between_them(ircd: Ircd) {
    is_killed_between_two_commands(&ircd, None).await;
}

async fn is_killed_between_two_commands(ircd: &Ircd, store: Option<String>) {
    let (mut channel, mut active, _standby) = Channel::with_bots(ircd, store, "").await;
    channel.sets_topic(Who::Gibi);
    channel.history.has("gibi", "topic 0").await;
    active.kill();
    active.wait(PATIENCE).await;
    channel.sets_topic(Who::Gibi);
    channel.has_the_nick().await;
    channel.is_answered().await;
    channel.all_count_once().await;
}

async fn twenty_kills_at_any_moment_lose_no_command_and_double_none(ircd: Ircd) {
    let (mut channel, mut active, mut standby) = Channel::with_bots(&ircd, None, "").await;
    for seed in Seed::each(20) {
        let mut chance = seed.chance();
        let last = chance.usize(0..30);
        for n in 0..30 {
            channel.both_set_topics();
            if n == last {
                active.kill();
                active.wait(PATIENCE).await;
                // As whoever looks after processes does; the one that stands by goes first all the same.
                active.revive();
            }
            // Lets the server have them, sometimes the bots, too.
            if chance.bool() {
                channel.gibi.fence().await;
            }
        }
        channel.all_count_once().await;
        channel.has_the_nick().await;
        channel.comes_to_stand_by(&active).await;
        std::mem::swap(&mut active, &mut standby);
    }
    channel.is_answered().await;
    channel.all_count_once().await;
}

async fn no_notification_comes_twice_over_a_kill(ircd: Ircd) {
    let (mut channel, mut active, _standby) = Channel::with_bots(&ircd, None, "").await;
    let mut john = channel.subscriber(&ircd).await;
    (0..10).for_each(|_| channel.both_set_topics());
    john.expect_from("ptgbot", "topic 3").await;
    active.kill();
    active.wait(PATIENCE).await;
    (0..5).for_each(|_| channel.both_set_topics());
    channel.all_count_once().await;
    // What comes twice may come late: of this topic they are told last.
    channel.is_answered().await;
    let mut told = channel.told_to(&john).await;
    let count = told.len();
    told.dedup();
    assert_eq!(told.len(), count, "{:#?}", john.log());
    // One may be lost, in the moment of sending.
    assert!(count >= 30, "{told:?}");
}

async fn a_standby_that_is_stopped_says_goodbye(ircd: Ircd) {
    let (mut channel, _active, mut standby) = Channel::with_bots(&ircd, None, "").await;
    assert!(standby.stop().await.success());
    // Some servers keep the words of somebody who was there for a short time to themselves.
    let says_goodbye = |line: &str| line.starts_with(":ptgbot_!") && line.contains(" QUIT :Quit:");
    channel.watcher.expect("a goodbye", says_goodbye).await;
}
