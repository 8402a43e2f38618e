//! Earlier today: what stands under a track besides what it discusses now.

use super::clock;
use super::entry::anchor;
use crate::clock::Stamp;
use crate::segment::{Segment, segments};
use crate::site::Site;
use crate::site_path::{RecordForm, SitePath};
use chrono::{DateTime, Utc};
use ptgbot_core::{Board, Discussion, TrackName};
use std::collections::HashMap;

/// The discussions of today that are over and are not told as current ones. They change when one ends and when the day
/// does, which [`super::turns`] tells, and when a topic is no longer meant.
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
        let latest: HashMap<_, _> = site.board.discussions().iter().map(|one| (&one.track, one.begun())).collect();
        let is_told =
            |one: &Discussion| latest.get(&one.track) == Some(&one.begun()) && is_current(site.board, one, site.at);
        let is_earlier = |one: &&Discussion| one.until() <= site.at && zone.date(one.from) == today && !is_told(one);
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

/// True while its topic is the one of its track and still meant: a discussion may take longer than its slot.
fn is_current(board: &Board, latest: &Discussion, at: DateTime<Utc>) -> bool {
    let now = board.contents().now.get(&latest.track);
    now.is_some_and(|topic| topic.text == latest.topic && board.is_current(&latest.track, topic, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::SiteOptions;
    use ptgbot_core::{BoardEvent, Document, Event, Folding, Record, Text, TrackEvent};
    use serde_json::json;

    #[test]
    fn what_is_over_today_is_told_and_neither_what_goes_on_nor_what_was_yesterday() {
        let time = |text: &str| format!("2026-10-{text}:00Z").parse().expect("a time");
        let swift = TrackName::parse("swift").expect("a name");
        let mut board = Board::default();
        let mut happen = |at, event| {
            board.apply(&Record::new(board.revision() + 1, at, event));
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

    #[test]
    fn a_topic_that_is_still_told_after_its_slot_is_not_told_as_earlier_until_it_is_meant_no_more() {
        let time = |text: &str| format!("2026-10-19T{text}:00Z").parse().expect("a time");
        let swift = TrackName::parse("swift").expect("a name");
        let slot = |name: &str, start: &str| json!({"name": name, "realtime": format!("2026-10-19T{start}:00Z")});
        let file = json!({
            "tracks": ["swift"],
            "slots": {"Monday": [slot("A", "13:30"), slot("B", "15:30")]},
            "schedule": {"Hall": {"A": "swift"}, "Attic": {"B": "swift"}},
        });
        let mut board = Board::default();
        let document = Box::new(Document::check(&file, &board, Folding::Lowercase).expect("a data file"));
        let mut happen = |at, event| {
            board.apply(&Record::new(board.revision() + 1, at, event));
        };
        let says = |topic| Event::Track(TrackEvent::TopicSet { track: swift.clone(), topic: Text::new(topic) });
        happen(time("08:00"), Event::Board(BoardEvent::DocumentLoaded { document, source: None }));
        for (at, topic) in [("13:35", "rings"), ("13:40", "disks"), ("13:51", "rings")] {
            happen(time(at), says(topic));
        }
        let options = SiteOptions::default();
        let told = |at| {
            let earlier = EarlierToday::of(&Site::new(&board, time(at), &options)).take(&swift);
            earlier.into_iter().map(|one| one.when.text).collect::<Vec<_>>()
        };
        let mut before = vec!["13:35\u{2013}13:40 UTC".to_owned(), "13:40\u{2013}13:51 UTC".to_owned()];
        for at in ["14:29", "14:30", "14:41", "14:59"] {
            assert_eq!(told(at), before, "{at}");
        }
        before.push("13:51\u{2013}14:30 UTC".to_owned());
        assert_eq!(told("15:00"), before);
    }
}
