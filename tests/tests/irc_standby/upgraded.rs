//! An upgrade: the new one is started, then the old one is stopped.

use crate::channel::{CHANNEL, Channel};
use ptgbot_tests::deadline::PATIENCE;
use ptgbot_tests::{Ircd, on_both};

on_both!(an_upgrade_loses_nothing_and_doubles_nothing);

async fn an_upgrade_loses_nothing_and_doubles_nothing(ircd: Ircd) {
    let (mut channel, mut old, mut new) = Channel::with_bots(&ircd, None, "").await;
    let john = channel.subscriber(&ircd).await;
    for round in 1..=ROUNDS {
        for n in 0..TIMES {
            channel.both_set_topics();
            channel.gibi.say(CHANNEL, "+in #swift");
            if n == 3 {
                old.terminate();
            }
            channel.gibi.fence().await;
        }
        let status = old.wait(PATIENCE).await;
        assert!(status.success(), "{status}: {}", old.output().tail());
        channel.has_the_nick().await;
        channel.all_count_once().await;
        assert_eq!(channel.told_to(&john).await, (0..2 * TIMES * round).collect::<Vec<_>>());
        old.revive();
        channel.comes_to_stand_by(&old).await;
        std::mem::swap(&mut old, &mut new);
    }
    // What comes twice may come late.
    channel.is_answered().await;
    channel.all_count_once().await;
    channel.history.has_check_ins(TIMES * ROUNDS).await;
    assert_eq!(channel.told_to(&john).await, (0..=2 * TIMES * ROUNDS).collect::<Vec<_>>());
}

const ROUNDS: usize = 3;
/// How often each says something in a round.
const TIMES: usize = 6;
