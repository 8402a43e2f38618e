//! Who we are to services: identification, and the nick that is ours.
//!
//! Identification is a goal. Services may be away while we connect, forget a login when a nick changes, or answer too
//! late; whatever shows that they do not know us (a prompt, a channel that refuses us, another nick) has us ask again,
//! and so does time, with growing waits.
//!
//! The `irc` crate sends a raw `NICKSERV` command after each MOTD and joins at once, before services can have
//! answered; channels for identified people refuse us then. It also never notices when services rename us.

use crate::duty::Duty;
use crate::settings::{IdentifyOrder, Settings};
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use irc::proto::Command;
use secrecy::ExposeSecret;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Our standing with services on one connection.
#[derive(Debug)]
pub(crate) struct ServicesLogin {
    state: State,
    /// While the bot stands by it leaves its nick to the one that acts.
    duty: Duty,
    /// There is a password to identify with.
    can_identify: bool,
    /// How long services may take, and the first wait before they are asked again.
    patience: Duration,
    /// The nick that we want: as configured, or as much of it as the server allows.
    wanted: String,
    /// Known by an account, which stays ours under any nick.
    by_account: bool,
    /// Services are not asked again before: nobody likes to be pressed.
    not_before: Option<Instant>,
    retry_at: Option<Instant>,
    retries: ExponentialBackoff,
    regain_at: Option<Instant>,
    regains: ExponentialBackoff,
    /// How often our nick has been asked for since it was settled, and how long the next time waits.
    regain_tries: usize,
    regain_wait: Duration,
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
    Asked { until: Instant },
    /// They have said yes; the server has not shown it yet.
    Accepted { until: Instant },
    /// Services know us.
    Known,
    /// They do not.
    Unknown,
}

impl ServicesLogin {
    /// Nobody yet: the connection is new.
    pub(crate) fn new(settings: &Settings, duty: Duty) -> Self {
        Self {
            state: State::default(),
            duty,
            can_identify: settings.password.is_some(),
            patience: settings.timing.identify,
            wanted: settings.nick.to_string(),
            by_account: false,
            not_before: None,
            retry_at: None,
            retries: waits(settings.timing.identify),
            regain_at: None,
            regains: waits(FIRST_REGAIN),
            regain_tries: 0,
            regain_wait: Duration::ZERO,
            own_nick_since: None,
            rename_at: None,
        }
    }

    /// The server has welcomed us under this nick.
    pub(crate) fn welcomed(
        &mut self,
        nick: &str,
        by_sasl: bool,
        settings: &Settings,
        now: Instant,
        out: &mut VecDeque<Command>,
    ) {
        *self = Self::new(settings, self.duty);
        self.by_account = by_sasl;
        if by_sasl {
            self.state = State::Known;
        } else if self.can_identify {
            self.identify(nick, settings, now, out);
        } else if settings.has_certificate() {
            self.state = State::Asked { until: now + self.patience };
        } else {
            self.state = State::Unknown;
        }
        self.want_nick(nick, now);
    }

    /// The server cuts the nick that we want: more will never be ours. `nick` is what we are called now.
    pub(crate) fn nick_is_cut(&mut self, to: &str, nick: &str, now: Instant) {
        to.clone_into(&mut self.wanted);
        self.want_nick(nick, now);
    }

    /// The bot acts from now on. Services are asked for its nick where somebody is seen to have it.
    pub(crate) fn act(&mut self, nick: &str, is_seen: bool, now: Instant) {
        self.duty = Duty::Acts;
        if self.state != State::Offline {
            self.want_nick(nick, now);
            if !is_seen {
                self.nick_is_free(now);
            }
        }
    }

    /// Nobody has our nick any more.
    pub(crate) fn nick_is_free(&mut self, now: Instant) {
        if let Some(regain_at) = &mut self.regain_at {
            self.rename_at = Some(now);
            *regain_at = (*regain_at).max(now + AFTER_REGAIN);
        }
    }

    /// The nick that we want.
    pub(crate) fn wanted(&self) -> &str {
        &self.wanted
    }

