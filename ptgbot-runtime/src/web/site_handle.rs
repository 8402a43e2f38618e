//! What the publisher, the web server and the routes share.

use super::cached_file::CachedFile;
use super::events::SiteNews;
use super::render_cache::{Demand, Rare, RenderCache};
use super::snapshot::Snapshot;
use crate::metrics::Metrics;
use arc_swap::ArcSwap;
use ptgbot_core::Revision;
use ptgbot_render::{InvalidQuery, SitePath, View};
use std::sync::Arc;
use tokio::sync::watch;

/// The site as it is now. Clones see the same site.
#[derive(Clone, Debug)]
pub struct SiteHandle(Arc<SharedSite>);

#[derive(Debug)]
struct SharedSite {
    snapshot: ArcSwap<Snapshot>,
    news: watch::Sender<SiteNews>,
    metrics: Metrics,
    rare: RenderCache,
}

impl SiteHandle {
    pub(crate) fn new(snapshot: Snapshot, metrics: Metrics) -> Self {
        let revision = snapshot.revision();
        metrics.published(revision);
        let news = watch::Sender::new(SiteNews { revision, ..SiteNews::default() });
        Self(Arc::new(SharedSite {
            snapshot: ArcSwap::from_pointee(snapshot),
            news,
            metrics,
            rare: RenderCache::new(),
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

    /// Serves the new bytes, then tells those who listen: of the new revision, or that time alone has changed something.
    pub(crate) fn replace(&self, snapshot: Arc<Snapshot>) {
        let revision = snapshot.revision();
        let before = self.0.snapshot.swap(snapshot.clone());
        self.0.metrics.published(revision);
        if revision != before.revision() {
            self.0.news.send_modify(|news| news.revision = revision);
        } else if snapshot.differs(&before) {
            self.0.news.send_modify(|news| news.clock += 1);
        }
    }

    /// Waits until the pages show a revision, or a later one.
    pub(crate) async fn shows(&self, revision: Revision) {
        // The site outlives whoever waits for it.
        drop(self.0.news.subscribe().wait_for(|news| news.revision >= revision).await);
    }

    /// Ends all event streams.
    pub(super) fn end_events(&self) {
        self.0.news.send_modify(|news| news.ended = true);
    }

    pub(super) fn news(&self) -> watch::Receiver<SiteNews> {
        self.0.news.subscribe()
    }

    /// A file that is ready; never waits. Where there are views of it, the query decides, and only the whole is ready;
    /// of calendars, those that somebody has asked for since the last change.
    pub(super) fn ready(&self, path: SitePath, query: Option<&str>) -> Option<Arc<CachedFile>> {
        if path.has_views() && query.is_some_and(|query| !query.is_empty()) {
            return None;
        }
        let site = self.0.snapshot.load();
        match site.file(&path) {
            Some(file) => Some(file.clone()),
            None => self.0.rare.get(&Rare { path, view: View::default() }, &site),
        }
    }

    /// A file, rendered now if need be.
    ///
    /// # Errors
    /// When the query is not read.
    pub(super) async fn demand(&self, path: SitePath, query: Option<&str>) -> Result<Demand, InvalidQuery> {
        let view = match query {
            Some(query) if path.has_views() => View::parse(query)?,
            Some(_) | None => View::default(),
        };
        let site = self.snapshot();
        match site.file(&path).filter(|_| view.is_all()) {
            Some(file) => Ok(Demand::Rendered(file.clone())),
            None => Ok(self.0.rare.demand(Rare { path, view }, site).await),
        }
    }
}
