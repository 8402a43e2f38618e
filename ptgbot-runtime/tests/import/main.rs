//! `ptgbot import` of programmes that other programs wrote, of spreadsheets, and of our own exports.

#[path = "../common/mod.rs"]
mod common;
mod place;
mod refused;

use common::run;
use place::{Place, fixture, text_of};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// A board with everything that is hard to carry: free slots, a slot without a time, two slots of one time, a shared room,
/// a booking of one track in two rooms, links of rooms and tracks, names of other scripts.
fn board() -> Value {
    json!({
        "eventid": "oct2026-ptg", "timezone": "Europe/Berlin", "tracks": ["swift", "nova", "c++", "oslo.config", "idle"],
        "slots": {
            "First day": [
                {"name": "MonA1", "desc": "early", "realtime": "2026-10-19T07:00:00Z", "duration": 105, "seats": 3},
                {"name": "MonA1v", "desc": "online", "realtime": "2026-10-19T07:00:00Z", "duration": 105},
                {"name": "MonA2", "desc": "11:00-12:00", "realtime": "2026-10-19T09:00:00Z"},
                {"name": "MonN", "desc": "?>", "realtime": "2026-10-19T22:30:00Z", "duration": 30},
            ],
            "Tuesday": [{"name": "TueA1", "desc": "09:00-10:45", "realtime": "2026-10-20T07:00:00Z", "duration": 105}],
            "Wednesday": [{"name": "WedX", "desc": "all morning"}],
        },
        "schedule": {
            "Zoo": {"url": "https://meet.example.org/zoo", "desc": "Level <2>", "MonA2": "nova", "MonN": ""},
            "Ballroom A": {"MonA1": "swift", "MonA2": "nova", "TueA1": "", "WedX": "swift", "beamer": true},
            "חדר ב'": {"url": "https://meet.example.org", "MonA1": "", "MonA1v": "swift", "TueA1": "c++"},
            "Foyer": {"shared": true, "MonA1": ["nova", "oslo.config"], "MonA2": "", "MonN": "c++"},
            "Empty": {},
        },
        "now": {"swift": "rings"}, "links": {"Help": "https://example.org/help"},
        "urls": {"swift": "https://meet.example.org/swift?a=1&b=2", "idle": "https://meet.example.org/idle"},
        "etherpads": {"nova": "https://pad.example.org/nova", "idle": "https://pad.example.org/idle"},
        "colors": {"swift": "rebeccapurple", "idle": "teal"},
    })
}

