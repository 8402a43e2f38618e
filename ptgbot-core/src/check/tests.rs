//! Each finding by itself: the good file with one thing wrong.

use super::*;
use serde_json::json;

mod unreadable;

fn at() -> DateTime<Utc> {
    "2026-10-01T09:00:00Z".parse().expect("a time")
}

/// A file of which nothing is to be said.
fn good() -> Value {
    let slot = |name: &str, desc: &str, start: &str, minutes: u32| json!({"name": name, "desc": desc, "realtime": format!("2026-10-{start}:00Z"), "duration": minutes});
    json!({
        "eventid": "oct2026-ptg", "timezone": "Europe/Dublin", "tracks": ["swift", "nova"],
        "slots": {
            "Monday": [slot("MonA1", "09:00-10:30", "19T08:00", 90), slot("MonA2", "11:00-12:30", "19T10:00", 90)],
            "Tuesday": [slot("TueA1", "09:00-10:30", "20T08:00", 90), slot("TueA2", "11:00-12:30", "20T10:00", 90)],
        },
        "schedule": {
            "Ballroom A": {"MonA1": "swift", "MonA2": "", "TueA1": "", "TueA2": "nova", "url": "https://meet.example.org/a"},
            "Pike's Peak": {"MonA1": "nova", "MonA2": "", "TueA1": "", "TueA2": "", "desc": "Level 2"},
        },
        "links": {"Map": "https://example.org/map", "Help": "mailto:help@example.org"},
        "colors": {"swift": "navy"},
    })
}

/// The good file with some values put in place, each under its JSON pointer.
fn with(changes: &[(&str, Value)]) -> Value {
    let mut file = good();
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let key = key.replace("~1", "/").replace("~0", "~");
        match file.pointer_mut(parent).expect("a place") {
            Value::Array(items) => match key.parse::<usize>() {
                Ok(number) => items[number] = value.clone(),
                Err(_) => items.push(value.clone()),
            },
            Value::Object(object) => drop(object.insert(key, value.clone())),
            other => panic!("{other} has no {key}"),
        }
    }
    file
}

/// What is found: kind, place, name, proposal.
fn found(file: &Value) -> Vec<(FindingKind, String, String, String)> {
    let of = |finding: &Finding| {
        assert_eq!(finding.severity, finding.kind.severity());
        assert!(!finding.reason.is_empty() && !finding.reason.ends_with('.') && !finding.proposal.ends_with('.'));
        (finding.kind, finding.path.clone(), finding.name.clone(), finding.proposal.clone())
    };
    check_file(file, at()).iter().map(of).collect()
}

/// Asserts that one thing is found in the good file with some changes: what, where, what it is called, and what to do.
#[track_caller]
fn finds(changes: &[(&str, Value)], kind: FindingKind, path: &str, name: &str, proposal: &str) {
    let all = found(&with(changes));
    let [(found, at, of, instead)] = &all[..] else { panic!("{all:?}") };
    assert_eq!((*found, at.as_str(), of.as_str()), (kind, path, name));
    assert!(instead.contains(proposal), "{instead}");
}

#[test]
fn of_a_good_file_nothing_is_said() {
    assert_eq!(found(&good()), []);
    assert!(check_file(&json!({}), at()).is_empty());
}

#[test]
fn more_than_a_board_holds_is_an_error() {
    let rooms: Map<_, _> = (0..501).map(|number| (format!("R{number}"), json!({"MonA1": ""}))).collect();
    let all = check_file(&with(&[("/schedule", rooms.into())]), at());
    assert_eq!((all.errors(), all.count(FindingKind::TooMany)), (1, 1));
}

#[test]
fn keys_and_slots_that_are_one_name_are_errors() {
    let room = json!({"MonA1": "nova"});
    let all = found(&with(&[("/schedule/Ballroom  A", room)]));
    assert!(
        all.iter().any(|(kind, path, ..)| *kind == FindingKind::KeyTwice && path == "$.schedule['Ballroom A']"),
        "{all:?}"
    );
    finds(&[("/colors/#Swift", json!("teal"))], FindingKind::KeyTwice, "$.colors['#Swift']", "#Swift", "keep one");
    let twice = json!({"name": "MonA2", "desc": "", "realtime": "2026-10-20T12:00:00Z", "duration": 60});
    finds(&[("/slots/Tuesday/-", twice)], FindingKind::SlotTwice, "$.slots.Tuesday[2].name", "MonA2", "TueMonA2");
}

