//! A programme of sessions as other programs write it, before it is a data file.

use super::links::SessionLinks;
use super::note::Notes;
use chrono::{DateTime, NaiveDate, Utc};
use ptgbot_core::chrono_tz::Tz;
use serde_json::Value;

/// What one file says.
#[derive(Debug, Default)]
pub(super) struct Programme {
    /// The event's short name.
    pub(super) acronym: Option<String>,
    /// The zone that the file names.
    pub(super) zone: Option<Tz>,
    /// Tracks that the file lists, whether they meet or not.
    pub(super) tracks: Vec<ListedTrack>,
    /// Rooms in the file's order.
    pub(super) rooms: Vec<ListedRoom>,
    pub(super) sessions: Vec<Session>,
    /// What `schedule.json` and `schedule.xml` of a board say besides, for ptgbot: `eventid`, `slots` and `schedule` of
    /// the data file.
    pub(super) own: Option<Value>,
    pub(super) notes: Notes,
}

#[derive(Debug)]
pub(super) struct ListedTrack {
    pub(super) name: String,
    pub(super) color: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct ListedRoom {
    pub(super) name: String,
    pub(super) url: Option<String>,
    pub(super) desc: Option<String>,
}

/// Something that takes place in a room for a while, or a time at which the room is free.
#[derive(Debug)]
pub(super) struct Session {
    /// The byte of the file at which it begins.
    pub(super) at: usize,
    /// The date of its day of the programme: a night belongs to the evening before.
    pub(super) date: NaiveDate,
    /// What the file calls that day.
    pub(super) day: Option<String>,
    pub(super) start: DateTime<Utc>,
    pub(super) minutes: u32,
    pub(super) room: String,
    /// Whose it is; `None`: the room is free.
    pub(super) track: Option<String>,
    pub(super) links: SessionLinks,
}

impl Session {
    pub(super) fn end(&self) -> DateTime<Utc> {
        self.start + chrono::TimeDelta::minutes(i64::from(self.minutes))
    }
}

/// A length in minutes, if it is one of a slot.
pub(super) fn minutes_between(start: DateTime<Utc>, end: DateTime<Utc>) -> Result<u32, String> {
    let length = end - start;
    match u32::try_from(length.num_minutes()) {
        Ok(minutes @ 1..=MOST_MINUTES) if length.num_seconds() % 60 == 0 => Ok(minutes),
        Ok(1..=MOST_MINUTES) => Err(format!("it lasts {} seconds, which are no whole minutes", length.num_seconds())),
        Ok(0) | Err(_) => Err("it ends before it has begun".to_owned()),
        Ok(minutes) => Err(format!("it lasts {minutes} minutes, {MOST_MINUTES} are taken")),
    }
}

/// `01:45`, `1:45:00`, `2:00:30:00` (days before hours), as minutes.
pub(super) fn length(text: &str) -> Option<u32> {
    let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten();
    let parts: Vec<u32> = text.trim().split(':').map(number).collect::<Option<_>>()?;
    let minutes = match parts[..] {
        [hours, minutes] | [hours, minutes, 0] => hours.checked_mul(60)?.checked_add(minutes)?,
        [days, hours, minutes, 0] => days.checked_mul(24)?.checked_add(hours)?.checked_mul(60)?.checked_add(minutes)?,
        _ => return None,
    };
    (1..=MOST_MINUTES).contains(&minutes).then_some(minutes)
}

/// Four weeks, as in the data file.
const MOST_MINUTES: u32 = 40_320;

/// More sessions no programme has; the largest events have some thousands.
pub(super) const MOST_SESSIONS: usize = 100_000;

/// As many rooms as a board takes.
pub(super) const MOST_ROOMS: usize = 500;
