//! Reading the data file: everything is checked first, and what is wrong is named with its JSON path.

mod people;
mod rules;

use self::people::{NameReader, check_ins, moderators, reminders, subscriptions};
use self::rules::policy;
use super::at::{At, MAX_DEPTH, Path, nesting};
use super::time;
use crate::board::Board;
use crate::booking::{Booking, Sharing};
use crate::contents::Zone;
use crate::document::{Document, DocumentError};
use crate::limits;
use crate::motd::{Level, Motd};
use crate::person::Folding;
use crate::programme_name::RoomName;
use crate::programme_name::SlotName;
use crate::role::Moderation;
use crate::room::Room;
use crate::slot::Slot;
use crate::text::{Text, clean, clean_name};
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashSet};

impl Document {
    /// Checks a whole data file against the format and against the board that will take it. `folding` is how
    /// the keys of people compare.
    ///
    /// ```
    /// use ptgbot_core::{Board, Document, Folding};
    /// let file = serde_json::json!({"tracks": ["swift", 5]});
    /// let wrong = Document::check(&file, &Board::default(), Folding::Ascii).unwrap_err();
    /// assert_eq!(wrong.to_string(), "$.tracks[1]: expected a string, found a number");
    /// ```
    ///
    /// # Errors
    /// Names the first wrong value with its JSON path.
    pub fn check(document: &Value, board: &Board, folding: Folding) -> Result<Self, DocumentError> {
        let root = At::root(document);
        let mut read = Self::default();
        let object = root.object()?;
        nesting(&root, MAX_DEPTH)?;
        read.days = object.get("slots").map(|value| days(&root.key("slots", value))).transpose()?;
        let slots: HashSet<&SlotName> = match &read.days {
            Some(days) => days.values().flatten().map(|slot| &slot.name).collect(),
            None => board.contents().days.values().flatten().map(|slot| &slot.name).collect(),
        };
        let rooms = object.get("schedule").map(|value| rooms(&root.key("schedule", value), &slots)).transpose()?;
        if rooms.is_none() {
            known_rooms_take(&slots, board, &root)?;
        }
        read.rooms = rooms;
        let names = NameReader { homes: board.homes(), folding };
        for (key, value) in object {
            read.take(key, &root.key(key, value), names)?;
        }
        let unknown = read.unknown();
        if unknown > limits::UNKNOWN {
            let limit = limits::UNKNOWN;
            return Err(root.wrong(format!("keys that are not known take {unknown} bytes, {limit} are taken")));
        }
        Ok(read)
    }

    /// How many bytes of it nobody here understands.
    fn unknown(&self) -> usize {
        let in_slots = self.days.iter().flat_map(IndexMap::values).flatten().map(|slot| &slot.extra);
        let in_rooms = self.rooms.iter().flat_map(IndexMap::values).map(|room| &room.extra);
        let all = in_slots.chain(in_rooms).chain([&self.extra]).filter(|extra| !extra.is_empty());
        all.map(|extra| serde_json::to_string(extra).map_or(0, |text| text.len())).sum()
    }

