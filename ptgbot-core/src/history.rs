//! History: the latest changes, who made them, and how things were before.

use crate::event::{BoardEvent, Event, PersonEvent, TimeEvent, TrackEvent};
use crate::forgotten::Forgotten;
use crate::home::Homes;
use crate::person::Person;
use crate::record::{Origin, Record};
use crate::revision::Revision;
use crate::setting::Setting;
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

/// The latest changes, oldest first, as many as fit into a limit. People's own data is no part of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "VecDeque<Arc<Change>>", into = "VecDeque<Arc<Change>>")]
pub struct History {
    changes: VecDeque<Arc<Change>>,
    /// How many bytes all of them take.
    size: usize,
}

/// One change, as `~history` tells it and undo needs it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// The board's revision after it.
    pub revision: Revision,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; `None` where nobody is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Person>,
    /// From where.
    pub origin: Origin,
    /// What, as the command that does it: `#swift now ring placement`.
    pub what: String,
    /// How things were before, as far as it has not been taken back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Setting>,
    /// The earlier change that this one took back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<Revision>,
    /// True once all of it was taken back.
    #[serde(default)]
    pub undone: bool,
    /// What it removed that is no part of undo.
    #[serde(default, skip_serializing_if = "Removed::is_nothing")]
    pub removed: Removed,
}

/// People's own data that a change of the board has removed: taking the change back does not bring it back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Removed {
    /// None.
    #[default]
    Nothing,
    /// Where they were.
    CheckIns,
    /// That, what they had subscribed to, and their reminders.
    PeoplesData,
}

impl Removed {
    fn by(event: &Event) -> Self {
        match event {
            Event::Board(BoardEvent::DayStarted) => Self::CheckIns,
            Event::Board(BoardEvent::BoardEmptied) => Self::PeoplesData,
            Event::Board(_) | Event::Track(_) | Event::Person(_) | Event::Time(_) => Self::Nothing,
        }
    }

    fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }
}

impl History {
    /// How many changes are kept at most, and so how far undo reaches.
    pub const KEPT: usize = 1000;

    /// How many bytes of changes are kept at most; the newest change is kept whatever its size. What was before goes
    /// first, oldest first: undo ends there, as what came earlier could not be put back as it was.
    pub const KEPT_BYTES: usize = 4 << 20;

    /// The changes, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().rev().map(|change| &**change)
    }

    /// The change after which the board was at `revision`.
    pub fn change(&self, revision: Revision) -> Option<&Change> {
        self.place(revision).map(|place| &*self.changes[place])
    }

    pub(crate) fn push(&mut self, change: Change) {
        if self.changes.len() == Self::KEPT {
            self.drop_oldest();
        }
        self.size += change.size();
        self.changes.push_back(change.into());
        let newest = self.changes.len() - 1;
        for place in 0..newest {
            if self.size <= Self::KEPT_BYTES {
                return;
            }
            if !self.changes[place].before.is_empty() {
                self.edit(place, |change| change.before.clear());
            }
        }
        while self.size > Self::KEPT_BYTES && self.changes.len() > 1 {
            self.drop_oldest();
        }
    }

    /// Marks a change, or its part that concerns one track, as taken back.
    pub(crate) fn take_back(&mut self, revision: Revision, track: Option<&TrackName>) {
        let Some(place) = self.place(revision) else {
            return;
        };
        self.edit(place, |change| {
            match track {
                Some(track) => change.before.retain(|setting| setting.track() != Some(track)),
                None => change.before.clear(),
            }
            change.undone = change.before.is_empty();
        });
    }

    /// People without a network may have one now.
    pub(crate) fn adopt_names(&mut self, homes: &Homes) {
        for place in 0..self.changes.len() {
            let is_plain = |by: &Person| by.id.network().is_none();
            if self.changes[place].by.as_ref().is_some_and(is_plain) {
                self.edit(place, |change| {
                    if let Some(by) = &mut change.by {
                        by.id = homes.resolve(by.id.clone());
                    }
                });
            }
        }
    }

    /// Takes a person's name out.
    pub(crate) fn forget(&mut self, forgotten: &Forgotten) {
        for place in 0..self.changes.len() {
            if self.changes[place].names(forgotten) {
                self.edit(place, |change| {
                    change.by.take_if(|by| forgotten.is(&by.id));
                    change.origin.forget(forgotten);
                    for setting in &mut change.before {
                        setting.forget(forgotten);
                    }
                });
            }
        }
    }

    fn edit(&mut self, place: usize, edit: impl FnOnce(&mut Change)) {
        let change = Arc::make_mut(&mut self.changes[place]);
        self.size -= change.size();
        edit(change);
        self.size += change.size();
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.changes.pop_front() {
            self.size -= oldest.size();
        }
    }

    fn place(&self, revision: Revision) -> Option<usize> {
        self.changes.binary_search_by_key(&revision, |change| change.revision).ok()
    }
}

