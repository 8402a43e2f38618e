//! Writing the data file.

use super::time;
use crate::board::Board;
use crate::booking::Sharing;
use crate::mention::{Mention, Mentions};
use crate::person::{CheckIn, PersonId};
use crate::policy::{Enforcement, PastSlots, Policy};
use crate::reminder::Reminders;
use crate::role::Moderation;
use crate::room::Room;
use crate::slot::Slot;
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The whole data file, as `ptgbot export` prints it.
///
/// ```
/// use ptgbot_core::{Board, data_file};
///
/// let file = data_file::full(&Board::default());
/// assert!(file["tracks"].as_array().unwrap().is_empty());
/// assert!(file.get("subscriptions").is_some());
/// ```
pub fn full(board: &Board) -> Value {
    let mut file = head(board);
    file.insert("location".into(), by_track(&board.contents().locations, |place| place.as_str().into()));
    file.insert("last_check_in".into(), check_ins(board, board.check_ins().iter()));
    let subscriptions = board.subscriptions().iter();
    let subscriptions: Map<_, _> =
        subscriptions.map(|(who, what)| (board.homes().write(who), what.as_str().into())).collect();
    file.insert("subscriptions".into(), subscriptions.into());
    if !board.moderators().is_empty() {
        let people =
            |people: &BTreeSet<PersonId>| people.iter().map(|who| board.homes().write(who)).collect::<Vec<_>>();
        file.insert("moderators".into(), by_track(board.moderators(), |named| people(named).into()));
    }
    if !board.reminders().is_empty() {
        let minutes = |own: &Reminders| -> Map<String, Value> {
            own.iter().map(|(track, reminder)| (track.as_str().to_owned(), reminder.minutes.into())).collect()
        };
        let people = board.reminders().iter();
        let people: Map<_, _> = people.map(|(who, own)| (board.homes().write(who), minutes(own).into())).collect();
        file.insert("reminders".into(), people.into());
    }
    Value::Object(with_extra(file, board))
}

/// The data that everybody may see, as of a time: no subscriptions, only open check-ins, and in `location` also
/// the room of each track scheduled today.
///
/// ```
/// use ptgbot_core::{Board, data_file};
///
/// let file = data_file::public(&Board::default(), "2026-10-19T09:00:00Z".parse().unwrap());
/// assert!(file.get("subscriptions").is_none());
/// ```
pub fn public(board: &Board, at: DateTime<Utc>) -> Value {
    let mut file = head(board);
    let rooms = board.rooms_today(at).into_iter().map(|(track, room)| (track, room.as_str()));
    let mut places: BTreeMap<&TrackName, &str> = rooms.collect();
    places.extend(board.contents().locations.iter().map(|(track, place)| (track, place.as_str())));
    let places: Map<_, _> = places.into_iter().map(|(track, place)| (track.as_str().into(), place.into())).collect();
    file.insert("location".into(), places.into());
    file.insert("mentions".into(), mentions(board, at));
    file.insert(
        "last_check_in".into(),
        check_ins(board, board.check_ins().iter().filter(|(_, check_in)| check_in.is_open())),
    );
    Value::Object(with_extra(file, board))
}