#[test]
fn names_that_nobody_can_type_are_found() {
    let room = || json!({"MonA1": "", "TueA1": ""});
    let invisible = "Hall\u{200b} B";
    finds(
        &[(&format!("/schedule/{invisible}"), room())],
        FindingKind::InvisibleLetter,
        "$.schedule['Hall\u{200b} B']",
        invisible,
        "write Hall B",
    );
    finds(&[("/schedule/ Hall  B", room())], FindingKind::OddBlanks, "$.schedule['Hall B']", "Hall B", "write Hall B");
    finds(
        &[("/schedule/Hall\u{2019}s", room())],
        FindingKind::LookAlike,
        "$.schedule['Hall\u{2019}s']",
        "Hall\u{2019}s",
        "write Hall's",
    );
    finds(
        &[("/schedule/Hall \u{2605}", room())],
        FindingKind::HardToType,
        "$.schedule['Hall \u{2605}']",
        "Hall \u{2605}",
        "write Hall",
    );
    let long = "x".repeat(41);
    finds(
        &[(&format!("/schedule/{long}"), room())],
        FindingKind::LongName,
        &format!("$.schedule.{long}"),
        &long[..40],
        "under 40",
    );
    let all = found(&with(&[(&format!("/schedule/{}", "x".repeat(400)), room())]));
    assert_eq!(all[0].0, FindingKind::CodeTooLong);
}

#[test]
fn names_that_differ_by_case_and_codes_that_mean_two_slots_are_found() {
    let keys = || json!({"MonA1": "", "TueA1": ""});
    finds(
        &[("/schedule/ballroom a", keys())],
        FindingKind::CaseOnly,
        "$.schedule['ballroom a']",
        "ballroom a",
        "another name",
    );
    let slot = json!({"name": "A-MonA1", "realtime": "2026-10-19T12:00:00Z", "duration": 60});
    finds(
        &[("/slots/Monday/-", slot), ("/schedule/X", json!({"A-MonA1": ""})), ("/schedule/X-A", json!({"MonA1": ""}))],
        FindingKind::AmbiguousCode,
        "$.schedule['X-A'].MonA1",
        "X-A-MonA1",
        "without the dash",
    );
}

#[test]
fn slots_without_time_of_odd_length_overlapping_or_out_of_order_are_found() {
    let monday = |number: usize, key: &str| format!("/slots/Monday/{number}/{key}");
    finds(
        &[(&monday(1, "realtime"), json!(""))],
        FindingKind::NoTime,
        "$.slots.Monday[1].realtime",
        "MonA2",
        "2026-10-19T09:00:00Z",
    );
    finds(
        &[(&monday(1, "duration"), json!(780)), (&monday(1, "desc"), json!(""))],
        FindingKind::OddLength,
        "$.slots.Monday[1].duration",
        "MonA2",
        "minutes",
    );
    finds(
        &[(&monday(0, "duration"), json!(150)), (&monday(0, "desc"), json!(""))],
        FindingKind::Overlap,
        "$.slots.Monday[1].realtime",
        "MonA2",
        "put one of the two",
    );
    finds(
        &[(&monday(0, "realtime"), json!("2026-10-19T13:00:00Z")), (&monday(0, "desc"), json!(""))],
        FindingKind::SlotOrder,
        "$.slots.Monday[1].realtime",
        "MonA2",
        "in the order",
    );
}

#[test]
fn days_out_of_order_misnamed_or_on_one_date_are_found() {
    let file = good();
    let days = |monday: &str, tuesday: &str, second: &str| {
        let (first, mut then) = (file["slots"]["Monday"].clone(), file["slots"]["Tuesday"].clone());
        for slot in then.as_array_mut().expect("a list") {
            let moved = slot["realtime"].as_str().expect("a time").replace("-20T", second);
            slot["realtime"] = moved.into();
        }
        ("/slots", json!({monday: first, tuesday: then}))
    };
    finds(&[days("Monday", "Sunday", "-18T")], FindingKind::DayOrder, "$.slots.Sunday", "Sunday", "in the order");
    finds(&[days("Monday", "Mon 2", "-19T")], FindingKind::SameDate, "$.slots['Mon 2']", "Mon 2", "one day of the two");
    finds(
        &[days("Monday", "Friday", "-20T")],
        FindingKind::OtherWeekday,
        "$.slots.Friday",
        "Friday",
        "name it Tuesday",
    );
    finds(&[("/slots/Late", json!([]))], FindingKind::EmptyDay, "$.slots.Late", "Late", "leave it out");
    let stray = [("/slots/Monday/1/realtime", json!("2026-10-21T10:00:00Z"))];
    finds(&stray, FindingKind::OtherDate, "$.slots.Monday[1].realtime", "MonA2", "move the slot");
    let night = json!({"name": "MonN", "realtime": "2026-10-19T23:30:00Z", "duration": 60});
    assert_eq!(found(&with(&[("/slots/Monday/-", night), ("/schedule/Bar", json!({"MonN": ""}))])), []);
    let untimed = json!({"x": [{"name": "a"}]});
    let all = found(&with(&[("/slots", untimed), ("/schedule", json!({"A": {"a": ""}}))]));
    let kinds: Vec<_> = all.iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(kinds, [FindingKind::NoTime, FindingKind::NeverToday]);
}

