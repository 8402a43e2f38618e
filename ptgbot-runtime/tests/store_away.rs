//! A bot whose store is taken away says so instead of changing anything, and finds it again.

mod common;

use common::{Bot, store_in};
use serde_json::Value;
use std::fs;

#[test]
fn while_the_store_is_away_nothing_changes_and_then_it_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, aside) = (folder.path().join("board.db"), folder.path().join("aside.db"));
    let mut bot = Bot::start(&store_in(folder.path()));
    assert_eq!(outcome(&mut bot, "~add swift"), "changed");
    fs::rename(&path, &aside).expect("moved");
    assert_eq!(outcome(&mut bot, "~add nova"), "refused");
    let refused = said(&mut bot, "#swift now rings");
    let done = refused.last().expect("a done line");
    assert!(done["outcome"] == "refused" && done["revision"] == 1, "what was not saved is no revision: {done}");
    assert!(!path.exists(), "nothing new is made");
    fs::rename(&aside, &path).expect("moved");
    assert_eq!(outcome(&mut bot, "~add nova"), "changed");
    let list = said(&mut bot, "~list")[0]["text"].to_string();
    assert!(list.contains("#nova") && list.contains("#swift"), "{list}");
    fs::copy(&path, &aside).expect("copied");
    fs::rename(&aside, &path).expect("moved");
    // Another file is read before it is written: at once where the bot has noticed it already, else after a refusal.
    let changed = (0..2).any(|_| outcome(&mut bot, "~add cinder") == "changed");
    assert!(changed);
    assert_eq!(bot.finish(), Some(0));
}

fn outcome(bot: &mut Bot, text: &str) -> String {
    let lines = said(bot, text);
    let done = lines.last().expect("a done line");
    done["outcome"].as_str().expect("an outcome").to_owned()
}

fn said(bot: &mut Bot, text: &str) -> Vec<Value> {
    assert!(bot.say("1", text));
    bot.until_done()
}
