//! What the store holds: which topics were set, by whom, and how often somebody checked in.

use ptgbot_core::{Event, Journal, Options, PersonEvent, Record, Revision, TrackEvent};
use ptgbot_runtime::store::{self, Access, StoreAddress};
use ptgbot_tests::deadline::PATIENCE;
use tokio::time::timeout;

/// What was recorded so far, read as it comes.
pub(crate) struct History {
    journal: Box<dyn Journal>,
    read: Revision,
    topics: Vec<(String, String)>,
    check_ins: usize,
}

impl History {
    pub(crate) async fn of(store: &str) -> Self {
        let address: StoreAddress = store.parse().unwrap_or_else(|error| panic!("{error}"));
        let opened = store::open(&address, Access::ReadWrite, Options::default().blocking).await;
        let mut journal = opened.unwrap_or_else(|error| panic!("{error}"));
        journal.load().await.unwrap_or_else(|error| panic!("{error}"));
        Self { journal, read: 0, topics: Vec::new(), check_ins: 0 }
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
        self.read().await;
        let of = |topics: &[(String, String)], by: &str| -> Vec<String> {
            topics.iter().filter(|(person, _)| person == by).map(|(_, topic)| topic.clone()).collect()
        };
        for by in ["gibi", "jane"] {
            assert_eq!(of(&self.topics, by), of(said, by), "what {by} said");
        }
        assert_eq!(self.topics.len(), said.len());
    }

    /// Demands that people have checked in so often.
    pub(crate) async fn has_check_ins(&mut self, count: usize) {
        self.read().await;
        assert_eq!(self.check_ins, count);
    }

    async fn read(&mut self) {
        let records = self.journal.read_after(self.read, MOST).await.unwrap_or_else(|error| panic!("{error}"));
        self.read = records.last().map_or(self.read, |last| last.revision);
        for Record { by, event, .. } in records {
            match (event, by) {
                (Event::Track(TrackEvent::TopicSet { topic, .. }), Some(by)) => {
                    self.topics.push((by.name, topic.to_string()));
                }
                (Event::Person(PersonEvent::CheckedIn { .. }), _) => self.check_ins += 1,
                _ => {}
            }
        }
    }
}

/// No test says more.
const MOST: usize = 10_000;
