//! The connection to the database, cut at every message.

use crate::bot::Bot;
use crate::told::{Kept, Told};
use ptgbot_tests::{Cable, Cut, Database};

#[tokio::test]
async fn a_connection_that_is_cut_before_in_or_after_any_message_loses_and_doubles_nothing() {
    let Some(database) = Database::start().await else { return };
    let cable = Cable::to(database.port()).await;
    for cut in [Cut::Before, Cut::Within, Cut::After] {
        for place in 0.. {
            let board = format!("{cut:?}-{place}");
            let mut bot = Bot::start("anna", &database.board_through(cable.port(), &board)).await;
            let to_be_cut = cable.cut_once(place, cut);
            let told = converse(&mut bot).await;
            let was_cut = to_be_cut.has_come();
            drop(to_be_cut);
            assert!(told.iter().all(Told::has_changed), "cut {cut:?} message {place}: {told:?}");
            let kept = Kept::read(&database.board(&board)).await;
            kept.agrees_with(&told);
            kept.is_shown_by(bot.page).await;
            bot.end().await;
            if !was_cut {
                assert!(place > 10, "all was said in {place} messages");
                break;
            }
        }
    }
}

/// Commands of each kind, one after the other: one change, several at once, somebody is forgotten.
async fn converse(bot: &mut Bot) -> Vec<Told> {
    let mut told = Vec::new();
    for commands in [
        &[("jane", "+in #swift")][..],
        &[("gibi", "#nova now ring placement")],
        &[("mary", "#swift next tempurl"), ("tony", "#swift next quotas"), ("bert", "#swift book Ballroom-MonA1")],
        &[("jane", "+forget")],
        &[("carl", "#nova next evacuation")],
    ] {
        for (person, command) in commands {
            bot.say_as(person, command);
        }
        told.extend(bot.all_told().await);
    }
    told
}
