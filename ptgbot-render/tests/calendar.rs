//! What subscribers' calendars are told.
#![allow(clippy::unwrap_used)]

mod sample;

use chrono::{DateTime, TimeDelta, Utc};
use ptgbot_core::Network;
use ptgbot_core::{
    Board, BoardEvent, Event, Folding, HttpUrl, Person, PersonEvent, RoomName, SlotCode, SlotName, Text, TrackEvent,
};
use ptgbot_render::{Site, SiteOptions, SitePath};
use sample::{happen, loaded, monday, time, track};
use serde_json::json;

fn calendar(board: &Board, at: &str, path: &str) -> String {
    let options = SiteOptions::default();
    let body = Site::new(board, time(at), &options).render(&SitePath::parse(path).unwrap()).unwrap().body;
    String::from_utf8(body).unwrap().replace("\r\n ", "")
}

/// The events of a calendar by the `SLOT_NUMBER` part of their identity.
fn event<'a>(calendar: &'a str, id: &str) -> &'a str {
    let events = calendar.split("BEGIN:VEVENT\r\n").skip(1);
    let mut found = events.filter(|event| event.lines().next().unwrap().ends_with(&format!("_{id}@ptgbot")));
    found.next().unwrap_or_else(|| panic!("{id} is missing in {calendar}"))
}

fn code(room: &str, slot: &str) -> SlotCode {
    SlotCode { room: RoomName::new(room), slot: SlotName::new(slot) }
}

#[test]
fn a_booking_that_moves_to_another_room_stays_the_same_event_with_a_higher_sequence() {
    let calendar = calendar(&monday(), "2026-10-19T09:30:00Z", "keystone.ics");
    let moved = event(&calendar, "MonP1_1");
    assert!(moved.starts_with("UID:oct2026-ptg_keystone_MonP1_1@ptgbot\r\n"));
    assert!(moved.contains("LOCATION:Ballroom A\r\n") && moved.contains("STATUS:CONFIRMED\r\n"));
    assert!(moved.contains("SEQUENCE:2\r\n") && moved.contains("DTSTAMP:20261019T090200Z\r\n"));
    assert_eq!(calendar.matches("BEGIN:VEVENT").count(), 1);
}

#[test]
fn a_booking_taken_back_is_told_as_cancelled_for_seven_days() {
    let board = monday();
    let week = calendar(&board, "2026-10-26T09:02:59Z", "cinder.ics");
    let gone = event(&week, "TueA2_1");
    assert!(gone.contains("STATUS:CANCELLED\r\n") && gone.contains("SEQUENCE:1\r\n"));
    assert!(!gone.contains("CONFERENCE") && !gone.contains("DESCRIPTION"));
    assert!(!calendar(&board, "2026-10-26T09:03:00Z", "cinder.ics").contains("TueA2"));
}

#[test]
fn a_second_room_in_one_slot_is_an_event_of_its_own() {
    let mut board = monday();
    happen(
        &mut board,
        time("2026-10-19T09:30:00Z"),
        Event::Track(TrackEvent::SlotBooked { track: track("swift"), code: code("Pike's Peak", "MonA2") }),
    );
    let calendar = calendar(&board, "2026-10-19T09:30:00Z", "swift.ics");
    assert!(event(&calendar, "MonA2_1").contains("LOCATION:Ballroom A\r\n"));
    assert!(event(&calendar, "MonA2_2").contains("LOCATION:Pike's Peak\r\n"));
}

#[test]
fn a_topic_is_told_in_the_slot_that_it_was_announced_for_and_in_no_other() {
    let calendar = calendar(&monday(), "2026-10-19T09:30:00Z", "swift.ics");
    assert!(
        event(&calendar, "MonA2_1").contains("DESCRIPTION:Topic: Ring placement: \"what\" moves\\, and why\\; שלום\\n")
    );
    assert!(!event(&calendar, "MonA1_1").contains("Topic"));
}

#[test]
fn a_topic_between_two_slots_belongs_to_the_next_and_after_the_last_to_that() {
    let mut board = monday();
    let mut at = |moment: &str, slot: &str| {
        happen(
            &mut board,
            time(moment),
            Event::Track(TrackEvent::TopicSet { track: track("swift"), topic: Text::new("later") }),
        );
        let calendar = calendar(&board, moment, "swift.ics");
        assert!(event(&calendar, slot).contains("Topic: later"), "{moment}");
        assert_eq!(calendar.matches("Topic").count(), 1);
    };
    at("2026-10-19T06:00:00Z", "MonA1_1");
    at("2026-10-19T08:50:00Z", "MonA2_1");
    at("2026-10-19T20:00:00Z", "MonA2_1");
}

#[test]
fn a_check_in_leaves_the_calendar_as_it_is() {
    let mut board = monday();
    let before = calendar(&board, "2026-10-19T09:30:00Z", "ptg.ics");
    let person = Person::new(&Network::nearest("oftc"), "Ada", Folding::Lowercase);
    happen(
        &mut board,
        time("2026-10-19T09:40:00Z"),
        Event::Person(PersonEvent::CheckedIn { person, location: "#swift".into() }),
    );
    assert_eq!(calendar(&board, "2026-10-19T09:45:00Z", "ptg.ics"), before);
}

#[test]
fn a_slot_without_a_time_is_left_out_and_a_calendar_without_events_has_a_component() {
    let board = loaded(
        &json!({"slots": {"Mon": [{"name": "A1"}]}, "schedule": {"Room": {"A1": "swift"}}}),
        time("2026-10-19T09:00:00Z"),
    );
    let calendar = calendar(&board, "2026-10-19T09:30:00Z", "swift.ics");
    assert!(!calendar.contains("VEVENT") && calendar.contains("BEGIN:VTIMEZONE\r\nTZID:Etc/UTC\r\n"));
}

