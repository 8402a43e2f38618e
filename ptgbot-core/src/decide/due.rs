//! What time brings: decided like everything else, and told in these words.

use super::show::{place_and_link, span_of};
use crate::board::Board;
use crate::decision::{Answer, Decision};
use crate::due::{Audience, DueMessage};
use crate::event::{DueReminder, Event, TimeEvent};
use crate::person::PersonId;
use crate::reply::{Line, Reply, spans};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// What time has brought by now.
pub(super) fn time_has_passed(board: &Board, at: DateTime<Utc>) -> Decision {
    let mut events: Vec<Event> = Vec::new();
    let reminders = board.reminders_due(at);
    if !reminders.is_empty() {
        events.push(TimeEvent::RemindersDue { reminders }.into());
    }
    Decision { events, answer: Answer::Silence, task: None }
}

/// What people and rooms are told of what time has brought; `board` is as it was after that was recorded, and `at` when
/// they are told: what has passed meanwhile is left out. One person has one message.
pub fn due_messages(board: &Board, event: &TimeEvent, at: DateTime<Utc>) -> Vec<DueMessage> {
    match event {
        TimeEvent::RemindersDue { reminders } => {
            let coming = reminders.iter().filter(|due| due.start > at);
            to_each(coming.map(|due| (due.person.clone(), reminder(board, due, at))))
        }
    }
}

/// All lines of one person in one message.
fn to_each(lines: impl Iterator<Item = (PersonId, Line)>) -> Vec<DueMessage> {
    let mut each: BTreeMap<PersonId, Vec<Line>> = BTreeMap::new();
    for (person, line) in lines {
        each.entry(person).or_default().push(line);
    }
    let message = |(person, lines)| DueMessage { to: Audience::Person(person), reply: Reply::from(lines) };
    each.into_iter().map(message).collect()
}

/// What somebody is told of a track that meets soon: how long is left, when, where.
fn reminder(board: &Board, due: &DueReminder, at: DateTime<Utc>) -> Line {
    let DueReminder { track, start, .. } = due;
    let held = board.holdings(track);
    let end = held.iter().filter_map(|(_, slot, _)| slot.span()).find(|(begins, _)| begins == start);
    let (_, end) = end.unwrap_or((*start, *start));
    let left = (*start - at).num_minutes() + i64::from((*start - at).num_seconds() % 60 > 0);
    let left = if left == 1 { "1 minute".to_owned() } else { format!("{left} minutes") };
    let when = span_of(*start, end, board.contents().timezone);
    spans![track, " meets in ", left, ": ", when].and(place_and_link(board, track, *start))
}
