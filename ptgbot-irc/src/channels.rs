//! The channels of the event: joined, refused for now, or to be joined again.

use crate::isupport::Isupport;
use crate::settings::{ChannelSetting, Settings};
use crate::timing::in_tenths;
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use chrono::{DateTime, Utc};
use irc::proto::Command;
use secrecy::ExposeSecret;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Where we stand with each configured channel.
#[derive(Debug)]
pub(crate) struct Channels {
    channels: Vec<Channel>,
    /// How the waits between two tries grow.
    waits: ExponentialBuilder,
}

#[derive(Debug)]
struct Channel {
    setting: ChannelSetting,
    state: State,
    waits: ExponentialBackoff,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// To be joined at this time; at once if there is none.
    Out { try_at: Option<Instant> },
    /// JOIN is on its way.
    Asked { until: Instant },
    /// We are in.
    In {
        since: Instant,
        /// The server's own time of our JOIN: older messages are a replay.
        stamp: Option<DateTime<Utc>>,
    },
}

impl Channels {
    /// All of them still to be joined.
    pub(crate) fn new(settings: &Settings) -> Self {
        let waits = ExponentialBuilder::new()
            .with_min_delay(settings.timing.rejoin_first)
            .with_max_delay(settings.timing.rejoin_most)
            .without_max_times();
        let channel = |setting: &ChannelSetting| Channel {
            setting: setting.clone(),
            state: State::Out { try_at: None },
            waits: waits.build(),
        };
        Self { channels: settings.channels.iter().map(channel).collect(), waits }
    }

    /// The connection is gone, and we from every channel.
    pub(crate) fn disconnected(&mut self) {
        for channel in &mut self.channels {
            channel.state = State::Out { try_at: None };
            channel.waits = self.waits.build();
        }
    }

    /// Asks for every channel that is due.
    pub(crate) fn join_due(&mut self, now: Instant, out: &mut VecDeque<Command>) {
        for channel in &mut self.channels {
            let due = match channel.state {
                State::Out { try_at } => try_at.is_none_or(|at| now >= at),
                State::Asked { until } => now >= until,
                State::In { .. } => false,
            };
            if due {
                let key = channel.setting.key.as_ref().map(|k| k.expose_secret().to_owned());
                out.push_back(Command::JOIN(channel.setting.name.to_string(), key, None));
                channel.state = State::Asked { until: now + JOIN_ANSWER };
            }
        }
    }

    /// When a channel is due; `None` if nothing but a word of the server can change anything.
    pub(crate) fn wake_at(&self, now: Instant) -> Option<Instant> {
        let due = |channel: &Channel| match channel.state {
            State::Out { try_at } => Some(try_at.unwrap_or(now)),
            State::Asked { until } => Some(until),
            State::In { .. } => None,
        };
        self.channels.iter().filter_map(due).min()
    }

    /// We have joined. False for a channel that nobody asked us to join.
    pub(crate) fn joined(
        &mut self,
        name: &str,
        stamp: Option<DateTime<Utc>>,
        isupport: &Isupport,
        now: Instant,
    ) -> bool {
        match self.find(name, isupport) {
            Some(channel) => {
                tracing::info!(channel = %channel.setting.name, "joined");
                channel.state = State::In { since: now, stamp };
                true
            }
            None => false,
        }
    }

    /// The server answered a JOIN with an error. False if none was on its way there.
    pub(crate) fn refused(&mut self, name: &str, reason: &str, isupport: &Isupport, now: Instant) -> bool {
        match self.find(name, isupport) {
            Some(channel) if matches!(channel.state, State::Asked { .. }) => {
                let wait = channel.waits.next().expect("the waits never end");
                tracing::warn!(channel = %channel.setting.name, reason, retry_in = ?in_tenths(wait), "cannot join");
                channel.state = State::Out { try_at: Some(now + wait) };
                true
            }
            Some(_) | None => false,
        }
    }

    /// We were kicked, or made to leave. Who is kicked again and again waits longer and longer.
    pub(crate) fn left(&mut self, name: &str, isupport: &Isupport, now: Instant) {
        let waits = self.waits;
        if let Some(channel) = self.find(name, isupport) {
            if matches!(channel.state, State::In { since, .. } if now >= since + SETTLED) {
                channel.waits = waits.build();
            }
            let wait = channel.waits.next().expect("the waits never end");
            tracing::warn!(channel = %channel.setting.name, retry_in = ?in_tenths(wait), "no longer in the channel");
            channel.state = State::Out { try_at: Some(now + wait) };
        }
    }

    /// What was refused before may be open now: to us everywhere (services know us), or one channel (an invitation).
    pub(crate) fn try_now(&mut self, only: Option<(&str, &Isupport)>) {
        for channel in &mut self.channels {
            let meant = only.is_none_or(|(name, isupport)| channel.is(name, isupport));
            if meant && let State::Out { try_at } = &mut channel.state {
                *try_at = None;
            }
        }
    }