    fn take(&mut self, key: &str, at: &At<'_>, people: NameReader<'_>) -> Result<(), DocumentError> {
        match key {
            "slots" | "schedule" => {}
            "eventid" => self.event_id = Some(clean_name(at.string()?)),
            "timezone" => self.timezone = Some(zone(at)?),
            "tracks" => {
                let items = at.array()?;
                self.tracks = Some(items.map(|item| track(item.string()?, &item)).collect::<Result<BTreeSet<_>, _>>()?);
            }
            "now" => self.now = Some(by_track(at, text)?.without_empty()),
            "now_since" => self.now_since = Some(by_track(at, moment)?),
            "next" => self.next = Some(next(at)?),
            "etherpads" => self.etherpads = Some(by_track(at, words)?.without_empty()),
            "urls" => self.urls = Some(by_track(at, words)?.without_empty()),
            "colors" => self.colors = Some(by_track(at, words)?.without_empty()),
            "location" => {
                let place = |place: &At<'_>| fitting(place, Text::from(clean_name(place.string()?)));
                self.locations = Some(by_track(at, place)?.without_empty());
            }
            "links" => {
                let links = at.object()?.iter();
                let links = links.map(|(title, url)| Ok((clean(title), clean(at.key(title, url).string()?))));
                self.links = Some(links.collect::<Result<_, _>>()?);
            }
            "motd" => self.motd = Some(motd(at)?),
            "voice" => self.moderation = Some(moderation(at)?),
            "policy" => self.policy = Some(policy(at)?),
            "last_check_in" => self.check_ins = Some(check_ins(at, people)?),
            "subscriptions" => self.subscriptions = Some(subscriptions(at, people)?),
            "moderators" => self.moderators = Some(moderators(at, people)?),
            "reminders" => self.reminders = Some(reminders(at, people)?),
            // Both belong to the board that wrote the file, not to the one that reads it.
            "revision" => {
                if !at.value.is_u64() {
                    return Err(at.expected("a count"));
                }
            }
            "timestamp" => {
                moment(at)?;
            }
            // The public file tells it; it is read off the topics.
            "mentions" => {}
            other => {
                self.extra.insert(other.to_owned(), at.value.clone());
            }
        }
        Ok(())
    }
}

fn track(raw: &str, at: &At<'_>) -> Result<TrackName, DocumentError> {
    TrackName::parse(raw.trim()).map_err(|error| at.wrong(error.to_string()))
}

