//! Who is where: the open check-ins, by place.

use crate::folded::Folded;
use crate::site::Site;
use ptgbot_core::{Board, CheckIn, TrackName};
use std::collections::BTreeMap;

/// The people at each place, in the order of their names. A track is a place, however a data file spelled it.
#[derive(Debug)]
pub(crate) struct People<'a> {
    tracks: BTreeMap<TrackName, Vec<&'a str>>,
    elsewhere: BTreeMap<&'a str, Vec<&'a str>>,
}

/// A place, and who is there.
pub(crate) struct PlaceRow<'a> {
    pub(crate) name: String,
    pub(crate) people: Folded<&'a str>,
}

impl<'a> People<'a> {
    pub(crate) fn of(board: &'a Board) -> Self {
        let (mut tracks, mut elsewhere) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        for check_in in board.check_ins().values().filter(|check_in| check_in.is_open()) {
            let CheckIn { nick, location, .. } = check_in;
            match check_in.track() {
                Some(track) => tracks.entry(track).or_default().push(nick.as_str()),
                None => elsewhere.entry(location.as_str()).or_default().push(nick.as_str()),
            }
        }
        Self { tracks, elsewhere }
    }

    /// How many are checked in to a track.
    pub(crate) fn count_at(&self, track: &TrackName) -> usize {
        self.tracks.get(track).map_or(0, Vec::len)
    }

    /// Who is checked in to a track.
    pub(crate) fn at_track(&self, track: &TrackName) -> Folded<&'a str> {
        fold(self.tracks.get(track).map(Vec::as_slice).unwrap_or_default())
    }

    /// The places that a view leaves in.
    pub(crate) fn places(&self, site: &Site) -> Folded<PlaceRow<'a>> {
        let tracks = self.tracks.iter().filter(|(track, _)| site.shows(track));
        let tracks = tracks.map(|(track, people)| (track.to_string(), people));
        let shown = |place: &str| match site.only_room() {
            Some(room) => place == room.as_str(),
            None => site.view.is_all(),
        };
        let elsewhere = self.elsewhere.iter().filter(|(place, _)| shown(place));
        let elsewhere = elsewhere.map(|(place, people)| ((*place).to_owned(), people));
        Folded::first(MOST_PLACES, tracks.chain(elsewhere), |(name, people)| PlaceRow { name, people: fold(people) })
    }
}

fn fold<'a>(people: &[&'a str]) -> Folded<&'a str> {
    Folded::first(MOST_PEOPLE, people.iter(), |name| *name)
}

/// The most people who are named at one place.
const MOST_PEOPLE: usize = 20;
/// The most places that are named.
const MOST_PLACES: usize = 100;
