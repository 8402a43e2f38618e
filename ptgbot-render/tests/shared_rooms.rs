//! Rooms that several tracks share: each is there with a meeting, a calendar entry and a session of its own.
#![allow(clippy::unwrap_used)]

mod sample;

use ptgbot_core::Board;
use sample::{MORNING, between, page, time, viewed};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Swift and nova meet in the hall, cinder has its own room; the second slot runs.
fn board() -> Board {
    let slot =
        |name: &str, start: &str| json!({"name": name, "realtime": format!("2026-10-19T{start}:00Z"), "duration": 90});
    sample::loaded(
        &json!({
            "eventid": "oct",
            "tracks": ["swift", "nova", "cinder"],
            "slots": {"Monday": [slot("A1", "07:00"), slot("A2", "09:00"), slot("A3", "11:00")]},
            "schedule": {
                "Hall": {"A1": "cinder", "A2": ["swift", "nova"], "A3": "swift", "url": "https://hall.example.org/", "shared": true},
                "Attic": {"A1": "", "A2": "cinder", "A3": ""},
            },
            "now": {"swift": "rings", "nova": "cells"},
            "location": {"nova": "Lobby"},
        }),
        time(MORNING),
    )
}

fn row<'a>(page: &'a str, room: &str) -> Vec<&'a str> {
    let row = between(page, &format!("<tr data-room=\"{room}\">"), "</tr>");
    row.split("<td ").skip(1).collect()
}

#[test]
fn a_cell_names_all_who_share_it_and_how_to_join_them_while_that_is_possible() {
    let page = page(&board(), MORNING, "index.html");
    let hall = row(&page, "hall");
    let join = |slot: &str| format!("<b>join</b> <code class=\"book\">#track book Hall-{slot}</code>");
    assert!(hall[0].contains(">#cinder</button>") && !hall[0].contains("join"), "what is over: {}", hall[0]);
    for (cell, tracks, slot) in [(hall[1], &["swift", "nova"][..], "A2"), (hall[2], &["swift"], "A3")] {
        let buttons: Vec<_> = cell.split("<button ").skip(1).collect();
        assert_eq!(buttons.len(), tracks.len(), "{cell}");
        for (button, track) in buttons.iter().zip(tracks) {
            assert!(
                button.starts_with(&format!("class=\"t-{track}\" popovertarget=\"_hall/{track}\">#{track}</button>")),
                "{button}"
            );
            let meeting = between(&page, &format!("id=\"_hall/{track}\" popover"), "</div>");
            assert!(
                meeting.contains("https://hall.example.org/") && meeting.contains(&format!("{track}.ics")),
                "{meeting}"
            );
        }
        assert!(cell.contains(&join(slot)), "{cell}");
    }
    assert!(!row(&page, "attic")[1].contains("join"));
    // The two that are shared and the one that nobody has.
    assert!(page.contains("<span class=\"small count\">3 free</span>"));
}

#[test]
fn a_view_leaves_in_its_tracks_alone_and_books_nothing() {
    let page = viewed(&board(), "track=nova", "index.html");
    let hall = row(&page, "hall");
    assert!(hall.concat().contains(">#nova</button>"));
    for left_out in ["#swift</button>", "_hall/swift", "join", "class=\"book\""] {
        assert!(!between(&page, "id=\"_schedule\"", "id=\"_tracks\"").contains(left_out), "{left_out}");
    }
}

#[test]
fn the_wall_shows_who_is_there_and_what_each_discusses() {
    let wall = page(&board(), MORNING, "signage.html");
    let slot = between(&wall, "class=\"running\" data-key=\"A2\"", "</li>");
    for part in [
        "<span class=\"who\"><span class=\"badge t-swift\">#swift</span><span class=\"badge t-nova\">#nova</span><span class=\"plus\">+1</span></span>",
        "<b>#swift</b> <bdi>rings</bdi>",
        "<b>#nova</b> <span class=\"instead\">in <bdi>Lobby</bdi></span> <bdi>cells</bdi>",
    ] {
        assert!(slot.contains(part), "{part} is missing in {slot}");
    }
    assert!(viewed(&board(), "track=nova", "signage.html").contains("<bdi>Hall</bdi>"));
}

#[test]
fn who_meets_without_a_topic_and_who_comes_is_named_for_each() {
    let mut file = ptgbot_core::data_file::full(&board());
    file["now"] = json!({});
    let page = page(&sample::loaded(&file, time(MORNING)), MORNING, "index.html");
    let silent = between(&page, "In session, without a word", "</p>");
    for track in ["#swift", "#nova", "#cinder"] {
        assert!(silent.contains(&format!(">{track}</a>")), "{track}: {silent}");
    }
}

#[test]
fn each_has_a_session_of_its_own_in_calendars_and_programmes() {
    let board = board();
    for (path, tracks) in [("ptg.ics", 5), ("nova.ics", 1), ("swift.ics", 2), ("room/hall.ics", 4)] {
        let calendar = page(&board, MORNING, path);
        assert_eq!(calendar.matches("BEGIN:VEVENT").count(), tracks, "{path}");
        let ids: BTreeSet<_> = calendar.lines().filter(|line| line.starts_with("UID:")).collect();
        assert_eq!(ids.len(), tracks, "{path}");
    }
    let file: Value = serde_json::from_str(&page(&board, MORNING, "schedule.json")).unwrap();
    let hall = file["schedule"]["conference"]["days"][0]["rooms"]["Hall"].as_array().unwrap();
    let told = |key: &str| hall.iter().map(|session| session[key].to_string()).collect::<BTreeSet<_>>();
    assert_eq!((hall.len(), told("guid").len(), told("id").len()), (4, 4, 4));
    // In the order in which they came, so that a programme that is read back is the same.
    let order: Vec<_> = hall.iter().map(|session| session["track"].as_str().unwrap()).collect();
    assert_eq!(order, ["cinder", "swift", "nova", "swift"]);
    let xml = page(&board, MORNING, "schedule.xml");
    assert_eq!(xml.matches("<event ").count(), 5);
}

#[test]
fn public_data_has_a_list_where_several_share_a_slot_and_a_name_elsewhere() {
    let file: Value = serde_json::from_str(&page(&board(), MORNING, "ptg.json")).unwrap();
    let hall = json!({"A1": "cinder", "A2": ["swift", "nova"], "A3": "swift", "url": "https://hall.example.org/", "shared": true});
    assert_eq!(file["schedule"]["Hall"], hall);
    assert_eq!(file["schedule"]["Attic"], json!({"A1": "", "A2": "cinder", "A3": ""}));
    assert_eq!(file["location"], json!({"cinder": "Attic", "nova": "Lobby", "swift": "Hall"}));
}
