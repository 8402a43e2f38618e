//! What the store holds: which topics were set, by whom.

use ptgbot_core::{Event, Journal, Options, Record, Revision, TrackEvent};
use ptgbot_runtime::store::{self, Access, StoreAddress};
use ptgbot_tests::deadline::PATIENCE;
use tokio::time::timeout;

/// The topics that were set so far, read as they come.
pub(crate) struct History {
    journal: Box<dyn Journal>,
    read: Revision,
    topics: Vec<(String, String)>,
}

impl History {
    pub(crate) async fn of(store: &str) -> Self {
        let address: StoreAddress = store.parse().unwrap_or_else(|error| panic!("{error}"));
        let opened = store::open(&address, Access::ReadWrite, Options::default().blocking).await;
        let mut journal = opened.unwrap_or_else(|error| panic!("{error}"));
        journal.load().await.unwrap_or_else(|error| panic!("{error}"));
        Self { journal, read: 0, topics: Vec::new() }
    }

    /// Waits until somebody's topic is there.
    pub(crate) async fn has(&mut self, by: &str, topic: &str) {
        self.has_all(&[(by.to_owned(), topic.to_owned())]).await;
    }

    /// Waits until all of these are there.
    pub(crate) async fn has_all(&mut self, wanted: &[(String, String)]) {
        let recorded = timeout(PATIENCE * 2, async {
            while wanted.iter().any(|topic| !self.topics.contains(topic)) {
                self.journal.changed().await;
                self.read().await;
            }
        });
        if recorded.await.is_err() {
            let missing: Vec<_> = wanted.iter().filter(|topic| !self.topics.contains(topic)).collect();
            panic!("{missing:?} were not recorded; these were: {:?}", self.topics);
        }
    }

    /// Demands that each of these was recorded once, each person's in their order, and nothing else.
    pub(crate) async fn is(&mut self, said: &[(String, String)]) {
        self.has_all(said).await;
        let of = |topics: &[(String, String)], by: &str| -> Vec<String> {
            topics.iter().filter(|(person, _)| person == by).map(|(_, topic)| topic.clone()).collect()
        };
        for by in ["gibi", "jane"] {
            assert_eq!(of(&self.topics, by), of(said, by), "what {by} said");
        }
        assert_eq!(self.topics.len(), said.len());
    }

    async fn read(&mut self) {
        let records = self.journal.read_after(self.read, MOST).await.unwrap_or_else(|error| panic!("{error}"));
        self.read = records.last().map_or(self.read, |last| last.revision);
        self.topics.extend(records.into_iter().filter_map(topic));
    }
}

fn topic(Record { by, event, .. }: Record) -> Option<(String, String)> {
    match event {
        Event::Track(TrackEvent::TopicSet { topic, .. }) => Some((by?.name, topic.to_string())),
        _ => None,
    }
}

/// No test says more.
const MOST: usize = 10_000;
