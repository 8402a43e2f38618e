//! The Atom feed, the programme for conference apps, and the public data against its schema.

use crate::programme::{BALLROOM_URL, HOSTILE, MOVE, bookings, dense, event};
use crate::reader::{python, validate};
use ptgbot_tests::Stored;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn the_feed_tells_each_piece_of_news_once_and_for_ever() {
    for words in ["", HOSTILE] {
        let stored = Stored::with(&event(words));
        stored.say(&MOVE);
        let topic = format!("Ring placement{words}");
        stored.say(&[
            ("2026-10-19T07:10:00Z", &format!("#swift now {topic}")),
            ("2026-10-19T07:11:00Z", &format!("~motd add warning Mind the step{words}")),
        ]);
        let Some(before) = entries(&stored, "2026-10-19T07:30:00Z") else { return };
        let told = |text: &str| before.values().any(|entry| dense(&entry.to_string()).contains(&escaped(text)));
        assert!(told(&topic) && told(&format!("Mind the step{words}")), "{before:#?}");
        let kinds: BTreeSet<_> = before.values().filter_map(|entry| entry["categories"][0].as_str()).collect();
        assert!(kinds.len() >= 3, "topics, bookings and messages of the day: {kinds:?}");
        stored.say(&[("2026-10-19T07:40:00Z", "#swift now something else"), ("2026-10-19T07:41:00Z", "~del nova")]);
        let after = entries(&stored, "2026-10-19T08:00:00Z").expect("it was there before");
        for (id, entry) in &before {
            assert_eq!(after.get(id), Some(entry), "what was told is told again with other words");
        }
        assert!(after.len() > before.len());
    }
}

#[test]
fn conference_apps_find_every_booking_in_both_forms_of_the_programme() {
    for words in ["", HOSTILE] {
        let stored = Stored::with(&event(words));
        stored.say(&MOVE);
        let (at, later) = ("2026-10-19T07:30:00Z", "2026-10-20T07:30:00Z");
        let Some(xml) = programme(&stored, at) else { return };
        let form: Value = serde_json::from_slice(&read(&stored, at, "schedule.json")).expect("JSON");
        let of_json: BTreeMap<_, _> = form["schedule"]["conference"]["days"]
            .as_array()
            .expect("days")
            .iter()
            .flat_map(|day| day["rooms"].as_object().expect("rooms").values())
            .flat_map(|room| room.as_array().expect("events"))
            .map(|event| (event["guid"].as_str().expect("a guid").to_owned(), event.clone()))
            .collect();
        let known = |event: &Value| {
            let url = event["links"].as_array().into_iter().flatten().find(|link| link["title"] == "Meeting");
            let text = |key: &str| event[key].as_str().expect("a text").to_owned();
            let url = url.map(|link| link["url"].as_str().or(link["href"].as_str()).expect("an address").to_owned());
            (text("track"), text("room"), text("date"), text("duration"), url)
        };
        let found: BTreeSet<_> = xml.values().map(known).collect();
        assert_eq!(found, of_json.values().map(known).collect(), "both forms say the same");
        assert!(xml.keys().eq(of_json.keys()), "and call it the same");
        // At the beginning oslo.config still has its slot, and nova only the ballroom; its meeting is the room's.
        let wanted = bookings(words).into_iter().filter(|one| (one.track, one.room.as_str()) != ("nova", "Loft"));
        let wanted: BTreeSet<_> = wanted
            .map(|one| {
                let (date, duration) = match one.slot {
                    "MonA1" => ("2026-10-19T09:00:00+02:00", "01:45"),
                    _ => ("2026-10-19T11:00:00+02:00", "01:00"),
                };
                let url = if one.track == "nova" { Some(BALLROOM_URL) } else { one.url };
                (one.track.to_owned(), one.room, date.to_owned(), duration.to_owned(), url.map(str::to_owned))
            })
            .collect();
        assert_eq!(found, wanted);
        assert_eq!(
            programme(&stored, later).expect("it was there before").keys().collect::<Vec<_>>(),
            xml.keys().collect::<Vec<_>>()
        );
    }
}

#[test]
fn the_public_data_is_what_its_schema_says_and_nothing_else_is() {
    let empty = json!({});
    for document in [event(""), event(HOSTILE), empty] {
        let stored = Stored::with(&document);
        if document["tracks"].is_array() {
            stored.say(&MOVE);
            stored.say(&[
                ("2026-10-19T07:10:00Z", &format!("#swift now x{HOSTILE}")),
                ("2026-10-19T07:11:00Z", "+in #swift"),
            ]);
        }
        let site = stored.rendered("2026-10-19T07:30:00Z");
        let data: Value = serde_json::from_slice(&std::fs::read(site.join("ptg.json")).expect("data")).expect("JSON");
        let schema = site.join("ptg.schema.json");
        let Some(verdict) = validate(&schema, &data) else { return };
        assert_eq!(verdict, Ok(()));
        for (key, wrong) in [
            ("tracks", json!("swift")),
            ("slots", json!({"Monday": [{"desc": "no name"}]})),
            ("schedule", json!({"Hall": {"url": 3}})),
            ("now", json!({"swift": ["x"]})),
            ("motd", json!([{"level": "loud", "message": "x"}])),
            ("revision", json!(-1)),
            ("timestamp", json!(17)),
        ] {
            let mut other = data.clone();
            other[key] = wrong;
            assert!(validate(&schema, &other).expect("it was there before").is_err(), "{key} may be anything");
        }
    }
}

/// The entries of the feed by their identity.
fn entries(stored: &Stored, at: &str) -> Option<BTreeMap<String, Value>> {
    by_identity(&python("read_atom.py", &read(stored, at, "feed.atom"))?)
}

/// The events of `schedule.xml` by their identity.
fn programme(stored: &Stored, at: &str) -> Option<BTreeMap<String, Value>> {
    by_identity(&python("read_schedule.py", &read(stored, at, "schedule.xml"))?)
}

fn by_identity(found: &Value) -> Option<BTreeMap<String, Value>> {
    let all = found.as_array().expect("a list");
    let by_identity: BTreeMap<_, _> =
        all.iter().map(|one| (one["id"].as_str().expect("an identity").to_owned(), one.clone())).collect();
    assert_eq!(by_identity.len(), all.len(), "an identity twice");
    Some(by_identity)
}

fn read(stored: &Stored, at: &str, path: &str) -> Vec<u8> {
    std::fs::read(stored.rendered(at).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// As it stands inside a JSON text, without blanks.
fn escaped(text: &str) -> String {
    let quoted = json!(dense(text)).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}
