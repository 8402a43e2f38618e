//! Who we are to services: identification, and the nick that is ours.
//!
//! The `irc` crate sends a raw `NICKSERV` command after each MOTD and joins at once, before services can have
//! answered; channels for identified people refuse us then. It also never notices when services rename us.

use crate::settings::{IdentifyOrder, Settings};
use irc::proto::Command;
use secrecy::ExposeSecret;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Our standing with services on one connection.
#[derive(Debug, Default)]
pub(crate) struct Identity {
    state: State,
    asked_at: Option<Instant>,
    regain_at: Option<Instant>,
    regains: u32,
    /// Since when we have had our nick.
    own_nick_since: Option<Instant>,
    rename_at: Option<Instant>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Not yet welcomed.
    #[default]
    Offline,
    /// Services have been asked.
    Waiting { until: Instant },
    /// They have said yes; the server has not shown it yet.
    Accepted { until: Instant },
    /// Services know us.
    Known,
    /// They do not, or there is nothing to tell them.
    Anonymous,
}

impl Identity {
    /// The server has welcomed us under this nick.
    pub(crate) fn welcomed(
        &mut self,
        nick: &str,
        by_sasl: bool,
        settings: &Settings,
        now: Instant,
        out: &mut VecDeque<Command>,
    ) {
        *self = Self::default();
        if by_sasl {
            self.state = State::Known;
        } else if settings.password.is_some() {
            self.identify(nick, settings, now, out);
        } else if settings.has_certificate() {
            self.state = State::Waiting { until: now + settings.timing.identify };
        } else {
            self.state = State::Anonymous;
        }
        self.want_nick(nick, settings, now);
    }

    /// A notice of the service that identifies nicks. Its yes comes a moment before the server knows of it, and a
    /// channel for identified people would still refuse us.
    pub(crate) fn notice(&mut self, text: &str, now: Instant) {
        let text = text.to_lowercase();
        if REFUSED.iter().any(|words| text.contains(words)) {
            if self.is_waiting() {
                tracing::warn!(answer = text, "services did not identify the bot");
                self.state = State::Anonymous;
            }
        } else if self.is_waiting() && ACCEPTED.iter().any(|words| text.contains(words)) {
            self.state = State::Accepted { until: now + SHOWN_WITHIN };
        }
    }

    /// The server says that we are logged in (900), or gave us the mode of identified people.
    pub(crate) fn known(&mut self) {
        if self.state != State::Offline {
            self.state = State::Known;
        }
    }

    /// The server took that mode back.
    pub(crate) fn unknown(&mut self, nick: &str, settings: &Settings, now: Instant, out: &mut VecDeque<Command>) {
        if self.state == State::Known {
            self.state = State::Anonymous;
            self.identify(nick, settings, now, out);
        }
    }

    /// Our nick has changed: by our wish, or because services enforced somebody's right to it.
    pub(crate) fn renamed(&mut self, nick: &str, settings: &Settings, now: Instant, out: &mut VecDeque<Command>) {
        if self.state != State::Known {
            self.identify(nick, settings, now, out);
        }
        self.want_nick(nick, settings, now);
    }

    /// What time alone brings: the end of waiting, another try for our nick.
    pub(crate) fn tick(&mut self, nick: &str, settings: &Settings, now: Instant, out: &mut VecDeque<Command>) {
        if matches!(self.state, State::Waiting { until } if now >= until) {
            tracing::warn!("services did not answer in time; joining channels without identification");
            self.state = State::Anonymous;
        }
        if matches!(self.state, State::Accepted { until } if now >= until) {
            self.state = State::Known;
        }
        if self.rename_at.is_some_and(|at| now >= at) {
            self.rename_at = None;
            out.push_back(Command::NICK(settings.nick.to_string()));
        }
        if self.regain_at.is_some_and(|at| now >= at) && !self.is_waiting() {
            self.regain(nick, settings, now, out);
        }
    }

