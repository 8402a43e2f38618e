//! News: the latest topics, for the feed.

use crate::record::{Record, Revision};
use crate::topic::Announcement;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// The latest announcements, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct News {
    items: VecDeque<NewsItem>,
}

/// An announcement with its time and a number that never changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    pub announcement: Announcement,
}

impl News {
    /// How many are kept.
    pub const KEPT: usize = 100;

    /// The items, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &NewsItem> {
        self.items.iter().rev()
    }

    pub(crate) fn push(&mut self, record: &Record, event: &str, announcement: Announcement) {
        if self.items.len() == Self::KEPT {
            self.items.pop_front();
        }
        self.items.push_back(NewsItem {
            revision: record.revision,
            event: event.to_owned(),
            at: record.at,
            announcement,
        });
    }
}
