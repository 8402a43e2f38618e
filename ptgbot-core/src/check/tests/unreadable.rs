//! Values that cannot be read.

use super::*;

#[test]
fn a_value_of_another_type_is_an_error_and_hides_nothing_else() {
    let all = found(&with(&[("/voice", json!("loud")), ("/links/Map", json!("x")), ("/motd", json!(7))]));
    let places: Vec<_> = all.iter().map(|(kind, path, ..)| (*kind, path.as_str())).collect();
    assert_eq!(
        places,
        [
            (FindingKind::Unreadable, "$.voice"),
            (FindingKind::Unreadable, "$.motd"),
            (FindingKind::NotHttp, "$.links.Map")
        ]
    );
    assert_eq!(found(&json!([]))[0].1, "$");
    let nested = (0..70).fold(Value::Null, |inner, _| json!([inner]));
    assert_eq!(found(&with(&[("/x", nested)]))[0].0, FindingKind::Unreadable);
}

#[test]
fn what_cannot_be_read_is_there_and_brings_no_other_findings() {
    for (pointer, value, proposal) in [
        ("/slots/Monday/0/duration", json!("90"), "write 90, without quotes"),
        ("/slots/Monday/0/realtime", json!("19.10.2026 09:00"), "as in 2026-10-19T09:00:00Z"),
        ("/timezone", json!("PST"), "write America/Los_Angeles"),
        ("/timezone", json!("europe/dublin"), "write Europe/Dublin"),
        ("/timezone", json!("CET "), "write CET"),
        ("/timezone", json!("GMT+2"), "name a city"),
        ("/tracks/0", json!("two words"), "write two-words"),
        ("/eventid", json!(2026), "write \"2026\", with quotes"),
    ] {
        let all = found(&with(&[(pointer, value)]));
        let [(kind, _, _, told)] = &all[..] else { panic!("{pointer}: {all:?}") };
        assert_eq!(*kind, FindingKind::Unreadable);
        assert!(told.contains(proposal), "{pointer}: {told}");
    }
}

#[test]
fn every_wrong_track_and_slot_is_named_with_its_place() {
    let all = found(&with(&[
        ("/tracks", json!(["a b", "swift", 5])),
        ("/slots/Monday/1/realtime", json!(46314.375)),
        ("/slots/Tuesday/0/duration", json!("60")),
        ("/slots/Wednesday", json!({})),
    ]));
    let places: Vec<_> = all.iter().map(|(kind, path, ..)| (*kind, path.as_str())).collect();
    let paths = [
        "$.slots.Monday[1].realtime",
        "$.slots.Tuesday[0].duration",
        "$.slots.Wednesday",
        "$.tracks[0]",
        "$.tracks[2]",
    ];
    assert_eq!(places, paths.map(|path| (FindingKind::Unreadable, path)));
}