#[test]
fn our_own_programme_comes_back_unchanged_in_both_forms() {
    let first = Place::with(&board());
    for (format, name) in [("c3voc", "schedule.json"), ("frab", "schedule.xml")] {
        let original = first.rendered(name);
        let path = original.to_str().expect("a path");
        let onto_itself = first.import(&["--dry-run", "--from", format, path]);
        assert_eq!(text_of(&onto_itself.stdout), "Nothing would change.\n", "{}", text_of(&onto_itself.stderr));
        let second = Place::new();
        let output = second.import(&["--from", format, path]);
        assert_eq!(output.status.code(), Some(0), "{}", text_of(&output.stderr));
        assert_eq!(text_of(&output.stderr), "");
        let without_version = |path: &Path| {
            let text = fs::read_to_string(path).expect("a file");
            // It names the time of the import.
            let lines = text.lines().map(|line| if line.contains("version") { "" } else { line });
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(without_version(&original), without_version(&second.rendered(name)), "{name}");
        let (was, is) = (first.export(), second.export());
        for key in ["eventid", "timezone", "tracks", "slots", "schedule"] {
            assert_eq!(was[key].to_string(), is[key].to_string(), "{key}");
        }
    }
}

#[test]
fn what_is_changed_in_our_own_programme_is_taken_over() {
    let place = Place::with(&board());
    let path = place.rendered("schedule.json");
    let mut file: Value = serde_json::from_str(&fs::read_to_string(&path).expect("a file")).expect("JSON");
    let tuesday = &mut file["schedule"]["conference"]["days"][1]["rooms"]["חדר ב'"];
    tuesday[0]["date"] = "2026-10-20T10:00:00+02:00".into();
    tuesday[0]["end"] = "2026-10-20T11:00:00+02:00".into();
    let (status, said) = place.said("c3voc", file.to_string());
    assert_eq!(status, Some(0), "{said}");
    let board = place.export();
    assert_eq!(board["slots"]["Tuesday"][1]["name"], "Tue1000");
    let room = &board["schedule"]["חדר ב'"];
    assert_eq!((&room["Tue1000"], room.get("TueA1")), (&json!("c++"), None));
    assert_eq!(board["schedule"]["Ballroom A"]["TueA1"], "");
}

#[test]
fn both_forms_of_a_foreign_programme_become_one_board() {
    let [xml, json] = [("frab", "schedule.xml"), ("c3voc", "schedule.json")].map(|(format, name)| {
        let place = Place::new();
        let output = place.import(&["--from", format, &fixture(name)]);
        assert_eq!(output.status.code(), Some(0), "{}", text_of(&output.stderr));
        assert_eq!(text_of(&output.stderr), "note: a board has no place for: 4 titles, 3 speakers, 1 link\n");
        place.export()
    });
    assert_eq!(json["eventid"], "lighthouse26");
    assert_eq!(json["timezone"], "Europe/Berlin");
    assert_eq!(json["tracks"], json!(["kuste", "lamps-lenses", "opening"]));
    assert_eq!(json["colors"], json!({"kuste": "#a3330d", "lamps-lenses": "#00577a"}));
    let slot = |name: &str, desc: &str, start: &str, minutes: u32| json!({"name": name, "desc": desc, "realtime": start, "duration": minutes});
    assert_eq!(
        json["slots"],
        json!({
            "Friday": [
                slot("Fri1000", "10:00-10:30", "2026-08-14T08:00:00Z", 30),
                slot("Fri1100-60", "11:00-12:00", "2026-08-14T09:00:00Z", 60),
                slot("Fri1100", "11:00-12:30", "2026-08-14T09:00:00Z", 90),
                slot("Fri0100", "01:00-03:00", "2026-08-14T23:00:00Z", 120),
            ],
            "Saturday": [slot("Sat1000", "10:00-10:45", "2026-08-15T08:00:00Z", 45)],
        })
    );
    let hall = json!({"Fri1000": "opening", "Fri1100-60": "lamps-lenses", "Fri0100": "kuste"});
    let keeper = json!({"Fri1100": "kuste", "Sat1000": "lamps-lenses", "url": "https://meet.example.org/keeper"});
    assert_eq!(xml["schedule"], json!({"Großer Saal": hall, "Keeper's Room": keeper}));
    for key in ["eventid", "timezone", "tracks", "colors", "slots", "urls"] {
        assert_eq!(xml[key].to_string(), json[key].to_string(), "{key}");
    }
    assert_eq!(json["schedule"]["Großer Saal"]["desc"], "Ground floor");
}

#[test]
fn a_programme_without_dates_of_its_events_is_read_in_the_zone_that_is_named() {
    let place = Place::new();
    let output = place.import(&["--from", "frab", &fixture("old-frab.xml")]);
    assert!(text_of(&output.stderr).contains("name it: --timezone Europe/Dublin"), "{}", text_of(&output.stderr));
    let output = place.import(&["--from", "frab", "--timezone", "America/New_York", &fixture("old-frab.xml")]);
    assert_eq!(output.status.code(), Some(0), "{}", text_of(&output.stderr));
    let board = place.export();
    let starts: Vec<_> =
        board["slots"]["Friday"].as_array().expect("slots").iter().map(|slot| &slot["realtime"]).collect();
    assert_eq!(starts, ["2026-08-15T02:30:00Z", "2026-08-15T04:15:00Z"]);
    assert_eq!(board["timezone"], "America/New_York");
}

#[test]
fn spreadsheets_are_read_as_they_are_saved() {
    for (name, rooms) in [
        (
            "german.csv",
            json!({
                "Großer Saal": {"Fri1000": "opening", "Fri1100-60": "lamps-lenses", "Fri2200": "kuste"},
                "Keeper's Room": {"Fri1100": "kuste", "Sat1000": "lamps-lenses", "Sat1100": "", "url": "https://meet.example.org/keeper"},
            }),
        ),
        (
            "american.csv",
            json!({
                "Main Hall": {"Fri1000": "opening", "Fri1100-60": "swift", "Sat1000": "swift"},
                "Keeper's \"Room\", upstairs": {"Fri1100": "nova"},
            }),
        ),
    ] {
        let place = Place::new();
        let output = place.import(&["--timezone", "Europe/Berlin", "--from", "csv", &fixture(name)]);
        assert_eq!(output.status.code(), Some(0), "{}", text_of(&output.stderr));
        let board = place.export();
        assert_eq!(board["schedule"], rooms, "{name}");
        assert_eq!(board["slots"]["Saturday"][0]["realtime"], "2026-08-15T08:00:00Z");
        let again = place.import(&["--dry-run", "--from", "csv", &fixture(name)]);
        assert_eq!(text_of(&again.stdout), "Nothing would change.\n", "{}", text_of(&again.stderr));
    }
}

#[test]
fn slots_of_the_board_keep_their_names_and_rooms_what_they_say() {
    let place = Place::with(&board());
    let (status, said) = place.said(
        "csv",
        "date,start,end,room,track\n2026-10-19,9:00,10:45,Zoo,nova\n2026-10-19,10:45,11:00,Zoo,\n2026-10-20,9:00,10:45,Attic,new one\n",
    );
    assert_eq!(status, Some(0), "{said}");
    let board = place.export();
    let names = |day: &str| {
        board["slots"][day].as_array().expect("slots").iter().map(|slot| slot["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((names("First day"), names("Tuesday")), (vec![json!("MonA1"), json!("Mon1045")], vec![json!("TueA1")]));
    let zoo = json!({"MonA1": "nova", "Mon1045": "", "url": "https://meet.example.org/zoo", "desc": "Level <2>"});
    assert_eq!(board["schedule"], json!({"Zoo": zoo, "Attic": {"TueA1": "new-one"}}));
    assert_eq!(board["slots"]["First day"][0]["seats"], 3);
    assert_eq!(board["tracks"], json!(["c++", "idle", "new-one", "nova", "oslo.config", "swift"]));
    assert_eq!(board["links"], json!({"Help": "https://example.org/help"}));
    assert_eq!(board["urls"]["idle"], "https://meet.example.org/idle");
}

#[test]
fn tracks_meet_together_in_a_shared_room_only() {
    let place = Place::with(&board());
    let rows = |room: &str| {
        format!("date,start,end,room,track\n2026-10-19,9:00,10:45,{room},nova\n2026-10-19,9:00,10:45,{room},c++\n")
    };
    let (status, said) = place.said("csv", rows("Zoo"));
    assert_eq!(status, Some(1));
    assert!(said.contains("line 3, column 1: in 'Zoo' #c++ begins at"), "{said}");
    let (status, said) = place.said("csv", rows("Foyer"));
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(place.export()["schedule"], json!({"Foyer": {"MonA1": ["nova", "c++"], "shared": true}}));
}

#[test]
fn a_dry_run_shows_what_would_change_and_changes_nothing() {
    let place = Place::with(&json!({
        "eventid": "oct", "timezone": "UTC", "tracks": ["nova", "swift"], "links": {"Help": "https://example.org/"},
        "slots": {"Monday": [{"name": "MonA1", "desc": "11:00", "realtime": "2020-10-19T09:00:00Z"}]},
        "schedule": {"Attic": {"MonA1": "nova"}, "Cellar": {"MonA1": ""}},
    }));
    let before = place.export();
    let file = json!({
        "timezone": "Europe/Berlin", "links": {}, "tracks": ["swift", "ironic"], "urls": {"swift": "https://meet.example.org/s"},
        "slots": {"Monday": [
            {"name": "MonA1", "desc": "11:00", "realtime": "2020-10-19T09:00:00Z", "duration": 90},
            {"name": "MonA2", "desc": "13:00", "realtime": "2020-10-19T11:00:00Z"},
        ]},
        "schedule": {"Attic": {"MonA1": "swift", "MonA2": ""}, "Hall": {"desc": "Level 2", "MonA2": "ironic"}},
    });
    let output = run(&["import", "--dry-run", "--store", &place.store, "-"], &file.to_string());
    let shown = text_of(&output.stdout);
    assert_eq!(shown.split("Advice").next(), Some(DIFFERENCE), "{}", text_of(&output.stderr));
    assert!(shown.contains("Advice, an event that is over: MonA2"), "{shown}");
    assert_eq!(place.export().to_string(), before.to_string());
    let new = Place::new();
    let output = run(&["import", "--dry-run", "--store", &new.store, "-"], &file.to_string());
    let shown = text_of(&output.stdout);
    assert!(shown.contains("+ track    #ironic"), "{}", text_of(&output.stderr));
    let first = shown.lines().next().expect("a line");
    assert!(first.starts_with("there is no store at ") && first.ends_with("compared with an empty board"), "{first}");
    assert!(fs::read_dir(new.folder.path()).expect("a folder").next().is_none());
}

const DIFFERENCE: &str = "\
~ event    zone          UTC → Europe/Berlin
- track    #nova
+ track    #ironic
~ slot     MonA1         Monday, 11:00, 2020-10-19T09:00:00Z → Monday, 11:00, 2020-10-19T09:00:00Z, 90 min
+ slot     MonA2         Monday, 13:00, 2020-10-19T11:00:00Z
- room     Cellar
+ room     Hall          desc Level 2
~ booking  Attic-MonA1   #nova → #swift
- booking  Cellar-MonA1  free
+ booking  Attic-MonA2   free
+ booking  Hall-MonA2    #ironic
- link     Help          https://example.org/
+ meeting  #swift        https://meet.example.org/s
6 to add, 4 to remove, 3 to change. Nothing was changed.
";
