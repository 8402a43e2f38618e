//! Discussions: what the tracks have discussed so far, from when until when, and where.
//!
//! That is the record of the event. It follows from the changes of the board: a topic that is announced begins a
//! discussion, whatever takes the topic away ends it, and what takes the change back takes the discussion out again.

use crate::revision::Revision;
use crate::text::Text;
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;

/// One topic of one track, as it was discussed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Discussion {
    /// Who discussed it.
    pub track: TrackName,
    /// What.
    pub topic: Text,
    /// When it was announced.
    pub from: DateTime<Utc>,
    /// Where the track met then; `None` where it had no place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// When it ends by itself: with the slot of its track, else with the event's day.
    pub ends_by: DateTime<Utc>,
    /// The change that began it.
    begun: Revision,
    /// The change that ended it, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<(Revision, DateTime<Utc>)>,
}

impl Discussion {
    /// The change that began it: with its track it is the one name of this discussion that stays.
    pub fn begun(&self) -> Revision {
        self.begun
    }

    /// When it ended, or will end unless somebody ends it before.
    pub fn until(&self) -> DateTime<Utc> {
        self.ended.map_or(self.ends_by, |(_, at)| at.min(self.ends_by))
    }

    /// True while it goes on: from its start until just before its end.
    pub fn runs_at(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.until()
    }

    /// How many bytes it takes, about.
    fn size(&self) -> usize {
        let place = self.place.as_ref().map_or(0, String::len);
        size_of::<Self>() + self.track.as_str().len() + self.topic.as_str().len() + place
    }
}

/// What the tracks have discussed, in the order in which it began: the latest, as many as fit into a limit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Discussions {
    list: VecDeque<Arc<Discussion>>,
    /// How many bytes all of them take.
    size: usize,
    /// What there was before the board was emptied, and the change that did it.
    emptied: Option<(Revision, VecDeque<Arc<Discussion>>)>,
}

/// A topic that is announced.
#[derive(Clone, Debug)]
pub(crate) struct Beginning {
    pub(crate) track: TrackName,
    pub(crate) topic: Text,
    pub(crate) from: DateTime<Utc>,
    pub(crate) place: Option<String>,
    pub(crate) ends_by: DateTime<Utc>,
}

impl Discussions {
    /// How many bytes of discussions are kept at most.
    pub const KEPT_BYTES: usize = 8 << 20;

    /// All of them, in the order in which they began.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Discussion> + ExactSizeIterator {
        self.list.iter().map(|discussion| &**discussion)
    }

    /// True where nothing was ever announced.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty() && self.emptied.is_none()
    }

    /// What a track discusses at a moment; `None` also where its topic is over by itself.
    pub fn running(&self, track: &TrackName, at: DateTime<Utc>) -> Option<&Discussion> {
        self.iter().rev().find(|discussion| discussion.track == *track).filter(|discussion| discussion.runs_at(at))
    }

    /// A track has announced a topic. Where it discusses just that, it goes on.
    pub(crate) fn begin(&mut self, begun: Revision, beginning: Beginning) {
        let Beginning { track, topic, from, place, ends_by } = beginning;
        if self.running(&track, from).is_some_and(|running| running.topic == topic) {
            return;
        }
        self.end(begun, &track, from);
        let discussion = Discussion { track, topic, from, place, ends_by, begun, ended: None };
        self.size += discussion.size();
        self.list.push_back(discussion.into());
        while self.size > Self::KEPT_BYTES && self.list.len() > 1 {
            self.size -= self.list.pop_front().map_or(0, |oldest| oldest.size());
        }
    }

    /// A track's topic is taken away.
    pub(crate) fn end(&mut self, revision: Revision, track: &TrackName, at: DateTime<Utc>) {
        let last = self.list.iter_mut().rev().find(|discussion| discussion.track == *track);
        if let Some(last) = last.filter(|last| last.ended.is_none()) {
            Arc::make_mut(last).ended = Some((revision, at));
        }
    }

    /// The board was emptied.
    pub(crate) fn empty(&mut self, revision: Revision) {
        let list = std::mem::take(&mut self.list);
        *self = Self { emptied: Some((revision, list)), ..Self::default() };
    }

    /// A change was taken back, or the part of it that concerns one track: what it began is no part of the record, and
    /// what it ended goes on, at most until the next began.
    pub(crate) fn take_back(&mut self, revision: Revision, track: Option<&TrackName>) {
        if let Some((_, list)) = self.emptied.take_if(|(emptied, _)| *emptied == revision) {
            *self = list.into();
            return;
        }
        let concerns = |discussion: &Discussion| track.is_none_or(|track| *track == discussion.track);
        self.list.retain(|discussion| discussion.begun != revision || !concerns(discussion));
        self.size = self.list.iter().map(|discussion| discussion.size()).sum();
        for place in 0..self.list.len() {
            let ended = &self.list[place];
            if ended.ended.is_some_and(|(by, _)| by == revision) && concerns(ended) {
                let mut later = self.list.range(place + 1..);
                let next = later.find(|next| next.track == ended.track).map(|next| (next.begun, next.from));
                Arc::make_mut(&mut self.list[place]).ended = next;
            }
        }
    }
}

impl From<VecDeque<Arc<Discussion>>> for Discussions {
    fn from(list: VecDeque<Arc<Discussion>>) -> Self {
        let size = list.iter().map(|discussion| discussion.size()).sum();
        Self { list, size, emptied: None }
    }
}

/// What a snapshot holds.
#[derive(Serialize, Deserialize)]
struct Stored {
    list: VecDeque<Arc<Discussion>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    emptied: Option<(Revision, VecDeque<Arc<Discussion>>)>,
}

impl From<Stored> for Discussions {
    fn from(Stored { list, emptied }: Stored) -> Self {
        Self { emptied, ..Self::from(list) }
    }
}

impl From<Discussions> for Stored {
    fn from(Discussions { list, emptied, .. }: Discussions) -> Self {
        Self { list, emptied }
    }
}