    /// A notice of the service that identifies nicks; tells whether it refuses us. Its yes comes a moment before the
    /// server knows of it, and a channel for identified people would still refuse us.
    pub(crate) fn notice(&mut self, text: &str, now: Instant) -> bool {
        let text = text.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|words| text.contains(words));
        if has(&REFUSED) {
            if self.is_waiting() {
                self.state = State::Unknown;
                // The same words again would be counted against us.
                self.not_before = Some(now + AFTER_REFUSAL);
                self.retry_at = self.not_before;
                return true;
            }
        } else if has(&ACCEPTED) {
            if self.is_waiting() {
                self.state = State::Accepted { until: now + SHOWN_WITHIN };
            }
        } else if has(&PROMPT) && !self.is_waiting() {
            self.is_needed(now);
        }
        false
    }

    /// The server says that we are logged in to an account (900).
    pub(crate) fn logged_in(&mut self) {
        self.by_account = true;
        self.known();
    }

    /// The server says that services know us, by the mode of identified people.
    pub(crate) fn known(&mut self) {
        if self.state != State::Offline {
            self.state = State::Known;
            self.retry_at = None;
            self.retries = waits(self.patience);
        }
    }

    /// Somebody treats us as unknown: services with a prompt, a channel that refuses us (477), the server when it took
    /// the mode back. Asked again as soon as that is polite.
    pub(crate) fn is_needed(&mut self, now: Instant) {
        match self.state {
            State::Offline | State::Asked { .. } | State::Accepted { .. } => {}
            State::Known | State::Unknown => {
                self.state = State::Unknown;
                let at = self.not_before.map_or(now, |at| at.max(now));
                self.try_at(self.retry_at.map_or(at, |earlier| earlier.min(at)));
            }
        }
    }

    /// Services are away: nobody has their nick (401), or the server says so (440).
    pub(crate) fn services_are_away(&mut self, now: Instant) {
        if let State::Asked { .. } = self.state {
            tracing::warn!("services are away; the bot will identify when they are back");
            self.try_later(now);
        }
    }

    /// Our nick has changed: by our wish, or because services enforced somebody's right to it. Most services forget
    /// who we are then.
    pub(crate) fn renamed(&mut self, nick: &str, now: Instant) {
        if !self.by_account && self.state != State::Offline {
            self.state = State::Unknown;
            if nick == self.wanted {
                // Services may have refused words that mean something else under another nick.
                self.not_before = self.not_before.map(|at| at.min(now + REST));
            }
            self.is_needed(now);
        }
        self.want_nick(nick, now);
    }

    /// Another process may act by now: our nick is perhaps its own.
    pub(crate) fn leave_nick(&mut self, now: Instant) {
        self.rename_at = None;
        self.regain_at = self.regain_at.map(|at| at.max(now + NOT_YET));
    }

    /// What time alone brings: the end of waiting, another try for identification or for our nick.
    pub(crate) fn tick(&mut self, nick: &str, settings: &Settings, now: Instant, out: &mut VecDeque<Command>) {
        if matches!(self.state, State::Asked { until } if now >= until) {
            tracing::warn!("services did not answer in time; joining channels without identification");
            self.try_later(now);
        }
        if matches!(self.state, State::Accepted { until } if now >= until) {
            self.known();
        }
        if self.retry_at.is_some_and(|at| now >= at) && !self.is_waiting() {
            self.retry_at = None;
            self.identify(nick, settings, now, out);
        }
        if self.rename_at.is_some_and(|at| now >= at) {
            self.rename_at = None;
            out.push_back(Command::NICK(self.wanted.clone()));
        }
        if self.regain_at.is_some_and(|at| now >= at) && !self.is_waiting() {
            self.regain(nick, settings, now, out);
        }
    }

    /// When [`tick`](Self::tick) has something to do.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        let waiting = match self.state {
            State::Asked { until } | State::Accepted { until } => Some(until),
            State::Offline | State::Known | State::Unknown => None,
        };
        // Everything else waits for the answer of services anyway.
        let tries = [self.retry_at, self.regain_at].map(|at| at.filter(|_| waiting.is_none()));
        [waiting, self.rename_at].into_iter().chain(tries).flatten().min()
    }

    /// True once channels may be joined.
    pub(crate) fn may_join(&self) -> bool {
        matches!(self.state, State::Known | State::Unknown)
    }

    /// True while services know us.
    pub(crate) fn is_known(&self) -> bool {
        self.state == State::Known
    }

    fn is_waiting(&self) -> bool {
        matches!(self.state, State::Asked { .. } | State::Accepted { .. })
    }

    fn identify(&mut self, nick: &str, settings: &Settings, now: Instant, out: &mut VecDeque<Command>) {
        let Some(password) = &settings.password else { return };
        let (password, account) = (password.expose_secret(), settings.account());
        let words = match settings.identify {
            // Alone, the password identifies the nick that we have; the second word names another one.
            IdentifyOrder::PasswordFirst if nick.eq_ignore_ascii_case(account) => format!("IDENTIFY {password}"),
            IdentifyOrder::PasswordFirst => format!("IDENTIFY {password} {account}"),
            IdentifyOrder::NickFirst => format!("IDENTIFY {account} {password}"),
        };
        out.push_back(Command::PRIVMSG(settings.nickserv.to_string(), words));
        self.not_before = Some(now + REST);
        self.state = State::Asked { until: now + self.patience };
    }

    fn try_later(&mut self, now: Instant) {
        self.state = State::Unknown;
        let wait = self.retries.next().expect("the waits never end");
        self.try_at(now + wait);
    }

    fn try_at(&mut self, at: Instant) {
        self.retry_at = self.can_identify.then_some(at);
    }

    /// Where a nick is somebody else's, services take it from us again and again: then each try waits longer.
    fn want_nick(&mut self, nick: &str, now: Instant) {
        if self.duty == Duty::StandsBy {
            (self.regain_at, self.rename_at) = (None, None);
        } else if nick == self.wanted {
            (self.regain_at, self.rename_at) = (None, None);
            self.own_nick_since = Some(now);
        } else if self.regain_at.is_none() {
            if self.own_nick_since.take().is_some_and(|since| now >= since + SETTLED) {
                self.regain_tries = 0;
                self.regains = waits(FIRST_REGAIN);
                self.regain_wait = Duration::ZERO;
            }
            self.regain_at = Some(now + self.regain_wait);
        }
    }

    /// Takes our nick back: from a ghost of ours through services (each network has its own word for it), or
    /// because whoever had it may have left.
    fn regain(&mut self, nick: &str, settings: &Settings, now: Instant, out: &mut VecDeque<Command>) {
        if nick == self.wanted {
            self.regain_at = None;
            return;
        }
        match &settings.password {
            Some(password) => {
                let word = REGAIN_WORDS[self.regain_tries % REGAIN_WORDS.len()];
                let words = format!("{word} {} {}", self.wanted, password.expose_secret());
                out.push_back(Command::PRIVMSG(settings.nickserv.to_string(), words));
                self.rename_at = Some(now + AFTER_REGAIN);
            }
            None => out.push_back(Command::NICK(self.wanted.clone())),
        }
        self.regain_tries += 1;
        self.regain_wait = self.regains.next().expect("the waits never end");
        self.regain_at = Some(now + self.regain_wait);
    }
}

