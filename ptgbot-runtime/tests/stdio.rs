//! `ptgbot stdio` as a process: the protocol, and what it promises when things go wrong.

mod common;

use common::{Bot, DEADLINE, lines, run, store_in};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Instant;

#[test]
fn a_conversation_is_answered_line_by_line() {
    let input = r##"{"tick":"2026-10-19T14:00:00Z"}
{"id":"1","room":"#ptg","from":"jane","role":"op","text":"~add swift"}
{"id":"2","from":"John","text":"subscribe ring"}
{"id":"3","room":"#ptg","from":"jane","name":"Jane","role":"op","text":"#swift now ring placement","at":"2026-10-19T14:05:00Z"}
{"id":"4","room":"#ptg","from":"jane","text":"good morning"}
not JSON
{"id":"5","room":"#ptg","from":"jane","role":"member","text":"~newday"}
{"room":"#ptg","from":"john","text":"#swift show"}"##;
    let output = run(&["stdio", "--store", "memory:"], input);
    assert_eq!(output.status.code(), Some(0));
    let lines = lines(&output);
    let kinds: Vec<_> = lines.iter().map(|line| line["type"].as_str().expect("a type")).collect();
    let wanted = [
        "done", "ack", "done", "reply", "done", "reply", "notify", "done", "done", "error", "reply", "done", "reply",
        "done",
    ];
    assert_eq!(kinds, wanted);
    assert_eq!(lines[0], json!({"type": "done", "id": null, "outcome": "ignored", "revision": 0}));
    assert_eq!(lines[1], json!({"type": "ack", "to": {"room": "#ptg"}, "in_reply_to": "1"}));
    assert_eq!(lines[2], json!({"type": "done", "id": "1", "outcome": "changed", "revision": 1}));
    assert_eq!(lines[3]["to"], json!({"user": "John"}));
    assert_eq!(lines[5]["in_reply_to"], "3");
    assert_eq!(lines[6], json!({"type": "notify", "to": {"user": "john"}, "text": "#swift now: ring placement"}));
    assert_eq!(lines[7], json!({"type": "done", "id": "3", "outcome": "changed", "revision": 3}));
    assert_eq!(lines[8]["outcome"], "ignored");
    assert_eq!(lines[9]["line"], 6);
    assert_eq!(lines[11]["outcome"], "refused");
    assert_eq!(lines[13], json!({"type": "done", "id": null, "outcome": "answered", "revision": 3}));
}

#[test]
fn a_change_that_is_done_is_in_the_store_with_its_time_and_author() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    let input =
        r##"{"room":"#ptg","from":"jane","name":"Jane","role":"op","text":"~add swift","at":"2026-10-19T14:05:00Z"}"##;
    assert_eq!(run(&["stdio", "--store", &store], input).status.code(), Some(0));
    let history = lines(&run(&["history", "--store", &store, "--json"], ""));
    let wanted = json!({"revision": 1, "at": "2026-10-19T14:05:00Z", "by": "Jane", "id": "jane", "network": "stdio", "room": "#ptg", "what": "~add swift"});
    assert_eq!(history, [wanted]);
}

#[test]
fn a_process_answers_by_what_another_has_just_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    let (mut one, mut other) = (Bot::start(&store), Bot::start(&store));
    for number in 1..=20 {
        let track = format!("track{number}");
        assert!(one.say("add", &format!("~add {track}")));
        while one.next().expect("an answer")["type"] != "done" {}
        assert!(other.say("show", &format!("#{track}")));
        let done = loop {
            let line = other.next().expect("an answer");
            if line["type"] == "done" {
                break line;
            }
        };
        assert_eq!(done, json!({"type": "done", "id": "show", "outcome": "answered", "revision": number}));
    }
}

#[test]
fn many_lines_may_be_written_before_the_first_answer_is_read() {
    let line = "{\"room\":\"#ptg\",\"from\":\"jane\",\"text\":\"#swift now a topic\"}\n";
    let input = format!(
        "{{\"room\":\"#ptg\",\"from\":\"jane\",\"role\":\"op\",\"text\":\"~add swift\"}}\n{}",
        line.repeat(20_000)
    );
    let output = run(&["stdio", "--store", "memory:"], &input);
    let lines = lines(&output);
    assert_eq!(lines.last().expect("a line")["revision"], 20_001);
    assert_eq!(lines.iter().filter(|line| line["type"] == "done").count(), 20_001);
}

