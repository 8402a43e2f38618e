//! What is left to chance.

use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Chance that follows from a seed; clones draw from the same.
#[derive(Clone)]
pub(crate) struct Chance(Arc<Mutex<fastrand::Rng>>);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(fastrand::Rng::with_seed(seed))))
    }

    pub(crate) fn number(&self, range: Range<usize>) -> usize {
        self.0.lock().expect("no panic").usize(range)
    }

    pub(crate) fn millis(&self, range: Range<u64>) -> Duration {
        Duration::from_millis(self.0.lock().expect("no panic").u64(range))
    }

    /// True in so many of a thousand cases.
    pub(crate) fn happens(&self, of_a_thousand: usize) -> bool {
        self.number(0..1_000) < of_a_thousand
    }
}
