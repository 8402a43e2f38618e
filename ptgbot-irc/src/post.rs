//! What waits to be said, and what has been said but not yet confirmed.
//!
//! The server answers our PINGs in order: a PONG confirms every line before its PING. A line that was never
//! confirmed is said again on the next connection; one that the server dropped because of flooding is said again
//! later.

use irc::proto::Command;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// One line to a person or a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    /// The target as it goes to the server.
    pub(crate) to: String,
    /// The same, folded.
    pub(crate) key: String,
    /// The words, short enough.
    pub(crate) text: String,
    tries: u32,
}

/// The letters of all targets, in order for each of them.
#[derive(Debug, Default)]
pub(crate) struct Post {
    waiting: VecDeque<Letter>,
    flying: VecDeque<(Mark, Letter)>,
    refusals: HashMap<String, usize>,
    held: HashMap<String, Instant>,
}

/// The PING behind a letter, once there is one.
type Mark = Option<u64>;

impl Letter {
    /// A line that has not been tried yet.
    pub(crate) fn new(to: &str, key: String, text: String) -> Self {
        Self { to: to.to_owned(), key, text, tries: 0 }
    }
}

impl Post {
    /// A letter to be said after all others to the same target.
    pub(crate) fn push(&mut self, letter: Letter) {
        if self.waiting.iter().filter(|l| l.key == letter.key).count() >= MOST_WAITING
            && let Some(at) = self.waiting.iter().position(|l| l.key == letter.key)
        {
            tracing::warn!(target_name = letter.to, "too many messages wait for this target; the oldest is dropped");
            self.waiting.remove(at);
        }
        self.waiting.push_back(letter);
    }

    /// The next line to say, if one may go: `open` says whether its target can be spoken to.
    pub(crate) fn take(&mut self, now: Instant, open: impl Fn(&str) -> bool) -> Option<Command> {
        let at = self.sendable(now, open)?;
        let letter = self.waiting.remove(at)?;
        let command = Command::PRIVMSG(letter.to.clone(), letter.text.clone());
        self.flying.push_back((None, letter));
        Some(command)
    }

    /// True if a letter may go now.
    pub(crate) fn has_sendable(&self, now: Instant, open: impl Fn(&str) -> bool) -> bool {
        self.sendable(now, open).is_some()
    }

    /// Letters that no PING covers yet.
    pub(crate) fn unmarked(&self) -> usize {
        self.flying.iter().rev().take_while(|(mark, _)| mark.is_none()).count()
    }

    /// A PING with this token follows what has been said.
    pub(crate) fn mark(&mut self, token: u64) {
        for (mark, _) in self.flying.iter_mut().rev().take_while(|(mark, _)| mark.is_none()) {
            *mark = Some(token);
        }
    }

    /// The server dropped a line to this target. It says so before it answers the PING behind the line.
    pub(crate) fn refused(&mut self, key: &str, now: Instant) {
        if self.flying.iter().any(|(_, l)| l.key == key) {
            *self.refusals.entry(key.to_owned()).or_default() += 1;
            self.held.insert(key.to_owned(), now + FIRST_HOLD);
        }
    }

    /// A PONG came: all that was said before its PING has arrived, but for what was refused. Which of several
    /// lines were refused is not said; a flood limit lets the first ones pass.
    pub(crate) fn confirmed(&mut self, token: u64, now: Instant) {
        let mut again = VecDeque::new();
        let arrived = self.flying.iter().take_while(|(mark, _)| mark.is_some_and(|m| m <= token)).count();
        for (_, mut letter) in self.flying.drain(..arrived).rev() {
            let Some(left) = self.refusals.get_mut(&letter.key).filter(|n| **n > 0) else { continue };
            *left -= 1;
            letter.tries += 1;
            if letter.tries > MOST_TRIES {
                tracing::warn!(target_name = letter.to, "the server takes no message for this target; one is dropped");
                continue;
            }
            let hold = FIRST_HOLD.saturating_mul(1 << (letter.tries - 1));
            let until = self.held.entry(letter.key.clone()).or_insert(now);
            *until = (*until).max(now + hold);
            again.push_front(letter);
        }
        self.refusals.retain(|key, n| *n > 0 && self.flying.iter().any(|(_, l)| l.key == *key));
        again.into_iter().rev().for_each(|letter| self.waiting.push_front(letter));
    }