#[test]
fn a_fetch_is_answered_before_the_next_line() {
    let input = r##"{"id":"1","room":"#ptg","from":"jane","role":"op","text":"~fetchdb http://127.0.0.1:9/board.json"}
{"id":"2","room":"#ptg","from":"jane","role":"op","text":"~list"}"##;
    let lines = lines(&run(&["stdio", "--store", "memory:"], input));
    let ids: Vec<_> = lines.iter().filter(|line| line["type"] == "done").map(|line| line["id"].clone()).collect();
    assert_eq!(ids, ["1", "2"]);
    assert_eq!(lines[1], json!({"type": "done", "id": "1", "outcome": "refused", "revision": 0}));
}

#[test]
fn no_acknowledged_change_is_lost_when_the_process_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    let mut acknowledged = BTreeSet::new();
    let mut sent = 0;
    for round in 0..10_u32 {
        let mut bot = Bot::start(&store);
        let enough = 3 + (round * 37) % 50;
        let mut done = 0;
        for _ in 0..150 {
            bot.say(&format!("t{sent}"), &format!("~add t{sent}"));
            sent += 1;
        }
        while done < enough {
            let line = bot.next().expect("an answer");
            if line["type"] == "done" && line["outcome"] == "changed" {
                acknowledged.insert(line["id"].as_str().expect("an id").to_owned());
                done += 1;
            }
        }
        bot.kill();
        while let Some(line) = bot.next() {
            if line["type"] == "done" && line["outcome"] == "changed" {
                acknowledged.insert(line["id"].as_str().expect("an id").to_owned());
            }
        }
        let tracks = tracks(&store);
        let lost: Vec<_> = acknowledged.difference(&tracks).collect();
        assert!(lost.is_empty(), "round {round} lost {lost:?}");
    }
}

#[test]
fn two_processes_on_one_store_see_each_others_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    let (mut one, mut two) = (Bot::start(&store), Bot::start(&store));
    one.say("1", "~add swift");
    one.until_done();
    two.send(&json!({"id": "2", "from": "john", "text": "subscribe #swift"}));
    assert_eq!(two.until_done().last().expect("done")["revision"], 2);
    one.say("3", "#swift now ring placement");
    let told = one.until_done();
    assert_eq!(told.last().expect("done")["revision"], 3, "{told:?}");
    let heard = two.next().expect("a notification");
    assert_eq!(heard, json!({"type": "notify", "to": {"user": "john"}, "text": "#swift now: ring placement"}));
    for n in 0..100 {
        let id = n.to_string();
        assert!(one.say(&id, &format!("~add a{n}")) && two.say(&id, &format!("~add b{n}")));
    }
    let outcomes =
        |bot: &mut Bot| (0..100).map(|_| bot.until_done().pop().expect("done")["outcome"].clone()).collect::<Vec<_>>();
    assert!(outcomes(&mut one).iter().chain(&outcomes(&mut two)).all(|outcome| outcome == "changed"));
    assert_eq!((one.finish(), two.finish()), (Some(0), Some(0)));
    assert_eq!(tracks(&store).len(), 201);
}

#[test]
fn nobody_is_notified_twice_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    let mut bot = Bot::start(&store);
    bot.say("1", "~add swift");
    bot.send(&json!({"id": "2", "from": "john", "text": "subscribe #swift"}));
    bot.say("3", "#swift now ring placement");
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.extend(bot.until_done());
    }
    assert_eq!(seen.iter().filter(|line| line["type"] == "notify").count(), 1);
    bot.kill();
    let mut bot = Bot::start(&store);
    bot.say("4", "~list");
    assert!(bot.until_done().iter().all(|line| line["type"] != "notify"));
}

#[test]
fn a_forgotten_person_stays_forgotten_for_the_other_process_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    let (mut one, mut two) = (Bot::start(&store), Bot::start(&store));
    one.say("1", "~add swift");
    one.send(&json!({"id": "2", "from": "john", "text": "in #swift"}));
    one.until_done();
    one.until_done();
    let deadline = Instant::now() + DEADLINE;
    let seen = |bot: &mut Bot| {
        bot.say("s", "+seen john");
        bot.until_done().into_iter().find(|line| line["type"] == "reply").expect("an answer")["text"].clone()
    };
    while !seen(&mut two).as_str().expect("text").contains("#swift") {
        assert!(Instant::now() < deadline, "the second process never saw the first one's change");
    }
    one.send(&json!({"id": "3", "from": "john", "text": "forget"}));
    one.until_done();
    while seen(&mut two).as_str().expect("text").contains("#swift") {
        assert!(Instant::now() < deadline, "the second process never forgot");
    }
}

fn tracks(store: &str) -> BTreeSet<String> {
    let output = run(&["export", "--store", store], "");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let data: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let tracks = data["tracks"].as_array().expect("a list").iter();
    tracks.map(|track| track.as_str().expect("a name").to_owned()).collect()
}