    /// The channel's name as it is configured, while we are in it.
    pub(crate) fn name_if_in(&self, name: &str, isupport: &Isupport) -> Option<&str> {
        self.channels
            .iter()
            .find(|c| c.is(name, isupport) && matches!(c.state, State::In { .. }))
            .map(|c| c.setting.name.as_str())
    }

    /// True for a message that was said before we came: some servers replay them.
    pub(crate) fn is_replay(&self, name: &str, said: DateTime<Utc>, isupport: &Isupport) -> bool {
        self.channels
            .iter()
            .any(|c| c.is(name, isupport) && matches!(c.state, State::In { stamp: Some(s), .. } if said < s))
    }

    fn find(&mut self, name: &str, isupport: &Isupport) -> Option<&mut Channel> {
        self.channels.iter_mut().find(|c| c.is(name, isupport))
    }
}

impl Channel {
    fn is(&self, name: &str, isupport: &Isupport) -> bool {
        isupport.fold(self.setting.name.as_str()) == isupport.fold(name)
    }
}

/// A JOIN that is neither granted nor refused is asked again.
const JOIN_ANSWER: Duration = Duration::from_secs(30);
/// In for this long, a kick is no quarrel any more.
const SETTLED: Duration = Duration::from_secs(60);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn channels() -> (Channels, Isupport, Instant, VecDeque<Command>) {
        let mut settings = Settings::new("irc.example.org", 6697, "ptgbot", "#PTG").unwrap();
        settings.channels.push(ChannelSetting { name: "#keyed".parse().unwrap(), key: Some("k".into()) });
        (Channels::new(&settings), Isupport::default(), Instant::now(), VecDeque::new())
    }

    fn said(out: &mut VecDeque<Command>) -> Vec<String> {
        out.drain(..).map(|c| String::from(&c)).collect()
    }

    #[test]
    fn every_channel_is_joined_once() {
        let (mut channels, isupport, now, mut out) = channels();
        channels.join_due(now, &mut out);
        assert_eq!(said(&mut out), ["JOIN #PTG", "JOIN #keyed k"]);
        channels.join_due(now, &mut out);
        assert!(out.is_empty());
        assert!(channels.joined("#ptg", None, &isupport, now));
        assert!(!channels.joined("#other", None, &isupport, now));
        assert_eq!(channels.name_if_in("#ptg", &isupport), Some("#PTG"));
        assert_eq!(channels.name_if_in("#keyed", &isupport), None);
    }

    #[test]
    fn refusals_wait_longer_and_longer() {
        let (mut channels, isupport, mut now, mut out) = channels();
        channels.joined("#keyed", None, &isupport, now);
        for wait in [3, 6, 12, 24, 48, 96, 192, 300, 300] {
            channels.join_due(now, &mut out);
            assert_eq!(said(&mut out), ["JOIN #PTG"]);
            assert!(channels.refused("#ptg", "banned", &isupport, now));
            assert_eq!(channels.wake_at(now), Some(now + Duration::from_secs(wait)));
            now += Duration::from_secs(wait);
        }
        assert!(!channels.refused("#ptg", "late", &isupport, now));
        channels.try_now(None);
        assert_eq!(channels.wake_at(now), Some(now));
    }

    #[test]
    fn a_kick_is_followed_by_a_rejoin_and_many_by_patience() {
        let (mut channels, isupport, now, mut out) = channels();
        channels.joined("#keyed", None, &isupport, now);
        let mut waits = Vec::new();
        for _ in 0..3 {
            channels.joined("#ptg", None, &isupport, now);
            channels.left("#PTG", &isupport, now);
            waits.push(channels.wake_at(now).unwrap() - now);
        }
        assert_eq!(waits.iter().map(Duration::as_secs).collect::<Vec<_>>(), [3, 6, 12]);
        channels.joined("#ptg", None, &isupport, now);
        let later = now + SETTLED;
        channels.left("#ptg", &isupport, later);
        assert_eq!(channels.wake_at(later), Some(later + Duration::from_secs(3)));
        channels.join_due(later + Duration::from_secs(3), &mut out);
        assert_eq!(said(&mut out), ["JOIN #PTG"]);
    }

    #[test]
    fn what_was_said_before_we_came_is_a_replay() {
        let (mut channels, isupport, now, _) = channels();
        let stamp: DateTime<Utc> = "2026-10-19T14:00:00Z".parse().unwrap();
        channels.joined("#ptg", Some(stamp), &isupport, now);
        assert!(channels.is_replay("#ptg", stamp - chrono::Duration::milliseconds(1), &isupport));
        assert!(!channels.is_replay("#ptg", stamp, &isupport));
    }
}