fn by_track<T>(
    at: &At<'_>,
    read: impl Fn(&At<'_>) -> Result<T, DocumentError>,
) -> Result<BTreeMap<TrackName, T>, DocumentError> {
    let entries = at.object()?.iter();
    entries
        .map(|(name, value)| {
            let at = at.key(name, value);
            Ok((track(name, &at)?, read(&at)?))
        })
        .collect()
}

fn words(at: &At<'_>) -> Result<String, DocumentError> {
    Ok(clean(at.string()?))
}

fn text(at: &At<'_>) -> Result<Text, DocumentError> {
    fitting(at, Text::new(at.string()?))
}

fn fitting(at: &At<'_>, text: Text) -> Result<Text, DocumentError> {
    match limits::too_long(&text) {
        Some(problem) => Err(at.wrong(problem)),
        None => Ok(text),
    }
}

fn at_most<T>(most: usize, at: &At<'_>, list: Vec<T>) -> Result<Vec<T>, DocumentError> {
    let count = list.len();
    if count > most { Err(at.wrong(format!("the list has {count}, {most} are taken"))) } else { Ok(list) }
}

fn moment(at: &At<'_>) -> Result<DateTime<Utc>, DocumentError> {
    let raw = at.string()?;
    time::read(raw).ok_or_else(|| at.wrong("expected a time such as 2026-10-19T09:00:00Z or 2026-10-19 09:00:00"))
}

fn zone(at: &At<'_>) -> Result<Zone, DocumentError> {
    let name = at.string()?;
    let unknown = |_| at.wrong("expected an IANA time zone such as Europe/Dublin");
    if name.is_empty() { Ok(Zone::default()) } else { name.parse().map(Zone).map_err(unknown) }
}

/// New slots may turn keys of the board's rooms into bookings; then those must say who holds them.
fn known_rooms_take(slots: &HashSet<&SlotName>, board: &Board, root: &At<'_>) -> Result<(), DocumentError> {
    for (name, room) in &board.contents().rooms {
        if let Some(key) = room.misnamed(slots) {
            let problem = format!("the slot '{key}' is a key of the room '{name}' that names no track");
            return Err(DocumentError { path: format!("{}.slots", root.path), problem });
        }
    }
    Ok(())
}

fn days(at: &At<'_>) -> Result<IndexMap<String, Vec<Slot>>, DocumentError> {
    let days = at.object()?.iter();
    days.map(|(day, value)| {
        let at = at.key(day, value);
        let slots = at.array()?.map(|item| slot(&item)).collect::<Result<_, _>>()?;
        Ok((clean_name(day), slots))
    })
    .collect()
}

fn slot(at: &At<'_>) -> Result<Slot, DocumentError> {
    let object = at.object()?;
    let Some(name) = object.get("name") else {
        return Err(at.wrong("a slot without a name"));
    };
    let name = SlotName::new(at.key("name", name).string()?);
    if name.as_str().is_empty() {
        return Err(at.wrong("a slot without a name"));
    }
    let mut slot = Slot { name, desc: String::new(), realtime: None, duration: None, extra: Map::new() };
    for (key, value) in object {
        let at = at.key(key, value);
        match key.as_str() {
            "name" => {}
            "desc" => slot.desc = clean(at.string()?),
            "realtime" if value == "" => {}
            "realtime" => slot.realtime = Some(moment(&at)?),
            "duration" => slot.duration = Some(minutes(&at)?),
            _ => {
                slot.extra.insert(key.clone(), value.clone());
            }
        }
    }
    Ok(slot)
}

fn minutes(at: &At<'_>) -> Result<u32, DocumentError> {
    let number = at.value.as_number().ok_or_else(|| at.expected("a number of minutes"))?;
    let minutes = number.as_u64().or_else(|| number.as_f64().filter(|n| n.fract() == 0.0).map(|n| n as u64));
    match minutes.and_then(|minutes| u32::try_from(minutes).ok()) {
        Some(minutes @ 1..=MAX_MINUTES) => Ok(minutes),
        _ => Err(at.wrong(format!("expected 1 to {MAX_MINUTES} minutes, found {number}"))),
    }
}

/// Four weeks: longer than any event, short enough that an end can always be written.
const MAX_MINUTES: u32 = 40_320;

fn rooms(at: &At<'_>, slots: &HashSet<&SlotName>) -> Result<IndexMap<RoomName, Room>, DocumentError> {
    let rooms = at.object()?.iter();
    rooms
        .map(|(name, value)| {
            let at = at.key(name, value);
            let room_name = RoomName::new(name);
            if room_name.as_str().is_empty() {
                return Err(at.wrong("a room without a name"));
            }
            Ok((room_name, room(&at, slots)?))
        })
        .collect()
}

fn room(at: &At<'_>, slots: &HashSet<&SlotName>) -> Result<Room, DocumentError> {
    let object = at.object()?;
    let shared = object.get("shared").filter(|_| !slots.contains(&SlotName::new("shared")));
    let sharing = shared.map(|value| sharing(&at.key("shared", value))).transpose()?;
    let mut room = Room { sharing: sharing.unwrap_or_default(), ..Room::default() };
    for (key, value) in object {
        let at = at.key(key, value);
        if slots.contains(&SlotName::new(key)) {
            room.bookings.insert(SlotName::new(key), booking(&at, room.sharing)?);
            continue;
        }
        match key.as_str() {
            "url" => room.url = Some(clean(at.string()?)),
            "desc" => room.desc = Some(clean(at.string()?)),
            "cap_icon" => room.cap_icon = Some(clean(at.string()?)),
            "cap_desc" => room.cap_desc = Some(clean(at.string()?)),
            "shared" => {}
            _ => {
                room.extra.insert(key.clone(), value.clone());
            }
        }
    }
    Ok(room)
}

fn sharing(at: &At<'_>) -> Result<Sharing, DocumentError> {
    let shared = at.value.as_bool().ok_or_else(|| at.expected("true or false"))?;
    Ok(if shared { Sharing::Shared } else { Sharing::Exclusive })
}

/// A track, or a list of those that share a slot; `""` is free.
fn booking(at: &At<'_>, sharing: Sharing) -> Result<Booking, DocumentError> {
    if !at.value.is_array() {
        return match at.string()? {
            "" => Ok(Booking::Open),
            name => Ok(Booking::Held { by: track(name, at)? }),
        };
    }
    let holders = at.array()?.map(|item| track(item.string()?, &item)).collect::<Result<Vec<_>, _>>()?;
    match Booking::of(at_most(limits::HOLDERS, at, holders)?) {
        Booking::Shared { by } if sharing == Sharing::Exclusive => {
            Err(at.wrong(format!("{} tracks in one slot of a room that is not \"shared\": true", by.len())))
        }
        booking => Ok(booking),
    }
}

fn next(at: &At<'_>) -> Result<BTreeMap<TrackName, Vec<Text>>, DocumentError> {
    let lists = by_track(at, |list| {
        let topics = list.array()?.map(|topic| text(&topic)).collect::<Result<Vec<_>, _>>()?;
        at_most(limits::NEXT_TOPICS, list, topics.into_iter().filter(|topic| !topic.is_empty()).collect::<Vec<_>>())
    })?;
    Ok(lists.into_iter().filter(|(_, list)| !list.is_empty()).collect())
}

fn motd(at: &At<'_>) -> Result<Vec<Motd>, DocumentError> {
    if at.value.is_object() {
        return Ok(one_motd(at)?.into_iter().collect());
    }
    let Some(items) = at.value.as_array() else {
        return Err(at.expected("a list or an object"));
    };
    let items = items.iter().enumerate().map(|(number, value)| At { value, path: Path::Item(&at.path, number) });
    let messages = items.map(|item| one_motd(&item)).collect::<Result<Vec<_>, _>>()?;
    at_most(limits::MESSAGES, at, messages.into_iter().flatten().collect())
}

/// `None` for an empty message.
fn one_motd(at: &At<'_>) -> Result<Option<Motd>, DocumentError> {
    let object = at.object()?;
    let field = |key: &'static str| object.get(key).map(|value| At { value, path: Path::Key(&at.path, key) });
    let message = match field("message") {
        Some(message) => text(&message)?,
        None => Text::default(),
    };
    let level = match field("level") {
        Some(level) => Some((level.string()?, level)),
        None => None,
    };
    let level = match level {
        Some((word, _)) if word.is_empty() && message.is_empty() => return Ok(None),
        Some((word, at)) => Level::parse(word).ok_or_else(|| {
            at.wrong(format!("expected info, success, warning or danger, found '{}'", clean_name(word)))
        })?,
        None if message.is_empty() => return Ok(None),
        None => return Err(at.wrong("a message without a level")),
    };
    Ok((!message.is_empty()).then(|| Motd { level, message, extra: others(object, &["level", "message"]) }))
}

fn moderation(at: &At<'_>) -> Result<Moderation, DocumentError> {
    match at.value {
        Value::Bool(true) => Ok(Moderation::VoicedOnly),
        Value::Bool(false) => Ok(Moderation::Anyone),
        value if value.as_u64() == Some(1) => Ok(Moderation::VoicedOnly),
        value if value.as_u64() == Some(0) => Ok(Moderation::Anyone),
        Value::Number(_) => Err(at.wrong("expected 0 or 1")),
        _ => Err(at.expected("0 or 1")),
    }
}

/// What an object has besides the keys that are known.
fn others(object: &Map<String, Value>, known: &[&str]) -> Map<String, Value> {
    let others = object.iter().filter(|(key, _)| !known.contains(&key.as_str()));
    others.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Entries that say nothing are none.
trait WithoutEmpty {
    fn without_empty(self) -> Self;
}

impl<V: AsRef<str>> WithoutEmpty for BTreeMap<TrackName, V> {
    fn without_empty(mut self) -> Self {
        self.retain(|_, value| !value.as_ref().is_empty());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wrong(document: Value) -> String {
        Document::check(&document, &Board::default(), Folding::Rfc1459).expect_err("it is wrong").to_string()
    }

    #[test]
    fn what_is_wrong_is_named_with_its_path() {
        assert_eq!(wrong(json!({"tracks": [1]})), "$.tracks[0]: expected a string, found a number");
        assert_eq!(wrong(json!({"next": {"swift": ["a", {}]}})), "$.next.swift[1]: expected a string, found an object");
        assert_eq!(
            wrong(json!({"schedule": {"Pike's Peak": {"url": true}}})),
            r"$.schedule['Pike\'s Peak'].url: expected a string, found true or false"
        );
    }

    #[test]
    fn a_path_is_short_and_has_no_control_characters() {
        let key = format!("{}\r\n\u{202e}", "x".repeat(500));
        let said = wrong(json!({"links": {key: 1}}));
        assert!(said.len() < 150 && !said.contains(|c: char| c.is_control() || c == '\u{202e}'), "{said}");
    }

    #[test]
    fn what_is_longer_than_members_may_make_it_is_refused_with_its_limit() {
        let long = "é".repeat(1001);
        let said = "the text has 1001 characters, 1000 are taken";
        assert_eq!(wrong(json!({"now": {"swift": long}})), format!("$.now.swift: {said}"));
        assert_eq!(wrong(json!({"next": {"swift": ["a", long]}})), format!("$.next.swift[1]: {said}"));
        assert_eq!(wrong(json!({"location": {"swift": long}})), format!("$.location.swift: {said}"));
        assert_eq!(wrong(json!({"motd": [{"level": "info", "message": long}]})), format!("$.motd[0].message: {said}"));
        assert_eq!(wrong(json!({"next": {"swift": vec!["a"; 51]}})), "$.next.swift: the list has 51, 50 are taken");
        let message = json!({"level": "info", "message": "a"});
        assert_eq!(wrong(json!({"motd": vec![message; 51]})), "$.motd: the list has 51, 50 are taken");
        let pairs: Vec<_> = (0..1001).map(|n| json!([format!("a{n}"), "b"])).collect();
        assert_eq!(wrong(json!({"policy": {"clashes": pairs}})), "$.policy.clashes: the list has 1001, 1000 are taken");
        let people: Vec<_> = (0..51).map(|n| format!("p{n}")).collect();
        assert_eq!(
            wrong(json!({"moderators": {"swift": people}})),
            "$.moderators.swift: the list has 51, 50 are taken"
        );
        let much = "x".repeat(limits::UNKNOWN / 2);
        for part in [json!({"a": much, "b": much}), json!({"schedule": {"Room": {"a": much, "b": much, "c": [1]}}})] {
            let refused = wrong(part);
            let limit = format!("bytes, {} are taken", limits::UNKNOWN);
            assert!(
                refused.starts_with("$: keys that are not known take 8388") && refused.ends_with(&limit),
                "{refused}"
            );
        }
    }

    #[test]
    fn two_spellings_of_a_name_are_one_person() {
        let file =
            json!({"subscriptions": {"a[": "one", "A{": "two"}, "last_check_in": {"a[": {}, "A{": {"nick": "A{"}}});
        let read = Document::check(&file, &Board::default(), Folding::Rfc1459).expect("a file");
        assert_eq!(read.subscriptions.map(|people| people.into_values().collect()), Some(vec!["two".to_owned()]));
        assert_eq!(read.check_ins.map(|people| people.len()), Some(1));
    }

    #[test]
    fn a_file_is_not_nested_deeper_than_the_journal_can_read() {
        let nested = |depth| (0..depth).fold(Value::Null, |inner, _| json!([inner]));
        let most = json!({"x": nested(MAX_DEPTH - 1)});
        assert!(Document::check(&most, &Board::default(), Folding::Ascii).is_ok());
        let mut stage = crate::stage::Stage::with(most);
        stage.say("~emptydb");
        stage.say("~undo");
        let written = serde_json::to_string(&stage.board).expect("a board is JSON");
        assert_eq!(serde_json::from_str::<Board>(&written).ok(), Some(stage.board));
        assert!(wrong(json!({"x": nested(MAX_DEPTH)})).ends_with("[0]: nested deeper than 64 levels"));
        assert!(wrong(json!({"x": nested(120)})).starts_with("$.x[0]"));
    }
}
