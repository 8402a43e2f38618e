//! The event stream: open pages hear of changes (the HTML standard's server-sent events).

use super::handle::SiteHandle;
use crate::signal::Stop;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use hyper::HeaderMap;
use ptgbot_core::Revision;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// Something that listeners are told, after the new bytes are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// The board changed.
    Revision(Revision),
    /// Only time has passed: a slot began, a day turned.
    Clock,
}

/// The answer to `/events`. Ends when the server stops; the browser comes back by itself and says what it heard
/// last.
pub(super) fn stream(
    site: SiteHandle,
    asked: &HeaderMap,
    stop: &Stop,
    place: OwnedSemaphorePermit,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
    let told = asked.get("last-event-id").and_then(|id| id.to_str().ok()?.trim().parse().ok());
    // Listening begins before the first look, so that nothing falls in between.
    let notices = site.notices();
    let listener = Listener { notices, told, greeted: false, open: Open::new(site, place) };
    let events = stream::unfold(listener, |mut listener| async {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    });
    let events = stream::StreamExt::take_until(events, Box::pin(stop.asked()));
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

struct Listener {
    notices: Receiver<Notice>,
    told: Option<Revision>,
    greeted: bool,
    open: Open,
}

impl Listener {
    async fn next(&mut self) -> Option<Event> {
        if !self.greeted {
            self.greeted = true;
            let newest = self.open.site.revision();
            // A revision that is not ours comes from another store: then, too, the page is out of date.
            return Some(match self.told {
                Some(told) if told != newest => self.tell(newest).retry(RETRY),
                Some(_) | None => Event::default().comment("listening").retry(RETRY),
            });
        }
        loop {
            let newest = match self.notices.recv().await {
                Ok(Notice::Clock) => return Some(Event::default().event("clock").data("")),
                Ok(Notice::Revision(revision)) => revision,
                Err(RecvError::Lagged(_)) => self.open.site.revision(),
                Err(RecvError::Closed) => return None,
            };
            if self.told.is_none_or(|told| told < newest) {
                return Some(self.tell(newest));
            }
        }
    }

    fn tell(&mut self, revision: Revision) -> Event {
        self.told = Some(revision);
        Event::default().event("revision").id(revision.to_string()).data(revision.to_string())
    }
}

/// Counts an open stream for as long as it lives.
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

const KEEP_ALIVE: Duration = Duration::from_secs(20);
const RETRY: Duration = Duration::from_secs(3);
