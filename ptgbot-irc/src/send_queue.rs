//! What waits to be said, and what has been said but is not confirmed yet.
//!
//! The server answers our PINGs in order: a PONG confirms every line before its PING, but for those that the server
//! has refused meanwhile. A line that was never confirmed is said again on the next connection, one that the server
//! dropped for the moment (flooding, a closed channel, a full accept list) as soon as it may get through, and one
//! that can never arrive is given up at once.

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use irc::proto::Command;
use ptgbot_core::SendError;
use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// One line to a person or a channel.
#[derive(Debug)]
pub(crate) struct OutgoingLine {
    /// The target as it goes to the server.
    pub(crate) to: String,
    /// The same, folded.
    pub(crate) key: String,
    /// The words, short enough.
    pub(crate) text: String,
    /// Whoever waits to hear what becomes of it.
    receipt: Option<Receipt>,
    /// How often the accept list was full when it came.
    bounced: u32,
}

/// Told once what became of a line; dropped without a word when the connection is over for good.
pub(crate) type Receipt = oneshot::Sender<Result<(), SendError>>;

/// The lines of all targets, in order for each of them.
#[derive(Debug, Default)]
pub(crate) struct SendQueue {
    waiting: VecDeque<OutgoingLine>,
    unacked: VecDeque<Unacked>,
    /// How many of the unacked lines to a target the server has dropped.
    drops: HashMap<String, usize>,
    holds: HashMap<String, Hold>,
}

/// Why the server dropped a line that it may take later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dropped {
    /// Too much was said there; tries that fail do not count.
    Throttled,
    /// We may not speak there now.
    Closed,
}

#[derive(Debug)]
struct Unacked {
    line: OutgoingLine,
    /// The PING behind it, once there is one.
    mark: Option<u64>,
}

/// A target that takes nothing for a while.
#[derive(Debug)]
struct Hold {
    until: Instant,
    waits: ExponentialBackoff,
}

impl OutgoingLine {
    /// A line that has not been tried yet.
    pub(crate) fn new(to: &str, key: String, text: String, receipt: Option<Receipt>) -> Self {
        Self { to: to.to_owned(), key, text, receipt, bounced: 0 }
    }

    fn arrived(self) {
        if let Some(receipt) = self.receipt {
            // Whoever gave it may be gone.
            receipt.send(Ok(())).ok();
        }
    }

    /// It will never arrive.
    pub(crate) fn refused(self, reason: &str) {
        tracing::info!(to = self.to, reason, "a message is given up");
        if let Some(receipt) = self.receipt {
            receipt.send(Err(SendError::Refused(format!("{}: {reason}", self.to)))).ok();
        }
    }
}

impl SendQueue {
    /// A line to be said after all others to the same target.
    pub(crate) fn push(&mut self, line: OutgoingLine) {
        self.waiting.push_back(line);
    }

    /// The next line to say, if one may go: `open` says whether its target can be spoken to.
    pub(crate) fn take(&mut self, now: Instant, open: impl Fn(&str) -> bool) -> Option<Command> {
        let at = self.sendable(now, open)?;
        let line = self.waiting.remove(at)?;
        let command = Command::PRIVMSG(line.to.clone(), line.text.clone());
        self.unacked.push_back(Unacked { line, mark: None });
        Some(command)
    }

    /// True if a line may go now.
    pub(crate) fn has_sendable(&self, now: Instant, open: impl Fn(&str) -> bool) -> bool {
        self.sendable(now, open).is_some()
    }

    /// True if lines have been said that no PING covers yet.
    pub(crate) fn has_unmarked(&self) -> bool {
        self.unacked.back().is_some_and(|last| last.mark.is_none())
    }

    /// A PING with this token follows what has been said.
    pub(crate) fn mark(&mut self, token: u64) {
        for unacked in self.unacked.iter_mut().rev().take_while(|unacked| unacked.mark.is_none()) {
            unacked.mark = Some(token);
        }
    }

