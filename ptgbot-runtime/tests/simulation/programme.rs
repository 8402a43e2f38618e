//! When tracks meet, and who wants to be told before.

use crate::clock::START;
use chrono::{DateTime, TimeDelta, Utc};
use ptgbot_core::{Ask, Board, Event, Network, PersonId, Record, Request, TimeEvent, TrackName, decide};
use serde_json::json;

/// How many minutes before a slot people are told: longer than anything fails.
pub(crate) const BEFORE: i64 = 3;
/// Who wants to be told before each slot of each track.
pub(crate) const REMINDED: [&str; 2] = ["jane", "john"];
pub(crate) const TRACKS: [&str; 4] = ["t0", "t1", "t2", "t3"];
/// When each of them meets, in seconds from the start: the first one while things fail, and of all it is to be told before the end.
const STARTS: [i64; 4] = [90, 230, 300, 370];

/// The change that brings the programme.
pub(crate) fn programme() -> Record {
    let slot = |(number, seconds): (usize, &i64)| json!({"name": format!("S{number}"), "realtime": START + TimeDelta::seconds(*seconds)});
    let slots: Vec<_> = STARTS.iter().enumerate().map(slot).collect();
    let document = json!({
        "tracks": TRACKS, "slots": {"Today": slots}, "schedule": {"Hall": {"S0": "t0", "S1": "t1", "S2": "t2", "S3": "t3"}},
    });
    let request = Request::new(&Network::nearest("cli"), START, Ask::Load { document, source: None });
    let event = decide(&Board::default(), &request).expect("a document").events.remove(0);
    Record::of(1, &request, event)
}

/// When each track meets.
pub(crate) fn meetings() -> impl Iterator<Item = (TrackName, DateTime<Utc>)> {
    let meeting =
        |(track, seconds): (&str, i64)| (TrackName::parse(track).expect("a name"), START + TimeDelta::seconds(seconds));
    TRACKS.into_iter().zip(STARTS).map(meeting)
}

/// Who was to be told of what, as a record says.
pub(crate) fn reminders(record: &Record) -> impl Iterator<Item = (&PersonId, &TrackName, DateTime<Utc>)> {
    let reminders = match &record.event {
        Event::Time(TimeEvent::RemindersDue { reminders }) => reminders.as_slice(),
        _ => &[],
    };
    reminders.iter().map(|due| (&due.person, &due.track, due.start))
}
