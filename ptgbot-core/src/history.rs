//! History: the latest changes, who made them, and how things were before.

use crate::event::{Event, Setting};
use crate::forgotten::Forgotten;
use crate::person::Person;
use crate::record::{Origin, Record, Revision};
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// The latest changes, oldest first. People's own data is no part of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct History {
    changes: VecDeque<Change>,
}

/// One change, as `~history` tells it and undo needs it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
}

impl History {
    /// How many changes are kept, and so how far undo reaches.
    pub const KEPT: usize = 1000;

    /// How many copies of a whole board are kept for undo.
    const WHOLE_BOARDS_KEPT: usize = 16;

    /// The changes, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().rev()
    }

    /// The change after which the board was at `revision`.
    pub fn change(&self, revision: Revision) -> Option<&Change> {
        self.place(revision).map(|place| &self.changes[place])
    }

    pub(crate) fn push(&mut self, change: Change) {
        if self.changes.len() == Self::KEPT {
            self.changes.pop_front();
        }
        let whole_board = change.before.iter().any(is_whole_board);
        self.changes.push_back(change);
        if whole_board {
            self.drop_old_boards();
        }
    }

    /// Marks a change, or its part that concerns one track, as taken back.
    pub(crate) fn take_back(&mut self, revision: Revision, track: Option<&TrackName>) {
        let Some(place) = self.place(revision) else {
            return;
        };
        let change = &mut self.changes[place];
        match track {
            Some(track) => change.before.retain(|setting| setting.track() != Some(track)),
            None => change.before.clear(),
        }
        change.undone = change.before.is_empty();
    }

    /// Takes a person's name out.
    pub(crate) fn forget(&mut self, forgotten: &Forgotten) {
        for change in &mut self.changes {
            if change.by.as_ref().is_some_and(|by| forgotten.is(&by.id)) {
                change.by = None;
            }
            change.origin.forget(forgotten);
        }
    }

    fn place(&self, revision: Revision) -> Option<usize> {
        self.changes.binary_search_by_key(&revision, |change| change.revision).ok()
    }

    /// Where a whole board is dropped undo ends: what came before could not be put back as it was.
    fn drop_old_boards(&mut self) {
        let with_boards = self.changes.iter().enumerate().rev();
        let mut with_boards = with_boards.filter(|(_, change)| change.before.iter().any(is_whole_board));
        if let Some((oldest, _)) = with_boards.nth(Self::WHOLE_BOARDS_KEPT) {
            self.changes.range_mut(..=oldest).for_each(|change| change.before.clear());
        }
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
        }
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
    if let Event::ChangeUndone { revision, .. } = event { Some(*revision) } else { None }
}

/// A change in one line, as the command that makes it.
pub fn describe(event: &Event) -> String {
    let list = |tracks: &[TrackName]| tracks.iter().map(TrackName::as_str).collect::<Vec<_>>().join(" ");
    match event {
        Event::TopicSet { track, topic } => format!("{track} now {topic}"),
        Event::TopicPlanned { track, topic } => format!("{track} next {topic}"),
        Event::TopicAdvanced { track, topic } => format!("{track} advance ({topic})"),
        Event::TopicDropped { track, number } => format!("{track} drop {number}"),
        Event::TopicsCleared { tracks } => match tracks.as_slice() {
            [track] => format!("{track} clean"),
            tracks => format!("~clean {}", list(tracks)),
        },
        Event::EtherpadSet { track, url } => {
            format!("{track} etherpad {}", url.as_deref().unwrap_or("auto"))
        }
        Event::UrlSet { track, url } => format!("{track} url {}", url.as_deref().unwrap_or("none")),
        Event::ColorSet { track, color } => format!("{track} color {color}"),
        Event::LocationSet { track, location } => format!("{track} location {location}"),
        Event::SlotBooked { track, code } => format!("{track} book {code}"),
        Event::SlotFreed { track, code } => format!("{track} unbook {code}"),
        Event::TracksAdded { tracks } => format!("~add {}", list(tracks)),
        Event::TracksDeleted { tracks } => format!("~del {}", list(tracks)),
        Event::DayStarted => "~newday".into(),
        Event::MotdAdded { level, message } => format!("~motd add {level} {message}"),
        Event::MotdDeleted { number } => format!("~motd del {number}"),
        Event::MotdReordered { order } => {
            let order: Vec<_> = order.iter().map(ToString::to_string).collect();
            format!("~motd reorder {}", order.join(" "))
        }
        Event::MotdCleared => "~motd clean".into(),
        Event::ModerationSet { moderation } => match moderation {
            crate::role::Moderation::Anyone => "~alloweveryone".into(),
            crate::role::Moderation::VoicedOnly => "~requirevoice".into(),
        },
        Event::DocumentLoaded { source, .. } => match source {
            Some(source) => format!("data loaded from {}", crate::text::clean_name(source)),
            None => "data loaded".into(),
        },
        Event::BoardEmptied => "~emptydb".into(),
        Event::ChangeUndone { revision, track, .. } => match track {
            Some(track) => format!("{track} undo (of change {revision})"),
            None => format!("~undo (of change {revision})"),
        },
        Event::CheckedIn { .. } => "checked in".into(),
        Event::CheckedOut { .. } => "checked out".into(),
        Event::Subscribed { .. } => "subscribed".into(),
        Event::Unsubscribed { .. } => "unsubscribed".into(),
        Event::PersonForgotten { .. } => "asked to be forgotten".into(),
        Event::Erased => "removed on request".into(),
    }
}

fn is_whole_board(setting: &Setting) -> bool {
    matches!(setting, Setting::Board { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Stage;
    use serde_json::json;

    #[test]
    fn undo_ends_where_a_whole_board_is_no_longer_kept() {
        let mut stage = Stage::with(json!({"tracks": ["swift"], "location": {"swift": "Lobby"}}));
        stage.say("#swift now rings");
        for count in 0..20 {
            stage.load(json!({"now": {"swift": format!("topic {count}")}}));
        }
        for _ in 0..History::WHOLE_BOARDS_KEPT {
            assert!(stage.say("~undo").starts_with("Taken back: data loaded"));
        }
        assert_eq!(stage.say("~undo"), "There is nothing to take back.");
        assert!(stage.say("+now swift").contains("topic 3"));
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
        assert_eq!(written["history"][1]["origin"], json!({"network": ""}));
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
