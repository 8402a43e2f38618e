//! The list of the tracks, with all that belongs to each.

use super::facts::Facts;
use super::meets::Meets;
use crate::folded::Folded;
use crate::link::{Href, UserLink};
use crate::page::filter::Filter;
use ptgbot_core::TrackName;

/// Everything that belongs to a track.
pub(super) struct TrackRow<'a> {
    pub(super) track: &'a TrackName,
    pub(super) place: Option<&'a str>,
    pub(super) meets: Option<Meets<'a>>,
    pub(super) meeting: Option<UserLink<'a>>,
    pub(super) pad: Option<Href>,
    pub(super) people: usize,
    /// Whose topics name it, and where those are.
    pub(super) named_at: Folded<(&'a TrackName, Option<&'a str>)>,
}

impl TrackRow<'_> {
    /// True when there is more to tell than its name.
    pub(super) fn tells_more(&self) -> bool {
        self.place.is_some() || self.meets.is_some() || self.people > 0 || !self.named_at.is_empty()
    }
}

/// A short list has a row for each track. Of a long one, those have a row of which there is more to tell than the name;
/// the others come as names.
pub(super) fn rows<'a>(facts: &mut Facts<'_, 'a>) -> (Vec<TrackRow<'a>>, Vec<&'a TrackName>) {
    let tracks: Vec<_> = facts.site.board.contents().tracks.iter().filter(|track| facts.shows(track)).collect();
    let row = |track: &'a TrackName| TrackRow {
        track,
        place: facts.place(track),
        meets: facts.meets(track),
        meeting: facts.meeting_link(track),
        pad: facts.pad(track),
        people: facts.count_at(track),
        named_at: facts.named_at(track),
    };
    let rows: Vec<_> = tracks.into_iter().map(row).collect();
    if rows.len() <= Filter::MOST_CHOICES {
        return (rows, Vec::new());
    }
    let (mut alive, quiet): (Vec<_>, Vec<_>) = rows.into_iter().partition(TrackRow::tells_more);
    let rest = alive.split_off(alive.len().min(Filter::MOST_CHOICES));
    let mut others: Vec<_> = rest.into_iter().chain(quiet).map(|row| row.track).collect();
    others.sort();
    (alive, others)
}
