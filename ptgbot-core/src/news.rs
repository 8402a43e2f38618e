//! News: the latest topics, bookings and messages of the day, for the feed.

use crate::announcement::Announcement;
use crate::event::{BoardEvent, Event, TrackEvent};
use crate::motd::Level;
use crate::record::Record;
use crate::revision::Revision;
use crate::slot::SlotCode;
use crate::text::Text;
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::mem::discriminant;

/// The latest news, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct News {
    items: VecDeque<NewsItem>,
}

/// A headline with its time and a number that never changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewsItem {
    /// The change that made it: a stable identity.
    pub revision: Revision,
    /// The event's short name at that moment: it may be another one today.
    #[serde(default)]
    pub event: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    #[serde(flatten)]
    pub headline: Headline,
}

/// What somebody who was away wants to know. Exhaustive: whoever shows news shows every kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Headline {
    /// A track has a topic, now or next.
    Topic(Announcement),
    /// A track will be in a room.
    Booked {
        /// Which track.
        track: TrackName,
        /// Where and when.
        booked: SlotCode,
    },
    /// A track will not be there after all.
    Freed {
        /// Which track.
        track: TrackName,
        /// Where and when it would have been.
        freed: SlotCode,
    },
    /// A track will be somewhere else.
    Moved {
        /// Which track.
        track: TrackName,
        /// Where and when it would have been.
        moved: SlotCode,
        /// Where and when it will be.
        to: SlotCode,
    },
    /// A message of the day.
    Message {
        /// How loud.
        level: Level,
        /// What it says.
        message: Text,
    },
}

impl News {
    /// How many are kept of each kind: a morning of bookings does not push the topics out.
    pub const KEPT: usize = 100;

    /// The items, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &NewsItem> {
        self.items.iter().rev()
    }

    pub(crate) fn push(&mut self, record: &Record, event: &str, headline: Headline) {
        let kind = discriminant(&headline);
        let is_kin = |item: &NewsItem| discriminant(&item.headline) == kind;
        if self.items.iter().filter(|item| is_kin(item)).count() >= Self::KEPT {
            let oldest = self.items.iter().position(is_kin);
            oldest.and_then(|oldest| self.items.remove(oldest));
        }
        self.items.push_back(NewsItem { revision: record.revision, event: event.to_owned(), at: record.at, headline });
    }
}

impl Headline {
    /// What an event tells, if it is news. A data file that is loaded is none: whoever loads it changes the whole board.
    pub fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Track(TrackEvent::SlotBooked { track, code }) => {
                Some(Self::Booked { track: track.clone(), booked: code.clone() })
            }
            Event::Track(TrackEvent::SlotFreed { track, code }) => {
                Some(Self::Freed { track: track.clone(), freed: code.clone() })
            }
            Event::Track(TrackEvent::SlotMoved { track, from, to }) => {
                Some(Self::Moved { track: track.clone(), moved: from.clone(), to: to.clone() })
            }
            Event::Board(BoardEvent::MotdAdded { level, message }) => {
                Some(Self::Message { level: *level, message: message.clone() })
            }
            Event::Track(_) | Event::Board(_) | Event::Person(_) | Event::Time(_) => {
                Announcement::of(event).map(Self::Topic)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Stage;
    use serde_json::json;

    fn told(stage: &Stage) -> Vec<String> {
        let told = |item: &NewsItem| match &item.headline {
            Headline::Topic(announcement) => announcement.to_string(),
            Headline::Booked { track, booked } => format!("{track} booked {booked}"),
            Headline::Freed { track, freed } => format!("{track} freed {freed}"),
            Headline::Moved { track, moved, to } => format!("{track} moved {moved} to {to}"),
            Headline::Message { level, message } => format!("{level}: {message}"),
        };
        stage.board.news().newest_first().map(told).collect()
    }

    #[test]
    fn topics_bookings_and_messages_are_news_and_the_rest_is_not() {
        let mut stage = Stage::with(json!({
            "tracks": ["swift"], "slots": {"Monday": [{"name": "A1"}]}, "schedule": {"Saal": {"A1": ""}},
            "motd": [{"level": "info", "message": "loaded"}],
        }));
        let lines =
            ["#swift book Saal-A1", "#swift color red", "~motd add info hello", "+in #swift", "#swift unbook Saal-A1"];
        lines.into_iter().for_each(|line| drop(stage.say(line)));
        stage.say("#swift next rings");
        stage.say("#swift now rings");
        let news =
            ["#swift now rings", "#swift next rings", "#swift freed Saal-A1", "info: hello", "#swift booked Saal-A1"];
        assert_eq!(told(&stage), news);
        let stored = serde_json::to_value(stage.board.news()).expect("JSON");
        assert_eq!(&serde_json::from_value::<News>(stored).expect("news"), stage.board.news());
    }

    #[test]
    fn many_bookings_leave_the_topics_where_they_are() {
        let mut stage = Stage::with(json!({
            "tracks": ["swift"], "slots": {"Monday": [{"name": "A1"}]}, "schedule": {"Saal": {"A1": ""}},
        }));
        stage.say("#swift now rings");
        for _ in 0..=News::KEPT {
            stage.say("#swift book Saal-A1");
            stage.say("#swift unbook Saal-A1");
        }
        let told = told(&stage);
        assert_eq!(told.len(), 2 * News::KEPT + 1);
        assert_eq!(told.last().map(String::as_str), Some("#swift now rings"));
    }

    #[test]
    fn news_of_a_version_that_knew_topics_only_are_read() {
        let stored = json!([
            {"revision": 3, "at": "2026-10-19T09:00:00Z", "track": "swift", "when": "now", "topic": "rings"},
            {"revision": 4, "event": "oct", "at": "2026-10-19T09:00:00Z", "track": "swift", "when": "next", "topic": "x"},
        ]);
        let news: News = serde_json::from_value(stored).expect("news");
        assert!(news.newest_first().all(|item| matches!(item.headline, Headline::Topic(_))));
        assert_eq!(news.newest_first().count(), 2);
    }
}
