//! Questions of chat clients: VERSION and PING are answered, nothing else, and never quickly.
//!
//! The `irc` crate's own answers are not compiled in: they go to whole channels, and at any speed.

use crate::pacing::Pace;
use crate::split::one_line;
use std::time::{Duration, Instant};

/// Answers to CTCP questions: a few at once, for clients ask several, then one in ten seconds whoever asks.
#[derive(Debug)]
pub(crate) struct Ctcp {
    pace: Pace,
}

impl Default for Ctcp {
    fn default() -> Self {
        Self { pace: Pace::new(AT_ONCE, REST) }
    }
}

impl Ctcp {
    /// The body of the NOTICE that answers a private question, if it is one that is answered now.
    pub(crate) fn answer(&mut self, text: &str, now: Instant) -> Option<String> {
        let question = one_line(text);
        let (word, rest) = question.split_once(' ').unwrap_or((&question, ""));
        let answer = match word.to_ascii_uppercase().as_str() {
            "VERSION" => format!("VERSION ptgbot {}", env!("CARGO_PKG_VERSION")),
            "PING" if rest.len() <= LONGEST_PING => format!("PING {rest}"),
            _ => return None,
        };
        if self.pace.ready_at(now) > now {
            return None;
        }
        self.pace.spend(now);
        Some(format!("\u{1}{}\u{1}", answer.trim_end()))
    }
}

/// True for a message that is a CTCP question (or `/me`) rather than words.
pub(crate) fn is_ctcp(text: &str) -> bool {
    text.starts_with('\u{1}')
}

const AT_ONCE: u32 = 4;
const REST: Duration = Duration::from_secs(10);
const LONGEST_PING: usize = 100;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn version_and_ping_are_answered_and_nothing_else() {
        let now = Instant::now();
        let ask = |text: &str| Ctcp::default().answer(text, now);
        assert!(ask("\u{1}VERSION\u{1}").is_some_and(|a| a.starts_with("\u{1}VERSION ptgbot ")));
        assert_eq!(ask("\u{1}PING 12 34\u{1}").as_deref(), Some("\u{1}PING 12 34\u{1}"));
        for text in ["\u{1}ACTION waves\u{1}", "\u{1}TIME\u{1}", "\u{1}\u{1}", "\u{1}", "\u{1}DCC SEND x\u{1}"] {
            assert_eq!(ask(text), None);
        }
        assert_eq!(ask(&format!("\u{1}PING {}\u{1}", "x".repeat(101))), None);
    }

    #[test]
    fn a_ping_right_after_a_version_is_answered_and_a_flood_is_not() {
        let (mut ctcp, now) = (Ctcp::default(), Instant::now());
        assert!(ctcp.answer("\u{1}VERSION\u{1}", now).is_some());
        assert_eq!(ctcp.answer("\u{1}PING 1\u{1}", now).as_deref(), Some("\u{1}PING 1\u{1}"));
        let answered = (0..100).filter(|_| ctcp.answer("\u{1}VERSION\u{1}", now).is_some()).count();
        assert_eq!(answered, 2);
        assert!(ctcp.answer("\u{1}VERSION\u{1}", now + REST).is_some());
    }
}
