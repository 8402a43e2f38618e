//! The record as data for programs; `assets/record.schema.json` says what its fields mean.

use super::day::{RecordDay, room_of};
use crate::clock::iso;
use crate::pad::Pads;
use crate::site::Site;
use ptgbot_core::Discussion;
use serde_json::{Value, json};

/// Some days of the record, each in the order in which its discussions began.
pub(super) fn write(site: &Site, days: &[RecordDay]) -> String {
    let contents = site.board.contents();
    let pads = Pads::of(site);
    let discussion = |day: &RecordDay, one: &Discussion| {
        json!({
            "day": day.date.to_string(),
            "track": one.track.as_str(),
            "topic": one.topic.as_str(),
            "from": iso(one.from),
            "until": (one.until() <= site.at).then(|| iso(one.until())),
            "room": room_of(site, one).map(|room| room.as_str()),
            "place": one.place,
            "pad": pads.pad(&one.track).map(|pad| pad.to_string()),
        })
    };
    let all = days.iter().flat_map(|day| day.discussions.iter().map(move |one| discussion(day, one)));
    let file = json!({
        "event": contents.event_id,
        "timezone": contents.timezone.0.name(),
        "days": days.iter().map(|day| day.date.to_string()).collect::<Value>(),
        "discussions": all.collect::<Value>(),
    });
    format!("{file:#}\n")
}
