//! A store that fails, is away, or does not say what it has written.

use super::*;

#[tokio::test]
async fn when_the_store_fails_nothing_is_changed_and_people_are_told() {
    let disk = Disk::default();
    let mut bot = Bot::start(&disk, "one").await;
    disk.full.store(true, Ordering::SeqCst);
    bot.say(&["jane: ~add swift", "jane: ~list"]).await;
    let (texts, outcome, revision) = bot.answer().await;
    assert_eq!((outcome, revision), (Outcome::Refused, 0));
    assert!(texts[0].starts_with("Nothing was saved"), "{texts:?}");
    assert_eq!(bot.answer().await.1, Outcome::Answered);
    assert_eq!(*bot.pages.borrow(), Board::default());
    disk.full.store(false, Ordering::SeqCst);
    bot.say(&["jane: ~add swift"]).await;
    assert_eq!(bot.answer().await.1, Outcome::Changed);
}

#[tokio::test]
async fn a_change_whose_confirmation_is_lost_counts_once() {
    let disk = Disk::default();
    let mut bot = Bot::start(&disk, "one").await;
    disk.loses_answers.store(true, Ordering::SeqCst);
    for (line, revision) in [("jane: ~add swift", 1), ("jane: +in #swift", 2), ("jane: +forget", 3)] {
        bot.say(&[line]).await;
        let (_, outcome, told) = bot.answer().await;
        assert_eq!((outcome, told), (Outcome::Changed, revision), "{line}");
    }
    assert_eq!(bot.stop().await.revision(), 3);
}

#[tokio::test]
async fn a_change_that_arrives_late_at_a_store_that_was_away_counts_once() {
    let disk = Disk::default();
    let mut bot = Bot::with(&disk, "one", Options::default()).await;
    bot.say(&["jane: ~add swift"]).await;
    bot.answer().await;
    disk.away.store(true, Ordering::SeqCst);
    bot.say(&["jane: #swift next rings"]).await;
    let sent_and_more_said = async {
        while disk.late.lock().expect("no panic").is_none() {
            tokio::task::yield_now().await;
        }
        bot.say(&["jane: #swift next codes"]).await;
        while !bot.metrics.text().contains("ptgbot_store_waiting 2\n") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, sent_and_more_said).await.expect("it listens");
    disk.away.store(false, Ordering::SeqCst);
    for revision in [2, 3] {
        let (_, outcome, told) = bot.answer().await;
        assert_eq!((outcome, told), (Outcome::Changed, revision));
    }
    assert!(bot.metrics.text().contains("ptgbot_store_waiting 0\n"));
    assert_eq!(bot.stop().await.revision(), 3);
}

#[tokio::test]
async fn whoever_asks_through_a_pipe_is_told_where_it_is_not_known_what_was_saved() {
    let disk = Disk::default();
    let mut bot = Bot::start(&disk, "one").await;
    bot.say(&["jane: ~add swift"]).await;
    bot.answer().await;
    disk.away.store(true, Ordering::SeqCst);
    bot.say(&["jane: #swift now rings", "jane: good morning", "jane: ~add nova"]).await;
    for wanted in ["it may be saved or not", "", "it may be saved or not"] {
        let (texts, outcome, revision) = bot.answer().await;
        assert!(texts.concat().contains(wanted), "{texts:?}");
        assert_eq!((outcome, revision), (if wanted.is_empty() { Outcome::Ignored } else { Outcome::Refused }, 1));
    }
    disk.away.store(false, Ordering::SeqCst);
    bot.say(&["jane: ~add cinder"]).await;
    assert_eq!(bot.answer().await.1, Outcome::Changed);
}
