//! What conference apps read: the programme as JSON and as XML says the same, and each session stays itself.
#![allow(clippy::unwrap_used)]

mod sample;

use ptgbot_core::{Board, Event, RoomName, SlotCode, SlotName, Text, TrackEvent};
use ptgbot_render::{Site, SiteOptions, SitePath};
use sample::{happen, loaded, monday, time, track};
use serde_json::{Value, json};
use std::collections::HashSet;

fn file(board: &Board, path: &str) -> String {
    let options = SiteOptions::default();
    let body =
        Site::new(board, time("2026-10-19T09:30:00Z"), &options).render(&SitePath::parse(path).unwrap()).unwrap().body;
    String::from_utf8(body).unwrap()
}

fn schedule(board: &Board) -> Value {
    serde_json::from_str::<Value>(&file(board, "schedule.json")).unwrap()["schedule"].take()
}

fn sessions(schedule: &Value) -> Vec<&Value> {
    let days = schedule["conference"]["days"].as_array().unwrap().iter();
    days.flat_map(|day| day["rooms"].as_object().unwrap().values()).flat_map(|room| room.as_array().unwrap()).collect()
}

#[test]
fn every_booking_with_a_time_is_a_session_and_both_forms_have_the_same() {
    let board = monday();
    let (schedule, xml) = (schedule(&board), file(&board, "schedule.xml"));
    let calendar = file(&board, "ptg.ics");
    let booked = calendar.matches("STATUS:CONFIRMED").count();
    assert_eq!(sessions(&schedule).len(), booked);
    assert_eq!(xml.matches("<event ").count(), booked);
    for session in sessions(&schedule) {
        let words = |key: &str| session[key].as_str().unwrap();
        let guid = format!("<event id=\"{}\" guid=\"{}\">", session["id"], words("guid"));
        let told = xml.split_once(&guid).unwrap().1.split_once("</event>").unwrap().0;
        for key in ["date", "start", "duration", "slug", "title", "track", "type"] {
            assert!(told.contains(&format!("<{key}>{}</{key}>", words(key))), "{key} in {told}");
        }
    }
    assert!(xml.contains(&format!("<version>{}</version>", schedule["version"].as_str().unwrap())));
}

#[test]
fn a_session_has_the_times_of_its_slot_in_the_events_zone() {
    let schedule = schedule(&monday());
    let sessions = sessions(&schedule);
    let first = sessions.iter().find(|session| session["title"] == "swift").unwrap();
    assert_eq!(first["date"], "2026-10-19T09:00:00+02:00");
    assert_eq!(first["end"], "2026-10-19T10:45:00+02:00");
    assert_eq!((&first["start"], &first["duration"]), (&json!("09:00"), &json!("01:45")));
    assert_eq!(schedule["conference"]["timeslot_duration"], "00:15");
    assert_eq!(schedule["conference"]["time_zone_name"], "Europe/Berlin");
    let days = schedule["conference"]["days"].as_array().unwrap();
    assert_eq!(days.iter().map(|day| day["index"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(days[1]["date"], "2026-10-20");
}

#[test]
fn a_session_that_moves_keeps_its_guid_and_the_version_tells_of_the_move() {
    let mut board = monday();
    let before = schedule(&board);
    let code = |room: &str| SlotCode { room: RoomName::new(room), slot: SlotName::new("MonP1") };
    let keystone = track("keystone");
    let now = time("2026-10-19T09:20:00Z");
    happen(&mut board, now, Event::Track(TrackEvent::SlotFreed { track: keystone.clone(), code: code("Ballroom A") }));
    happen(&mut board, now, Event::Track(TrackEvent::SlotBooked { track: keystone, code: code("Pike's Peak") }));
    let after = schedule(&board);
    let of = |schedule: &Value| {
        let all = sessions(schedule).into_iter().cloned().collect::<Vec<_>>();
        all.into_iter().find(|session| session["title"] == "keystone").unwrap()
    };
    for key in ["guid", "id", "slug", "date"] {
        assert_eq!(of(&before)[key], of(&after)[key], "{key}");
    }
    assert_eq!(of(&after)["room"], "Pike's Peak");
    assert_ne!(before["version"], after["version"]);
}

#[test]
fn topics_and_check_ins_leave_the_programme_as_it_is() {
    let mut board = monday();
    let before = [file(&board, "schedule.json"), file(&board, "schedule.xml")];
    let event = Event::Track(TrackEvent::TopicSet { track: track("nova"), topic: Text::new("cells") });
    happen(&mut board, time("2026-10-19T10:00:00Z"), event);
    assert_eq!([file(&board, "schedule.json"), file(&board, "schedule.xml")], before);
}

#[test]
fn no_two_sessions_share_a_guid_a_number_or_a_slug() {
    let slot = |number: usize| {
        let minute = number % 60;
        json!({"name": format!("S{number}"), "realtime": format!("2026-10-19T09:{minute:02}:00Z"), "duration": 7})
    };
    let held = |name: &str| {
        let bookings = (0..200).map(|number| (format!("S{number}"), json!(name)));
        Value::Object(bookings.collect())
    };
    let board = loaded(
        &json!({
            "eventid": "oct", "slots": {"Mon": (0..200).map(slot).collect::<Value>()},
            "schedule": {"A": held("c++"), "B": held("c--"), "C": held("c++"), "D": held("x")},
        }),
        time("2026-10-12T09:00:00Z"),
    );
    let schedule = schedule(&board);
    let sessions = sessions(&schedule);
    assert_eq!(sessions.len(), 800);
    for key in ["guid", "id", "slug"] {
        let distinct: HashSet<_> = sessions.iter().map(|session| session[key].to_string()).collect();
        assert_eq!(distinct.len(), 800, "{key}");
    }
    assert_eq!(schedule["conference"]["timeslot_duration"], "00:01");
}

#[test]
fn an_empty_board_has_a_programme_of_one_day_on_which_nothing_is() {
    let schedule = schedule(&Board::default());
    assert_eq!(
        (&schedule["conference"]["daysCount"], &schedule["conference"]["start"]),
        (&json!(1), &json!("2026-10-19"))
    );
    let xml = file(&Board::default(), "schedule.xml");
    // The form asks for a day at least.
    assert!(xml.contains("<day index=\"1\" date=\"2026-10-19\"") && !xml.contains("<room"), "{xml}");
    for path in ["schedule.json", "schedule.xml", "feed.atom"] {
        assert!(!file(&Board::default(), path).contains("1970"), "{path}");
    }
}