/// For each track that is named in topics of others, whose topics those are: what they say and where they are stands
/// under `now` and `location`.
fn mentions(board: &Board, at: DateTime<Utc>) -> Value {
    let mentions = Mentions::of(board, at);
    let named: BTreeMap<_, _> = mentions.tracks().map(|track| (track, mentions.at_track(track))).collect();
    let by = |named: &&[Mention<'_>]| named.iter().map(|mention| mention.by.as_str()).collect();
    named.iter().map(|(track, there)| (track.as_str().to_owned(), by(there))).collect::<Map<_, Value>>().into()
}

fn head(board: &Board) -> Map<String, Value> {
    let contents = board.contents();
    let mut file = Map::new();
    let mut put = |key: &str, value: Value| file.insert(key.to_owned(), value);
    put("eventid", contents.event_id.as_str().into());
    put("timezone", contents.timezone.0.name().into());
    put("revision", board.revision().into());
    put("timestamp", board.changed_at().map(time::write).unwrap_or_else(|| "1970-01-01T00:00:00Z".into()).into());
    put("tracks", contents.tracks.iter().map(TrackName::as_str).collect::<Vec<_>>().into());
    let days = contents.days.iter();
    put(
        "slots",
        days.map(|(day, slots)| (day.clone(), slots.iter().map(slot).collect())).collect::<Map<_, _>>().into(),
    );
    let rooms = contents.rooms.iter();
    put("schedule", rooms.map(|(name, held)| (name.as_str().to_owned(), room(held))).collect::<Map<_, _>>().into());
    put("now", by_track(&contents.now, |topic| topic.text.as_str().into()));
    let since = contents
        .now
        .iter()
        .filter_map(|(track, topic)| Some((track.as_str().to_owned(), time::write(topic.since?).into())));
    put("now_since", since.collect::<Map<_, _>>().into());
    put("next", by_track(&contents.next, |list| list.iter().map(|topic| topic.as_str()).collect::<Vec<_>>().into()));
    put("etherpads", by_track(&contents.etherpads, |url| url.as_str().into()));
    put("urls", by_track(&contents.urls, |url| url.as_str().into()));
    put("colors", by_track(&contents.colors, |color| color.as_str().into()));
    let links = contents.links.iter();
    put("links", links.map(|(title, url)| (title.clone(), url.as_str().into())).collect::<Map<_, _>>().into());
    let motd = contents.motd.iter();
    let motd = motd.map(|motd| {
        let known = json!({"level": motd.level.as_str(), "message": motd.message.as_str()});
        with_others(known, &motd.extra)
    });
    put("motd", motd.collect());
    if !contents.policy.is_blank() {
        put("policy", policy(&contents.policy));
    }
    put("voice", u8::from(contents.moderation == Moderation::VoicedOnly).into());
    file
}

fn with_extra(mut file: Map<String, Value>, board: &Board) -> Map<String, Value> {
    for (key, value) in &board.contents().extra {
        file.entry(key.clone()).or_insert_with(|| value.clone());
    }
    file
}

fn with_others(mut known: Value, others: &Map<String, Value>) -> Value {
    if let Some(object) = known.as_object_mut() {
        object.extend(others.clone());
    }
    known
}

fn by_track<T>(map: &BTreeMap<TrackName, T>, value: impl Fn(&T) -> Value) -> Value {
    map.iter().map(|(track, item)| (track.as_str().to_owned(), value(item))).collect::<Map<_, _>>().into()
}

fn policy(policy: &Policy) -> Value {
    let mut rules = Map::new();
    let hours = |minutes: u32| Value::from(f64::from(minutes) / 60.0);
    rules.extend(policy.day_minutes.map(|most| ("day_hours".to_owned(), hours(most))));
    rules.extend(policy.total_minutes.map(|most| ("total_hours".to_owned(), hours(most))));
    rules.extend(policy.opens.map(|opens| ("opens".to_owned(), time::write(opens).into())));
    if !policy.clashes.is_empty() {
        let pairs = policy.clashes.iter().map(|(one, other)| json!([one.as_str(), other.as_str()]));
        rules.insert("clashes".to_owned(), pairs.collect());
    }
    rules.insert("past".to_owned(), (policy.past == PastSlots::Bookable).into());
    rules.insert("enforce".to_owned(), (policy.enforcement == Enforcement::Enforce).into());
    rules.into()
}

fn slot(slot: &Slot) -> Value {
    let mut object = Map::new();
    object.insert("name".into(), slot.name.as_str().into());
    object.insert("desc".into(), slot.desc.as_str().into());
    if let Some(start) = slot.realtime {
        object.insert("realtime".into(), time::write(start).into());
    }
    if let Some(minutes) = slot.duration {
        object.insert("duration".into(), minutes.into());
    }
    object.extend(slot.extra.clone());
    object.into()
}

fn room(room: &Room) -> Value {
    let mut object = Map::new();
    for (slot, booking) in &room.bookings {
        object.insert(slot.as_str().into(), booking.write());
    }
    let words = [("url", &room.url), ("desc", &room.desc), ("cap_icon", &room.cap_icon), ("cap_desc", &room.cap_desc)];
    for (key, value) in words {
        if let Some(value) = value {
            object.insert(key.into(), value.as_str().into());
        }
    }
    if room.sharing == Sharing::Shared {
        object.insert("shared".into(), true.into());
    }
    object.extend(room.extra.clone());
    object.into()
}

fn check_ins<'a>(board: &Board, people: impl Iterator<Item = (&'a PersonId, &'a CheckIn)>) -> Value {
    let time = |time: Option<DateTime<Utc>>| time.map(time::write).map_or(Value::Null, Value::String);
    people
        .map(|(id, check_in)| {
            let value = json!({
                "nick": check_in.nick,
                "location": check_in.location,
                "in": time(check_in.since),
                "out": time(check_in.until),
            });
            (board.homes().write(id), with_others(value, &check_in.extra))
        })
        .collect::<Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Stage;
    use crate::{Document, Folding};

    #[test]
    fn the_empty_board_has_every_key() {
        let file = full(&Board::default());
        for key in [
            "eventid",
            "tracks",
            "slots",
            "schedule",
            "now",
            "next",
            "etherpads",
            "urls",
            "colors",
            "location",
            "links",
            "motd",
            "voice",
            "last_check_in",
            "subscriptions",
            "timestamp",
            "revision",
            "timezone",
            "now_since",
        ] {
            assert!(file.get(key).is_some(), "{key}");
        }
        assert_eq!(Document::check(&file, &Board::default(), Folding::Ascii).map(|_| ()), Ok(()));
    }

    #[test]
    fn order_and_unknown_keys_survive() {
        let file = json!({
            "zebra": {"z": 1, "a": [{"deep": {"er": null}}]},
            "slots": {"Tue": [{"name": "t", "desc": "", "x": 1}], "Mon": [{"name": "m", "desc": "", "a": 2}]},
            "schedule": {"B": {"m": "", "t": "swift", "zoo": 1.5}, "A": {"t": "", "old": "nova"}},
            "links": {"z": "https://z.example.org/", "a": "https://a.example.org/"},
            "apple": 12345678901234567890_u64,
            "place": [53.349805, -6.26031, 31.245270191439438, 1e-7, 2.5e300],
        });
        let file: Value = serde_json::from_str(&file.to_string()).expect("a file");
        let written = full(&Stage::with(file.clone()).board);
        for (key, value) in file.as_object().expect("an object") {
            assert_eq!(written[key].to_string(), value.to_string(), "{key}");
        }
    }

    #[test]
    fn the_public_file_hides_what_is_private() {
        let mut stage = Stage::with(
            json!({"subscriptions": {"bob": "x"}, "last_check_in": {"bob": {"out": "2026-10-19 09:00:00"}}}),
        );
        stage.say("+in the pub");
        let file = public(&stage.board, stage.at);
        assert!(file.get("subscriptions").is_none());
        assert_eq!(file["last_check_in"].as_object().map(|people| people.len()), Some(1));
        assert_eq!(file["last_check_in"]["jane"]["location"], "the pub");
    }
}