    /// The server dropped a line to this target. It says so before it answers the PING behind the line; which of
    /// several lines it was shows then. False if none is on its way there.
    pub(crate) fn dropped(&mut self, key: &str, why: Dropped, now: Instant) -> bool {
        if !self.unacked.iter().any(|unacked| unacked.line.key == key) {
            return false;
        }
        *self.drops.entry(key.to_owned()).or_default() += 1;
        let hold = self.holds.entry(key.to_owned()).or_insert_with(|| Hold { until: now, waits: why.waits().build() });
        hold.until = hold.until.max(now + FIRST_HOLD);
        true
    }

    /// Our accept list was full when the first unconfirmed line to this person came: it waits again. Those behind
    /// it may have found a place.
    pub(crate) fn bounced(&mut self, key: &str) {
        let Some(at) = self.unacked.iter().position(|unacked| unacked.line.key == key) else { return };
        let Some(Unacked { mut line, .. }) = self.unacked.remove(at) else { return };
        line.bounced += 1;
        if line.bounced > MOST_BOUNCES {
            return line.refused("the accept list stays full");
        }
        // Before those that wait, behind those that have bounced before it.
        let bounced_before = self.waiting.iter().rposition(|l| l.key == line.key && l.bounced > 0);
        self.waiting.insert(bounced_before.map_or(0, |at| at + 1), line);
    }

    /// Nothing that was said to this person will ever arrive, nor will what waits behind it.
    pub(crate) fn refused(&mut self, key: &str, reason: &str) {
        if !self.unacked.iter().any(|unacked| unacked.line.key == key) {
            return;
        }
        let (theirs, others) = self.unacked.drain(..).partition::<VecDeque<_>, _>(|unacked| unacked.line.key == key);
        self.unacked = others;
        theirs.into_iter().for_each(|unacked| unacked.line.refused(reason));
        let (theirs, others) = self.waiting.drain(..).partition::<VecDeque<_>, _>(|line| line.key == key);
        self.waiting = others;
        theirs.into_iter().for_each(|line| line.refused(reason));
        self.drops.remove(key);
        self.holds.remove(key);
    }

    /// A PONG came: all that was said before its PING has arrived, but for what was dropped. Which of several lines
    /// were dropped is not said; a flood limit lets the first ones pass.
    pub(crate) fn confirmed(&mut self, token: u64, now: Instant) {
        let covered = self.unacked.iter().take_while(|u| u.mark.is_some_and(|mark| mark <= token)).count();
        let mut dropped = HashSet::new();
        let mut given_up = HashSet::new();
        for Unacked { line, .. } in self.unacked.drain(..covered).rev().collect::<Vec<_>>() {
            let Some(left) = self.drops.get_mut(&line.key).filter(|n| **n > 0) else {
                if !dropped.contains(&line.key) {
                    self.holds.remove(&line.key);
                }
                line.arrived();
                continue;
            };
            *left -= 1;
            if dropped.insert(line.key.clone()) && !self.hold_on(&line.key, now) {
                given_up.insert(line.key.clone());
            }
            if given_up.contains(&line.key) {
                line.refused("the server takes nothing there");
            } else {
                self.waiting.push_front(line);
            }
        }
        self.drops.retain(|_, n| *n > 0);
    }

    /// What kept a target closed may be over.
    pub(crate) fn release(&mut self, key: &str) {
        self.holds.remove(key);
    }

    /// The connection is gone: what was not confirmed waits again, in front.
    pub(crate) fn disconnected(&mut self) {
        while let Some(unacked) = self.unacked.pop_back() {
            self.waiting.push_front(unacked.line);
        }
        self.drops.clear();
        self.holds.clear();
    }

    /// When a held target opens again.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        self.waiting.iter().filter_map(|line| self.holds.get(&line.key)).map(|hold| hold.until).min()
    }

    /// Lines that wait or are not confirmed yet.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len() + self.unacked.len()
    }

    fn sendable(&self, now: Instant, open: impl Fn(&str) -> bool) -> Option<usize> {
        let held = |line: &OutgoingLine| self.holds.get(&line.key).is_some_and(|hold| now < hold.until);
        self.waiting.iter().position(|line| !held(line) && open(&line.key))
    }

    /// Keeps a target closed for its next wait; false if it has been tried long enough.
    fn hold_on(&mut self, key: &str, now: Instant) -> bool {
        let Some(hold) = self.holds.get_mut(key) else { return true };
        match hold.waits.next() {
            Some(wait) => {
                hold.until = now + wait;
                true
            }
            None => {
                self.holds.remove(key);
                false
            }
        }
    }
}

