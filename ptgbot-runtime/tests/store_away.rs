//! Whoever's store is taken away says so, changes nothing, and finds it again.

mod common;

use common::{Bot, Served, run, store_in};
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

#[test]
fn while_the_store_is_away_the_page_is_as_it_was_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, path, aside) =
        (store_in(folder.path()), folder.path().join("board.db"), folder.path().join("aside.db"));
    run(&["import", "--store", &store, "-"], r#"{"eventid": "oct2026", "tracks": ["swift"]}"#);
    let site = Served::start(&store);
    let (page, data) = (site.get("/", ""), site.get("/ptg.json", ""));
    assert!(page.body.contains("swift") && !page.body.contains("out of date"), "{}", page.body);
    assert_eq!((site.get("/readyz", "").status, site.get("/readyz", "").body.as_str()), (200, "ok\n"));

    fs::rename(&path, &aside).expect("moved");
    let away = site.answers("/readyz", |answer| answer.status == 503);
    assert!(away.body.starts_with("the store cannot be read since 20") && away.body.lines().count() == 1, "{away:?}");
    let told = site.answers("/", |answer| answer.body.contains("What you see may be out of date."));
    assert!(told.body.contains("swift"), "{}", told.body);
    assert_eq!((site.get("/ptg.json", ""), site.get("/healthz", "").status), (data, 200));
    assert!(site.get("/metrics", "").body.contains("ptgbot_store_up 0"));

    fs::rename(&aside, &path).expect("moved");
    site.answers("/readyz", |answer| answer.status == 200);
    let again = site.answers("/", |answer| !answer.body.contains("out of date"));
    let tag = |headers: &[String]| headers.iter().find(|header| header.starts_with("etag: ")).cloned();
    assert_eq!((again.body, tag(&again.headers)), (page.body, tag(&page.headers)));
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
