//! The board's page: what is on, what comes, where, and how to take part.

mod facts;
mod meets;
mod mentioned;
mod sessions;
mod timetable;
mod topics;
mod track;
mod tracks;

use super::commands::{Chapter, chapters};
use super::filter::Filter;
use super::message::{MotdMessage, messages};
use super::subscribe::Subscribe;
use super::{NEVER_FAILS, Page};
use crate::folded::Folded;
use crate::link::Encoded;
use crate::people::PlaceRow;
use crate::schedule::{Cell, EventProgress};
use crate::site::Site;
use askama::Template;
use facts::Facts;
use meets::MeetsWhen;
use ptgbot_core::TrackName;
use sessions::Sessions;
use timetable::Timetable;
use topics::{TopicAge, Topics};
use track::OneTrack;
use tracks::{TrackRow, rows};

/// `index.html`
#[derive(Template)]
#[template(path = "board.html", whitespace = "minimize")]
pub(crate) struct BoardPage<'a> {
    page: Page<'a>,
    filter: Filter<'a>,
    motd: Vec<MotdMessage<'a>>,
    sessions: Sessions<'a>,
    /// The one track that the page is about.
    one: Option<OneTrack<'a>>,
    topics: Topics<'a>,
    timetable: Timetable<'a>,
    tracks: Vec<TrackRow<'a>>,
    /// The tracks of a long list that nothing is to be told of but their names.
    other_tracks: Vec<&'a TrackName>,
    places: Folded<PlaceRow<'a>>,
    subscribe: Subscribe,
    chapters: [Chapter; 3],
}

impl<'a> BoardPage<'a> {
    pub(crate) fn new(site: &Site<'a>, path: &'a str) -> Self {
        let mut facts = Facts::of(site);
        let one = OneTrack::of(&mut facts);
        let topics = Topics::of(&mut facts);
        let (tracks, other_tracks) = rows(&mut facts);
        Self {
            page: Page::new(site, path),
            filter: Filter::of(site),
            motd: messages(site.board),
            sessions: Sessions::of(&facts, |track| topics.has_current(track)),
            one,
            topics,
            timetable: Timetable::of(site, facts.pads()),
            tracks,
            other_tracks,
            places: facts.places(),
            subscribe: Subscribe::to(site),
            chapters: chapters(site.board.contents().moderation),
        }
    }

    pub(crate) fn render(&self) -> String {
        Template::render(self).expect(NEVER_FAILS)
    }

    /// Where a mention of a track leads.
    fn address_of(&self, track: &TrackName) -> String {
        let is_here = self.filter.tracks.is_empty() || self.filter.tracks.contains(&track);
        format!("{}#{}", if is_here { "" } else { "index.html" }, track.as_str())
    }
}
