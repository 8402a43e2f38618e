//! What the publisher, the web server and the routes share.

use super::events::Notice;
use super::made::Made;
use super::metrics::Metrics;
use super::page::Page;
use super::snapshot::Snapshot;
use arc_swap::ArcSwap;
use ptgbot_core::Revision;
use ptgbot_render::{InvalidQuery, SitePath, View};
use std::sync::Arc;
use tokio::sync::{Semaphore, broadcast};
use tokio::task::spawn_blocking;

/// The site as it is now. Clones see the same site.
#[derive(Clone, Debug)]
pub struct SiteHandle(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    snapshot: ArcSwap<Snapshot>,
    notices: broadcast::Sender<Notice>,
    metrics: Metrics,
    made: Made,
    /// Whoever wants a file made takes a place in the queue, and then a turn.
    queue: Semaphore,
    turns: Semaphore,
}

/// What there is at an address.
#[derive(Debug)]
pub(super) enum Found {
    /// A file.
    Page(Arc<Page>),
    /// Nothing.
    Nothing,
    /// A query that is not read.
    Unread(InvalidQuery),
    /// Too many want files that have to be made.
    Busy,
}

impl SiteHandle {
    pub(crate) fn new(snapshot: Snapshot, metrics: Metrics) -> Self {
        metrics.published(snapshot.revision());
        Self(Arc::new(Shared {
            snapshot: ArcSwap::from_pointee(snapshot),
            notices: broadcast::channel(NOTICES).0,
            metrics,
            made: Made::default(),
            queue: Semaphore::new(QUEUE),
            turns: Semaphore::new(TURNS),
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
    }

    /// Tells those who listen that time alone has changed something.
    pub(crate) fn tell_time(&self) {
        drop(self.0.notices.send(Notice::Clock));
    }

    /// Ends all event streams.
    pub(super) fn end_events(&self) {
        drop(self.0.notices.send(Notice::End));
    }

    /// True while no newer site is served.
    pub(crate) fn is_current(&self, snapshot: &Snapshot) -> bool {
        self.0.snapshot.load().generation() == snapshot.generation()
    }

    pub(super) fn notices(&self) -> broadcast::Receiver<Notice> {
        self.0.notices.subscribe()
    }

    /// A file that is ready; never waits. Where there are views of it, the query decides, and only the whole is ready;
    /// of calendars, those that somebody has asked for since the last change.
    pub(super) fn ready(&self, path: &SitePath, query: Option<&str>) -> Option<Arc<Page>> {
        if query.is_some_and(|query| !query.is_empty()) && path.has_views() {
            return None;
        }
        let snapshot = self.0.snapshot.load();
        match snapshot.page(path) {
            Some(page) => Some(page.clone()),
            None if path.is_calendar() => self.0.made.current(&path.name(), snapshot.generation()),
            None => None,
        }
    }

    /// A file, made now if need be.
    pub(super) async fn find(&self, path: &SitePath, query: Option<&str>) -> Found {
        if let Some(page) = self.ready(path, query) {
            return Found::Page(page);
        }
        let view = match query {
            Some(query) if path.has_views() => match View::parse(query) {
                Ok(view) => view,
                Err(invalid) => return Found::Unread(invalid),
            },
            Some(_) | None => View::default(),
        };
        let snapshot = self.snapshot();
        let common = view.is_all() && snapshot.has(path);
        if common && let Some(page) = snapshot.page(path) {
            return Found::Page(page.clone());
        }
        if !common && !path.is_calendar() && !path.has_views() {
            return Found::Nothing;
        }
        // Queries that ask for the same find the same.
        let name = if view.is_all() { path.to_string() } else { format!("{path}?{}", view.query()) };
        if let Some(page) = self.0.made.current(&name, snapshot.generation()) {
            return Found::Page(page);
        }
        // What is made once for everybody is soon there, and everybody may wait for it.
        let place = self.0.queue.try_acquire();
        if !common && place.is_err() {
            return Found::Busy;
        }
        let Ok(_turn) = self.0.turns.acquire().await else { return Found::Busy };
        // Somebody may have made it meanwhile.
        let made = match common {
            true => snapshot.page(path).cloned(),
            false => self.0.made.current(&name, snapshot.generation()),
        };
        if let Some(page) = made {
            return Found::Page(page);
        }
        let (before, path) = (self.0.made.newest(&name), path.clone());
        let generation = snapshot.generation();
        let make = move || match common {
            true => snapshot.file(&path).cloned(),
            false => snapshot.make(&path, &view, before.as_ref()),
        };
        let Ok(Some(page)) = spawn_blocking(make).await else { return Found::Nothing };
        if !common {
            self.0.made.keep(name, generation, page.clone());
        }
        Found::Page(page)
    }
}

/// Whoever falls further behind is told the newest revision instead.
const NOTICES: usize = 64;
const BURST: Revision = 32;
/// How many may wait for a file to be made, and how many are made at the same time: those who ask for what is ready
/// keep the rest of the machine.
const QUEUE: usize = 128;
const TURNS: usize = 1;