impl From<VecDeque<Arc<Change>>> for History {
    fn from(changes: VecDeque<Arc<Change>>) -> Self {
        let size = changes.iter().map(|change| change.size()).sum();
        Self { changes, size }
    }
}

impl From<History> for VecDeque<Arc<Change>> {
    fn from(history: History) -> Self {
        history.changes
    }
}

impl Change {
    pub(crate) fn new(record: &Record, before: Vec<Setting>) -> Self {
        Self {
            revision: record.revision,
            at: record.at,
            by: record.by.clone(),
            origin: record.origin.clone(),
            what: describe(&record.event),
            before,
            undoes: undone_by(&record.event),
            undone: false,
            removed: Removed::by(&record.event),
        }
    }

    /// How many bytes it takes when it is written down: in memory it is of that order.
    fn size(&self) -> usize {
        let mut written = Counter(0);
        serde_json::to_writer(&mut written, self).expect("a change is text");
        written.0
    }

    fn names(&self, forgotten: &Forgotten) -> bool {
        let mut before = self.before.iter().flat_map(Setting::people);
        self.by.as_ref().is_some_and(|by| forgotten.is(&by.id))
            || self.origin.names(forgotten)
            || before.any(|person| forgotten.is(person))
    }

    /// It in one line, with a word about the message that was edited or deleted, if that was the cause.
    pub fn told(&self) -> String {
        told(&self.what, &self.origin, self.undoes)
    }

    /// True when (some of) it can still be taken back.
    pub fn can_be_undone(&self) -> bool {
        !self.undone && !self.before.is_empty()
    }
}

impl Record {
    /// The change in one line, with a word about the message that was edited or deleted, if that was the cause.
    pub fn told(&self) -> String {
        told(&describe(&self.event), &self.origin, undone_by(&self.event))
    }
}

fn told(what: &str, origin: &Origin, undoes: Option<Revision>) -> String {
    match (&origin.edits, undoes) {
        (None, _) => what.to_owned(),
        (Some(_), None) => format!("{what} (edited)"),
        (Some(_), Some(_)) => format!("{what} (message edited or deleted)"),
    }
}

fn undone_by(event: &Event) -> Option<Revision> {
    if let Event::Board(BoardEvent::ChangeUndone { revision, .. }) = event { Some(*revision) } else { None }
}

/// A change in one line, as the command that makes it.
pub fn describe(event: &Event) -> String {
    match event {
        Event::Track(event) => describe_track(event),
        Event::Board(event) => describe_board(event),
        Event::Person(event) => describe_person(event),
        Event::Time(event) => describe_time(event),
    }
}