    /// When [`tick`](Self::tick) has something to do.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        let waiting = match self.state {
            State::Waiting { until } | State::Accepted { until } => Some(until),
            State::Offline | State::Known | State::Anonymous => None,
        };
        // A regain waits for the answer of services anyway.
        let regain = self.regain_at.filter(|_| waiting.is_none());
        [waiting, regain, self.rename_at].into_iter().flatten().min()
    }

    /// True once channels may be joined.
    pub(crate) fn may_join(&self) -> bool {
        matches!(self.state, State::Known | State::Anonymous)
    }

    /// True while services know us.
    pub(crate) fn is_known(&self) -> bool {
        self.state == State::Known
    }

    fn is_waiting(&self) -> bool {
        matches!(self.state, State::Waiting { .. } | State::Accepted { .. })
    }

    fn identify(&mut self, nick: &str, settings: &Settings, now: Instant, out: &mut VecDeque<Command>) {
        let Some(password) = &settings.password else { return };
        if self.asked_at.is_some_and(|at| now < at + REST) {
            return;
        }
        let (password, account) = (password.expose_secret(), settings.account());
        let words = match settings.identify {
            // Alone, the password identifies the nick that we have; the second word names another one.
            IdentifyOrder::PasswordFirst if nick.eq_ignore_ascii_case(account) => format!("IDENTIFY {password}"),
            IdentifyOrder::PasswordFirst => format!("IDENTIFY {password} {account}"),
            IdentifyOrder::NickFirst => format!("IDENTIFY {account} {password}"),
        };
        out.push_back(Command::PRIVMSG(settings.nickserv.to_string(), words));
        self.asked_at = Some(now);
        self.state = State::Waiting { until: now + settings.timing.identify };
    }

    /// Where a nick is somebody else's, services take it from us again and again: then each try waits longer.
    fn want_nick(&mut self, nick: &str, settings: &Settings, now: Instant) {
        if nick == settings.nick.as_str() {
            (self.regain_at, self.rename_at) = (None, None);
            self.own_nick_since = Some(now);
        } else if self.regain_at.is_none() {
            if self.own_nick_since.take().is_some_and(|since| now >= since + SETTLED) {
                self.regains = 0;
            }
            self.regain_at = Some(if self.regains == 0 { now } else { now + self.patience() });
        }
    }

    fn patience(&self) -> Duration {
        FIRST_REGAIN.saturating_mul(1 << self.regains.saturating_sub(1).min(8)).min(LAST_REGAIN)
    }

    /// Takes our nick back: from a ghost of ours through services (each network has its own word for it), or
    /// because whoever had it may have left.
    fn regain(&mut self, nick: &str, settings: &Settings, now: Instant, out: &mut VecDeque<Command>) {
        if nick == settings.nick.as_str() {
            self.regain_at = None;
            return;
        }
        match &settings.password {
            Some(password) => {
                let word = REGAIN_WORDS[self.regains as usize % REGAIN_WORDS.len()];
                let words = format!("{word} {} {}", settings.nick, password.expose_secret());
                out.push_back(Command::PRIVMSG(settings.nickserv.to_string(), words));
                self.rename_at = Some(now + AFTER_REGAIN);
            }
            None => out.push_back(Command::NICK(settings.nick.to_string())),
        }
        self.regains += 1;
        self.regain_at = Some(now + self.patience());
    }
}