#[test]
fn an_event_that_is_over_or_far_away_is_found() {
    let of = |at: &str| check_file(&good(), at.parse().expect("a time"));
    assert_eq!(of("2026-10-20T11:00:00Z").iter().count(), 0);
    assert_eq!(of("2026-10-20T11:30:00Z").count(FindingKind::Over), 1);
    assert_eq!(of("2020-10-20T11:30:00Z").count(FindingKind::FarDates), 1);
    let year = json!("2027-10-20T10:00:00Z");
    let all = check_file(&with(&[("/slots/Tuesday/1/realtime", year)]), at());
    assert_eq!(all.count(FindingKind::FarDates), 1);
}

#[test]
fn a_zone_that_looks_wrong_is_found() {
    let zone = |name: &str| ("/timezone", json!(name));
    let all = found(&with(&[zone("EST")]));
    assert_eq!(
        all[0],
        (
            FindingKind::OddZone,
            "$.timezone".into(),
            "EST".into(),
            "name a city of the zone, such as America/New_York".into()
        )
    );
    finds(&[zone("Europe/Paris")], FindingKind::OtherTime, "$.timezone", "Europe/Paris", "the zone in which");
    let kinds = |file: &Value| found(file).into_iter().map(|(kind, ..)| kind).collect::<Vec<_>>();
    assert_eq!(kinds(&with(&[zone("America/Denver")])), [FindingKind::NightSlots, FindingKind::OtherTime]);
    let mut none = good();
    none.as_object_mut().expect("an object").remove("timezone");
    assert_eq!(kinds(&none), [FindingKind::NoZone, FindingKind::OtherTime]);
    let one = [("/slots/Monday/1/desc", json!("11:30-13:00"))];
    finds(&one, FindingKind::OtherTime, "$.slots.Monday[1].realtime", "MonA2", "put realtime or desc right");
    let length = [("/slots/Monday/1/desc", json!("11:00-12:00"))];
    finds(&length, FindingKind::OtherTime, "$.slots.Monday[1].duration", "MonA2", "\"duration\": 60");
}

#[test]
fn rooms_and_slots_that_nobody_can_book_are_found() {
    finds(
        &[("/schedule/Hall", json!({"desc": "x"}))],
        FindingKind::NoSlots,
        "$.schedule.Hall",
        "Hall",
        "names of its slots",
    );
    let slot = json!({"name": "MonP", "realtime": "2026-10-19T13:00:00Z", "duration": 60});
    finds(&[("/slots/Monday/-", slot)], FindingKind::NoRoom, "$.slots.Monday[2].name", "MonP", "add it to the rooms");
}

#[test]
fn bookings_that_cannot_be_meant_are_found() {
    finds(
        &[("/schedule/Ballroom A/MonnA1", json!("nova"))],
        FindingKind::UnknownSlot,
        "$.schedule['Ballroom A'].MonnA1",
        "Ballroom A-MonnA1",
        "write MonA1",
    );
    finds(
        &[("/schedule/Ballroom A/MonA2", json!("swfit"))],
        FindingKind::UnknownTrack,
        "$.schedule['Ballroom A'].MonA2",
        "#swfit",
        "write swift",
    );
    finds(&[("/now", json!({"glance": "x"}))], FindingKind::UnknownTrack, "$.now.glance", "#glance", "add glance");
    finds(
        &[("/schedule/Pike's Peak/MonA1", json!("swift"))],
        FindingKind::MeetsTwice,
        "$.schedule['Pike\\'s Peak'].MonA1",
        "#swift",
        "free one",
    );
    let inner = json!({"name": "MonX", "realtime": "2026-10-19T08:30:00Z", "duration": 30});
    let all = found(&with(&[("/slots/Monday/-", inner), ("/schedule/Ballroom A/MonX", json!("nova"))]));
    let twice = all.iter().find(|(kind, ..)| *kind == FindingKind::RoomTwice).expect("the room is held twice");
    assert_eq!((twice.1.as_str(), twice.2.as_str()), ("$.schedule['Ballroom A'].MonX", "Ballroom A-MonX"));
}

