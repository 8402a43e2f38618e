//! Topics of others that name a track: shown at that track, too, with where they are discussed.

use super::facts::Facts;
use crate::folded::Folded;
use crate::segment::{Segment, segments};
use ptgbot_core::{Mention, TrackName};

/// A topic that names another track, as it is shown there.
pub(super) struct MentionRow<'a> {
    /// Who discusses it.
    pub(super) by: &'a TrackName,
    /// Where.
    pub(super) place: Option<&'a str>,
    pub(super) topic: Vec<Segment<'a>>,
}

/// A track of which nothing else is on at the moment.
pub(super) struct MentionedTrack<'a> {
    pub(super) track: &'a TrackName,
    pub(super) at: Folded<MentionRow<'a>>,
}

impl<'a> MentionRow<'a> {
    pub(super) fn of(facts: &Facts<'_, 'a>, mention: &Mention<'a>) -> Self {
        let Mention { by, topic } = *mention;
        Self { by, place: facts.place(by), topic: segments(topic.text.as_str(), facts.site.board) }
    }
}

/// The tracks that are named and have no card of their own among what is on, by their names.
pub(super) fn mentioned<'a>(
    facts: &Facts<'_, 'a>,
    has_card: impl Fn(&TrackName) -> bool,
) -> Folded<MentionedTrack<'a>> {
    let mut tracks: Vec<_> = facts.mentioned().filter(|track| facts.shows(track) && !has_card(track)).collect();
    tracks.sort();
    Folded::first(MOST_TRACKS, tracks.into_iter(), |track| MentionedTrack { track, at: facts.mentions_of(track) })
}

/// The most tracks that are shown only because others name them.
const MOST_TRACKS: usize = 20;