/// OFTC and Atheme know REGAIN, Anope RECOVER, older services GHOST.
const REGAIN_WORDS: [&str; 3] = ["REGAIN", "RECOVER", "GHOST"];
const ACCEPTED: [&str; 5] = ["identified", "password accepted", "now recognized", "now recognised", "logged in"];
const REFUSED: [&str; 6] = [
    "incorrect",
    "invalid password",
    "not registered",
    "isn't registered",
    "not a registered",
    "identification failed",
];
/// Two IDENTIFYs are never closer than this.
const REST: Duration = Duration::from_secs(20);
const AFTER_REGAIN: Duration = Duration::from_secs(2);
/// From the yes of services to the mode that shows it.
const SHOWN_WITHIN: Duration = Duration::from_secs(2);
/// Ours for this long, a nick is ours.
const SETTLED: Duration = Duration::from_secs(60);
const FIRST_REGAIN: Duration = Duration::from_secs(10);
const LAST_REGAIN: Duration = Duration::from_secs(300);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn settings(password: Option<&str>) -> Settings {
        let mut settings = Settings::new("irc.example.org", 6697, "ptgbot", "#ptg").unwrap();
        settings.password = password.map(Into::into);
        settings
    }

    fn said(out: &mut VecDeque<Command>) -> Vec<String> {
        out.drain(..).map(|c| String::from(&c)).collect()
    }

    #[test]
    fn channels_wait_for_services_to_answer() {
        let (settings, now) = (settings(Some("secret")), Instant::now());
        for answer in ["You are successfully identified as ptgbot.", "Password accepted - you are now recognized."] {
            let (mut identity, mut out) = (Identity::default(), VecDeque::new());
            identity.welcomed("ptgbot", false, &settings, now, &mut out);
            assert_eq!(said(&mut out), ["PRIVMSG NickServ :IDENTIFY secret"]);
            identity
                .notice("This nickname is registered. Please choose another or /msg NickServ IDENTIFY password", now);
            assert!(!identity.may_join());
            identity.notice(answer, now);
            assert!(!identity.may_join(), "the server shows it a moment later");
            let shown = identity.wake_at().unwrap();
            identity.tick("ptgbot", &settings, shown, &mut out);
            assert!(shown < now + settings.timing.identify && identity.is_known());
        }
    }

    #[test]
    fn silent_services_and_a_wrong_password_do_not_keep_us_out() {
        let (settings, now) = (settings(Some("secret")), Instant::now());
        let (mut identity, mut out) = (Identity::default(), VecDeque::new());
        identity.welcomed("ptgbot", false, &settings, now, &mut out);
        assert_eq!(identity.wake_at(), Some(now + settings.timing.identify));
        identity.tick("ptgbot", &settings, now + settings.timing.identify, &mut out);
        assert!(identity.may_join() && !identity.is_known());

        identity.welcomed("ptgbot", false, &settings, now, &mut out);
        identity.notice("Password incorrect.", now);
        assert!(identity.may_join() && !identity.is_known());
    }

    #[test]
    fn without_secrets_channels_are_joined_at_once() {
        let (settings, now) = (settings(None), Instant::now());
        let (mut identity, mut out) = (Identity::default(), VecDeque::new());
        assert!(!identity.may_join());
        identity.welcomed("ptgbot", false, &settings, now, &mut out);
        assert!(identity.may_join() && out.is_empty());
    }

    #[test]
    fn a_taken_nick_is_regained_after_identification() {
        let (settings, now) = (settings(Some("secret")), Instant::now());
        let (mut identity, mut out) = (Identity::default(), VecDeque::new());
        identity.welcomed("ptgbot_", false, &settings, now, &mut out);
        assert_eq!(said(&mut out), ["PRIVMSG NickServ :IDENTIFY secret ptgbot"]);
        identity.tick("ptgbot_", &settings, now, &mut out);
        assert!(out.is_empty(), "services answer first");
        identity.known();
        identity.tick("ptgbot_", &settings, now, &mut out);
        assert_eq!(said(&mut out), ["PRIVMSG NickServ :REGAIN ptgbot secret"]);
        identity.tick("ptgbot_", &settings, now + AFTER_REGAIN, &mut out);
        assert_eq!(said(&mut out), ["NICK ptgbot"]);
        identity.tick("ptgbot_", &settings, now + FIRST_REGAIN, &mut out);
        assert_eq!(said(&mut out), ["PRIVMSG NickServ :RECOVER ptgbot secret"]);
        identity.renamed("ptgbot", &settings, now + FIRST_REGAIN, &mut out);
        assert_eq!(identity.wake_at(), None);
    }

    #[test]
    fn an_enforced_rename_is_answered() {
        let (settings, now) = (settings(Some("secret")), Instant::now());
        let (mut identity, mut out) = (Identity::default(), VecDeque::new());
        identity.welcomed("ptgbot", false, &settings, now, &mut out);
        identity.tick("ptgbot", &settings, now + settings.timing.identify, &mut out);
        out.clear();
        let later = now + Duration::from_secs(60);
        identity.renamed("Guest1234", &settings, later, &mut out);
        assert_eq!(said(&mut out), ["PRIVMSG NickServ :IDENTIFY secret ptgbot"]);
        assert!(identity.wake_at().is_some());
    }

    #[test]
    fn a_nick_that_is_taken_away_again_and_again_is_asked_for_less_and_less() {
        let (settings, mut now) = (settings(None), Instant::now());
        let (mut identity, mut out) = (Identity::default(), VecDeque::new());
        identity.welcomed("ptgbot", false, &settings, now, &mut out);
        let mut waits = Vec::new();
        for _ in 0..4 {
            now += Duration::from_secs(2);
            identity.renamed("Guest1", &settings, now, &mut out);
            let at = identity.wake_at().unwrap();
            waits.push((at - now).as_secs());
            now = at;
            identity.tick("Guest1", &settings, now, &mut out);
            assert_eq!(said(&mut out), ["NICK ptgbot"]);
            identity.renamed("ptgbot", &settings, now, &mut out);
        }
        assert_eq!(waits, [0, 10, 20, 40]);
    }

    #[test]
    fn other_services_want_the_nick_first() {
        let (mut settings, now) = (settings(Some("secret")), Instant::now());
        settings.identify = IdentifyOrder::NickFirst;
        settings.account = Some("events".parse().unwrap());
        let (mut identity, mut out) = (Identity::default(), VecDeque::new());
        identity.welcomed("ptgbot", false, &settings, now, &mut out);
        assert_eq!(said(&mut out), ["PRIVMSG NickServ :IDENTIFY events secret"]);
    }

    #[test]
    fn without_a_password_the_nick_is_tried_again_and_again() {
        let (settings, now) = (settings(None), Instant::now());
        let (mut identity, mut out) = (Identity::default(), VecDeque::new());
        identity.welcomed("ptgbot_", false, &settings, now, &mut out);
        identity.tick("ptgbot_", &settings, now, &mut out);
        assert_eq!(said(&mut out), ["NICK ptgbot"]);
        assert_eq!(identity.wake_at(), Some(now + FIRST_REGAIN));
    }
}