#[test]
fn tracks_that_the_policy_keeps_apart_are_found_where_they_meet_at_once() {
    let policy = json!({"clashes": [["swift", "nova"]], "enforce": true});
    let proposal = "move one of the two";
    let path = "$.schedule['Ballroom A'].MonA1";
    finds(&[("/policy", policy.clone())], FindingKind::Clash, path, "#nova and #swift", proposal);
    assert_eq!(found(&with(&[("/policy", policy), ("/schedule/Pike's Peak/MonA1", json!(""))])), []);
}

#[test]
fn links_colours_and_keys_that_do_nothing_are_found() {
    finds(
        &[("/links/Map", json!("example.org/map"))],
        FindingKind::NotHttp,
        "$.links.Map",
        "Map",
        "write https://example.org/map",
    );
    finds(
        &[("/schedule/Pike's Peak/url", json!("javascript:alert(1)"))],
        FindingKind::NotHttp,
        "$.schedule['Pike\\'s Peak'].url",
        "Pike's Peak",
        "https://",
    );
    finds(&[("/urls", json!({"swift": "https://a b/"}))], FindingKind::NotHttp, "$.urls.swift", "#swift", "%20");
    finds(&[("/colors/swift", json!("mud"))], FindingKind::UnknownColor, "$.colors.swift", "#swift", "CSS colour");
    finds(&[("/colors/swift", json!("yellow"))], FindingKind::HardToRead, "$.colors.swift", "#swift", "write #");
    finds(&[("/etherpad", json!({}))], FindingKind::MisspeltKey, "$.etherpad", "etherpad", "write etherpads");
    finds(
        &[(
            "/slots/Monday/0",
            json!({"name": "MonA1", "desc": "09:00-10:00", "realtime": "2026-10-19T08:00:00Z", "durration": 60}),
        )],
        FindingKind::MisspeltKey,
        "$.slots.Monday[0].durration",
        "durration",
        "write duration",
    );
    finds(
        &[("/schedule/Ballroom A/dsec", json!("x"))],
        FindingKind::MisspeltKey,
        "$.schedule['Ballroom A'].dsec",
        "dsec",
        "write desc",
    );
    assert_eq!(found(&with(&[("/sponsor", json!({"name": "x"})), ("/schedule/Ballroom A/floor", json!(2))])), []);
}

#[test]
fn a_slot_after_midnight_is_of_its_day_or_of_the_evening_before() {
    let early = |start: &str| json!({"name": "N", "realtime": start, "duration": 60});
    let bar = ("/schedule/Bar", json!({"N": ""}));
    // Midnight in Dublin, then half past one, of Tuesday; and of the night from Monday on.
    for start in ["2026-10-19T23:00:00Z", "2026-10-20T00:30:00Z"] {
        let mut file = with(std::slice::from_ref(&bar));
        file["slots"]["Tuesday"].as_array_mut().expect("a list").insert(0, early(start));
        assert_eq!(found(&file), [], "{start}");
        assert_eq!(found(&with(&[bar.clone(), ("/slots/Monday/-", early(start))])), [], "{start}");
    }
    assert_eq!(found(&with(&[bar, ("/slots/Wednesday", json!([early("2026-10-21T00:00:00Z")]))])), []);
}