fn describe_track(event: &TrackEvent) -> String {
    match event {
        TrackEvent::TopicSet { track, topic } => format!("{track} now {topic}"),
        TrackEvent::TopicPlanned { track, topic } => format!("{track} next {topic}"),
        TrackEvent::TopicAdvanced { track, topic } => format!("{track} advance ({topic})"),
        TrackEvent::TopicDropped { track, number } => format!("{track} drop {number}"),
        TrackEvent::EtherpadSet { track, url } => {
            format!("{track} etherpad {}", url.as_deref().unwrap_or("auto"))
        }
        TrackEvent::UrlSet { track, url } => format!("{track} url {}", url.as_deref().unwrap_or("none")),
        TrackEvent::ColorSet { track, color } => format!("{track} color {color}"),
        TrackEvent::LocationSet { track, location } => format!("{track} location {location}"),
        TrackEvent::SlotBooked { track, code } => format!("{track} book {code}"),
        TrackEvent::SlotFreed { track, code } => format!("{track} unbook {code}"),
        TrackEvent::SlotMoved { track, from, to } => format!("{track} move {from} {to}"),
    }
}

fn describe_board(event: &BoardEvent) -> String {
    let list = |tracks: &[TrackName]| tracks.iter().map(TrackName::as_str).collect::<Vec<_>>().join(" ");
    match event {
        BoardEvent::TopicsCleared { tracks } => match tracks.as_slice() {
            [track] => format!("{track} clean"),
            tracks => format!("~clean {}", list(tracks)),
        },
        BoardEvent::TracksAdded { tracks } => format!("~add {}", list(tracks)),
        BoardEvent::TracksDeleted { tracks } => format!("~del {}", list(tracks)),
        BoardEvent::DayStarted => "~newday".into(),
        BoardEvent::MotdAdded { level, message } => format!("~motd add {level} {message}"),
        BoardEvent::MotdDeleted { number } => format!("~motd del {number}"),
        BoardEvent::MotdReordered { order } => {
            let order: Vec<_> = order.iter().map(ToString::to_string).collect();
            format!("~motd reorder {}", order.join(" "))
        }
        BoardEvent::MotdCleared => "~motd clean".into(),
        BoardEvent::ModerationSet { moderation } => match moderation {
            crate::role::Moderation::Anyone => "~alloweveryone".into(),
            crate::role::Moderation::VoicedOnly => "~requirevoice".into(),
        },
        // Not how many: of whom was forgotten nothing is told, and a replay tells the same.
        BoardEvent::ModeratorsSet { track, people: Some(_) } => format!("~moderators {track} (named)"),
        BoardEvent::ModeratorsSet { track, people: None } => format!("~moderators {track} none"),
        BoardEvent::PolicySet { rule } => format!("~policy {rule}"),
        BoardEvent::AnnouncingSet { what, room, on } => {
            format!("~announce {what} {} in {}", if *on { "on" } else { "off" }, room.room)
        }
        BoardEvent::DocumentLoaded { source, .. } => match source {
            Some(source) => format!("data loaded from {}", crate::text::clean_name(source)),
            None => "data loaded".into(),
        },
        BoardEvent::BoardEmptied => "~emptydb".into(),
        BoardEvent::ChangeUndone { revision, track, .. } => match track {
            Some(track) => format!("{track} undo (of change {revision})"),
            None => format!("~undo (of change {revision})"),
        },
    }
}

fn describe_person(event: &PersonEvent) -> String {
    match event {
        PersonEvent::CheckedIn { .. } => "checked in".into(),
        PersonEvent::CheckedOut { .. } => "checked out".into(),
        PersonEvent::Subscribed { .. } => "subscribed".into(),
        PersonEvent::Unsubscribed { .. } => "unsubscribed".into(),
        PersonEvent::ReminderSet { .. } => "set a reminder".into(),
        PersonEvent::RemindersCancelled { .. } => "cancelled reminders".into(),
        PersonEvent::NamesAdopted { network, .. } => {
            format!("people without a network are of {network}")
        }
        PersonEvent::PersonForgotten { .. } => "asked to be forgotten".into(),
        PersonEvent::Erased => "removed on request".into(),
    }
}

