//! What the publisher, the web server and the routes share.

use super::events::Notice;
use super::metrics::Metrics;
use super::page::Page;
use super::snapshot::{Snapshot, is_lazy};
use arc_swap::ArcSwap;
use ptgbot_core::Revision;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, broadcast};

/// The site as it is now. Clones see the same site.
#[derive(Clone, Debug)]
pub struct SiteHandle(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    snapshot: ArcSwap<Snapshot>,
    notices: broadcast::Sender<Notice>,
    metrics: Metrics,
    /// Files made on demand, with the generation they were last made for. Older ones stay for comparison.
    made: Mutex<HashMap<String, (u64, Arc<Page>)>>,
    makers: Semaphore,
}

impl SiteHandle {
    pub(crate) fn new(snapshot: Snapshot, metrics: Metrics) -> Self {
        metrics.published(snapshot.revision());
        Self(Arc::new(Shared {
            snapshot: ArcSwap::from_pointee(snapshot),
            notices: broadcast::channel(NOTICES).0,
            metrics,
            made: Mutex::default(),
            makers: Semaphore::new(MAKERS),
        }))
    }

    /// The revision that the pages show.
    pub fn revision(&self) -> Revision {
        self.0.snapshot.load().revision()
    }

    /// Where requests and commands are counted.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.0.snapshot.load_full()
    }

    /// Serves the new bytes, then tells those who listen, one notice a revision.
    pub(crate) fn replace(&self, snapshot: Arc<Snapshot>) {
        let before = self.0.snapshot.swap(snapshot.clone());
        let (old, new) = (before.revision(), snapshot.revision());
        self.0.metrics.published(new);
        // Of a long burst only the end is told: nobody follows a hundred changes within a blink.
        for revision in (old + 1).max((new + 1).saturating_sub(BURST))..=new {
            drop(self.0.notices.send(Notice::Revision(revision)));
        }
        if old == new && snapshot.differs(&before) {
            drop(self.0.notices.send(Notice::Clock));
        }
    }

    pub(super) fn notices(&self) -> broadcast::Receiver<Notice> {
        self.0.notices.subscribe()
    }

    /// A file that is ready; never waits.
    pub(super) fn ready(&self, path: &str) -> Option<Arc<Page>> {
        self.0.snapshot.load().page(path).cloned()
    }

    /// A file, made now if need be; `None` where there is none.
    pub(super) async fn page(&self, path: &str) -> Option<Arc<Page>> {
        if let Some(page) = self.ready(path) {
            return Some(page);
        }
        if !is_lazy(path) {
            return None;
        }
        let snapshot = self.snapshot();
        let generation = snapshot.generation();
        if let Some((made_for, page)) = self.made(path)
            && made_for == generation
        {
            return Some(page);
        }
        let _turn = self.0.makers.acquire().await.ok()?;
        let before = match self.made(path) {
            // Somebody has made it meanwhile.
            Some((made_for, page)) if made_for == generation => return Some(page),
            other => other.map(|(_, page)| page),
        };
        let name = path.to_owned();
        let page = tokio::task::spawn_blocking(move || snapshot.make(&name, before.as_ref())).await.ok()??;
        let mut made = self.0.made.lock().unwrap_or_else(PoisonError::into_inner);
        if made.len() >= KEPT {
            made.clear();
        }
        made.insert(path.to_owned(), (generation, page.clone()));
        Some(page)
    }

    fn made(&self, path: &str) -> Option<(u64, Arc<Page>)> {
        self.0.made.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }
}

/// Whoever falls further behind is told the newest revision instead.
const NOTICES: usize = 64;
const BURST: Revision = 32;
/// How many calendars are made at the same time, and how many are kept.
const MAKERS: usize = 2;
const KEPT: usize = 512;
