//! How often a board's message is changed: a few times at once, then seldom. Servers count edits with the answers that
//! people wait for, and let an account that nobody configured say one thing in five seconds.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// How often, over all rooms. Copies are one.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace(Arc<Mutex<Option<Instant>>>);

impl Pace {
    /// Waits for a turn.
    pub(super) async fn turn(&self) {
        // Whoever waits holds it: turns come in the order in which they were asked for.
        let mut full_at = self.0.lock().await;
        let next = full_at.map_or_else(Instant::now, |at| at.max(Instant::now())) + EVERY;
        sleep_until(next - EVERY * AT_ONCE).await;
        *full_at = Some(next);
    }
}

const AT_ONCE: u32 = 4;
/// A third of what Synapse lets an account say.
const EVERY: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_few_changes_are_shown_at_once_and_then_one_after_each_pause() {
        let (pace, begun) = (Pace::default(), Instant::now());
        let mut turns = Vec::new();
        for _ in 0..6 {
            pace.clone().turn().await;
            turns.push(begun.elapsed());
        }
        assert_eq!(turns, [0, 0, 0, 0, 15, 30].map(Duration::from_secs));
        tokio::time::advance(EVERY * 10).await;
        for _ in 0..AT_ONCE {
            pace.turn().await;
        }
        assert_eq!(begun.elapsed(), Duration::from_secs(180), "who was silent may say as much at once");
    }
}
