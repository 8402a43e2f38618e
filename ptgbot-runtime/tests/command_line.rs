//! `ptgbot` from a shell: what it prints, and its exit status.

mod common;

use common::{run, store_in};
use std::fs;

#[test]
fn wrong_usage_ends_with_2_and_says_what_is_right() {
    for arguments in [
        &["frobnicate"][..],
        &["export", "--store", "board.db"],
        &["export", "--at", "noon"],
        &["import"],
        &["stdio", "--listen", "127.0.0.1:1"],
        &["render", "--out", "html", "--base-url", "ftp://ptg.example"],
        &["serve", "--store", "memory:"],
        &["serve", "--config", "/nowhere.toml"],
    ] {
        let output = run(arguments, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_password_in_a_wrong_address_is_not_shown() {
    for arguments in [
        &["export", "--store", "Postgres://bot:hunter2@db/x"][..],
        &["stdio", "--store=mysql://bot:hunter2@db/x"],
        &["copy", "--from", "memory:", "--to", "postgresql+psycopg://bot:hunter2@db/x"],
    ] {
        let output = run(arguments, "");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(error.contains("is no store") && !error.contains("hunter2"), "{arguments:?}: {error}");
    }
}

#[test]
fn a_failure_ends_with_1_and_one_line_that_names_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = folder.path().join("list.db");
    fs::write(&list, "milk, bread").expect("written");
    let list = format!("sqlite:{}", list.display());
    let missing = store_in(folder.path());
    for (arguments, input, words) in [
        (&["export", "--store", &list][..], "", "list.db is not a ptgbot store"),
        (&["stdio", "--store", &list], "", "list.db is not a ptgbot store"),
        (&["import", "--store", &list, "-"], "{}", "list.db is not a ptgbot store"),
        (&["history", "--store", &missing], "", "there is no store at"),
        (&["export", "--store", "postgres://bot:hunter2@127.0.0.1:1/ptg"], "", NO_DATABASE),
        (&["import", "--store", "memory:", "/nowhere/board.json"], "", "cannot read /nowhere/board.json"),
        (
            &["import", "--store", "memory:", "-"],
            "{",
            "cannot read standard input as a data file: line 1, column 1: no JSON",
        ),
        (&["import", "--store", "memory:", "-"], "{\"tracks\": 3}", "$.tracks"),
    ] {
        let output = run(arguments, input);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(error.contains(words) && !error.contains("hunter2"), "{error}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("list.db")).expect("a file"), "milk, bread");
}

#[test]
fn what_was_imported_is_exported() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    let data = r#"{"eventid": "oct2026", "tracks": ["swift"], "last_check_in": {}, "sponsor": {"name": "x"},
        "subscriptions": {"john": "swift"}, "slots": {"Monday": [{"name": "MonA1", "desc": "09:00"}]}}"#;
    let output = run(&["import", "--store", &store, "-"], data);
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8_lossy(&output.stdout);
    let [loaded, advice] = said.lines().collect::<Vec<_>>()[..] else { panic!("{said}") };
    assert_eq!(loaded, "Loaded: the board now has 1 track, 1 day, 0 rooms.");
    assert!(advice.starts_with("Advice, slots without a time: "), "{advice}");
    let output = run(&["export", "--store", &store], "");
    let exported: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(exported["eventid"], "oct2026");
    assert_eq!(exported["sponsor"]["name"], "x");
    assert_eq!(exported["subscriptions"]["john"], "swift");
    let output = run(&["export", "--store", &store, "--public", "--at", "2026-10-19T09:00:00Z"], "");
    let public: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(public.get("subscriptions").is_none());
    let history = run(&["history", "--store", &store], "");
    let history = String::from_utf8_lossy(&history.stdout);
    assert!(history.contains("-  cli  data loaded from standard input"), "{history}");
}

#[test]
fn a_wrong_configuration_ends_with_2_and_names_the_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("ptgbot.toml");
    let arguments = ["serve", "--config", config.to_str().expect("a path")];
    for (text, words) in [
        ("store = 'memory:'\n[site]\nchanel = '#a'\n", "ptgbot.toml, line 3, column 1: unknown field `chanel`"),
        ("store = 'board.db'\n", "ptgbot.toml, line 1, column 9: "),
        ("[radio]\n", "ptgbot.toml, line 1, column 2: unknown field `radio`"),
        ("store = 'memory:'\n[irc]\nnick = 'a'\n", "no address is named: --listen 127.0.0.1:8000"),
    ] {
        fs::write(&config, text).expect("written");
        let output = run(&arguments, "");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{text}: {error}");
        let shown = error.lines().skip(1).map(|line| line.chars().all(|c| " |^".contains(c)));
        assert!(error.contains(words), "{error}");
        assert_eq!(
            shown.collect::<Vec<_>>(),
            if text.contains("[irc]") { vec![] } else { vec![false, true] },
            "{error}"
        );
    }
}

#[test]
fn the_file_that_the_package_brings_for_replicas_is_taken_as_it_stands() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, site) = (store_in(folder.path()), folder.path().join("site"));
    assert!(run(&["import", "--store", &store, "-"], "{\"tracks\": [\"swift\"]}").status.success());
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/../packaging/etc/replica.toml");
    let output = run(&["render", "--config", config, "--store", &store, "--out", site.to_str().expect("a path")], "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(fs::read_to_string(site.join("index.html")).expect("a page").contains("#my-event"));
}

