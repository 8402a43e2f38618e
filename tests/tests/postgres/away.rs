//! The database goes away during traffic, and comes back.

use crate::bot::Bot;
use crate::told::{Kept, Told};
use ptgbot_tests::deadline::{PATIENCE, wait_until};
use ptgbot_tests::{Database, Elsewhere, Seed};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_database_that_is_stopped_and_killed_during_traffic_loses_and_doubles_nothing() {
    let Some(mut database) = Database::start().await else { return };
    let board = database.board("main");
    let mut bot = Bot::start("anna", &board).await;
    let mut told = Vec::new();
    for seed in Seed::each(10) {
        let mut chance = seed.chance();
        for number in 0..TRAFFIC {
            bot.say(&something(number));
        }
        for _ in 0..chance.usize(0..TRAFFIC) {
            told.push(bot.told().await);
        }
        if chance.bool() {
            database.kill().await
        } else {
            database.stop_at_once().await
        }
        for number in 0..chance.usize(1..20) {
            bot.say(&something(number));
        }
        database.start_again().await;
        told.extend(bot.all_told().await);
    }
    assert!(told.iter().all(Told::has_changed), "what is said while the database is away waits: {told:?}");
    let kept = Kept::read(&board).await;
    kept.agrees_with(&told);
    kept.is_shown_by(bot.page).await;
    bot.end().await;
}

#[tokio::test]
async fn a_database_that_is_cut_off_for_half_a_minute_is_waited_for() {
    let Some(place) = Elsewhere::make().await else { return };
    let Some(database) = Database::start_elsewhere(&place).await else { return };
    let mut bot = Bot::start("anna", &database.board_elsewhere(&place, "main")).await;
    for number in 0..TRAFFIC {
        bot.say(&something(number));
    }
    let mut told = vec![bot.told().await];
    place.cut_off().await;
    let since = Instant::now();
    for number in 0..TRAFFIC {
        bot.say(&something(number));
    }
    let page = bot.page;
    let is_away = wait_until("a bot that knows of it", PATIENCE, || async {
        (page.status("/readyz").await == Some(503)).then_some(())
    });
    is_away.await.unwrap_or_else(|late| panic!("{late}"));
    // What was recorded before.
    while let Some(before) = bot.told_within(Duration::ZERO).await {
        told.push(before);
    }
    while since.elapsed() < CUT_OFF {
        assert_eq!(bot.told_within(Duration::from_secs(1)).await, None, "nothing can be recorded");
        assert_eq!(page.status("/readyz").await, Some(503));
        assert!(page.data().await["revision"].as_u64() > Some(0), "the page is there all the while");
    }
    assert!(bot.unanswered() >= TRAFFIC, "all that was said since waits");
    place.connect().await;
    told.extend(bot.all_told().await);
    assert!(told.iter().all(Told::has_changed), "{told:?}");
    let kept = Kept::read(&database.board("main")).await;
    kept.agrees_with(&told);
    kept.is_shown_by(page).await;
    assert_eq!(page.status("/readyz").await, Some(200));
    bot.end().await;
}

/// A command that makes one change, whatever was said before.
fn something(number: usize) -> String {
    if number.is_multiple_of(3) { format!("#nova now topic {number}") } else { "+in #swift".to_owned() }
}

/// Several appends.
const TRAFFIC: usize = 400;
const CUT_OFF: Duration = Duration::from_secs(30);