/// From this wait on, each twice as long as the one before, up to the longest.
fn waits(first: Duration) -> ExponentialBackoff {
    ExponentialBuilder::new().with_min_delay(first).with_max_delay(LONGEST_WAIT).without_max_times().build()
}

/// OFTC and Atheme know REGAIN, Anope RECOVER, older services GHOST.
const REGAIN_WORDS: [&str; 3] = ["REGAIN", "RECOVER", "GHOST"];
const ACCEPTED: [&str; 6] =
    ["identified", "password accepted", "now recognized", "now recognised", "logged in", "already recognized"];
const REFUSED: [&str; 6] = [
    "incorrect",
    "invalid password",
    "not registered",
    "isn't registered",
    "not a registered",
    "identification failed",
];
/// What services say to somebody who uses a nick and has not identified.
const PROMPT: [&str; 5] =
    ["nickname is registered", "nick is registered", "nickname is owned", "please identify", "nickserv identify"];
/// Two IDENTIFYs are never closer than this.
const REST: Duration = Duration::from_secs(5);
const AFTER_REFUSAL: Duration = Duration::from_secs(900);
const AFTER_REGAIN: Duration = Duration::from_secs(2);
/// From the yes of services to the mode that shows it.
const SHOWN_WITHIN: Duration = Duration::from_secs(2);
/// Ours for this long, a nick is ours.
const SETTLED: Duration = Duration::from_secs(60);
/// How often to look whether the bot may have its nick.
const NOT_YET: Duration = Duration::from_secs(1);
const FIRST_REGAIN: Duration = Duration::from_secs(10);
const LONGEST_WAIT: Duration = Duration::from_secs(300);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
