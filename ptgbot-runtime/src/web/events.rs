//! The event stream: open pages hear of changes (the HTML standard's server-sent events).

use super::handle::SiteHandle;
use super::header::secure;
use hyper::HeaderMap;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use ptgbot_core::Revision;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Something that listeners are told, after the new bytes are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// The board changed.
    Revision(Revision),
    /// Only time has passed: a slot began, a day turned.
    Clock,
    /// The server stops.
    End,
}

/// Somebody who listens.
#[derive(Debug)]
pub(super) struct Listener {
    notices: Receiver<Notice>,
    told: Option<Revision>,
    greeted: bool,
    open: Open,
}

/// Lets somebody listen, who may have heard something before; `None` where there are no places left. Ends when the
/// server stops; the browser comes back by itself and says what it heard last.
pub(super) fn listen(site: &SiteHandle, places: &Arc<Semaphore>, last_event: Option<&str>) -> Option<Listener> {
    let place = places.clone().try_acquire_owned().ok()?;
    let told = last_event.and_then(|id| id.trim().parse().ok());
    // Listening begins before the first look, so that nothing falls in between.
    let notices = site.notices();
    Some(Listener { notices, told, greeted: false, open: Open::new(site.clone(), place) })
}

/// What is said about the stream before it begins.
pub(super) fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Proxies that keep answers back until they are complete must not keep this one.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    secure(&mut headers);
    headers
}

impl Listener {
    /// The next words to send; `None` at the end. Cancel safe.
    pub(super) async fn next(&mut self) -> Option<String> {
        if !self.greeted {
            self.greeted = true;
            return Some(self.greet());
        }
        let Ok(mut notice) = timeout(KEEP_ALIVE, self.notices.recv()).await else {
            return Some(SILENCE.to_owned());
        };
        let mut words = String::new();
        // What has come meanwhile goes with it.
        loop {
            match notice {
                Ok(Notice::Revision(revision)) => self.tell(revision, &mut words),
                Ok(Notice::Clock) => words.push_str("event: clock\ndata:\n\n"),
                Err(RecvError::Lagged(_)) => self.tell(self.open.site.revision(), &mut words),
                Ok(Notice::End) | Err(RecvError::Closed) => return None,
            }
            notice = match self.notices.try_recv() {
                Ok(notice) => Ok(notice),
                Err(TryRecvError::Lagged(missed)) => Err(RecvError::Lagged(missed)),
                Err(TryRecvError::Closed) => Err(RecvError::Closed),
                // All of it was known already.
                Err(TryRecvError::Empty) if words.is_empty() => return Some(SILENCE.to_owned()),
                Err(TryRecvError::Empty) => return Some(words),
            };
        }
    }

    fn greet(&mut self) -> String {
        let newest = self.open.site.revision();
        let mut words = format!("retry: {}\n", RETRY.as_millis());
        match self.told {
            // A revision that is not ours comes from another store: then, too, the page is out of date.
            Some(told) if told != newest => {
                self.told = None;
                self.tell(newest, &mut words);
            }
            Some(_) | None => words.push_str(": listening\n\n"),
        }
        words
    }

    fn tell(&mut self, revision: Revision, words: &mut String) {
        if self.told.is_none_or(|told| told < revision) {
            self.told = Some(revision);
            write!(words, "event: revision\nid: {revision}\ndata: {revision}\n\n").expect("a string takes everything");
        }
    }
}

/// Counts an open stream for as long as it lives.
#[derive(Debug)]
struct Open {
    site: SiteHandle,
    _place: OwnedSemaphorePermit,
}

impl Open {
    fn new(site: SiteHandle, place: OwnedSemaphorePermit) -> Self {
        site.metrics().listeners().inc();
        Self { site, _place: place }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.site.metrics().listeners().dec();
    }
}

/// A comment: it only shows that the line still stands.
const SILENCE: &str = ":\n\n";
const KEEP_ALIVE: Duration = Duration::from_secs(20);
const RETRY: Duration = Duration::from_secs(3);
