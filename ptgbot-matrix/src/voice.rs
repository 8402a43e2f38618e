//! For how long this process may speak for the account: what is said beside the outlet asks here.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Until when this process may speak; `None`: nobody else can. Copies are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Voice(Arc<Mutex<Option<Instant>>>);

impl Voice {
    /// From now on it may speak for so long; for ever where nobody else can.
    pub(crate) fn lasts(&self, left: Option<Duration>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = left.map(|left| Instant::now() + left);
    }

    /// Whether it may at this moment. A process that slept finds out here.
    pub(crate) fn may_speak(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|until| Instant::now() < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_slept_past_the_time_may_not_speak() {
        let (voice, span) = (Voice::default(), Duration::from_secs(10));
        assert!(voice.may_speak());
        voice.lasts(Some(span));
        assert!(voice.clone().may_speak());
        tokio::time::advance(span).await;
        assert!(!voice.may_speak());
        voice.lasts(None);
        assert!(voice.may_speak());
    }
}