fn describe_time(event: &TimeEvent) -> String {
    match event {
        TimeEvent::RemindersDue { .. } => "people were reminded".into(),
        TimeEvent::RebookingsDue { .. } => "people were told of changed bookings".into(),
        TimeEvent::SlotsBegun { .. } => "rooms were told that a slot has begun".into(),
    }
}

/// Counts what is written to it.
struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Stage;
    use serde_json::json;

    #[test]
    fn undo_ends_where_what_was_before_is_no_longer_kept() {
        let mut stage = Stage::with(json!({"tracks": ["swift"], "location": {"swift": "Lobby"}}));
        stage.say("#swift now rings");
        let data = |count: i32| json!({"now": {"swift": format!("topic {count}")}, "sponsors": "x".repeat(500_000)});
        for count in 0..20 {
            stage.load(data(count));
        }
        for _ in 0..8 {
            assert!(stage.say("~undo").starts_with("Taken back: data loaded"));
        }
        assert_eq!(stage.say("~undo"), "There is nothing to take back.");
        assert!(stage.say("+now swift").contains("topic 11"));
        assert_eq!(stage.board.history().newest_first().count(), 30);
    }

    #[test]
    fn the_newest_change_is_kept_whatever_its_size() {
        let mut stage = Stage::with(json!({"tracks": ["swift"], "sponsors": "x".repeat(5_000_000)}));
        stage.say("~emptydb");
        assert!(stage.say("~undo").starts_with("Taken back: ~emptydb"));
        assert!(stage.board.contents().extra.contains_key("sponsors"));
    }

    #[test]
    fn of_a_long_list_a_change_keeps_what_it_took_away() {
        let long = |number: usize| format!("{number} {}", "\u{1F3B6}".repeat(900));
        let mut stage = Stage::with(json!({"tracks": ["swift"], "location": {"swift": "Lobby"}}));
        (0..49).for_each(|number| assert_eq!(stage.say(&format!("#swift next {}", long(number))), "✓"));
        for number in 0..550 {
            stage.say("#swift drop 1");
            stage.say(&format!("#swift next {}", long(number)));
        }
        let size = serde_json::to_string(stage.board.history()).expect("JSON").len();
        assert!((1_000_000..History::KEPT_BYTES).contains(&size), "{size}");
    }

    #[test]
    fn only_the_latest_changes_are_kept() {
        let mut stage = Stage::with(json!({"tracks": ["swift"], "location": {"swift": "Lobby"}}));
        for count in 0..History::KEPT {
            stage.say(&format!("#swift now {count}"));
        }
        let history = stage.board.history();
        assert_eq!(history.newest_first().count(), History::KEPT);
        assert_eq!(history.change(1), None);
        assert_eq!(history.change(2).map(|change| change.what.as_str()), Some("#swift now 0"));
    }

    #[test]
    fn a_snapshot_from_before_messages_had_names_is_read() {
        let mut stage = Stage::with(json!({"tracks": ["swift"], "location": {"swift": "Lobby"}}));
        stage.say("#swift now rings");
        let written = serde_json::to_value(&stage.board).expect("JSON");
        assert!(written.get("messages").is_none());
        assert!(written["history"][1]["origin"].get("message").is_none());
        assert_eq!(serde_json::from_value::<crate::Board>(written).expect("a board"), stage.board);
    }

    #[test]
    fn a_change_taken_back_for_one_track_still_stands_for_the_other() {
        let mut stage = Stage::with(json!({"tracks": ["swift", "nova"], "now": {"swift": "a", "nova": "b"}}));
        stage.say("~clean swift nova");
        stage.say("#swift undo");
        let change = stage.board.history().change(2).expect("a change");
        assert!(
            change.can_be_undone()
                && change.before.iter().all(|setting| setting.track().is_some_and(|t| t.as_str() == "nova"))
        );
        stage.say("#nova undo");
        let change = stage.board.history().change(2).expect("a change");
        assert!(change.undone && !change.can_be_undone());
    }
}
