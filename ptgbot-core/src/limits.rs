//! How much a board holds, whether members type it or a data file brings it. What would be over is
//! refused with the limit; what a board holds already stays.

use crate::text::Text;

/// The longest topic, message of the day or place, in characters.
pub(crate) const TEXT: usize = 1_000;

/// The most topics that a track has next: more are a programme.
pub(crate) const NEXT_TOPICS: usize = 50;

/// The most messages of the day: more would hide the board below them.
pub(crate) const MESSAGES: usize = 50;

/// The most tracks of an event.
pub(crate) const TRACKS: usize = 2_000;

/// The most rooms of an event.
pub(crate) const ROOMS: usize = 500;

/// The most people who are checked in at once.
pub(crate) const OPEN_CHECK_INS: usize = 20_000;

/// The most people who are subscribed.
pub(crate) const SUBSCRIPTIONS: usize = 50_000;

/// The most of what we do not know in a data file, in bytes as JSON: as much as is fetched at once.
pub(crate) const UNKNOWN: usize = 8 << 20;

/// The most rooms that are told something by themselves.
pub(crate) const ANNOUNCED_ROOMS: usize = 200;

/// The most tracks that share a slot of a room.
pub(crate) const HOLDERS: usize = 50;

/// The most pairs of tracks that must not meet at once.
pub(crate) const CLASHES: usize = 1_000;

/// The most moderators of one track.
pub(crate) const MODERATORS: usize = 50;

/// The most reminders of one person: nobody goes to more tracks.
pub(crate) const REMINDERS_OF_ONE: usize = 100;

/// The most reminders of all people together.
pub(crate) const REMINDERS: usize = 50_000;

/// Says of a text that is too long how long it may be.
pub(crate) fn too_long(text: &Text) -> Option<String> {
    let length = text.as_str().chars().count();
    (length > TEXT).then(|| format!("the text has {length} characters, {TEXT} are taken"))
}
