//! The event stream: open pages hear of changes (the HTML standard's server-sent events).

use super::caching;
use super::site_handle::SiteHandle;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use ptgbot_core::Revision;
use std::convert::Infallible;
use std::fmt::Write;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::timeout;

/// The newest that there is to tell, after the new bytes are served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SiteNews {
    /// The board's revision on the pages.
    pub(super) revision: Revision,
    /// How many times time alone has changed something: a slot began, a day turned.
    pub(super) clock: u64,
    /// The server stops.
    pub(super) ended: bool,
}

/// The answer to somebody who listens and may have heard something before. It ends when the server stops; the browser
/// comes back by itself and says what it heard last.
pub(super) fn listen(site: SiteHandle, place: OwnedSemaphorePermit, last_event: Option<&str>) -> Response {
    let mut listener = EventListener::new(site, place);
    let last_event = last_event.and_then(|id| id.trim().parse::<Revision>().ok());
    if last_event.is_some_and(|last| last != listener.told) {
        // A revision that is not ours comes from another store: then, too, the page is out of date.
        listener.told = listener.told.wrapping_sub(1);
    }
    let words = stream::unfold(listener, |mut listener| async {
        let words = listener.next().await?;
        Some((Ok::<_, Infallible>(words), listener))
    });
    // Proxies that keep answers back until they are complete must not keep this one.
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), "no");
    let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, caching::EVENTS), unbuffered];
    (headers, Body::from_stream(words)).into_response()
}

/// Somebody who listens. Holds a place, and counts as long as it lives.
struct EventListener {
    site: SiteHandle,
    news: watch::Receiver<SiteNews>,
    greeted: bool,
    told: Revision,
    clock: u64,
    _place: OwnedSemaphorePermit,
}

impl EventListener {
    fn new(site: SiteHandle, place: OwnedSemaphorePermit) -> Self {
        site.metrics().listeners().inc();
        let news = site.news();
        let SiteNews { revision, clock, .. } = *news.borrow();
        Self { site, news, greeted: false, told: revision, clock, _place: place }
    }

    /// The next words to send; `None` at the end. Cancel safe.
    async fn next(&mut self) -> Option<String> {
        if !self.greeted {
            self.greeted = true;
            return Some(format!("retry: {}\n: listening\n\n", RETRY.as_millis()));
        }
        loop {
            let news = *self.news.borrow_and_update();
            if news.ended {
                return None;
            }
            let words = self.catch_up(news);
            if !words.is_empty() {
                return Some(words);
            }
            match timeout(KEEP_ALIVE, self.news.changed()).await {
                Ok(changed) => changed.ok()?,
                // A comment: it only shows that the line still stands.
                Err(_) => return Some(":\n\n".to_owned()),
            }
        }
    }

    /// All that was not told yet: each revision, unless it is long ago.
    fn catch_up(&mut self, news: SiteNews) -> String {
        let mut words = String::new();
        if self.told != news.revision {
            let first = self.told.wrapping_add(1).max(news.revision.saturating_sub(MOST_BEHIND)).min(news.revision);
            for revision in first..=news.revision {
                write!(words, "event: revision\nid: {revision}\ndata: {revision}\n\n").expect("a string takes all");
            }
            self.told = news.revision;
        }
        if self.clock != news.clock {
            self.clock = news.clock;
            words.push_str("event: clock\ndata:\n\n");
        }
        words
    }
}

impl Drop for EventListener {
    fn drop(&mut self) {
        self.site.metrics().listeners().dec();
    }
}

const KEEP_ALIVE: Duration = Duration::from_secs(20);
const RETRY: Duration = Duration::from_secs(3);
/// Of what is longer ago than so many revisions a listener hears nothing.
const MOST_BEHIND: Revision = 128;
