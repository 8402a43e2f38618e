//! Two bots that write to one board, in many orders.

use crate::bot::Bot;
use crate::told::{Kept, Told};
use fastrand::Rng;
use ptgbot_tests::{Database, Seed};

#[tokio::test]
async fn what_two_writers_acknowledge_is_written_once_in_any_order() {
    let Some(database) = Database::start().await else { return };
    let mut turns = 0;
    for seed in Seed::each(200) {
        let board = database.board(&format!("seed-{}", seed.number()));
        turns += two_writers(&board, &board, &mut seed.chance()).await;
    }
    assert!(turns > 0, "one has always waited for the other");
}

/// Two bots at work on one board, which each reaches in its own way, until all is answered; what was said is compared with
/// what is kept. Gives how often a change of one follows one of the other.
pub(crate) async fn two_writers(first: &str, second: &str, chance: &mut Rng) -> usize {
    let mut bots = [Bot::start("anna", first).await, Bot::start("bert", second).await];
    let mut told = Vec::new();
    for number in 0..chance.usize(6..16) {
        let bot = &mut bots[chance.usize(0..2)];
        for part in 0..chance.usize(1..8) {
            say_something(bot, &format!("{number}.{part}"), &told, chance);
        }
        if chance.bool() {
            for _ in 0..chance.usize(1..=bot.unanswered()) {
                told.push(bot.told().await);
            }
        }
    }
    for bot in &mut bots {
        told.extend(bot.all_told().await);
    }
    let kept = Kept::read(first).await;
    kept.agrees_with(&told);
    for bot in bots {
        kept.is_shown_by(bot.page).await;
        bot.end().await;
    }
    let authors: Vec<_> =
        kept.records.iter().filter_map(|record| record.by.as_ref()?.id.key().chars().next()).collect();
    authors.windows(2).filter(|two| two[0] != two[1]).count()
}

/// A command that makes one change, or none where the other bot was first.
fn say_something(bot: &mut Bot, topic: &str, told: &[Told], chance: &mut Rng) {
    let track = if chance.bool() { "nova" } else { "swift" };
    match chance.usize(0..10) {
        0..4 => bot.say(&format!("#{track} next topic {topic}")),
        4 => bot.say(&format!("#{track} now topic {topic}")),
        5 => bot.say(&format!("#{track} book Ballroom-MonA1")),
        6 => bot.say(&format!("#{track} unbook Ballroom-MonA1")),
        7 => bot.say(&format!("~motd add info {topic}")),
        8 => bot.say(&format!("+in #{track}")),
        _ => match chance.choice(told) {
            Some(Told { person, .. }) => bot.say_as(person, "+forget"),
            None => bot.say("~list"),
        },
    }
}
