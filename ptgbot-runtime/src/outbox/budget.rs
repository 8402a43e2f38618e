//! What one person may take of everybody's time: a rate limit of lines that are said to each.

use ptgbot_core::PersonId;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// How much was said to whom lately.
#[derive(Debug, Default)]
pub(super) struct Budget(HashMap<PersonId, Debt>);

#[derive(Clone, Copy, Debug)]
struct Debt {
    /// When all that was said is paid off, as one line is every [`A_LINE`].
    paid_off: Instant,
}

impl Budget {
    /// A line is said to somebody.
    pub(super) fn charge(&mut self, who: &PersonId) {
        let now = Instant::now();
        if self.0.len() >= MANY {
            self.0.retain(|_, debt| debt.paid_off > now);
        }
        let debt = self.0.entry(who.clone()).or_insert(Debt { paid_off: now });
        debt.paid_off = debt.paid_off.max(now) + A_LINE;
    }

    /// How many lines somebody was told lately that are not paid off.
    pub(super) fn lines(&self, who: &PersonId) -> u128 {
        let left = self.0.get(who).map_or(Duration::ZERO, |debt| debt.paid_off.duration_since(Instant::now()));
        left.as_millis().div_ceil(A_LINE.as_millis())
    }

    /// True for whoever was told so much lately that everybody else comes first.
    pub(super) fn is_spent(&self, who: &PersonId) -> bool {
        self.lines(who) >= LINES
    }
}

/// How many lines at once are nothing special: three answers in a room.
const LINES: u128 = 12;
const A_LINE: Duration = Duration::from_secs(5);
const MANY: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;
    use ptgbot_core::{Folding, Network};

    #[tokio::test(start_paused = true)]
    async fn who_was_told_much_comes_last_until_a_minute_has_passed() {
        let [jane, john] = ["jane", "john"].map(|name| PersonId::new(&Network::nearest("oftc"), name, Folding::Ascii));
        let mut budget = Budget::default();
        (0..LINES).for_each(|_| budget.charge(&jane));
        assert!(budget.is_spent(&jane) && !budget.is_spent(&john));
        assert_eq!((budget.lines(&jane), budget.lines(&john)), (12, 0));
        tokio::time::advance(A_LINE).await;
        assert!(!budget.is_spent(&jane));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(budget.lines(&jane), 0);
    }
}
