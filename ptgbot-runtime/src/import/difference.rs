//! What a data file would change, as a table.
//!
//! Two boards are compared as data files, so whatever a board has is in the table, once: a booking by its code, a track's
//! topic or link by the track, everything else by its key.

use ptgbot_core::TrackName;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashSet};
use std::fmt;

/// All that differs.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    rows: Vec<Row>,
}

/// One thing that differs.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    what: String,
    name: String,
    change: Change,
}

#[derive(Debug, PartialEq, Eq)]
enum Change {
    Added(String),
    Removed(String),
    Changed(String, String),
    /// All of its kind stand in another order.
    Moved,
}

/// The things of a board by kind and name, in the order in which they are listed.
type Things = Vec<(String, Vec<(String, String)>)>;

impl Difference {
    /// Compares two boards, each as a whole data file.
    pub(crate) fn between(before: &Value, after: &Value) -> Self {
        let (before, after) = (things(before), things(after));
        let mut kinds: Vec<&String> = before.iter().map(|(kind, _)| kind).collect();
        kinds.extend(after.iter().map(|(kind, _)| kind).filter(|kind| !before.iter().any(|(known, _)| known == *kind)));
        let of = |things: &'_ Things, kind: &str| -> Vec<(String, String)> {
            things.iter().find(|(known, _)| known == kind).map(|(_, named)| named.clone()).unwrap_or_default()
        };
        let mut rows = Vec::new();
        for kind in kinds {
            let (old, new) = (of(&before, kind), of(&after, kind));
            let (was, is): (BTreeMap<_, _>, BTreeMap<_, _>) =
                (old.iter().cloned().collect(), new.iter().cloned().collect());
            let mut add = |name: &str, change| rows.push(Row { what: kind.clone(), name: name.to_owned(), change });
            for (name, value) in &old {
                match is.get(name) {
                    None => add(name, Change::Removed(value.clone())),
                    Some(new) if new != value => add(name, Change::Changed(value.clone(), new.clone())),
                    Some(_) => {}
                }
            }
            let stays = |(name, _): &&(String, String)| was.contains_key(name) && is.contains_key(name);
            if !old.iter().filter(stays).map(|(name, _)| name).eq(new.iter().filter(stays).map(|(name, _)| name)) {
                add("", Change::Moved);
            }
            for (name, value) in new.iter().filter(|(name, _)| !was.contains_key(name)) {
                add(name, Change::Added(value.clone()));
            }
        }
        Self { rows }
    }
}

/// A table with a row for each difference, and the counts below it.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |of: fn(&Row) -> &str| self.rows.iter().map(|row| of(row).chars().count()).max().unwrap_or(0);
        let (what, name) = (width(|row| &row.what), width(|row| &row.name).min(MOST_WIDE));
        let [mut added, mut removed, mut changed] = [0, 0, 0];
        for row in &self.rows {
            let (sign, said) = match &row.change {
                Change::Added(value) => {
                    added += 1;
                    ('+', value.clone())
                }
                Change::Removed(value) => {
                    removed += 1;
                    ('-', value.clone())
                }
                Change::Changed(before, after) => {
                    changed += 1;
                    ('~', format!("{before} → {after}"))
                }
                Change::Moved => {
                    changed += 1;
                    ('~', "in another order".to_owned())
                }
            };
            let line = format!("{sign} {:what$}  {:name$}  {said}", row.what, row.name);
            writeln!(f, "{}", line.trim_end())?;
        }
        match self.rows.len() {
            0 => f.write_str("Nothing would change."),
            _ => write!(f, "{added} to add, {removed} to remove, {changed} to change. Nothing was changed."),
        }
    }
}

