//! What time brings: decided like everything else, and told in these words.

use super::show::{clock_span, place_and_link, span_of};
use crate::board::Board;
use crate::booking::Booking;
use crate::contents::Zone;
use crate::decision::{Answer, Decision};
use crate::due::{Audience, DueMessage, RoomAddress};
use crate::event::{DueReminder, Event, TimeEvent};
use crate::person::PersonId;
use crate::rebooking::{Meeting, Rebooking};
use crate::reply::{Line, Reply, Span, spans};
use crate::slot::Slot;
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// What time has brought by now.
pub(super) fn time_has_passed(board: &Board, at: DateTime<Utc>) -> Decision {
    let mut events: Vec<Event> = Vec::new();
    let reminders = board.reminders_due(at);
    if !reminders.is_empty() {
        events.push(TimeEvent::RemindersDue { reminders }.into());
    }
    let rebookings = board.rebookings_due(at);
    if !rebookings.is_empty() {
        events.push(TimeEvent::RebookingsDue { rebookings }.into());
    }
    let starts = board.slot_starts_due(at);
    if !starts.is_empty() {
        events.push(TimeEvent::SlotsBegun { starts }.into());
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
        TimeEvent::RebookingsDue { rebookings } => {
            // Whoever waits for a track hears in time of what it gains.
            let concerns = rebookings.iter().filter(|one| !one.lost.is_empty());
            let lines = concerns.flat_map(|one| {
                let line = rebooking(one, |meeting| in_words(meeting, span_of, board.contents().timezone));
                one.people.iter().map(move |person| (person.clone(), line.clone()))
            });
            let rooms = &board.contents().announced.changes;
            to_each(lines).into_iter().chain(to_rooms(rooms, changes_of_today(board, rebookings, at))).collect()
        }
        TimeEvent::SlotsBegun { starts } => {
            let rooms = &board.contents().announced.slots;
            starts.iter().flat_map(|start| to_rooms(rooms, slots_begun(board, *start))).collect()
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

fn to_rooms(rooms: &BTreeSet<RoomAddress>, line: Option<Line>) -> Vec<DueMessage> {
    let Some(line) = line else { return Vec::new() };
    let message = |room: &RoomAddress| DueMessage { to: Audience::Room(room.clone()), reply: line.clone().into() };
    rooms.iter().map(message).collect()
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
    let said = spans![track, " meets in ", left, ": ", when];
    let rooms: BTreeSet<_> =
        held.iter().filter(|(_, slot, _)| slot.realtime == Some(*start)).map(|held| held.2).collect();
    match board.contents().locations.contains_key(track) || rooms.len() < 2 {
        true => said.and(place_and_link(board, track, *start)),
        false => said.and([" in ".into()]).and_row(rooms.into_iter().map(|room| Span::quoted(room.as_str())), " and "),
    }
}

/// `#swift meets … instead of …`
fn rebooking(one: &Rebooking, in_words: impl Fn(&Meeting) -> Vec<Span>) -> Line {
    let list = |meetings: &[Meeting]| {
        let mut said = Vec::new();
        for (number, meeting) in meetings.iter().enumerate() {
            said.extend((number > 0).then(|| Span::from(" and ")));
            said.extend(in_words(meeting));
        }
        said
    };
    let Rebooking { track, lost, gained, .. } = one;
    match (gained.as_slice(), lost.as_slice()) {
        ([], lost) => spans![track, " no longer meets "].and(list(lost)),
        (gained, []) => spans![track, " meets "].and(list(gained)),
        ([to], [from]) if to.slot == from.slot && to.span == from.span => {
            spans![track, " meets "].and(in_words(to)).and([" instead of ".into(), Span::quoted(from.room.as_str())])
        }
        (gained, lost) => spans![track, " meets "].and(list(gained)).and([" instead of ".into()]).and(list(lost)),
    }
}

/// `2026-10-19 09:00-10:45 IST in Ballroom A`, or whatever else says a span of time.
fn in_words(meeting: &Meeting, say: fn(DateTime<Utc>, DateTime<Utc>, Zone) -> Span, zone: Zone) -> Vec<Span> {
    let when = match meeting.span {
        Some((start, end)) => say(start, end, zone),
        None => meeting.slot.as_str().into(),
    };
    vec![when, " in ".into(), Span::quoted(meeting.room.as_str())]
}

/// What a channel is told of bookings of today; nothing where only those of other days were changed.
fn changes_of_today(board: &Board, rebookings: &[Rebooking], at: DateTime<Utc>) -> Option<Line> {
    let zone = board.contents().timezone;
    let today = board.today(at).map(|(day, _)| day);
    let is_today = |meeting: &&Meeting| match meeting.span {
        Some((start, _)) => zone.date(start) == zone.date(at),
        None => today.is_some() && board.day_of(&meeting.slot) == today,
    };
    let of_today = |meetings: &[Meeting]| meetings.iter().filter(is_today).cloned().collect();
    let changes = rebookings.iter().map(|one| Rebooking {
        track: one.track.clone(),
        lost: of_today(&one.lost),
        gained: of_today(&one.gained),
        people: Vec::new(),
    });
    let changes: Vec<_> = changes.filter(|one| !one.lost.is_empty() || !one.gained.is_empty()).collect();
    let said = changes.iter().map(|one| rebooking(one, |meeting| in_words(meeting, clock_span, zone)));
    (!changes.is_empty()).then(|| spans!["Changed today: "].and(row(said, changes.len())))
}

/// `MonA (09:00-10:45 IST) begins: #swift in Ballroom A, #nova in Pike's Peak`; nothing where nobody meets.
fn slots_begun(board: &Board, start: DateTime<Utc>) -> Option<Line> {
    let contents = board.contents();
    let begun: Vec<&Slot> = contents.days.values().flatten().filter(|slot| slot.realtime == Some(start)).collect();
    let mut meets: BTreeSet<(&TrackName, &str)> = BTreeSet::new();
    for (name, room) in &contents.rooms {
        for slot in &begun {
            for track in room.bookings.get(&slot.name).map(Booking::holders).unwrap_or_default() {
                let place = contents.locations.get(track).map_or(name.as_str(), |own| own.as_str());
                meets.insert((track, place));
            }
        }
    }
    let end = begun.iter().filter_map(|slot| slot.span()).map(|(_, end)| end).max()?;
    let names: Vec<Span> = begun.iter().map(|slot| slot.name.as_str().into()).collect();
    let (count, zone) = (meets.len(), contents.timezone);
    let said = meets.into_iter().map(|(track, place)| spans![track, " in ", Span::quoted(place)]);
    let begins =
        Line::default().and_row(names, ", ").and([" (".into(), clock_span(start, end, zone), ") begins: ".into()]);
    (count > 0).then(|| begins.and(row(said, count)))
}

/// The first few of several things, and how many more there are.
fn row(said: impl Iterator<Item = Line>, count: usize) -> Vec<Span> {
    let mut spans = Line::joined(said.take(NAMED), ", ").into_spans();
    if count > NAMED {
        spans.push(format!(" and {} more", count - NAMED).into());
    }
    spans
}

/// How many tracks are named in a channel's line.
const NAMED: usize = 40;