#[test]
fn a_missing_schedule_length_or_a_key_beside_the_known_one_is_found() {
    let mut none = good();
    none.as_object_mut().expect("an object").remove("schedule");
    assert_eq!(found(&none)[0].0, FindingKind::NoRoom);
    finds(
        &[("/slots/Monday/0", json!({"name": "MonA1", "desc": "09:00", "realtime": "2026-10-19T08:00:00Z"}))],
        FindingKind::NoLength,
        "$.slots.Monday[0].duration",
        "MonA1",
        "\"duration\": 45",
    );
    let dur = json!({"name": "MonA1", "desc": "09:00-10:00", "realtime": "2026-10-19T08:00:00Z", "dur": 60});
    finds(&[("/slots/Monday/0", dur)], FindingKind::MisspeltKey, "$.slots.Monday[0].dur", "dur", "write duration");
    for (pointer, path, meant) in [
        ("/trakcs", "$.trakcs", "tracks"),
        ("/shedule", "$.shedule", "schedule"),
        ("/Timezone", "$.Timezone", "timezone"),
        ("/schedule/Ballroom A/Url", "$.schedule['Ballroom A'].Url", "url"),
    ] {
        let key = pointer.rsplit('/').next().unwrap_or_default();
        let proposal = format!("leave it out: there is also {meant}");
        finds(&[(pointer, json!([]))], FindingKind::MisspeltKey, path, key, &proposal);
    }
    assert_eq!(found(&with(&[("/tracks2", json!([])), ("/slots/Monday/0/desc2", json!("x"))])), []);
}

#[test]
fn a_track_that_a_shared_slot_names_twice_is_found() {
    let room = json!({"shared": true, "MonA2": ["swift", "nova", "Swift"]});
    finds(&[("/schedule/Hall", room)], FindingKind::HolderTwice, "$.schedule.Hall.MonA2", "#swift", "name it once");
}

#[test]
fn an_event_without_a_name_that_fits_an_address_is_found() {
    finds(&[("/eventid", json!(""))], FindingKind::EventName, "$.eventid", "eventid", "oct2026-ptg");
    finds(
        &[("/eventid", json!("PTG / Oct 2026"))],
        FindingKind::EventName,
        "$.eventid",
        "PTG / Oct 2026",
        "write ptg-oct-2026",
    );
    finds(&[("/eventid", json!("\u{2605}"))], FindingKind::EventName, "$.eventid", "\u{2605}", "oct2026-ptg");
    // In lower case this letter is two, of which one is a mark.
    finds(
        &[("/eventid", json!("\u{130}zmir 26"))],
        FindingKind::EventName,
        "$.eventid",
        "\u{130}zmir 26",
        "write i-zmir-26",
    );
}

#[test]
fn of_a_part_only_what_it_brings_is_told() {
    let mut stage = crate::stage::Stage::with(good());
    assert_eq!(
        stage.load(json!({"links": {"A": "https://a.example.org/"}})),
        "Loaded: the board now has 2 tracks, 2 days, 2 rooms."
    );
    let said = stage.load(json!({"colors": {"swift": "yellow"}, "link": 1}));
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 3, "{said}");
    assert!(
        lines[1]
            .starts_with("Advice, colours on which white is hard to read: #swift ($.colors.swift). White on 'yellow'"),
        "{said}"
    );
}

#[test]
fn a_strange_file_takes_no_longer_than_its_size() {
    // Each number squared would take minutes.
    const MANY: usize = 20_000;
    let numbered = |of: &dyn Fn(usize) -> (String, Value)| (0..MANY).map(of).collect::<Map<_, _>>();
    let slots: Vec<_> = (0..MANY)
        .map(|n| json!({"name": format!("S{n}"), "realtime": "2026-10-19T08:00:00Z", "duration": 40_000}))
        .collect();
    let strange = json!({
        "tracks": (0..MANY).map(|n| format!("t{n}")).collect::<Vec<_>>(),
        "slots": {"Monday": slots},
        "schedule": {
            "A": numbered(&|n| (format!("S{n}"), json!("t0"))), "A-A": numbered(&|n| (format!("S{n}"), json!("u0"))),
            "B": numbered(&|n| (format!("Sx{n}"), json!("t0"))), "-".repeat(MANY): {}, "a": {"S0": ""},
        },
        "urls": numbered(&|n| (format!("tt{n}"), json!("x"))),
        "colors": numbered(&|n| (format!("t{n}"), json!("yellow"))),
        "links": numbered(&|n| (format!("{}{n}", " ".repeat(9)), json!("x"))),
    });
    let findings = check_file(&strange, at());
    assert!(findings.iter().count() <= Findings::MOST_OF_A_KIND * FindingKind::ALL.len());
    assert_eq!(findings.count(FindingKind::HardToRead), MANY);
    assert_eq!(findings.count(FindingKind::Overlap), MANY - 1);
    assert_eq!(findings.count(FindingKind::UnknownSlot), MANY);
}
