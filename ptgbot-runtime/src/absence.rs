//! What the log says of a store that is away: that it is, from time to time that it still is, and how long it was.

use std::time::Duration;
use tokio::time::Instant;

/// An absence of the store as one part of a bot meets it.
#[derive(Debug, Default)]
pub(crate) struct Absence(Option<Told>);

#[derive(Debug)]
struct Told {
    since: Instant,
    last: Instant,
}

impl Absence {
    /// The store failed just now: true where the log is to say so.
    pub(crate) fn is_news(&mut self) -> bool {
        let now = Instant::now();
        match &mut self.0 {
            None => self.0 = Some(Told { since: now, last: now }),
            Some(told) if now - told.last >= TELL_EVERY => told.last = now,
            Some(_) => return false,
        }
        true
    }

    /// The store works: for how many seconds it was away, if it was.
    pub(crate) fn end(&mut self) -> Option<u64> {
        self.0.take().map(|told| told.since.elapsed().as_secs())
    }
}

/// Whoever looks at a log finds there what lasts.
const TELL_EVERY: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_absence_is_told_at_once_then_twice_a_minute_and_at_its_end() {
        let mut store = Absence::default();
        assert_eq!(store.end(), None);
        let mut told = Vec::new();
        for second in 0..65 {
            if store.is_news() {
                told.push(second);
            }
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert_eq!((told, store.end(), store.end()), (vec![0, 30, 60], Some(65), None));
        assert!(store.is_news(), "the next absence begins");
    }
}