    /// What kept a target closed may be over.
    pub(crate) fn release(&mut self, key: &str) {
        self.held.remove(key);
    }

    /// The connection is gone: what was not confirmed waits again, in front.
    pub(crate) fn disconnected(&mut self) {
        while let Some((_, letter)) = self.flying.pop_back() {
            self.waiting.push_front(letter);
        }
        self.refusals.clear();
        self.held.clear();
    }

    /// When a held target opens again.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        self.waiting.iter().filter_map(|l| self.held.get(&l.key)).min().copied()
    }

    /// True when nothing waits and all has been confirmed.
    pub(crate) fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.flying.is_empty()
    }

    fn sendable(&self, now: Instant, open: impl Fn(&str) -> bool) -> Option<usize> {
        self.waiting.iter().position(|l| self.held.get(&l.key).is_none_or(|until| now >= *until) && open(&l.key))
    }
}

const FIRST_HOLD: Duration = Duration::from_secs(5);
const MOST_TRIES: u32 = 7;
/// For one target; a channel that we cannot join for hours must not fill the memory.
const MOST_WAITING: usize = 500;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn post(letters: &[(&str, &str)]) -> Post {
        let mut post = Post::default();
        letters.iter().for_each(|(to, text)| post.push(Letter::new(to, (*to).into(), (*text).into())));
        post
    }

    fn say(post: &mut Post, now: Instant) -> Vec<String> {
        std::iter::from_fn(|| post.take(now, |_| true)).map(|c| String::from(&c).replacen("PRIVMSG ", "", 1)).collect()
    }

    #[test]
    fn confirmed_lines_are_forgotten_and_others_said_again() {
        let now = Instant::now();
        let mut post = post(&[("#a", "1"), ("#a", "2"), ("#a", "3")]);
        post.take(now, |_| true);
        assert_eq!(post.unmarked(), 1);
        post.mark(7);
        assert_eq!(say(&mut post, now), ["#a 2", "#a 3"]);
        post.confirmed(7, now);
        post.disconnected();
        assert_eq!(say(&mut post, now), ["#a 2", "#a 3"]);
        post.mark(8);
        post.confirmed(8, now);
        assert!(post.is_done());
    }

    #[test]
    fn the_last_lines_are_the_ones_that_were_throttled() {
        let now = Instant::now();
        let mut post = post(&[("#a", "1"), ("#b", "x"), ("#a", "2"), ("#a", "3")]);
        say(&mut post, now);
        post.mark(1);
        post.refused("#a", now);
        post.refused("#a", now);
        post.push(Letter::new("#a", "#a".into(), "4".into()));
        post.confirmed(1, now);
        assert_eq!(say(&mut post, now), Vec::<String>::new(), "the target rests");
        let later = post.wake_at().unwrap();
        assert_eq!(say(&mut post, later), ["#a 2", "#a 3", "#a 4"]);
    }

    #[test]
    fn a_target_that_never_opens_loses_its_line_in_the_end() {
        let mut now = Instant::now();
        let mut post = post(&[("#a", "1")]);
        for token in 1..=u64::from(MOST_TRIES) + 1 {
            assert_eq!(say(&mut post, now), ["#a 1"], "{token}");
            post.mark(token);
            post.refused("#a", now);
            post.confirmed(token, now);
            now = post.wake_at().unwrap_or(now);
        }
        assert!(post.is_done());
    }

    #[test]
    fn a_closed_target_does_not_stop_the_others() {
        let now = Instant::now();
        let mut post = post(&[("#a", "1"), ("#b", "2")]);
        assert_eq!(post.take(now, |key| key == "#b").map(|c| String::from(&c)).as_deref(), Some("PRIVMSG #b 2"));
        assert!(!post.has_sendable(now, |key| key == "#b") && post.has_sendable(now, |_| true));
    }

    #[test]
    fn a_refusal_without_a_line_of_ours_means_nothing() {
        let mut post = Post::default();
        post.refused("#a", Instant::now());
        post.confirmed(9, Instant::now());
        assert!(post.is_done() && post.wake_at().is_none());
    }
}
