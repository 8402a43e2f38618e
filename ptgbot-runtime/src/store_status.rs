//! Whether the store can be read: told by whoever reads it, shown to readers of the pages and to operators.

use crate::clock::Clock;
use chrono::{DateTime, Utc};
use prometheus_client::metrics::gauge::Gauge;
use std::sync::Arc;
use tokio::sync::watch;

/// Whether a process can read its store, and since when it cannot. Clones are of the same store.
#[derive(Clone, Debug)]
pub struct StoreStatus(Arc<Status>);

#[derive(Debug)]
struct Status {
    away_since: watch::Sender<Option<DateTime<Utc>>>,
    up: Gauge,
    clock: Arc<dyn Clock>,
}

impl StoreStatus {
    /// A store that works. `up` is 1 as long as it does, and 0 while it is away.
    pub(crate) fn new(up: Gauge, clock: Arc<dyn Clock>) -> Self {
        up.set(1);
        Self(Arc::new(Status { away_since: watch::Sender::new(None), up, clock }))
    }

    /// It could not be read just now.
    pub fn failed(&self) {
        self.0.up.set(0);
        self.0.away_since.send_if_modified(|since| {
            let begins = since.is_none();
            since.get_or_insert_with(|| self.0.clock.now());
            begins
        });
    }

    /// It was read just now.
    pub fn works(&self) {
        self.0.up.set(1);
        self.0.away_since.send_if_modified(|since| since.take().is_some());
    }

    /// Since when it has been away; `None` while it works.
    pub fn away_since(&self) -> Option<DateTime<Utc>> {
        *self.0.away_since.borrow()
    }

    /// Hears of it going away and coming back.
    #[cfg(feature = "web")]
    pub(crate) fn watch(&self) -> watch::Receiver<Option<DateTime<Utc>>> {
        self.0.away_since.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absence_begins_with_the_first_failure_and_ends_with_the_first_success() {
        let up = Gauge::default();
        let store = StoreStatus::new(up.clone(), crate::clock::system());
        assert_eq!((store.away_since(), up.get()), (None, 1));
        store.failed();
        let since = store.away_since();
        store.clone().failed();
        assert!(since.is_some() && store.away_since() == since && up.get() == 0);
        store.works();
        assert_eq!((store.away_since(), up.get()), (None, 1));
    }
}
