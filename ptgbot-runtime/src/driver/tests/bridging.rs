//! A bridge between two networks: people of one appear on the other as ghosts.

use super::*;
use ptgbot_core::{Claim, Lease, PersonId, Taken};

/// A bot on a network to which a bridge brings people of another one.
async fn bridged(disk: &Disk, network: &'static str) -> Bot {
    let ghosts = vec!["*[m]".parse().expect("a mask")];
    Bot::bridged(disk, network, BridgeConfig { ghosts, network: None }).await
}

/// The other network's bot, as far as the store knows.
async fn other_bot(disk: &Disk) -> Disk {
    let mut other = disk.clone();
    let account = PersonId::new(&Network::nearest("example.org"), "ptgbot", Folding::Exact);
    let claim = Claim { account, holder: "other".into(), ended: None };
    assert!(matches!(other.take_lease(&claim).await, Ok(Taken::Ours(_))));
    other
}

#[tokio::test(start_paused = true)]
async fn ghosts_are_left_to_their_own_bot_while_it_acts_and_heard_when_it_does_no_more() {
    let disk = Disk::default();
    let other = other_bot(&disk).await;
    let mut bot = bridged(&disk, "oftc").await;
    bot.say(&["jane: ~add swift"]).await;
    assert_eq!(bot.answer().await.1, Outcome::Changed);
    bot.say(&["alice[m]: #swift now rings"]).await;
    assert_eq!(bot.answer().await.1, Outcome::Ignored);
    // Nobody renews the other bot's lease.
    let (_, outcome, revision) = bot.answer().await;
    assert_eq!((outcome, revision), (Outcome::Changed, 2));
    bot.say(&["alice[m]: #swift now codes"]).await;
    assert_eq!(bot.answer().await.1, Outcome::Changed);
    drop(other);
}

#[tokio::test(start_paused = true)]
async fn what_a_bot_has_done_that_acts_no_more_is_not_done_again() {
    let disk = Disk::default();
    let _other = other_bot(&disk).await;
    let mut bot = bridged(&disk, "oftc").await;
    let mut matrix = Bot::start(&disk, "example.org").await;
    matrix.say(&["jane: ~add swift", "alice: #swift now rings"]).await;
    assert_eq!((matrix.answer().await.1, matrix.answer().await.1), (Outcome::Changed, Outcome::Changed));
    bot.say(&["alice[m]: #swift now rings"]).await;
    assert_eq!(bot.answer().await, (vec![], Outcome::Ignored, 2));
    matrix.say(&["alice: #swift now codes"]).await;
    assert_eq!(matrix.answer().await.1, Outcome::Changed);
    tokio::time::advance(Lease::SPAN * 2).await;
    bot.say(&["jane: #swift next codes", "alice[m]: #swift next codes"]).await;
    assert_eq!(bot.answer().await.1, Outcome::Changed);
    assert_eq!(bot.answer().await.1, Outcome::Changed, "what others say here is no command of hers");
}

#[tokio::test(start_paused = true)]
async fn what_was_done_for_a_ghost_is_not_done_again_when_its_own_bot_comes_back() {
    let disk = Disk::default();
    let mut bot = bridged(&disk, "oftc").await;
    bot.say(&["jane: ~add swift", "alice[m]: #swift next rings"]).await;
    assert_eq!((bot.answer().await.1, bot.answer().await.1), (Outcome::Changed, Outcome::Changed));
    let mut matrix = bridged(&disk, "example.org").await;
    matrix.say(&["alice: #swift next rings", "alice: #swift next codes"]).await;
    assert_eq!((matrix.answer().await.1, matrix.answer().await.1), (Outcome::Ignored, Outcome::Changed));
}

#[tokio::test(start_paused = true)]
async fn what_was_left_and_overtaken_is_not_done_late() {
    let disk = Disk::default();
    let _other = other_bot(&disk).await;
    let mut bot = bridged(&disk, "oftc").await;
    bot.say(&["jane: ~add swift"]).await;
    assert_eq!(bot.answer().await.1, Outcome::Changed);
    bot.say(&["zed[m]: #swift now stale"]).await;
    assert_eq!(bot.answer().await.1, Outcome::Ignored);
    bot.say(&["jane: #swift now fresh"]).await;
    assert_eq!(bot.answer().await.1, Outcome::Changed);
    tokio::time::advance(Lease::SPAN * 2).await;
    // What is over is dealt with before what is new.
    bot.say(&["zed[m]: #swift next codes"]).await;
    let (_, outcome, revision) = bot.answer().await;
    assert_eq!((outcome, revision), (Outcome::Changed, 3), "the other bot acts no more, and only this was done");
}

#[tokio::test(start_paused = true)]
async fn a_ghost_of_another_name_takes_nobodys_command_away() {
    let disk = Disk::default();
    let mut bot = bridged(&disk, "oftc").await;
    bot.say(&["jane: ~add swift", "zed[m]: #swift next rings"]).await;
    assert_eq!((bot.answer().await.1, bot.answer().await.1), (Outcome::Changed, Outcome::Changed));
    let mut matrix = bridged(&disk, "example.org").await;
    matrix.say(&["alice: #swift next rings", "zed: #swift next rings"]).await;
    assert_eq!((matrix.answer().await.1, matrix.answer().await.1), (Outcome::Changed, Outcome::Ignored));
}
