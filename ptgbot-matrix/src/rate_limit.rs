//! A homeserver's rate limit, as far as it concerns what can wait: notifications, new rooms.
//!
//! A limit is the whole account's, or that of one room or person; the server does not say which. So whoever is limited
//! waits alone as long as others get through. When several are limited in a row it is the account's: then one asks at
//! a time, and not before the server is ready for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

/// What the account may do only so often, and who may do it next. Copies share it.
#[derive(Clone)]
pub(crate) struct RateLimit(Arc<Shared>);

/// Leave to ask the server once.
pub(crate) struct Turn<'a> {
    _permit: Option<SemaphorePermit<'a>>,
}

struct Shared {
    /// How many may ask at once while the server takes everything.
    at_once: u32,
    turns: Semaphore,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// How often the server said no lately, less how often it said yes since.
    refusals: u32,
    ready_at: Option<Instant>,
}

impl RateLimit {
    /// Nothing is known of the server's limits yet: so many may ask at once.
    pub(crate) fn new(at_once: u32) -> Self {
        let turns = Semaphore::new(at_once as usize);
        Self(Arc::new(Shared { at_once, turns, state: Mutex::default() }))
    }

    /// Waits for a turn. Turns come in the order in which they were asked for; what is tried again goes to the end.
    pub(crate) async fn turn(&self) -> Turn<'_> {
        loop {
            let share = self.share();
            // It is never closed.
            let permit = self.0.turns.acquire_many(share).await.ok();
            if self.share() > share {
                continue;
            }
            let State { refusals, ready_at } = *self.state();
            if let Some(ready_at) = ready_at.filter(|_| refusals >= IN_A_ROW) {
                sleep_until(ready_at).await;
            }
            return Turn { _permit: permit };
        }
    }

    /// The server has done what was asked.
    pub(crate) fn passed(&self) {
        let mut state = self.state();
        state.refusals = state.refusals.saturating_sub(1);
    }

    /// The server has said no, and when to come again. Told while the turn is still held.
    pub(crate) fn limited(&self, pause: Duration) {
        let mut state = self.state();
        state.refusals = (state.refusals + 1).min(IN_A_ROW);
        state.ready_at = Some(Instant::now() + pause.min(LONGEST_PAUSE));
    }

    /// How many of the places one who asks takes: all, where the server says no.
    fn share(&self) -> u32 {
        if self.state().refusals == 0 { 1 } else { self.0.at_once }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// So many refusals in a row are no accident of one room.
const IN_A_ROW: u32 = 3;
/// One person for whom the server asks to wait longer is no reason for others to.
const LONGEST_PAUSE: Duration = Duration::from_secs(70);

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    const PAUSE: Duration = Duration::from_secs(5);

    #[tokio::test(start_paused = true)]
    async fn who_is_limited_alone_holds_nobody_up() {
        let limit = RateLimit::new(8);
        for _ in 0..10 {
            let begun = Instant::now();
            let turn = limit.turn().await;
            limit.limited(PAUSE);
            drop(turn);
            drop(limit.turn().await);
            limit.passed();
            assert_eq!(begun.elapsed(), Duration::ZERO);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn after_several_refusals_in_a_row_one_asks_at_a_time_and_when_the_server_is_ready() {
        let limit = RateLimit::new(8);
        for _ in 0..3 {
            drop(limit.turn().await);
            limit.limited(PAUSE);
        }
        let begun = Instant::now();
        let turn = limit.turn().await;
        assert_eq!(begun.elapsed(), PAUSE);
        assert!(limit.turn().now_or_never().is_none(), "one at a time");
        limit.passed();
        drop(turn);
        drop(limit.turn().await);
        assert_eq!(begun.elapsed(), PAUSE, "it may be over");
    }

    #[tokio::test(start_paused = true)]
    async fn many_ask_at_once_while_the_server_takes_everything_and_none_after_it_said_no() {
        let limit = RateLimit::new(8);
        let turns: Vec<_> = std::iter::from_fn(|| limit.turn().now_or_never()).collect();
        assert_eq!(turns.len(), 8);
        let mut waiting = Box::pin(limit.turn());
        assert!(waiting.as_mut().now_or_never().is_none());
        limit.limited(PAUSE);
        drop(turns);
        let turn = waiting.await;
        assert!(limit.turn().now_or_never().is_none(), "who had waited before has it alone, too");
        drop(turn);
    }
}
