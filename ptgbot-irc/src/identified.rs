//! Whether a person is known to services, asked by WHOIS at the time of need.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// What the server has said about people, by folded nick.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    people: HashMap<String, Check>,
}

/// The answer about one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Services know them.
    Identified,
    /// Services do not.
    Unidentified,
    /// The server did not say in time.
    Unanswered,
    /// The server is being asked.
    Pending,
    /// The server must be asked.
    Unasked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Check {
    Asking {
        /// How long the server may take; nothing while the question waits for its turn.
        until: Option<Instant>,
        yes: bool,
    },
    /// Good until the nick changes hands, and not for ever: a logout is not shown to us.
    Yes { until: Instant },
    /// Good for what has been said until now: people identify and try again.
    No { answered: bool },
}

impl Checks {
    /// What is known about a person now.
    pub(crate) fn answer(&self, key: &str, now: Instant) -> Answer {
        match self.people.get(key) {
            Some(Check::Yes { until }) if now < *until => Answer::Identified,
            Some(Check::No { answered: true }) => Answer::Unidentified,
            Some(Check::No { answered: false }) => Answer::Unanswered,
            Some(Check::Asking { .. }) => Answer::Pending,
            Some(Check::Yes { .. }) | None => Answer::Unasked,
        }
    }

    /// The server will be asked.
    pub(crate) fn asking(&mut self, key: String) {
        self.people.insert(key, Check::Asking { until: None, yes: false });
    }

    /// WHOIS is about to leave; an answer is awaited so long. False if nobody wants it any more.
    pub(crate) fn asked(&mut self, key: &str, by: Instant) -> bool {
        match self.people.get_mut(key) {
            Some(Check::Asking { until, .. }) => {
                *until = Some(by);
                true
            }
            Some(Check::Yes { .. } | Check::No { .. }) | None => false,
        }
    }

    /// A line of WHOIS (307, 330) says that services know the person.
    pub(crate) fn confirmed(&mut self, key: &str) {
        if let Some(Check::Asking { yes, .. }) = self.people.get_mut(key) {
            *yes = true;
        }
    }

    /// WHOIS is complete, or there is no such person.
    pub(crate) fn ended(&mut self, key: &str, now: Instant) {
        if let Some(check) = self.people.get_mut(key)
            && let Check::Asking { yes, .. } = *check
        {
            *check = if yes { Check::Yes { until: now + GOOD } } else { Check::No { answered: true } };
        }
    }

    /// The nick may be somebody else's from now on.
    pub(crate) fn forget(&mut self, key: &str) {
        self.people.remove(key);
    }

    /// All that was said until now has been judged: whoever was refused and tries again is asked about again.
    pub(crate) fn forget_refused(&mut self) {
        self.people.retain(|_, check| !matches!(check, Check::No { .. }));
    }

    /// Gives up questions that were never answered, and drops what is old.
    pub(crate) fn tick(&mut self, now: Instant) {
        self.people.retain(|_, check| match *check {
            Check::Asking { until: Some(until), .. } if now >= until => {
                *check = Check::No { answered: false };
                true
            }
            Check::Asking { .. } | Check::No { .. } => true,
            Check::Yes { until } => now < until,
        });
    }

    /// When [`tick`](Self::tick) gives up a question.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        let until = |check: &Check| match *check {
            Check::Asking { until, .. } => until,
            Check::Yes { .. } | Check::No { .. } => None,
        };
        self.people.values().filter_map(until).min()
    }

    /// The connection is new.
    pub(crate) fn clear(&mut self) {
        self.people.clear();
    }
}

const GOOD: Duration = Duration::from_secs(600);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn asked() -> (Checks, Instant) {
        let (mut checks, now) = (Checks::default(), Instant::now());
        assert_eq!(checks.answer("jane", now), Answer::Unasked);
        checks.asking("jane".into());
        assert_eq!(checks.wake_at(), None, "the question waits for its turn");
        assert!(checks.asked("jane", now + Duration::from_secs(10)));
        assert_eq!(checks.answer("jane", now), Answer::Pending);
        (checks, now)
    }

    #[test]
    fn an_identified_person_is_asked_about_once() {
        let (mut checks, now) = asked();
        checks.confirmed("jane");
        checks.ended("jane", now);
        checks.forget_refused();
        assert_eq!(checks.answer("jane", now + Duration::from_secs(300)), Answer::Identified);
        assert_eq!(checks.answer("jane", now + GOOD), Answer::Unasked);
        checks.forget("jane");
        assert_eq!(checks.answer("jane", now), Answer::Unasked);
    }

    #[test]
    fn a_refusal_is_good_for_what_was_said_before_it() {
        let (mut checks, now) = asked();
        checks.ended("jane", now);
        assert_eq!(checks.answer("jane", now), Answer::Unidentified);
        checks.forget_refused();
        assert_eq!(checks.answer("jane", now), Answer::Unasked);
    }

    #[test]
    fn a_server_that_says_nothing_is_not_waited_for() {
        let (mut checks, now) = asked();
        let late = checks.wake_at().unwrap();
        checks.tick(late);
        assert_eq!(checks.answer("jane", late), Answer::Unanswered);
        assert!(late > now && checks.wake_at().is_none());
    }

    #[test]
    fn lines_nobody_asked_for_say_nothing() {
        let (mut checks, now) = (Checks::default(), Instant::now());
        checks.confirmed("jane");
        assert!(!checks.asked("jane", now));
        checks.ended("jane", now);
        assert_eq!(checks.answer("jane", now), Answer::Unasked);
    }
}
