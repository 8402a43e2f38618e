//! Earlier today: what stands under a track besides what it discusses now.

use super::clock;
use super::entry::anchor;
use crate::clock::Stamp;
use crate::segment::{Segment, segments};
use crate::site::Site;
use crate::site_path::{RecordForm, SitePath};
use ptgbot_core::{Discussion, TrackName};
use std::collections::HashMap;

/// The discussions of today that are over. They change when one ends and when the day does; [`super::turns`] tells both.
#[derive(Debug, Default)]
pub(crate) struct EarlierToday<'a> {
    by_track: HashMap<&'a TrackName, Vec<EarlierTopic<'a>>>,
}

/// A topic of today that is over.
#[derive(Debug)]
pub(crate) struct EarlierTopic<'a> {
    pub(crate) topic: Vec<Segment<'a>>,
    pub(crate) when: Stamp,
    /// Where the record tells it, from the site's root.
    pub(crate) address: String,
}

impl<'a> EarlierToday<'a> {
    pub(crate) fn of(site: &Site<'a>) -> Self {
        let zone = site.board.contents().timezone;
        let today = zone.date(site.at);
        let page = SitePath::RecordDay(today, RecordForm::Html).to_string();
        let is_earlier = |one: &&Discussion| one.until() <= site.at && zone.date(one.from) == today;
        let mut by_track = HashMap::<_, Vec<_>>::new();
        for discussion in site.board.discussions().iter().filter(is_earlier) {
            by_track.entry(&discussion.track).or_default().push(EarlierTopic {
                topic: segments(discussion.topic.as_str(), site.board),
                when: clock(site).between(discussion.from, discussion.until()),
                address: format!("{page}#{}", anchor(discussion)),
            });
        }
        Self { by_track }
    }

    /// Takes the topics of a track, from the first on: they stand in one place of a page.
    pub(crate) fn take(&mut self, track: &TrackName) -> Vec<EarlierTopic<'a>> {
        self.by_track.remove(track).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::SiteOptions;
    use ptgbot_core::{Board, BoardEvent, Event, Origin, Record, Text, TrackEvent};

    #[test]
    fn what_is_over_today_is_told_and_neither_what_goes_on_nor_what_was_yesterday() {
        let time = |text: &str| format!("2026-10-{text}:00Z").parse().expect("a time");
        let swift = TrackName::parse("swift").expect("a name");
        let mut board = Board::default();
        let mut happen = |at, event| {
            board.apply(&Record { revision: board.revision() + 1, at, by: None, origin: Origin::default(), event });
        };
        happen(time("18T09:00"), Event::Board(BoardEvent::TracksAdded { tracks: [swift.clone()].into() }));
        for (at, topic) in [("18T22:00", "yesterday"), ("19T09:00", "one"), ("19T10:00", "two")] {
            let topic = Text::new(topic);
            happen(time(at), Event::Track(TrackEvent::TopicSet { track: swift.clone(), topic }));
        }
        let options = SiteOptions::default();
        let told = |at| {
            let earlier = EarlierToday::of(&Site::new(&board, at, &options)).take(&swift);
            earlier.into_iter().map(|one| (one.when.text, one.address)).collect::<Vec<_>>()
        };
        let one = ("09:00\u{2013}10:00 UTC".to_owned(), "record/2026-10-19.html#swift:3".to_owned());
        assert_eq!(told(time("19T23:59")), [one]);
        assert_eq!(told(time("20T00:00")), []);
        assert_eq!(told(time("18T22:30")), []);
    }
}
