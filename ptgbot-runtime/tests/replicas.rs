//! `ptgbot serve` many times on one store: whoever is asked, the answer is the same.

mod common;

use common::{Answer, Bot, Served, run, store_in};

const PATHS: [&str; 19] = [
    "/",
    "/ptg.html",
    "/?track=swift",
    "/?track=nova,swift&room=nowhere",
    "/etherpads.html",
    "/links.html",
    "/signage.html?room=ballroom",
    "/ptg.json",
    "/ptg.schema.json",
    "/ptg.ics",
    "/swift.ics",
    "/room/ballroom.ics",
    "/feed.atom",
    "/schedule.json",
    "/schedule.xml",
    "/style.css",
    "/colors.css",
    "/board.js",
    "/nobody.ics",
];

#[test]
fn replicas_give_the_same_bytes_and_tags_whenever_they_were_started() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    let event = r#"{"eventid": "oct2126", "tracks": ["swift", "nova"], "timezone": "Europe/Berlin",
        "slots": {"Monday": [{"name": "MonA1", "realtime": "2126-10-21T09:00:00Z", "duration": 45}]},
        "schedule": {"Ballroom": {"MonA1": "swift"}}}"#;
    run(&["import", "--store", &store, "-"], event);
    let mut bot = Bot::start(&store);
    let first = Served::start(&store);
    // Some files change, and some of them back.
    for line in ["#swift now rings", "#nova color teal", "#swift unbook Ballroom-MonA1", "#swift book Ballroom-MonA1"] {
        assert!(bot.say("1", line));
        let done = bot.until_done();
        let data = |answer: &Answer| serde_json::from_str::<serde_json::Value>(&answer.body).expect("JSON");
        let revision = done.last().expect("a done line")["revision"].clone();
        first.answers("/ptg.json", |answer| data(answer)["revision"] == revision);
    }
    let second = Served::start(&store);
    for path in PATHS {
        for accept in ["", "Accept-Encoding: gzip\r\n", "Accept-Encoding: br\r\n"] {
            assert_eq!(first.get(path, accept), second.get(path, accept), "{path} {accept}");
        }
        let Some(tag) =
            first.get(path, "").headers.iter().find_map(|line| Some(line.strip_prefix("etag: ")?.to_owned()))
        else {
            continue;
        };
        let known = second.get(path, &format!("If-None-Match: {tag}\r\n"));
        assert_eq!((known.status, known.body.as_str()), (304, ""), "{path}");
    }
    assert_eq!(bot.finish(), Some(0));
}
