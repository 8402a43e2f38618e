//! From the first byte to the welcome: capabilities, SASL, a nick that is free.
//!
//! The `irc` crate's `identify()` ends the negotiation before it begins, so SASL cannot follow, and its stream ends
//! for good when a nick is taken. OFTC refuses a whole `CAP REQ` for one unknown name: what is offered is asked for
//! one at a time.

use crate::duty::{Duty, MOST_REFUSALS};
use crate::error::IrcError;
use crate::line::numeric;
use crate::settings::Settings;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use irc::proto::{CapSubCommand, Command, Message};
use secrecy::ExposeSecret;
use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

/// A registration on one connection.
#[derive(Debug)]
pub(crate) struct Registration {
    stage: Stage,
    duty: Duty,
    nick: String,
    refusals: u32,
    offered: Vec<String>,
    to_request: VecDeque<&'static str>,
    granted: HashSet<&'static str>,
    mechanisms: VecDeque<Mechanism>,
    identified: bool,
    negotiate_until: Instant,
    end_by: Instant,
}

/// What a line of the server brought.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing yet.
    Waiting,
    /// We are in, under this nick.
    Welcome(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Listing,
    Requesting(&'static str),
    Authenticating(Mechanism),
    Negotiated,
    Welcomed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mechanism {
    External,
    Plain,
}

impl Registration {
    /// Says hello on a new connection, under the nick that goes with a duty.
    pub(crate) fn start(settings: &Settings, duty: Duty, now: Instant, out: &mut VecDeque<Command>) -> Self {
        let nick = duty.nick(settings.nick.as_str(), 0);
        out.push_back(Command::CAP(None, CapSubCommand::LS, Some("302".to_owned()), None));
        if let Some(password) = &settings.server_password {
            out.push_back(Command::PASS(password.expose_secret().to_owned()));
        }
        out.push_back(Command::NICK(nick.clone()));
        out.push_back(Command::USER(settings.user.to_string(), "0".to_owned(), settings.real_name.clone()));
        Self {
            stage: Stage::Listing,
            duty,
            nick,
            refusals: 0,
            offered: Vec::new(),
            to_request: VecDeque::new(),
            granted: HashSet::new(),
            mechanisms: VecDeque::new(),
            identified: false,
            negotiate_until: now + NEGOTIATION,
            end_by: now + settings.timing.register,
        }
    }

    /// A line from the server.
    ///
    /// # Errors
    /// When the server will not have us: its password, a ban, no nick.
    pub(crate) fn receive(
        &mut self,
        message: &Message,
        settings: &Settings,
        out: &mut VecDeque<Command>,
    ) -> Result<Progress, IrcError> {
        match &message.command {
            Command::CAP(_, verb, a, b) => self.capability(*verb, a.as_deref(), b.as_deref(), settings, out),
            Command::AUTHENTICATE(word) if word == "+" => self.authenticate(settings, out),
            command => {
                if let Some((number, words)) = numeric(command) {
                    return self.numeric(number, words, settings, out);
                }
            }
        }
        Ok(Progress::Waiting)
    }

    /// Ends a negotiation that the server does not answer, so that the welcome can come.
    pub(crate) fn tick(&mut self, now: Instant, out: &mut VecDeque<Command>) {
        if now >= self.negotiate_until && !self.is_negotiated() {
            self.end_negotiation(out);
        }
    }

    /// When [`tick`](Self::tick) has something to do.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        match self.stage {
            Stage::Listing | Stage::Requesting(_) | Stage::Authenticating(_) => {
                Some(self.negotiate_until.min(self.end_by))
            }
            Stage::Negotiated => Some(self.end_by),
            Stage::Welcomed => None,
        }
    }

    /// True when the welcome has not come in time. The `irc` crate would wait for ever.
    pub(crate) fn is_overdue(&self, now: Instant) -> bool {
        self.stage != Stage::Welcomed && now >= self.end_by
    }

    /// True if the server has agreed to a capability.
    pub(crate) fn has(&self, capability: &str) -> bool {
        self.granted.contains(capability)
    }

    /// True if SASL has identified us.
    pub(crate) fn is_identified(&self) -> bool {
        self.identified
    }

    fn is_negotiated(&self) -> bool {
        matches!(self.stage, Stage::Negotiated | Stage::Welcomed)
    }

    fn capability(
        &mut self,
        verb: CapSubCommand,
        a: Option<&str>,
        b: Option<&str>,
        settings: &Settings,
        out: &mut VecDeque<Command>,
    ) {
        let names = b.or(a).unwrap_or_default();
        match (verb, self.stage) {
            (CapSubCommand::LS, Stage::Listing) => {
                self.offered.extend(names.split_ascii_whitespace().map(str::to_owned));
                if a != Some("*") {
                    self.choose(settings);
                    self.request_next(out);
                }
            }
            (CapSubCommand::ACK, Stage::Requesting(name)) => {
                self.granted.insert(name);
                if name == SASL { self.try_mechanism(out) } else { self.request_next(out) }
            }
            (CapSubCommand::NAK, Stage::Requesting(_)) => self.request_next(out),
            _ => {}
        }
    }

    /// Picks from what is offered, SASL last.
    fn choose(&mut self, settings: &Settings) {
        let offer = |name: &str| {
            self.offered.iter().find_map(|o| match o.split_once('=') {
                Some((n, value)) if n == name => Some(value.to_owned()),
                _ if o == name => Some(String::new()),
                _ => None,
            })
        };
        self.to_request = WANTED.into_iter().filter(|name| offer(name).is_some()).collect();
        if let Some(known) = offer(SASL) {
            let knows = |m: &str| known.is_empty() || known.split(',').any(|k| k.eq_ignore_ascii_case(m));
            if settings.has_certificate() && knows("EXTERNAL") {
                self.mechanisms.push_back(Mechanism::External);
            }
            if settings.password.is_some() && knows("PLAIN") {
                self.mechanisms.push_back(Mechanism::Plain);
            }
            if !self.mechanisms.is_empty() {
                self.to_request.push_back(SASL);
            }
        }
    }

    fn request_next(&mut self, out: &mut VecDeque<Command>) {
        match self.to_request.pop_front() {
            Some(name) => {
                self.stage = Stage::Requesting(name);
                out.push_back(Command::CAP(None, CapSubCommand::REQ, None, Some(name.to_owned())));
            }
            None => self.end_negotiation(out),
        }
    }

    fn end_negotiation(&mut self, out: &mut VecDeque<Command>) {
        if !self.is_negotiated() {
            self.stage = Stage::Negotiated;
            out.push_back(Command::CAP(None, CapSubCommand::END, None, None));
        }
    }

    fn try_mechanism(&mut self, out: &mut VecDeque<Command>) {
        match self.mechanisms.pop_front() {
            Some(mechanism) => {
                self.stage = Stage::Authenticating(mechanism);
                out.push_back(Command::AUTHENTICATE(mechanism.name().to_owned()));
            }
            None => self.end_negotiation(out),
        }
    }

    fn authenticate(&self, settings: &Settings, out: &mut VecDeque<Command>) {
        let secret = match (self.stage, &settings.password) {
            (Stage::Authenticating(Mechanism::External), _) => String::new(),
            (Stage::Authenticating(Mechanism::Plain), Some(password)) => {
                BASE64_STANDARD.encode(format!("\0{}\0{}", settings.account(), password.expose_secret()))
            }
            (Stage::Authenticating(Mechanism::Plain), None)
            | (Stage::Listing | Stage::Requesting(_) | Stage::Negotiated | Stage::Welcomed, _) => return,
        };
        // 400 bytes a line; an empty line ends a secret that fills the last one (IRCv3 SASL 3.1).
        out.extend(
            secret.as_bytes().chunks(SASL_LINE).map(|c| Command::AUTHENTICATE(String::from_utf8_lossy(c).into_owned())),
        );
        if secret.len().is_multiple_of(SASL_LINE) {
            out.push_back(Command::AUTHENTICATE("+".to_owned()));
        }
    }

    fn numeric(
        &mut self,
        number: u16,
        words: &[String],
        settings: &Settings,
        out: &mut VecDeque<Command>,
    ) -> Result<Progress, IrcError> {
        let server = || format!("{}:{}", settings.server, settings.port);
        let reason = || words.last().cloned().unwrap_or_default();
        match number {
            1 => {
                self.stage = Stage::Welcomed;
                let nick = words.first().cloned().unwrap_or_else(|| self.nick.clone());
                return Ok(Progress::Welcome(nick));
            }
            // Unknown command: a server without capabilities. It goes on by itself.
            421 if words.get(1).is_some_and(|w| w == "CAP") => self.stage = Stage::Negotiated,
            432 | 433 | 436 | 437 if self.stage != Stage::Welcomed => {
                self.refusals += 1;
                if self.refusals > MOST_REFUSALS {
                    return Err(IrcError::NickRefused {
                        server: server(),
                        nick: settings.nick.to_string(),
                        reason: reason(),
                    });
                }
                self.nick = self.duty.nick(settings.nick.as_str(), self.refusals);
                out.push_back(Command::NICK(self.nick.clone()));
            }
            464 => return Err(IrcError::ServerPassword { server: server(), reason: reason() }),
            465 => return Err(IrcError::Banned { server: server(), reason: reason() }),
            900 => self.identified = true,
            903 | 907 => {
                self.identified = true;
                self.end_negotiation(out);
            }
            902 | 904 | 905 | 906 if matches!(self.stage, Stage::Authenticating(_)) => {
                tracing::warn!(number, reason = reason(), "SASL refused");
                self.try_mechanism(out);
            }
            _ => {}
        }
        Ok(Progress::Waiting)
    }
}

