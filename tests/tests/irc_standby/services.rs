//! Services beside the bots: the nick is registered, and only who is identified has a right to it.

use crate::channel::{Channel, Who};
use ptgbot_tests::deadline::PATIENCE;
use ptgbot_tests::{Ircd, RawClient, Services, on_both};
use tokio::time::Instant;

on_both!(services_give_the_nick_to_the_one_that_acts);

async fn services_give_the_nick_to_the_one_that_acts(ircd: Ircd) {
    let Some(services) = Services::anope(&ircd).await else { return };
    let mut owner = RawClient::register(&ircd, "ptgbot").await;
    services.register(&mut owner, "sesame").await;
    owner.quit().await;
    let secrets = tempfile::tempdir().expect("a temporary folder");
    let password = secrets.path().join("password");
    std::fs::write(&password, "sesame\n").expect("the folder is writable");
    let more = format!("identify = 'nick-first'\npassword_file = '{}'", password.display());
    let (mut channel, mut killed, mut sleeper) = Channel::with_bots(&ircd, None, &more).await;
    channel.sets_topic(Who::Gibi);
    channel.history.has("gibi", "topic 0").await;
    killed.kill();
    killed.wait(PATIENCE).await;
    channel.sets_topic(Who::Gibi);
    channel.has_the_nick().await;
    is_identified(&mut channel.watcher).await;
    channel.is_answered().await;

    // The next one does not go by itself: services send it away.
    let standby = channel.one_stands_by().await;
    sleeper.pause_between_writes(channel.store()).await;
    channel.both_set_topics();
    standby.wait_for_line("this process acts now").await;
    channel.has_the_nick().await;
    is_identified(&mut channel.watcher).await;
    channel.is_answered().await;
    sleeper.resume();
    assert!(!sleeper.wait(PATIENCE).await.success());
    channel.all_count_once().await;
    for bot in [&killed, &sleeper, &standby] {
        assert!(!bot.output().lines().iter().any(|line| line.contains("sesame")), "no secret in the log");
    }
}

async fn is_identified(watcher: &mut RawClient) {
    let end = Instant::now() + PATIENCE;
    while !watcher.sees_identified("ptgbot").await {
        assert!(Instant::now() < end, "services do not know the bot: {:#?}", watcher.whois("ptgbot").await);
    }
}
