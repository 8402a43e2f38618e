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
        until: Instant,
        yes: bool,
    },
    /// Good until the nick changes hands, and not for ever: a logout is not shown to us.
    Yes {
        until: Instant,
    },
    /// Good for a moment only: people identify and try again.
    No {
        until: Instant,
        answered: bool,
    },
}

impl Checks {
    /// What is known about a person now.
    pub(crate) fn answer(&self, key: &str, now: Instant) -> Answer {
        match self.people.get(key) {
            Some(Check::Yes { until }) if now < *until => Answer::Identified,
            Some(Check::No { until, answered: true }) if now < *until => Answer::Unidentified,
            Some(Check::No { until, answered: false }) if now < *until => Answer::Unanswered,
            Some(Check::Asking { .. }) => Answer::Pending,
            Some(Check::Yes { .. } | Check::No { .. }) | None => Answer::Unasked,
        }
    }

    /// WHOIS is on its way.
    pub(crate) fn asking(&mut self, key: String, until: Instant) {
        self.people.insert(key, Check::Asking { until, yes: false });
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
            *check =
                if yes { Check::Yes { until: now + GOOD } } else { Check::No { until: now + BAD, answered: true } };
        }
    }

    /// The nick may be somebody else's from now on.
    pub(crate) fn forget(&mut self, key: &str) {
        self.people.remove(key);
    }

    /// Gives up questions that were never answered, and drops what is old.
    pub(crate) fn tick(&mut self, now: Instant) {
        self.people.retain(|_, check| match *check {
            Check::Asking { until, .. } if now >= until => {
                *check = Check::No { until: now + BAD, answered: false };
                true
            }
            Check::Asking { .. } => true,
            Check::Yes { until } | Check::No { until, .. } => now < until,
        });
    }

    /// When [`tick`](Self::tick) gives up a question.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        let until = |check: &Check| match *check {
            Check::Asking { until, .. } => Some(until),
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
const BAD: Duration = Duration::from_secs(3);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn asked() -> (Checks, Instant) {
        let (mut checks, now) = (Checks::default(), Instant::now());
        assert_eq!(checks.answer("jane", now), Answer::Unasked);
        checks.asking("jane".into(), now + Duration::from_secs(10));
        assert_eq!(checks.answer("jane", now), Answer::Pending);
        (checks, now)
    }

    #[test]
    fn an_identified_person_is_asked_about_once() {
        let (mut checks, now) = asked();
        checks.confirmed("jane");
        checks.ended("jane", now);
        assert_eq!(checks.answer("jane", now + Duration::from_secs(300)), Answer::Identified);
        assert_eq!(checks.answer("jane", now + GOOD), Answer::Unasked);
        checks.forget("jane");
        assert_eq!(checks.answer("jane", now), Answer::Unasked);
    }

    #[test]
    fn who_identifies_after_a_refusal_is_asked_about_again() {
        let (mut checks, now) = asked();
        checks.ended("jane", now);
        assert_eq!(checks.answer("jane", now), Answer::Unidentified);
        assert_eq!(checks.answer("jane", now + BAD), Answer::Unasked);
    }

    #[test]
    fn a_server_that_says_nothing_is_not_waited_for() {
        let (mut checks, now) = asked();
        let late = checks.wake_at().unwrap();
        checks.tick(late);
        assert_eq!(checks.answer("jane", late), Answer::Unanswered);
        checks.tick(late + BAD);
        assert!(checks.people.is_empty());
        assert!(late > now);
    }

    #[test]
    fn lines_nobody_asked_for_say_nothing() {
        let (mut checks, now) = (Checks::default(), Instant::now());
        checks.confirmed("jane");
        checks.ended("jane", now);
        assert_eq!(checks.answer("jane", now), Answer::Unasked);
    }
}