#[test]
fn the_static_site_is_told_what_a_bot_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    let data = r#"{"eventid": "oct2026", "tracks": ["swift"]}"#;
    assert_eq!(run(&["import", "--store", &store, "-"], data).status.code(), Some(0));
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (config, from_file, from_flags) = (path("ptgbot.toml"), path("from-file"), path("from-flags"));
    let text = "base_url = 'https://ptg.example/'\netherpad_base = 'https://pad.example/p'\nchannel = '#ptg-room'\n\
                bot = 'boardbot'\n";
    fs::write(&config, format!("store = '{store}'\n[site]\n{text}[irc]\nnick = 'boardbot'\n")).expect("written");
    let render = |flags: &[&str], out: &str| {
        let output = run(&[&["render", "--at", "2026-10-19T09:00:00Z", "--out", out], flags].concat(), "");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    };
    render(&["--config", &config], &from_file);
    let site = ["--base-url", "https://ptg.example", "--etherpad-base", "https://pad.example/p"];
    let names = ["--channel", "#ptg-room", "--bot", "boardbot"];
    render(&[&["--store", &store], &site[..], &names].concat(), &from_flags);
    let read = |out: &str, file: &str| fs::read_to_string(folder.path().join(out).join(file)).expect("a file");
    for file in ["index.html", "etherpads.html", "signage.html", "ptg.ics", "feed.atom", "schedule.json"] {
        assert_eq!(read("from-file", file), read("from-flags", file), "{file}");
    }
    let (page, pads) = (read("from-file", "index.html"), read("from-file", "etherpads.html"));
    assert!(page.contains("#ptg-room") && page.contains("boardbot"), "{page}");
    assert!(
        pads.contains("https://pad.example/p/oct2026-swift")
            && read("from-file", "feed.atom").contains("https://ptg.example/")
    );
}

#[test]
fn what_was_discussed_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    let said = [
        ("2026-10-19T09:00:00Z", "~add swift nova"),
        ("2026-10-19T09:05:00Z", "#swift now Ring *placement*"),
        ("2026-10-19T09:50:00Z", "#swift clean"),
        ("2026-10-20T10:00:00Z", "#nova now Cells"),
    ];
    let said = said.map(|(at, text)| {
        serde_json::json!({"room": "#ptg", "from": "jane", "role": "op", "text": text, "at": at}).to_string() + "\n"
    });
    assert_eq!(run(&["stdio", "--store", &store], &said.concat()).status.code(), Some(0));
    let report =
        |flags: &[&str]| run(&[&["report", "--store", &store, "--at", "2026-10-20T10:30:00Z"], flags].concat(), "");
    let told = |flags: &[&str]| {
        let output = report(flags);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let all = told(&[]);
    assert!(all.contains("## Monday, 19 October 2026") && all.contains("## Tuesday, 20 October 2026"), "{all}");
    let monday = told(&["--day", "mon"]);
    assert!(monday.starts_with("# Monday, 19 October 2026\n"), "{monday}");
    assert!(monday.contains("\n- **09:05\u{2013}09:50 UTC** Ring \\*placement\\*\n") && !monday.contains("Cells"));
    let html = told(&["--day", "2026-10-19", "--format", "html"]);
    assert!(html.starts_with("<!DOCTYPE html>") && html.contains("Ring *placement*"), "{html}");
    let json: serde_json::Value = serde_json::from_str(&told(&["--track", "#Nova", "--format", "json"])).expect("JSON");
    assert_eq!(json["discussions"].as_array().map(Vec::len), Some(1));
    assert_eq!((&json["discussions"][0]["track"], &json["discussions"][0]["until"]), (&"nova".into(), &().into()));
    let site = folder.path().join("site");
    let out = ["render", "--store", &store, "--out", site.to_str().expect("a path"), "--at", "2026-10-20T10:30:00Z"];
    assert_eq!(run(&out, "").status.code(), Some(0));
    assert_eq!(fs::read_to_string(site.join("record/2026-10-19.md")).expect("a file"), monday);
    for (flags, status, words) in [
        (&["--day", "Mondya"][..], 1, "the record has no day \"Mondya\": did you mean Monday?"),
        (&["--track", "swfit"], 1, "there is no track #swfit: did you mean #swift?"),
        (&["--format", "pdf"], 2, "possible values: md, html, json"),
        (&["--track", "a b"], 2, "--track"),
    ] {
        let output = report(flags);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{error}");
        assert!(error.contains(words) && output.stdout.is_empty(), "{error}");
    }
}

/// What is said of a database that is not there.
const NO_DATABASE: &str =
    if cfg!(feature = "postgres") { "cannot connect to board \"main\"" } else { "no postgres:// stores" };
