//! Who is where: the open check-ins, by place.

use crate::site::Site;
use ptgbot_core::{Board, TrackName};
use std::collections::BTreeMap;

/// The people at each place, in the order of their names.
#[derive(Debug)]
pub(crate) struct People<'a> {
    places: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> People<'a> {
    pub(crate) fn of(board: &'a Board) -> Self {
        let mut places: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for check_in in board.check_ins().values().filter(|check_in| check_in.is_open()) {
            places.entry(check_in.location.as_str()).or_default().push(check_in.nick.as_str());
        }
        Self { places }
    }

    /// Who is checked in to a track.
    pub(crate) fn at_track(&self, track: &TrackName) -> Vec<&'a str> {
        self.places.get(track.to_string().as_str()).cloned().unwrap_or_default()
    }

    /// Everybody whom a view leaves in, by place.
    pub(crate) fn into_places(self, site: &Site) -> Vec<(&'a str, Vec<&'a str>)> {
        let shown = |place: &str| {
            let track = place.strip_prefix('#').and_then(|name| TrackName::parse(name).ok());
            match (track, site.only_room()) {
                (Some(track), _) => site.shows(&track),
                (None, Some(room)) => place == room.as_str(),
                (None, None) => site.view.is_all(),
            }
        };
        self.places.into_iter().filter(|(place, _)| shown(place)).collect()
    }
}
