//! `ptgbot check` from a shell: what it prints, and its exit status.

mod common;

use common::{run, store_in};
use serde_json::{Value, json};

/// A file of which nothing is to be said before October 2026.
fn good() -> Value {
    json!({
        "eventid": "oct2026-ptg", "timezone": "Europe/Dublin", "tracks": ["swift", "nova"],
        "slots": {"Monday": [
            {"name": "MonA1", "desc": "09:00-10:30", "realtime": "2026-10-19T08:00:00Z", "duration": 90},
            {"name": "MonA2", "desc": "11:00-12:30", "realtime": "2026-10-19T10:00:00Z", "duration": 90},
        ]},
        "schedule": {"Ballroom A": {"MonA1": "swift", "MonA2": ""}},
    })
}

/// Checks a document as of a day before the event; gives the status and what was printed.
fn check(file: &Value, flags: &[&str]) -> (Option<i32>, String) {
    let arguments = [&["check", "-", "--at", "2026-10-01T00:00:00Z"], flags].concat();
    let output = run(&arguments, &file.to_string());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code(), String::from_utf8(output.stdout).expect("text"))
}

#[test]
fn a_good_file_ends_with_0_and_one_line() {
    assert_eq!(check(&good(), &[]), (Some(0), "standard input: no errors, no advice.\n".into()));
}

#[test]
fn advice_ends_with_0_and_an_error_with_1() {
    let mut file = good();
    file["colors"] = json!({"swift": "yellow"});
    let (status, text) = check(&file, &[]);
    assert_eq!(status, Some(0));
    assert!(text.starts_with("standard input: no errors, 1 piece of advice\n"), "{text}");
    assert!(
        text.contains("\n  #swift  $.colors.swift\n      white on 'yellow'") && text.contains("\u{2192} write #"),
        "{text}"
    );
    file["slots"]["Monday"][1]["name"] = "MonA1".into();
    let (status, text) = check(&file, &[]);
    assert_eq!(status, Some(1));
    let (error, advice) = (text.find("\nError: slots that share a name\n"), text.find("\nAdvice: "));
    assert!(error.is_some() && error < advice, "{text}");
}

#[test]
fn scripts_read_every_finding_as_json() {
    let mut file = good();
    file["slots"]["Monday"][1]["name"] = "MonA1".into();
    file["schedule"] = json!({"Ballroom A": {"MonA1": "swift"}});
    file["links"] = json!({"Map": "ftp://example.org/"});
    let (status, text) = check(&file, &["--json"]);
    let found: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((status, &found["checked"]), (Some(1), &"standard input".into()));
    assert_eq!((&found["errors"], &found["advice"], &found["left_out"]), (&1.into(), &1.into(), &json!({})));
    let first = json!({
        "severity": "error", "kind": "slot-twice", "path": "$.slots.Monday[1].name", "name": "MonA1",
        "reason": "Monday has a slot of that name already: a booking of one would be of both",
        "proposal": "give it a name of its own, such as MonA1b",
    });
    assert_eq!(found["findings"][0], first);
    assert_eq!(found["findings"][1]["kind"], "not-http");
}

#[test]
fn what_cannot_be_read_ends_with_2_and_says_where() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = store_in(folder.path());
    for (arguments, input, words) in [
        (&["check", "/nowhere/event.json"][..], "", "cannot read /nowhere/event.json"),
        (&["check", "-"], "{\"a\": 1,}", "cannot read standard input as a data file: "),
        (&["check", "-"], "{\"a\": 1, \"a\": 2}", "the key \"a\" stands twice"),
        (&["check", "-"], "<schedule></schedule>", "--from frab"),
        (&["check", "--store", &missing], "", "there is no store at"),
        (&["check"], "", "<FILE>"),
        (&["check", "a.json", "--store", &missing], "", "cannot be used with"),
    ] {
        let output = run(arguments, input);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(output.stdout.is_empty() && error.contains(words), "{arguments:?}: {error}");
    }
}

#[test]
fn a_programme_in_another_format_is_checked_as_it_would_be_imported() {
    let csv = "day,date,start,end,room,track,url\nMonday,2026-10-19,09:00,10:00,Pike\u{2019}s,swift,\n";
    let output = run(&["check", "--from", "csv", "--timezone", "Europe/Dublin", "--json", "-"], csv);
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(output.status.code(), Some(0), "{found}");
    let is_name = |finding: &&Value| finding["kind"] == "look-alike" && finding["proposal"] == "write Pike's";
    assert!(found["findings"].as_array().expect("a list").iter().any(|one| is_name(&one)), "{found}");
}

#[test]
fn a_value_of_another_type_is_an_error_beside_the_others() {
    let mut file = good();
    file["voice"] = "loud".into();
    file["motd"] = json!([{"level": "info", "message": 5}]);
    let (status, text) = check(&file, &[]);
    assert_eq!(status, Some(1));
    assert!(text.contains("$.voice") && text.contains("$.motd[0].message"), "{text}");
}

#[test]
fn a_board_is_checked_as_what_it_would_export() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    let mut file = good();
    file["links"] = json!({"Map": "map"});
    let imported = run(&["import", "--store", &store, "-"], &file.to_string());
    assert_eq!(imported.status.code(), Some(0));
    assert!(
        String::from_utf8_lossy(&imported.stdout)
            .contains("\nAdvice, links that cannot be followed: Map ($.links.Map).")
    );
    let output = run(&["check", "--store", &store, "--at", "2026-10-01T00:00:00Z", "--json"], "");
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((output.status.code(), &found["checked"]), (Some(0), &store.as_str().into()));
    assert_eq!(found["findings"][0]["path"], "$.links.Map");
}

#[test]
fn a_file_with_errors_is_not_imported() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    assert_eq!(run(&["import", "--store", &store, "-"], &good().to_string()).status.code(), Some(0));
    let before = run(&["export", "--store", &store], "").stdout;
    let mut file = good();
    file["slots"]["Monday"][1]["name"] = "MonA1".into();
    let refused = run(&["import", "--store", &store, "-"], &file.to_string());
    let error = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{error}");
    assert!(error.contains("Error, slots that share a name: MonA1 ($.slots.Monday[1].name)"), "{error}");
    assert_eq!(run(&["export", "--store", &store], "").stdout, before);
}
