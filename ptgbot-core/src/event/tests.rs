//! What the journal holds is read for ever: one record of each event and of each setting, frozen as written. A new
//! variant or field joins the lists below and the end of the file; no line of it ever changes.
#![allow(clippy::unwrap_used)]

use super::{BoardEvent, Event, PersonEvent, TimeEvent, TrackEvent};
use crate::{Board, Record, Setting};
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn every_frozen_record_reads_and_writes_the_same() {
    for line in FROZEN.lines() {
        let record: Record = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(serde_json::to_string(&record).unwrap(), line);
    }
}

#[test]
fn no_event_and_no_setting_is_missing() {
    let mut events = BTreeSet::new();
    let mut settings = BTreeSet::new();
    for record in frozen() {
        events.insert(event_name(&record.event));
        if let Event::Board(BoardEvent::ChangeUndone { restored, .. }) = &record.event {
            settings.extend(restored.iter().map(setting_name));
        }
    }
    assert_eq!(events, [TRACK_EVENTS, BOARD_EVENTS, PERSON_EVENTS, TIME_EVENTS].concat().into_iter().collect());
    assert_eq!(settings, SETTINGS.iter().copied().collect());
}

#[test]
fn the_written_name_of_an_event_is_that_of_the_code() {
    for line in FROZEN.lines() {
        let written: Value = serde_json::from_str(line).unwrap();
        let record: Record = serde_json::from_str(line).unwrap();
        assert_eq!(written["event"]["type"], event_name(&record.event));
    }
}

#[test]
fn any_record_can_be_applied_to_any_board() {
    let records: Vec<Record> = frozen().collect();
    for first in &records {
        let mut board = Board::default();
        for (revision, record) in std::iter::once(first).chain(&records).enumerate() {
            board.apply(&Record { revision: revision as u64 + 1, ..record.clone() });
        }
        let copy: Board = serde_json::from_str(&serde_json::to_string(&board).unwrap()).unwrap();
        assert_eq!(copy, board);
    }
}

#[test]
fn an_unknown_event_is_an_error_and_not_skipped() {
    let line = FROZEN.lines().next().unwrap().replace("TopicSet", "TopicShouted");
    let error = serde_json::from_str::<Record>(&line).unwrap_err().to_string();
    assert!(error.starts_with("unknown variant `TopicShouted`, expected one of"), "{error}");
}

fn event_name(event: &Event) -> &'static str {
    match event {
        Event::Track(event) => track_event_name(event),
        Event::Board(event) => board_event_name(event),
        Event::Person(event) => person_event_name(event),
        Event::Time(event) => time_event_name(event),
    }
}

fn frozen() -> impl Iterator<Item = Record> {
    FROZEN.lines().map(|line| serde_json::from_str(line).unwrap())
}

const FROZEN: &str = include_str!("../../tests/fixtures/events.jsonl");

macro_rules! variants {
    ($name:ident, $all:ident: $of:ident { $($variant:ident)* }) => {
        const $all: &[&str] = &[$(stringify!($variant)),*];

        /// A variant that is not listed stops the build.
        fn $name(it: &$of) -> &'static str {
            match it {
                $($of::$variant { .. } => stringify!($variant)),*
            }
        }
    };
}

variants! { track_event_name, TRACK_EVENTS: TrackEvent {
    TopicSet TopicPlanned TopicAdvanced TopicDropped EtherpadSet UrlSet ColorSet LocationSet SlotBooked SlotFreed
    SlotMoved
} }

variants! { board_event_name, BOARD_EVENTS: BoardEvent {
    TopicsCleared TracksAdded TracksDeleted DayStarted MotdAdded MotdDeleted MotdReordered MotdCleared ModerationSet
    AnnouncingSet PolicySet ModeratorsSet
    DocumentLoaded BoardEmptied ChangeUndone
} }

variants! { person_event_name, PERSON_EVENTS: PersonEvent {
    CheckedIn CheckedOut Subscribed Unsubscribed PersonForgotten NamesAdopted Erased
    ReminderSet RemindersCancelled
} }

variants! { time_event_name, TIME_EVENTS: TimeEvent { RemindersDue RebookingsDue SlotsBegun } }

variants! { setting_name, SETTINGS: Setting {
    Listed Now Next NextWas Etherpad Url Color Location Slot Share Motd MotdWas Moderation Announcing Policy Moderators Board
} }
