//! Voice in the channels: with it the server holds up nothing that the bot says where others say much.
//!
//! Whoever runs the bot reads in its log that it has none: shortly after it came, for services give it at once if they
//! do, and when something was held up.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Where the bot may need voice.
#[derive(Debug, Default)]
pub(crate) struct Voice {
    /// When to look whether it has it, by folded channel.
    look_at: HashMap<String, Instant>,
    /// Until when the log has said enough of a channel; also over a lost connection.
    told_until: HashMap<String, Instant>,
}

impl Voice {
    /// The bot is in a channel.
    pub(crate) fn joined(&mut self, channel: &str, now: Instant) {
        self.look_at.insert(channel.to_owned(), now + AFTER);
    }

    /// The bot is in no channel any more.
    pub(crate) fn disconnected(&mut self) {
        self.look_at.clear();
    }

    /// A channel where it is time to look.
    pub(crate) fn due(&mut self, now: Instant) -> Option<String> {
        let due = self.look_at.iter().find(|(_, at)| now >= **at).map(|(channel, _)| channel.clone())?;
        self.look_at.remove(&due);
        Some(due)
    }

    /// When [`due`](Self::due) has something.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        self.look_at.values().min().copied()
    }

    /// True if the log is to ask for voice in a channel; not again for a while then.
    pub(crate) fn is_to_be_asked_for(&mut self, channel: &str, now: Instant) -> bool {
        if self.told_until.get(channel).is_some_and(|until| now < *until) {
            return false;
        }
        self.told_until.insert(channel.to_owned(), now + AGAIN);
        true
    }
}

const AFTER: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_secs(3_600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_looked_for_once_a_moment_after_the_bot_came() {
        let (mut voice, now) = (Voice::default(), Instant::now());
        voice.joined("#ptg", now);
        assert_eq!((voice.due(now), voice.wake_at()), (None, Some(now + AFTER)));
        assert_eq!(voice.due(now + AFTER).as_deref(), Some("#ptg"));
        assert_eq!((voice.due(now + AFTER), voice.wake_at()), (None, None));
        voice.joined("#ptg", now);
        voice.disconnected();
        assert_eq!(voice.due(now + AFTER), None);
    }

    #[test]
    fn the_log_asks_for_it_once_an_hour() {
        let (mut voice, now) = (Voice::default(), Instant::now());
        assert!(voice.is_to_be_asked_for("#ptg", now));
        voice.disconnected();
        assert!(!voice.is_to_be_asked_for("#ptg", now + AFTER));
        assert!(voice.is_to_be_asked_for("#other", now + AFTER));
        assert!(voice.is_to_be_asked_for("#ptg", now + AGAIN));
    }
}
