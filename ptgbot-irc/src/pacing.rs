//! How fast we may speak: the server's rate limit, counted on our side.
//!
//! The `irc` crate paces nothing: its two settings for that are read by no code.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A burst, then a line at a time (GCRA: only the time at which everything sent would have been allowed is kept).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    interval: Duration,
    burst: u32,
    drained_at: Option<Instant>,
}

impl Pace {
    /// `burst` lines at once, then one each `interval`.
    pub(crate) fn new(burst: u32, interval: Duration) -> Self {
        Self { interval, burst: burst.max(1), drained_at: None }
    }

    /// When the next line may leave; in the past if it may leave now.
    pub(crate) fn ready_at(&self, now: Instant) -> Instant {
        let slack = self.interval * (self.burst - 1);
        match self.drained_at {
            Some(at) => at.checked_sub(slack).unwrap_or(now),
            None => now,
        }
    }

    /// A line has left.
    pub(crate) fn spend(&mut self, now: Instant) {
        self.drained_at = Some(self.drained_at.unwrap_or(now).max(now) + self.interval);
    }

    /// A new connection starts with a full burst.
    pub(crate) fn reset(&mut self) {
        self.drained_at = None;
    }
}

/// Bytes that the server has not read yet, as far as we know: it answers our own questions in order.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    bytes: usize,
    /// The questions on their way: token and bytes up to it.
    marks: VecDeque<(u64, usize)>,
    since_mark: usize,
    /// The next line is the question of the last mark.
    is_asking: bool,
    next_token: u64,
}

impl Unread {
    /// A line has left.
    pub(crate) fn wrote(&mut self, bytes: usize) {
        self.bytes += bytes;
        match self.marks.back_mut().filter(|_| std::mem::take(&mut self.is_asking)) {
            Some((_, marked)) => *marked += bytes,
            None => self.since_mark += bytes,
        }
    }

    /// A question leaves next whose answer confirms all before it, and itself: its token.
    pub(crate) fn mark(&mut self) -> u64 {
        self.next_token += 1;
        self.is_asking = true;
        self.marks.push_back((self.next_token, std::mem::take(&mut self.since_mark)));
        self.next_token
    }

    /// The server answered a question: everything up to it has been read.
    pub(crate) fn read(&mut self, token: u64) {
        while let Some((_, bytes)) = self.marks.front().copied().filter(|(mark, _)| *mark <= token) {
            self.marks.pop_front();
            self.bytes = self.bytes.saturating_sub(bytes);
        }
    }

    /// True if a line of the greatest length may be added.
    pub(crate) fn has_room(&self) -> bool {
        self.bytes + LONGEST_LINE <= MOST_UNREAD
    }

    /// True when so much has left since the last question that there is hardly room without an answer.
    pub(crate) fn wants_mark(&self) -> bool {
        self.since_mark >= BYTES_A_MARK
    }

    /// The oldest question that has no answer yet.
    pub(crate) fn oldest_mark(&self) -> Option<u64> {
        self.marks.front().map(|(token, _)| *token)
    }

    /// Bytes that no question covers yet.
    pub(crate) fn unmarked(&self) -> usize {
        self.since_mark
    }

    /// A new connection; tokens are never used twice.
    pub(crate) fn reset(&mut self) {
        *self = Self { next_token: self.next_token, ..Self::default() };
    }
}

const LONGEST_LINE: usize = 512;
/// The server closes the link past 2,560; a question must still fit.
const MOST_UNREAD: usize = 2_540;
/// About twenty lines: so one in twenty is a question, and its answer comes before there is no room.
const BYTES_A_MARK: usize = 1_900;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn four_at_once_and_then_one_at_a_time() {
        let start = Instant::now();
        let mut pace = Pace::new(4, Duration::from_millis(1_100));
        for _ in 0..4 {
            assert!(pace.ready_at(start) <= start);
            pace.spend(start);
        }
        assert_eq!(pace.ready_at(start), start + Duration::from_millis(1_100));
        let later = start + Duration::from_secs(60);
        for _ in 0..4 {
            assert!(pace.ready_at(later) <= later, "a rest gives the burst back, and no more");
            pace.spend(later);
        }
        assert!(pace.ready_at(later) > later);
    }

    #[test]
    fn unread_bytes_are_counted_until_the_server_answers() {
        let mut unread = Unread::default();
        for _ in 0..5 {
            assert!(unread.has_room() && !unread.wants_mark());
            unread.wrote(450);
        }
        assert!(!unread.has_room() && unread.wants_mark());
        let token = unread.mark();
        unread.wrote(17);
        assert_eq!(unread.unmarked(), 0, "a question needs no other");
        unread.wrote(30);
        unread.read(token);
        assert!(unread.has_room() && !unread.wants_mark());
        assert_eq!((unread.bytes, unread.unmarked()), (30, 30));
        unread.read(99);
        assert_eq!(unread.bytes, 30);
    }

    proptest! {
        #[test]
        fn no_ten_seconds_hold_more_than_the_server_allows(waits in prop::collection::vec(0u64..3_000, 1..80)) {
            let start = Instant::now();
            let mut pace = Pace::new(4, Duration::from_millis(1_100));
            let (mut now, mut sent) = (start, Vec::new());
            for wait in waits {
                now += Duration::from_millis(wait);
                now = now.max(pace.ready_at(now));
                pace.spend(now);
                sent.push(now);
            }
            for (i, first) in sent.iter().enumerate() {
                let within = sent[i..].iter().filter(|t| **t < *first + Duration::from_secs(10)).count();
                prop_assert!(within <= 4 + 10);
            }
        }
    }
}
