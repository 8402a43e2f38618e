//! Who is told before a track meets: `remind`.

use super::known_track;
use super::show::span_of;
use crate::board::Board;
use crate::command::RemindCommand;
use crate::decision::Decision;
use crate::event::PersonEvent;
use crate::limits;
use crate::person::Person;
use crate::refusal::Refusal;
use crate::reminder::{Reminder, Reminders};
use crate::reply::{Line, Reply, Span, say, spans};
use crate::slot::Slot;
use crate::track::TrackName;
use chrono::{DateTime, Utc};

pub(super) fn remind(
    board: &Board,
    person: &Person,
    command: &RemindCommand,
    at: DateTime<Utc>,
) -> Result<Decision, Refusal> {
    match command {
        RemindCommand::List => Ok(list(board, person)),
        RemindCommand::CancelAll => Ok(cancel_all(board, person)),
        // A track that left the list may have a reminder still.
        RemindCommand::Cancel(word) => match TrackName::parse(word) {
            Ok(track) if holds(board, person, &track) => Ok(cancel(board, person, &track)),
            Ok(_) | Err(_) => Ok(cancel(board, person, &known_track(board, word)?)),
        },
        RemindCommand::Set(track, minutes) => set(board, person, &known_track(board, track)?, *minutes, at),
    }
}

fn set(
    board: &Board,
    person: &Person,
    track: &TrackName,
    minutes: u32,
    at: DateTime<Utc>,
) -> Result<Decision, Refusal> {
    let old = board.reminders_of(&person.id).and_then(|own| own.get(track)).map(|reminder| reminder.minutes);
    if old == Some(minutes) {
        return Ok(Decision::reply(say!["You are told ", before(minutes), " each slot of ", track, " already."]));
    }
    let all = board.reminders().values().map(Reminders::len).sum::<usize>();
    if old.is_none() && all >= limits::REMINDERS {
        return Err(Refusal::TooMany { what: "reminders", most: limits::REMINDERS });
    }
    let own = board.reminders_of(&person.id).map_or(0, Reminders::len);
    if old.is_none() && own >= limits::REMINDERS_OF_ONE {
        return Err(Refusal::TooMany { what: "reminders for one person", most: limits::REMINDERS_OF_ONE });
    }
    let said = spans!["You will be told ", before(minutes), " each slot of ", track];
    let said = match old {
        Some(old) => said.and([format!(" (before: {old})").into()]),
        None => said,
    };
    let said = match next_slot(board, track, at) {
        Some((start, end)) => said.and([". The next one: ".into(), span_of(start, end, board.contents().timezone)]),
        None => said.and([". It has no coming slot.".into()]),
    };
    let event = PersonEvent::ReminderSet { person: person.id.clone(), track: track.clone(), minutes };
    Ok(Decision::event(event).saying(said))
}

fn next_slot(board: &Board, track: &TrackName, at: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let held = board.holdings(track).into_iter();
    held.filter_map(|(_, slot, _)| Slot::span(slot)).filter(|(start, _)| *start > at).min()
}

fn list(board: &Board, person: &Person) -> Decision {
    let own = board.reminders_of(&person.id).into_iter().flatten();
    let lines: Vec<Line> =
        own.map(|(track, Reminder { minutes, .. })| spans![before(*minutes), " each slot of ", track].item()).collect();
    Decision::reply(if lines.is_empty() {
        say!["You have no reminder. ", Span::command("remind #TRACK"), " sets one."]
    } else {
        Reply::from(lines)
    })
}

fn cancel(board: &Board, person: &Person, track: &TrackName) -> Decision {
    if !holds(board, person, track) {
        return Decision::reply(say!["You have no reminder for ", track, "."]);
    }
    let event = PersonEvent::RemindersCancelled { person: person.id.clone(), track: Some(track.clone()) };
    Decision::event(event).saying(say!["Your reminder for ", track, " is cancelled."])
}

fn holds(board: &Board, person: &Person, track: &TrackName) -> bool {
    board.reminders_of(&person.id).is_some_and(|own| own.contains_key(track))
}

fn cancel_all(board: &Board, person: &Person) -> Decision {
    match board.reminders_of(&person.id).map_or(0, Reminders::len) {
        0 => Decision::reply("You have no reminder."),
        count => {
            let event = PersonEvent::RemindersCancelled { person: person.id.clone(), track: None };
            let words = if count == 1 { "Your reminder is cancelled." } else { "All your reminders are cancelled." };
            Decision::event(event).saying(words)
        }
    }
}

/// `10 minutes before`
fn before(minutes: u32) -> String {
    if minutes == 1 { "1 minute before".to_owned() } else { format!("{minutes} minutes before") }
}