#[test]
fn different_bookings_never_share_an_identity() {
    let slots = ["A_1", "A", "1", "A 1", "A-1", "A%5F1"];
    let held =
        |track: &str| slots.map(|slot| (slot.to_owned(), json!(track))).into_iter().collect::<serde_json::Map<_, _>>();
    let timed = slots.map(|slot| json!({"name": slot, "realtime": "2026-10-19T09:00:00Z"}));
    let board = loaded(
        &json!({"eventid": "e_x", "slots": {"Mon": timed}, "schedule": {"R1": held("x"), "R2": held("x_a"), "R3": held("x")}}),
        time("2026-10-19T09:00:00Z"),
    );
    let calendar = calendar(&board, "2026-10-19T09:30:00Z", "ptg.ics");
    let mut ids: Vec<_> = calendar.lines().filter(|line| line.starts_with("UID:")).collect();
    assert_eq!(ids.len(), 18);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 18);
}

#[test]
fn a_meeting_link_is_the_tracks_own_else_that_of_the_booked_room_and_only_ever_of_the_web() {
    let calendar = calendar(&monday(), "2026-10-19T09:30:00Z", "ptg.ics");
    assert!(calendar.contains("CONFERENCE;VALUE=URI:https://meet.example.org/nova\r\n"));
    assert!(calendar.contains("URL:https://meet.example.org/pikes?room=1&x=y\r\n"));
    assert!(!calendar.contains("javascript"));
}

#[test]
fn the_place_of_today_is_told_before_the_room_of_todays_bookings_alone() {
    let board = monday();
    let today = calendar(&board, "2026-10-19T09:30:00Z", "nova.ics");
    let place = "Lobby\\, the sofas <near> the bar\\, Ballroom A\r\n";
    assert!(event(&today, "MonP2_1").contains(&format!("LOCATION:{place}")), "{today}");
    assert!(event(&today, "TueA1_1").contains("LOCATION:Ballroom A\r\n"));
    let mut board = board;
    let before = event(&today, "MonP2_1").lines().find(|line| line.starts_with("SEQUENCE:")).unwrap().to_owned();
    happen(&mut board, time("2026-10-19T09:30:00Z"), Event::Board(BoardEvent::DayStarted));
    let after = calendar(&board, "2026-10-19T09:31:00Z", "nova.ics");
    let after = event(&after, "MonP2_1");
    assert!(after.contains("LOCATION:Ballroom A\r\n") && !after.contains(&before), "{after}");
}

/// The bytes of a calendar and the date that says when they came to be.
fn dated(board: &Board, at: &str, path: &str) -> (String, Option<DateTime<Utc>>) {
    let options = SiteOptions::default();
    (calendar(board, at, path), Site::new(board, time(at), &options).modified(&SitePath::parse(path).unwrap()))
}

#[test]
fn the_date_of_a_calendar_changes_when_its_bytes_do_and_never_else() {
    let mut board = monday();
    let paths = ["ptg.ics", "swift.ics", "nova.ics", "room/ballroom-a.ics"];
    let all = |board: &Board, at: &str| paths.map(|path| dated(board, at, path));
    let mut before = all(&board, "2026-10-19T09:30:00Z");
    assert!(before.iter().all(|(_, date)| date.is_some()));
    let book =
        |room: &str, slot: &str| Event::Track(TrackEvent::SlotBooked { track: track("swift"), code: code(room, slot) });
    let steps = [
        Event::Board(BoardEvent::TracksAdded { tracks: vec![track("glance")] }),
        Event::Track(TrackEvent::TopicPlanned { track: track("swift"), topic: Text::new("later") }),
        Event::Track(TrackEvent::TopicSet { track: track("swift"), topic: Text::new("rings") }),
        Event::Track(TrackEvent::ColorSet { track: track("nova"), color: "teal".into() }),
        Event::Track(TrackEvent::LocationSet { track: track("swift"), location: Text::new("Bar") }),
        book("Pike's Peak", "MonA2"),
        Event::Track(TrackEvent::SlotFreed { track: track("swift"), code: code("Ballroom A", "MonA2") }),
        Event::Board(BoardEvent::TopicsCleared { tracks: vec![track("swift")] }),
        Event::Board(BoardEvent::DayStarted),
    ];
    for (minute, step) in (31..).zip(steps) {
        let at = format!("2026-10-19T09:{minute}:00Z");
        happen(&mut board, time(&at), step.clone());
        let after = all(&board, &at);
        for (path, (before, after)) in paths.iter().zip(before.iter().zip(&after)) {
            // The calendar of a room may count a booking of another.
            let counts = before.0 != after.0 || (path.starts_with("room") && before.1 != after.1);
            assert_eq!(after.1 > before.1, counts, "{path} after {step:?}");
        }
        before = after;
    }
    assert_eq!(all(&board, "2026-10-19T12:00:00Z"), before);
    // What was taken back goes after a week.
    let gone = dated(&board, "2026-10-26T09:02:00Z", "cinder.ics");
    let later = dated(&board, "2026-10-26T09:03:00Z", "cinder.ics");
    assert!(gone.0 != later.0 && later.1 > gone.1);
}

#[test]
fn a_calendar_names_its_source_where_the_site_has_an_address() {
    let options = SiteOptions::default().with_base_url(HttpUrl::parse("https://example.org/board").unwrap());
    let board = monday();
    let at = time("2026-10-19T09:30:00Z") + TimeDelta::seconds(1);
    let body = Site::new(&board, at, &options).render(&SitePath::parse("c++.ics").unwrap()).unwrap().body;
    assert!(String::from_utf8(body).unwrap().contains("SOURCE;VALUE=URI:https://example.org/board/c++.ics\r\n"));
}
