//! The filter: which part of the board a page shows, and the links that change it.

use crate::site::Site;
use crate::view::View;
use ptgbot_core::{RoomName, TrackName};

/// What the page says about its view.
pub(super) struct Filter<'a> {
    /// The tracks that are shown; none when the view leaves them open.
    pub(super) tracks: Vec<&'a TrackName>,
    pub(super) room: Option<&'a RoomName>,
    /// What the address names and the board does not have.
    pub(super) unknown: Vec<String>,
    pub(super) is_all: bool,
    /// A link for each track: to the view with it, or without where it is shown already. Where there are too many
    /// tracks, only for those that are shown.
    pub(super) choices: Vec<Choice<'a>>,
    /// True where tracks are left out of `choices`.
    pub(super) is_long: bool,
}

/// A track that can be added to the view or taken out of it.
pub(super) struct Choice<'a> {
    pub(super) track: &'a TrackName,
    pub(super) chosen: bool,
    /// The query that the link leads to; empty for the whole board.
    pub(super) query: String,
}

impl<'a> Filter<'a> {
    /// The longest list of tracks that a page tells in full.
    pub(super) const MOST_CHOICES: usize = 100;

    pub(super) fn of(site: &Site<'a>) -> Self {
        let known = &site.board.contents().tracks;
        let room = site.only_room();
        let chosen: View = View {
            tracks: site.view.tracks.intersection(known).cloned().collect(),
            room: site.view.room.clone().filter(|_| room.is_some()),
            ..View::default()
        };
        let is_long = known.len() > Self::MOST_CHOICES;
        let offered = known.iter().filter(|track| !is_long || chosen.tracks.contains(*track));
        let choices = offered.map(|track| {
            let mut view = chosen.clone();
            let chosen = view.tracks.remove(track);
            if !chosen {
                view.tracks.insert(track.clone());
            }
            Choice { track, chosen, query: view.query() }
        });
        let choices = choices.collect();
        Self {
            tracks: known.iter().filter(|track| chosen.tracks.contains(*track)).collect(),
            room,
            unknown: site.unknown(),
            is_all: site.view.is_all(),
            choices,
            is_long,
        }
    }
}