impl Mechanism {
    fn name(self) -> &'static str {
        match self {
            Self::External => "EXTERNAL",
            Self::Plain => "PLAIN",
        }
    }
}

const WANTED: [&str; 5] = ["multi-prefix", "server-time", "account-tag", "account-notify", "chghost"];
const SASL: &str = "sasl";
const SASL_LINE: usize = 400;
/// A server that offers capabilities and then falls silent gets its `CAP END` all the same.
const NEGOTIATION: Duration = Duration::from_secs(15);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::settings::{ClientCertificate, Security};

    struct Talk {
        settings: Settings,
        registration: Registration,
        out: VecDeque<Command>,
        start: Instant,
    }

    impl Talk {
        fn with(change: impl FnOnce(&mut Settings)) -> Self {
            let mut settings = Settings::new("irc.example.org", 6697, "ptgbot", "#ptg").unwrap();
            change(&mut settings);
            let (mut out, start) = (VecDeque::new(), Instant::now());
            let registration = Registration::start(&settings, Duty::Acts, start, &mut out);
            out.clear();
            Self { settings, registration, out, start }
        }

        fn hear(&mut self, line: &str) -> Vec<String> {
            let message: Message = line.parse().unwrap();
            self.registration.receive(&message, &self.settings, &mut self.out).unwrap();
            self.said()
        }

        fn said(&mut self) -> Vec<String> {
            self.out.drain(..).map(|c| String::from(&c)).collect()
        }
    }

    #[test]
    fn hello_is_said_in_the_right_order() {
        let mut settings = Settings::new("irc.example.org", 6697, "ptgbot", "#ptg").unwrap();
        settings.server_password = Some("letmein".into());
        let mut out = VecDeque::new();
        Registration::start(&settings, Duty::Acts, Instant::now(), &mut out);
        let said: Vec<String> = out.iter().map(String::from).collect();
        assert_eq!(said, ["CAP LS 302", "PASS letmein", "NICK ptgbot", "USER ptgbot 0 * :ptgbot, an event board"]);
    }

    #[test]
    fn what_is_offered_is_asked_for_one_at_a_time() {
        let mut talk = Talk::with(|_| {});
        assert!(talk.hear("CAP * LS * :multi-prefix away-notify").is_empty());
        assert_eq!(talk.hear("CAP * LS :server-time=x echo-message"), ["CAP REQ multi-prefix"]);
        assert_eq!(talk.hear("CAP * ACK :multi-prefix"), ["CAP REQ server-time"]);
        assert_eq!(talk.hear("CAP * NAK :server-time"), ["CAP END"]);
        assert!(talk.registration.has("multi-prefix") && !talk.registration.has("server-time"));
    }

    #[test]
    fn sasl_plain_identifies_before_the_negotiation_ends() {
        let mut talk = Talk::with(|s| s.password = Some("secret".into()));
        assert_eq!(talk.hear("CAP * LS :sasl=PLAIN,EXTERNAL"), ["CAP REQ sasl"]);
        assert_eq!(talk.hear("CAP * ACK :sasl"), ["AUTHENTICATE PLAIN"]);
        assert_eq!(
            talk.hear("AUTHENTICATE +"),
            [format!("AUTHENTICATE {}", BASE64_STANDARD.encode("\0ptgbot\0secret"))]
        );
        assert!(talk.hear(":s 900 ptgbot ptgbot!u@h ptgbot :You are now logged in").is_empty());
        assert_eq!(talk.hear(":s 903 ptgbot :SASL authentication successful"), ["CAP END"]);
        assert!(talk.registration.is_identified());
    }

    #[test]
    fn a_refused_certificate_falls_back_to_the_password_and_then_to_nothing() {
        let mut talk = Talk::with(|s| {
            s.password = Some("secret".into());
            let client = Some(ClientCertificate { cert_file: "c".into(), key_file: "k".into() });
            s.security = Security::Tls { ca_file: None, client };
        });
        talk.hear("CAP * LS :sasl");
        assert_eq!(talk.hear("CAP * ACK sasl"), ["AUTHENTICATE EXTERNAL"]);
        assert_eq!(talk.hear("AUTHENTICATE +"), ["AUTHENTICATE +"]);
        assert_eq!(talk.hear(":s 904 * :failed"), ["AUTHENTICATE PLAIN"]);
        assert_eq!(talk.hear(":s 904 * :failed"), ["CAP END"]);
        assert!(!talk.registration.is_identified());
    }

    #[test]
    fn a_taken_nick_gives_way_to_another() {
        let mut talk = Talk::with(|_| {});
        let mut tried = Vec::new();
        for _ in 0..MOST_REFUSALS {
            tried.extend(talk.hear(":s 433 * ptgbot :Nickname is already in use"));
        }
        assert_eq!(tried[..4], ["NICK ptgbot_", "NICK ptgbot__", "NICK ptgbo3", "NICK ptgbo4"]);
        let message: Message = ":s 433 * x :in use".parse().unwrap();
        let refused = talk.registration.receive(&message, &talk.settings, &mut talk.out);
        assert!(matches!(refused, Err(IrcError::NickRefused { .. })));
    }

    #[test]
    fn a_server_without_capabilities_or_without_answers_is_joined_too() {
        let mut talk = Talk::with(|_| {});
        assert!(talk.hear(":s 421 * CAP :Unknown command").is_empty());
        let message: Message = ":s 001 ptgbot :Welcome".parse().unwrap();
        let progress = talk.registration.receive(&message, &talk.settings, &mut talk.out).unwrap();
        assert_eq!(progress, Progress::Welcome("ptgbot".into()));

        let mut silent = Talk::with(|_| {});
        silent.hear("CAP * LS :multi-prefix");
        silent.registration.tick(silent.start + NEGOTIATION, &mut silent.out);
        assert_eq!(silent.said(), ["CAP END"]);
        assert!(silent.registration.is_overdue(silent.start + Duration::from_secs(60)));
    }

    #[test]
    fn a_ban_and_a_wrong_password_say_so() {
        let mut talk = Talk::with(|_| {});
        let mut fails = |line: &str| {
            let message: Message = line.parse().unwrap();
            talk.registration.receive(&message, &talk.settings, &mut talk.out).unwrap_err().to_string()
        };
        assert_eq!(
            fails(":s 464 * :Password incorrect"),
            "irc.example.org:6697 refuses the server password: Password incorrect"
        );
        assert_eq!(fails(":s 465 * :You are banned: spam"), "irc.example.org:6697 refuses us: You are banned: spam");
    }
}
