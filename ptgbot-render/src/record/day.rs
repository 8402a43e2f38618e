//! One day of the record.

use crate::site::Site;
use chrono::NaiveDate;
use ptgbot_core::{Discussion, RoomName, TrackName};
use std::collections::{BTreeMap, BTreeSet};

/// What was discussed on a day, as far as somebody wants to see it.
#[derive(Debug)]
pub(crate) struct RecordDay<'a> {
    pub(super) date: NaiveDate,
    /// In the order in which it began.
    pub(super) discussions: Vec<&'a Discussion>,
}

impl<'a> RecordDay<'a> {
    pub(super) fn of(site: &Site<'a>, date: NaiveDate, all: &[&'a Discussion]) -> Self {
        let is_there = |discussion: &Discussion| match (&site.view.room, &discussion.place) {
            (None, _) => true,
            (Some(_), Some(place)) => site.only_room().is_some_and(|room| room.as_str() == place),
            (Some(_), None) => false,
        };
        let wanted = all.iter().copied().filter(|one| site.shows(&one.track) && is_there(one));
        let mut discussions: Vec<_> = wanted.collect();
        discussions.sort_by_key(|one| (one.from, one.begun(), &one.track));
        Self { date, discussions }
    }

    /// Each track with the numbers of its discussions.
    pub(super) fn by_track(&self) -> BTreeMap<&'a TrackName, Vec<usize>> {
        let mut tracks = BTreeMap::<_, Vec<_>>::new();
        for (number, discussion) in self.discussions.iter().enumerate() {
            tracks.entry(&discussion.track).or_default().push(number);
        }
        tracks
    }

    /// `36 topics of 12 tracks`
    pub(super) fn extent(&self) -> String {
        let tracks: BTreeSet<_> = self.discussions.iter().map(|one| &one.track).collect();
        let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
        format!("{} of {}", count(self.discussions.len(), "topic"), count(tracks.len(), "track"))
    }
}

/// The room of the programme in which something was discussed; `None` where it was elsewhere, or nobody knows.
pub(super) fn room_of<'a>(site: &Site<'a>, discussion: &Discussion) -> Option<&'a RoomName> {
    let (room, _) = site.board.contents().rooms.get_key_value(discussion.place.as_deref()?)?;
    Some(room)
}
