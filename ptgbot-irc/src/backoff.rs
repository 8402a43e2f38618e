//! Growing waits between attempts, with chance in them so that many bots do not come at once.

use std::time::Duration;

/// How long to wait before the next attempt.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    first: Duration,
    most: Duration,
    tries: u32,
}

impl Backoff {
    /// Doubles from `first` to `most`.
    pub(crate) fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, tries: 0 }
    }

    /// The next wait: a doubled one each time, up to a quarter shorter or longer by `chance` (0 to 1).
    pub(crate) fn next(&mut self, chance: f64) -> Duration {
        let wait = self.first.saturating_mul(1 << self.tries.min(16)).min(self.most);
        self.tries += 1;
        wait.mul_f64(0.75 + chance.clamp(0.0, 1.0) / 2.0)
    }

    /// The longest wait, for what is unlikely to change soon.
    pub(crate) fn longest(&mut self) -> Duration {
        self.tries = self.tries.max(16);
        self.most
    }

    /// It went well.
    pub(crate) fn reset(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_longest_and_start_again() {
        let mut backoff = Backoff::new(Duration::from_secs(5), Duration::from_secs(300));
        let waits: Vec<u64> = (0..8).map(|_| backoff.next(0.5).as_secs()).collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 300, 300]);
        backoff.reset();
        assert_eq!(backoff.next(0.0), Duration::from_millis(3_750));
        assert_eq!(backoff.longest(), Duration::from_secs(300));
        assert_eq!(backoff.next(0.5).as_secs(), 300);
    }
}