impl Dropped {
    fn waits(self) -> ExponentialBuilder {
        let factor = match self {
            Self::Throttled => 1.0,
            Self::Closed => 2.0,
        };
        ExponentialBuilder::new()
            .with_min_delay(FIRST_HOLD)
            .with_factor(factor)
            .with_max_delay(LONGEST_HOLD)
            .without_max_times()
            .with_total_delay(Some(GIVE_UP))
    }
}

const FIRST_HOLD: Duration = Duration::from_secs(4);
const LONGEST_HOLD: Duration = Duration::from_secs(64);
/// So long an answer is worth saying.
const GIVE_UP: Duration = Duration::from_secs(600);
/// Each time the list has been emptied in between.
const MOST_BOUNCES: u32 = 5;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn line(to: &str, text: &str) -> OutgoingLine {
        OutgoingLine::new(to, to.to_owned(), text.to_owned(), None)
    }

    fn queue(lines: &[(&str, &str)]) -> SendQueue {
        let mut queue = SendQueue::default();
        lines.iter().for_each(|(to, text)| queue.push(line(to, text)));
        queue
    }

    fn say(queue: &mut SendQueue, now: Instant) -> Vec<String> {
        std::iter::from_fn(|| queue.take(now, |_| true)).map(|c| String::from(&c).replacen("PRIVMSG ", "", 1)).collect()
    }

    #[test]
    fn confirmed_lines_are_forgotten_and_others_said_again() {
        let now = Instant::now();
        let mut queue = queue(&[("#a", "1"), ("#a", "2"), ("#a", "3")]);
        queue.take(now, |_| true);
        assert!(queue.has_unmarked());
        queue.mark(7);
        assert!(!queue.has_unmarked());
        assert_eq!(say(&mut queue, now), ["#a 2", "#a 3"]);
        queue.confirmed(7, now);
        queue.disconnected();
        assert_eq!(say(&mut queue, now), ["#a 2", "#a 3"]);
        queue.mark(8);
        queue.confirmed(8, now);
        assert!(queue.len() == 0);
    }

    #[test]
    fn the_last_lines_are_the_ones_that_were_throttled() {
        let now = Instant::now();
        let mut queue = queue(&[("#a", "1"), ("#b", "x"), ("#a", "2"), ("#a", "3")]);
        say(&mut queue, now);
        queue.mark(1);
        queue.dropped("#a", Dropped::Throttled, now);
        queue.dropped("#a", Dropped::Throttled, now);
        queue.push(line("#a", "4"));
        queue.confirmed(1, now);
        assert_eq!(say(&mut queue, now), Vec::<String>::new(), "the target rests");
        let later = queue.wake_at().unwrap();
        assert_eq!(say(&mut queue, later), ["#a 2", "#a 3", "#a 4"]);
    }

    /// Holds a target again and again until its line is given up; the waits in seconds.
    fn waits(why: Dropped) -> Vec<u64> {
        let (mut now, mut waits) = (Instant::now(), Vec::new());
        let mut queue = queue(&[("#a", "1")]);
        for token in 1.. {
            assert_eq!(say(&mut queue, now), ["#a 1"], "{token}");
            queue.mark(token);
            queue.dropped("#a", why, now);
            queue.confirmed(token, now);
            let Some(next) = queue.wake_at() else { break };
            waits.push((next - now).as_secs());
            now = next;
        }
        assert!(queue.len() == 0);
        waits
    }

    #[test]
    fn a_closed_target_is_tried_less_and_less_and_given_up_in_the_end() {
        assert_eq!(waits(Dropped::Closed), [4, 8, 16, 32, 64, 64, 64, 64, 64, 64, 64, 64]);
    }

    #[test]
    fn a_throttled_target_is_tried_every_few_seconds() {
        assert_eq!(waits(Dropped::Throttled), [4; 150]);
    }

    #[test]
    fn a_line_that_arrives_ends_the_patience() {
        let mut now = Instant::now();
        let mut queue = queue(&[("#a", "1")]);
        for token in 1..=3 {
            say(&mut queue, now);
            queue.mark(token);
            queue.dropped("#a", Dropped::Closed, now);
            queue.confirmed(token, now);
            now = queue.wake_at().unwrap();
        }
        say(&mut queue, now);
        queue.mark(4);
        queue.confirmed(4, now);
        queue.push(line("#a", "2"));
        say(&mut queue, now);
        queue.mark(5);
        queue.dropped("#a", Dropped::Closed, now);
        queue.confirmed(5, now);
        assert_eq!(queue.wake_at(), Some(now + FIRST_HOLD));
    }

    #[test]
    fn a_closed_target_does_not_stop_the_others() {
        let now = Instant::now();
        let mut queue = queue(&[("#a", "1"), ("#b", "2")]);
        assert_eq!(queue.take(now, |key| key == "#b").map(|c| String::from(&c)).as_deref(), Some("PRIVMSG #b 2"));
        assert!(!queue.has_sendable(now, |key| key == "#b") && queue.has_sendable(now, |_| true));
    }

    #[test]
    fn a_drop_without_a_line_of_ours_means_nothing() {
        let mut queue = SendQueue::default();
        assert!(!queue.dropped("#a", Dropped::Throttled, Instant::now()));
        queue.confirmed(9, Instant::now());
        assert!(queue.len() == 0 && queue.wake_at().is_none());
    }

    #[test]
    fn what_bounced_off_a_full_list_is_said_again_in_its_order() {
        let now = Instant::now();
        let mut queue = queue(&[("jane", "1"), ("john", "x"), ("jane", "2"), ("jane", "3"), ("jane", "4")]);
        for _ in 0..4 {
            queue.take(now, |_| true);
        }
        queue.bounced("jane");
        queue.bounced("john");
        queue.bounced("jane");
        queue.mark(1);
        queue.confirmed(1, now);
        assert_eq!(say(&mut queue, now), ["john x", "jane 1", "jane 2", "jane 4"], "3 has arrived");
    }

    #[test]
    fn a_list_that_stays_full_is_not_tried_for_ever() {
        let now = Instant::now();
        let mut queue = queue(&[("jane", "1")]);
        for _ in 0..=MOST_BOUNCES {
            assert_eq!(say(&mut queue, now), ["jane 1"]);
            queue.bounced("jane");
        }
        assert!(queue.len() == 0);
    }

    #[test]
    fn to_somebody_who_is_gone_nothing_more_is_said() {
        let now = Instant::now();
        let mut queue = queue(&[("jane", "1"), ("john", "x"), ("jane", "2")]);
        queue.refused("jane", "not for a line of ours");
        queue.take(now, |_| true);
        queue.refused("jane", "no such nick");
        assert_eq!(say(&mut queue, now), ["john x"]);
    }

    #[test]
    fn whoever_gave_a_line_hears_what_became_of_it() {
        let now = Instant::now();
        let mut queue = SendQueue::default();
        let receipts = ["jane", "john", "later"].map(|to| {
            let (receipt, heard) = oneshot::channel();
            queue.push(OutgoingLine::new(to, to.to_owned(), "x".to_owned(), Some(receipt)));
            heard
        });
        let [mut jane, mut john, mut later] = receipts;
        queue.take(now, |key| key == "jane");
        queue.take(now, |key| key == "john");
        queue.refused("john", "no such nick");
        assert!(john.try_recv().unwrap().unwrap_err().to_string().contains("john: no such nick"));
        queue.mark(1);
        assert!(jane.try_recv().is_err(), "not confirmed yet");
        queue.confirmed(1, now);
        assert!(jane.try_recv().unwrap().is_ok());
        drop(queue);
        assert!(matches!(later.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
    }

    #[test]
    fn however_much_waits_nothing_is_dropped() {
        let now = Instant::now();
        let lines: Vec<String> = (0..2_000).map(|n| n.to_string()).collect();
        let mut queue = queue(&lines.iter().map(|text| ("#a", text.as_str())).collect::<Vec<_>>());
        let said = say(&mut queue, now);
        assert_eq!((said.len(), said[0].as_str(), said[1_999].as_str()), (2_000, "#a 0", "#a 1999"));
    }
}