fn things(file: &Value) -> Things {
    let mut things = Things::new();
    let mut add = |kind: &str, named: Vec<(String, String)>| things.push((kind.to_owned(), named));
    let of_event = [("name", "eventid"), ("zone", "timezone")].map(|(name, key)| (name.to_owned(), shown(&file[key])));
    add("event", of_event.into_iter().filter(|(_, value)| !value.is_empty()).collect());
    add("track", items(&file["tracks"]).map(|track| (hashed(&shown(track)), String::new())).collect());
    let days = || entries(&file["slots"]);
    add("day", days().map(|(day, _)| (day.clone(), String::new())).collect());
    let slots = days().flat_map(|(day, slots)| items(slots).map(move |slot| (day, slot)));
    let slots: Vec<_> = slots.map(|(day, slot)| (shown(&slot["name"]), slot_words(day, slot))).collect();
    let slot_names: HashSet<String> = slots.iter().map(|(name, _)| name.clone()).collect();
    let is_slot = |key: &str| slot_names.contains(key);
    let rooms = || entries(&file["schedule"]);
    let words = |room: &Map<String, Value>| {
        let words = room.iter().filter(|(key, _)| !is_slot(key));
        words.map(|(key, value)| format!("{key} {}", shown(value))).collect::<Vec<_>>().join(", ")
    };
    let room_rows = rooms().filter_map(|(name, room)| Some((name.clone(), words(room.as_object()?)))).collect();
    let codes = rooms().flat_map(|(name, room)| entries(room).map(move |(slot, held)| (name, slot, held)));
    let codes = codes.filter(|(_, slot, _)| is_slot(slot));
    let bookings = codes.map(|(room, slot, held)| (format!("{room}-{slot}"), holders(held))).collect();
    add("slot", slots);
    add("room", room_rows);
    add("booking", bookings);
    add("link", entries(&file["links"]).map(|(title, url)| (title.clone(), shown(url))).collect());
    for (kind, key) in OF_TRACKS {
        add(kind, entries(&file[key]).map(|(track, value)| (hashed(track), shown(value))).collect());
    }
    let messages = items(&file["motd"]).enumerate();
    let message = |motd: &Value| format!("{}: {}", shown(&motd["level"]), shown(&motd["message"]));
    add("message", messages.map(|(place, motd)| (format!("{}", place + 1), message(motd))).collect());
    for (kind, key) in OF_PEOPLE {
        add(kind, entries(&file[key]).map(|(person, value)| (person.clone(), shown(value))).collect());
    }
    let known = KNOWN.into_iter().chain(OF_TRACKS.map(|(_, key)| key)).chain(OF_PEOPLE.map(|(_, key)| key));
    let known: Vec<_> = known.collect();
    let others = entries(file).filter(|(key, _)| !known.contains(&key.as_str()));
    add("other", others.map(|(key, value)| (key.clone(), shown(value))).collect());
    things
}

fn slot_words(day: &str, slot: &Value) -> String {
    let fields = slot.as_object().into_iter().flatten().filter(|(key, _)| *key != "name");
    let words = fields.map(|(key, value)| match key.as_str() {
        "duration" => format!("{} min", shown(value)),
        "desc" | "realtime" => shown(value),
        _ => format!("{key} {}", shown(value)),
    });
    std::iter::once(day.to_owned()).chain(words.filter(|words| !words.is_empty())).collect::<Vec<_>>().join(", ")
}

fn holders(held: &Value) -> String {
    let named = |track: &Value| match track.as_str() {
        Some("") => "free".to_owned(),
        Some(track) => hashed(track),
        None => shown(track),
    };
    match held {
        Value::Array(tracks) => tracks.iter().map(named).collect::<Vec<_>>().join(", "),
        held => named(held),
    }
}

fn hashed(track: &str) -> String {
    TrackName::parse(track).map_or_else(|_| track.to_owned(), |track| track.to_string())
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// What belongs to a track, and its key in the data file.
const OF_TRACKS: [(&str, &str); 8] = [
    ("topic", "now"),
    ("since", "now_since"),
    ("next", "next"),
    ("pad", "etherpads"),
    ("meeting", "urls"),
    ("color", "colors"),
    ("location", "location"),
    ("moderators", "moderators"),
];
/// What belongs to a person.
const OF_PEOPLE: [(&str, &str); 3] =
    [("check-in", "last_check_in"), ("subscription", "subscriptions"), ("reminder", "reminders")];
/// What stands in rows of its own, and what changes with every change.
const KNOWN: [&str; 9] =
    ["eventid", "timezone", "tracks", "slots", "schedule", "links", "motd", "revision", "timestamp"];
/// A longer name does not move the column behind it.
const MOST_WIDE: usize = 40;
