//! A bridge between two networks: people of one appear on the other as ghosts.

use super::leasing::take;
use super::*;
use ptgbot_core::Lease;

/// A bot on a network to which a bridge brings people of another one.
async fn bridged(disk: &Disk, network: &'static str) -> Bot {
    let ghosts = vec!["*[m]".parse().expect("a mask")];
    let bridge = BridgeConfig { ghosts, network: None };
    Bot::begin(disk.clone(), network, Setup { bridge, options: Options::pipe(), ..Setup::default() }).await
}

/// The other network's bot, as far as the store knows.
async fn other_bot(disk: &Disk) -> Disk {
    let mut other = disk.clone();
    take(&mut other, "example.org", "other").await;
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

#[tokio::test(start_paused = true)]
async fn what_was_left_to_a_bot_that_stops_is_done_here() {
    let disk = Disk::default();
    let mut other = other_bot(&disk).await;
    let mut bot = bridged(&disk, "oftc").await;
    bot.say(&["jane: ~add swift"]).await;
    assert_eq!(bot.answer().await.1, Outcome::Changed);
    bot.say(&["alice[m]: #swift now rings"]).await;
    assert_eq!(bot.answer().await.1, Outcome::Ignored);
    other.release_lease().await.expect("it has one");
    let (_, outcome, revision) = bot.answer().await;
    assert_eq!((outcome, revision), (Outcome::Changed, 2));
}

#[tokio::test(start_paused = true)]
async fn what_was_left_to_a_bot_that_was_started_anew_and_does_not_do_it_is_done_here_once() {
    let disk = Disk::default();
    let mut other = other_bot(&disk).await;
    let mut bot = bridged(&disk, "oftc").await;
    bot.say(&["jane: ~add swift"]).await;
    assert_eq!(bot.answer().await.1, Outcome::Changed);
    bot.say(&["alice[m]: #swift now rings", "alice[m]: #swift next codes"]).await;
    assert_eq!((bot.answer().await.1, bot.answer().await.1), (Outcome::Ignored, Outcome::Ignored));
    other.release_lease().await.expect("it has one");
    let mut other = disk.clone();
    take(&mut other, "example.org", "anew").await;
    let renewed = async {
        let mut every = tokio::time::interval(Lease::RENEW_EVERY);
        loop {
            every.tick().await;
            other.renew_lease(None).await.expect("it has one");
        }
    };
    tokio::select! {
        biased;
        done = async { (bot.answer().await, bot.answer().await) } => {
            assert_eq!((done.0.1, done.1.1, done.1.2), (Outcome::Changed, Outcome::Changed, 3));
        }
        () = renewed => {}
    }
}

#[tokio::test(start_paused = true)]
async fn while_the_store_is_away_others_are_heard_and_what_was_left_is_done_when_it_is_back() {
    let disk = Disk::default();
    let _other = other_bot(&disk).await;
    let mut bot = bridged(&disk, "oftc").await;
    bot.say(&["jane: ~add swift"]).await;
    assert_eq!(bot.answer().await.1, Outcome::Changed);
    bot.say(&["alice[m]: #swift now rings"]).await;
    assert_eq!(bot.answer().await.1, Outcome::Ignored);
    disk.away.store(true, Ordering::SeqCst);
    tokio::time::advance(Lease::SPAN * 2).await;
    bot.say(&["jane: +help"]).await;
    assert!(matches!(bot.answer().await.1, Outcome::Answered | Outcome::Refused));
    disk.away.store(false, Ordering::SeqCst);
    bot.say(&["jane: +now"]).await;
    let outcomes = (bot.answer().await.1, bot.answer().await.1);
    assert!(matches!(outcomes, (Outcome::Changed, Outcome::Answered) | (Outcome::Answered, Outcome::Changed)));
}
