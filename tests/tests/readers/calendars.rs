//! Calendars, as four readers understand them.

use crate::bytes::Lines;
use crate::programme::{Booked, HOSTILE, MON_A1, MON_A2, MOVE, bookings, dense, event};
use crate::reader::Reader;
use ptgbot_tests::Stored;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

#[tokio::test]
async fn every_reader_finds_in_every_calendar_what_was_put_in() {
    let Some(readers) = Reader::all() else { return };
    read_back(&readers, "").await;
}

#[tokio::test]
async fn no_text_makes_a_reader_find_anything_else() {
    let Some(readers) = Reader::all() else { return };
    read_back(&readers, HOSTILE).await;
}

#[test]
fn a_booking_keeps_its_identity_when_it_moves_and_its_number_grows() {
    let stored = Stored::with(&event(""));
    let calendar = || std::fs::read(stored.rendered("2026-10-19T07:30:00Z").join("c++.ics")).expect("a calendar");
    let before = Lines::of(&calendar());
    stored.say(&MOVE);
    let after = Lines::of(&calendar());
    assert_eq!(before.values("UID"), after.values("UID"));
    assert_eq!((before.values("LOCATION"), after.values("LOCATION")), (vec!["Hall"], vec!["Loft"]));
    let sequence = |lines: &Lines| lines.values("SEQUENCE")[0].parse::<u32>().expect("a number");
    assert!(sequence(&before) < sequence(&after));
    let unchanged = calendar();
    stored.say(&[("2026-10-19T07:20:00Z", "#nova next something that is no calendar's concern")]);
    assert_eq!(calendar(), unchanged, "the bytes change only when the content does");
}

#[test]
fn a_booking_that_moves_to_another_slot_is_the_same_event_later_for_every_reader() {
    let Some(readers) = Reader::all() else { return };
    let stored = Stored::with(&event(""));
    let calendar = || std::fs::read(stored.rendered("2026-10-19T07:30:00Z").join("c++.ics")).expect("a calendar");
    let before = calendar();
    stored.say(&[("2026-10-18T08:01:00Z", "#c++ move Hall-MonA1 Loft-MonA2")]);
    let after = calendar();
    for reader in &readers {
        let one = |bytes: &[u8]| match reader.read(&stored, bytes).as_slice() {
            [event] => event.clone(),
            events => panic!("{}: not one event: {events:#?}", reader.name),
        };
        let (before, after) = (one(&before), one(&after));
        assert_eq!(before["uid"], after["uid"], "{}", reader.name);
        assert_eq!((&before["start"], &before["location"]), (&json!(MON_A1.0), &json!("Hall")), "{}", reader.name);
        assert_eq!((&after["start"], &after["location"]), (&json!(MON_A2.0), &json!("Loft")), "{}", reader.name);
        assert_eq!(after["status"], "CONFIRMED", "{}", reader.name);
        if let Some(sequence) = after.get("sequence") {
            assert!(sequence.as_u64() > before["sequence"].as_u64(), "{}: {sequence}", reader.name);
        }
    }
}

/// Loads the event with `words` in its names, changes it, and compares what readers find.
async fn read_back(readers: &[Reader], words: &str) {
    let stored = Stored::with(&event(words));
    let topic = format!("Ring placement{words}");
    stored.say(&MOVE);
    stored.say(&[
        ("2026-10-18T08:03:00Z", "#nova book Loft-MonA2"),
        ("2026-10-18T08:04:00Z", "#oslo.config unbook Hall-MonA2"),
        ("2026-10-18T08:05:00Z", "#nova url https://meet.example.org/nova?a=1;b=2,c"),
        ("2026-10-19T07:10:00Z", &format!("#swift now {topic}")),
    ]);
    let site = stored.rendered("2026-10-19T07:30:00Z");
    let file = |path: &str| std::fs::read(site.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let all = bookings(words);
    let some = |keep: &dyn Fn(&Booked) -> bool| all.iter().filter(|booked| keep(booked)).cloned().collect::<Vec<_>>();
    compare(readers, &stored, "ptg.ics", &file("ptg.ics"), &all, &topic);
    for track in ["swift", "nova", "c++", "oslo.config"] {
        let path = format!("{track}.ics");
        compare(readers, &stored, &path, &file(&path), &some(&|booked| booked.track == track), &topic);
    }
    compare(readers, &stored, "room/loft.ics", &file("room/loft.ics"), &some(&|booked| booked.room == "Loft"), &topic);
    let served = stored.served().await;
    let path = "/ptg.ics?track=swift,nova";
    let wanted = some(&|booked| ["swift", "nova"].contains(&booked.track));
    compare(readers, &stored, path, &served.get(path).await, &wanted, &topic);
}

fn compare(readers: &[Reader], stored: &Stored, path: &str, bytes: &[u8], wanted: &[Booked], topic: &str) {
    let lines = Lines::of(bytes);
    let uids: BTreeSet<_> = lines.values("UID").into_iter().collect();
    assert_eq!(uids.len(), wanted.len(), "{path}: one identity each: {uids:?}");
    // Who books two rooms in a slot is told apart by the room.
    let wanted: BTreeMap<_, _> =
        wanted.iter().map(|one| ((one.track.to_owned(), one.slot, one.room.clone()), one)).collect();
    let mut identities = BTreeMap::new();
    for reader in readers {
        let events = reader.read(stored, bytes);
        let place = format!("{path} by {}", reader.name);
        assert_eq!(events.len(), wanted.len(), "{place}: {events:#?}");
        for event in &events {
            let text = |key: &str| event[key].as_str();
            let track = text("summary").and_then(|summary| summary.strip_prefix('#')).expect("a track");
            let slot = if text("start") == Some(MON_A1.0) { "MonA1" } else { "MonA2" };
            let room = text("location").expect("a room").to_owned();
            let key = (track.to_owned(), slot, room);
            let one = wanted.get(&key).unwrap_or_else(|| panic!("{place}: nobody booked {key:?}"));
            let (start, end) = if slot == "MonA1" { MON_A1 } else { MON_A2 };
            assert_eq!((text("start"), text("end")), (Some(start), Some(end)), "{place}");
            assert_eq!(text("status"), Some(one.status), "{place}");
            assert_eq!(event["categories"], json!([track]), "{place}");
            assert_eq!(text("url"), one.url, "{place}, {key:?}");
            if let Some(conference) = event.get("conference") {
                assert_eq!(conference.as_str(), one.url, "{place}, {key:?}");
            }
            if let Some(sequence) = event.get("sequence") {
                let changed = one.status == "CANCELLED" || track == "c++";
                assert_eq!(sequence.as_u64() > Some(0), changed, "{place}, {key:?}: {sequence}");
            }
            let description = text("description").unwrap_or_default();
            if one.status == "CONFIRMED" {
                for part in one.url.iter().chain(&["https://etherpad.opendev.org/p/"]) {
                    assert!(description.contains(part), "{place}, {key:?}: no {part} in {description}");
                }
                let told = dense(description).contains(&dense(topic));
                assert_eq!(told, (track, slot) == ("swift", "MonA1"), "{place}, {key:?}: {description}");
            }
            // Every reader finds the same event behind an identity.
            let identity =
                identities.entry(text("uid").expect("an identity").to_owned()).or_insert_with(|| key.clone());
            assert_eq!(*identity, key, "{place}");
        }
    }
    assert_eq!(identities.keys().map(String::as_str).collect::<BTreeSet<_>>(), uids);
}
