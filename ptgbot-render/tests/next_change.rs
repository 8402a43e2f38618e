//! `next_change` is exact: until then nothing differs, and then something does.
#![allow(clippy::unwrap_used)]

mod sample;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use ptgbot_core::{Board, Event, RoomName, SlotCode, SlotName, Text, TrackEvent};
use ptgbot_render::{Site, SiteOptions, SitePath, View, next_change};
use serde_json::{Value, json};

/// Slots at odd times around one week in October, when Berlin's clocks change.
fn board() -> impl Strategy<Value = Board> {
    let zone = prop::sample::select(&["UTC", "Europe/Berlin", "Asia/Beirut", "Pacific/Apia", "America/Sao_Paulo"][..]);
    let slot = (0i64..10 * 24 * 4, prop::option::of(1u32..300), any::<bool>(), any::<bool>());
    let days = prop::collection::vec(prop::collection::vec(slot, 0..4), 0..4);
    let steps = prop::collection::vec((0usize..20, any::<bool>(), 0i64..10 * 24 * 4), 0..4);
    (zone, days, steps, prop::option::of(0i64..10 * 24 * 4)).prop_map(|(zone, days, steps, since)| {
        let names = ["Monday", "Tue", "Third", "Friday"];
        let (mut slots, mut rooms) = (serde_json::Map::new(), serde_json::Map::new());
        for (day, name) in days.iter().zip(names) {
            let mut list = Vec::new();
            for (number, (quarter, duration, timed, held)) in day.iter().enumerate() {
                let code = format!("{name}{number}");
                let mut slot = json!({"name": code, "desc": "some time"});
                if *timed {
                    slot["realtime"] = json!(start(*quarter).to_rfc3339());
                }
                if let Some(minutes) = duration {
                    slot["duration"] = json!(minutes);
                }
                list.push(slot);
                rooms.insert(code, json!(if *held { "swift" } else { "" }));
            }
            slots.insert(name.into(), Value::Array(list));
        }
        let mut file = json!({
            "eventid": "x", "timezone": zone, "tracks": ["swift", "nova"], "slots": slots,
            "schedule": {"Room": rooms}, "now": {"swift": "a topic"},
        });
        if let Some(quarter) = since {
            file["now_since"] = json!({"swift": start(quarter).to_rfc3339()});
        }
        let mut board = sample::loaded(&file, start(0));
        let codes: Vec<_> = board.contents().rooms.values().flat_map(|room| room.bookings.keys().cloned()).collect();
        for (place, book, quarter) in steps {
            let Some(slot) = codes.get(place) else { continue };
            let code = SlotCode { room: RoomName::new("Room"), slot: SlotName::new(slot.as_str()) };
            let holder = board.contents().rooms["Room"].bookings[slot.as_str()].holders().first().cloned();
            let event = match (holder, book) {
                (Some(track), _) => Event::Track(TrackEvent::SlotFreed { track, code }),
                (None, true) => Event::Track(TrackEvent::SlotBooked { track: sample::track("nova"), code }),
                (None, false) => {
                    Event::Track(TrackEvent::TopicSet { track: sample::track("nova"), topic: Text::new("x") })
                }
            };
            sample::happen(&mut board, start(quarter), event);
        }
        board
    })
}

fn start(quarter: i64) -> DateTime<Utc> {
    sample::time("2026-10-19T00:00:00Z") + TimeDelta::minutes(15 * quarter)
}

fn everything(board: &Board, at: DateTime<Utc>) -> Vec<Vec<u8>> {
    let options = SiteOptions::default();
    let site = Site::new(board, at, &options);
    let mut files: Vec<_> = site.paths().iter().map(|path| site.render(path).unwrap().body).collect();
    for query in ["track=swift", "track=nova,unknown", "room=room"] {
        let view = site.clone().view(View::parse(query).unwrap());
        let viewed = [SitePath::Board, SitePath::Signage, SitePath::Calendar];
        files.extend(viewed.iter().filter_map(|path| Some(view.render(path)?.body)));
    }
    files
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_site_changes_then_and_not_before(board in board(), minutes in -3000i64..20000, probe in 0.0f64..1.0) {
        let at = start(0) + TimeDelta::minutes(minutes);
        let now = everything(&board, at);
        match next_change(&board, at) {
            Some(next) => {
                prop_assert!(next > at);
                let between = at + TimeDelta::milliseconds(((next - at).num_milliseconds() as f64 * probe) as i64);
                prop_assert!(everything(&board, between.min(next - TimeDelta::nanoseconds(1))) == now, "before {}", next);
                prop_assert!(everything(&board, next - TimeDelta::nanoseconds(1)) == now, "just before {}", next);
                prop_assert!(everything(&board, next) != now, "nothing changes at {}", next);
            }
            None => {
                prop_assert!(everything(&board, at + TimeDelta::days(1 + (probe * 3000.0) as i64)) == now);
            }
        }
    }
}
