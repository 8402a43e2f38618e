//! The whole IRC client without a socket and without a clock: lines and the time come in, lines and requests go out.
//!
//! The driver calls [`Session::connected`] for each connection, [`Session::hear`] for each line, [`Session::tick`]
//! when [`Session::wake_at`] has come, writes what [`Session::next_line`] gives, and calls
//! [`Session::disconnected`] at the end. The roster, what waits to be said and what must be asked again live here.

mod hear;
mod judge;

use crate::channels::Channels;
use crate::ctcp::Ctcp;
use crate::error::IrcError;
use crate::identified::Checks;
use crate::identity::Identity;
use crate::isupport::Isupport;
use crate::pacing::{Pace, Unread};
use crate::post::{Letter, Post};
use crate::registration::Registration;
use crate::roster::Roster;
use crate::settings::Settings;
use crate::split::{Room, pieces};
use irc::proto::Command;
use judge::Held;
use ptgbot_core::{Incoming, Outgoing, Target};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One IRC client, over all its connections.
pub(crate) struct Session {
    settings: Arc<Settings>,
    link: Link,
    nick: String,
    /// User and host that the server shows for us, once we have seen them.
    mask: Option<(String, String)>,
    isupport: Isupport,
    identity: Identity,
    channels: Channels,
    roster: Roster,
    /// NAMES that are on their way, by folded channel.
    listing: HashMap<String, Instant>,
    checks: Checks,
    ctcp: Ctcp,
    held: VecDeque<Held>,
    refused: HashMap<String, Instant>,
    urgent: VecDeque<Command>,
    control: VecDeque<Command>,
    post: Post,
    pace: Pace,
    unread: Unread,
    mark_at: Option<Instant>,
    last_heard: Instant,
    /// Our oldest PING without an answer.
    pinged: Option<(u64, Instant)>,
    incoming: VecDeque<Incoming>,
    /// A number in 0..1 that makes waits differ between bots.
    chance: fn() -> f64,
}

/// How far a connection has come.
enum Link {
    Down,
    Registering(Box<Registration>),
    Up(Box<Registration>),
}

/// Why a connection should be given up.
#[derive(Debug)]
pub(crate) enum End {
    /// It is broken or useless; another one may be better.
    Lost(String),
    /// The server will not have us.
    Refused(IrcError),
}

/// When something more may be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    /// Not before something changes.
    Closed,
    /// Now.
    Open,
    /// From this time on.
    From(Instant),
}

impl Session {
    /// A client that is not connected yet.
    pub(crate) fn new(settings: Arc<Settings>, now: Instant, chance: fn() -> f64) -> Self {
        Self {
            link: Link::Down,
            nick: settings.nick.to_string(),
            mask: None,
            isupport: Isupport::default(),
            identity: Identity::default(),
            channels: Channels::new(&settings),
            roster: Roster::default(),
            listing: HashMap::new(),
            checks: Checks::default(),
            ctcp: Ctcp::default(),
            held: VecDeque::new(),
            refused: HashMap::new(),
            urgent: VecDeque::new(),
            control: VecDeque::new(),
            post: Post::default(),
            pace: Pace::new(settings.timing.burst.get(), settings.timing.line),
            unread: Unread::default(),
            mark_at: None,
            last_heard: now,
            pinged: None,
            incoming: VecDeque::new(),
            chance,
            settings,
        }
    }

    /// A connection stands.
    pub(crate) fn connected(&mut self, now: Instant) {
        self.disconnected();
        self.last_heard = now;
        self.nick = self.settings.nick.to_string();
        let registration = Registration::start(&self.settings, now, &mut self.urgent);
        self.link = Link::Registering(Box::new(registration));
    }

    /// The connection is gone. What was said but not confirmed waits to be said again.
    pub(crate) fn disconnected(&mut self) {
        self.link = Link::Down;
        self.mask = None;
        self.isupport = Isupport::default();
        self.identity = Identity::default();
        self.channels.disconnected();
        self.roster.clear();
        self.listing.clear();
        self.checks.clear();
        // Rights cannot be looked up any more; what waited for that is judged by nobody.
        if !self.held.is_empty() {
            tracing::warn!(count = self.held.len(), "the connection was lost before these messages could be judged");
            self.held.clear();
        }
        self.urgent.clear();
        self.control.clear();
        self.post.disconnected();
        self.pace.reset();
        self.unread.reset();
        self.mark_at = None;
        self.pinged = None;
    }

    /// What time alone brings.
    ///
    /// # Errors
    /// When the connection should be given up.
    pub(crate) fn tick(&mut self, now: Instant) -> Result<(), End> {
        match &mut self.link {
            Link::Down => return Ok(()),
            Link::Registering(registration) => {
                registration.tick(now, &mut self.urgent);
                if registration.is_overdue(now) {
                    return Err(End::Lost("the server did not welcome us in time".to_owned()));
                }
                return Ok(());
            }
            Link::Up(_) => {}
        }
        self.identity.tick(&self.nick, &self.settings, now, &mut self.control);
        if self.identity.may_join() {
            self.channels.join_due(now, &mut self.control);
        }
        self.checks.tick(now);
        self.listing.retain(|_, until| now < *until);
        self.judge_held(now);
        if self.pinged.is_some_and(|(_, at)| now >= at + self.settings.timing.pong) {
            return Err(End::Lost("the server does not answer PING".to_owned()));
        }
        if self.pinged.is_none() && now >= self.last_heard + self.settings.timing.silence {
            self.ping(now, Urgency::Now);
        }
        Ok(())
    }

    /// When [`tick`](Self::tick) or [`next_line`](Self::next_line) has something to do by time alone.
    pub(crate) fn wake_at(&self, now: Instant) -> Option<Instant> {
        match &self.link {
            Link::Down => None,
            Link::Registering(registration) => registration.wake_at(),
            Link::Up(_) => {
                let timing = &self.settings.timing;
                let alive = match self.pinged {
                    Some((_, at)) => at + timing.pong,
                    None => self.last_heard + timing.silence,
                };
                let pace = self.wants_to_write(now).then(|| self.pace.ready_at(now));
                let joins = if self.identity.may_join() { self.channels.wake_at(now) } else { None };
                // What is overdue here waits for the server, not for the time.
                let ahead = [self.held.iter().map(Held::until).min(), self.post.wake_at(), self.mark_at];
                let ahead = ahead.into_iter().flatten().filter(|at| *at > now);
                let due = [Some(alive), pace, joins, self.identity.wake_at(), self.checks.wake_at()];
                due.into_iter().flatten().chain(ahead).min()
            }
        }
    }

    /// The next line to write now, if any: first what may not wait, then what the connection needs, then people.
    pub(crate) fn next_line(&mut self, now: Instant) -> Option<Command> {
        let command = self.urgent.pop_front().or_else(|| self.paced_line(now))?;
        if matches!(self.link, Link::Up(_)) {
            self.pace.spend(now);
            self.unread.wrote(String::from(&command).len() + 2);
        }
        Some(command)
    }

    /// A line that must leave at once (an answer to PING).
    pub(crate) fn at_once(&mut self, command: Command) {
        self.urgent.push_back(command);
    }

    /// Takes a message to be said.
    pub(crate) fn say(&mut self, message: Outgoing) {
        match message {
            Outgoing::Reply { to: Target::Room(to), text, .. } | Outgoing::Announce { room: to, text } => {
                self.post_to(&to, &text)
            }
            Outgoing::Reply { to: Target::User(to), text, .. } => self.post_to(&to, &text),
            Outgoing::Notify { user, text } => self.post_to(user.as_str(), &text),
            // IRC has no sign for "done" but silence.
            Outgoing::Ack { .. } | Outgoing::Done { .. } | Outgoing::Error { .. } => {}
        }
    }

    /// When more may be said. Nothing more is taken while something that could go is still here, so that answers
    /// overtake notifications in the bot's own outbox.
    pub(crate) fn window(&self, now: Instant) -> Window {
        let busy =
            !self.urgent.is_empty() || !self.control.is_empty() || self.post.has_sendable(now, |key| self.is_open(key));
        match self.link {
            Link::Up(_) if !busy && self.unread.has_room() => match self.pace.ready_at(now) {
                at if at <= now => Window::Open,
                at => Window::From(at),
            },
            Link::Up(_) | Link::Registering(_) | Link::Down => Window::Closed,
        }
    }

    /// How much room our lines have now.
    pub(crate) fn room(&self) -> Room {
        let source = match &self.mask {
            Some((user, host)) => self.nick.len() + 1 + user.len() + 1 + host.len(),
            None => self.isupport.longest_source().max(self.nick.len() + LONGEST_MASK),
        };
        Room { source }
    }

    /// The next request that was heard.
    pub(crate) fn next_incoming(&mut self) -> Option<Incoming> {
        self.incoming.pop_front()
    }

    /// True once the server has welcomed us on this connection.
    pub(crate) fn is_up(&self) -> bool {
        matches!(self.link, Link::Up(_))
    }

    /// Asks for confirmation of what was said without waiting for more: nothing more will be said.
    pub(crate) fn confirm_now(&mut self, now: Instant) {
        if self.post.unmarked() > 0 {
            self.mark_at = Some(now);
        }
    }

    /// True when all that was to be said has arrived.
    pub(crate) fn is_done(&self) -> bool {
        self.post.is_done()
    }

    fn paced_line(&mut self, now: Instant) -> Option<Command> {
        if !self.is_up() || self.pace.ready_at(now) > now {
            return None;
        }
        if !self.unread.has_room() {
            return if self.unread.unmarked() > 0 { Some(self.ping(now, Urgency::Next)) } else { None };
        }
        if let Some(command) = self.control.pop_front() {
            return Some(command);
        }
        let due = self.mark_at.is_some_and(|at| now >= at);
        if due || self.post.unmarked() >= LETTERS_A_PING || self.unread.unmarked() >= BYTES_A_PING {
            return Some(self.ping(now, Urgency::Next));
        }
        let Self { post, channels, isupport, .. } = self;
        let command = post.take(now, |key| is_open(key, channels, isupport))?;
        // Confirmed soon, for what is not confirmed is said twice after a lost connection; but not at the cost of words.
        let confirm_at = now + if self.pace.is_idle(now) { CONFIRM_SOON } else { CONFIRM_LATER };
        self.mark_at = Some(self.mark_at.map_or(confirm_at, |at| at.min(confirm_at)));
        Some(command)
    }

    /// Asks the server to confirm what it has read so far. The `irc` crate's own PINGs begin after the MOTD only
    /// and carry the time of day: they confirm nothing.
    fn ping(&mut self, now: Instant, urgency: Urgency) -> Command {
        let token = self.unread.mark();
        self.post.mark(token);
        self.mark_at = None;
        self.pinged.get_or_insert((token, now));
        let command = Command::PING(format!("{TOKEN}{token}"), None);
        if urgency == Urgency::Now {
            self.urgent.push_back(command.clone());
        }
        command
    }

    fn wants_to_write(&self, now: Instant) -> bool {
        let waits = !self.control.is_empty()
            || self.post.has_sendable(now, |key| self.is_open(key))
            || self.mark_at.is_some_and(|at| now >= at);
        waits && (self.unread.has_room() || self.unread.unmarked() > 0)
    }

    fn is_open(&self, key: &str) -> bool {
        is_open(key, &self.channels, &self.isupport)
    }

    fn post_to(&mut self, to: &str, text: &str) {
        let to: String = to.chars().filter(|c| !c.is_control() && *c != ' ' && *c != ',').collect();
        if to.is_empty() || to.starts_with(':') {
            return;
        }
        // Cut already, as a rule; our prefix may have grown since.
        for piece in pieces(text, "", self.room().for_text(&to)) {
            self.post.push(Letter::new(&to, self.isupport.fold(&to), piece));
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Urgency {
    Now,
    Next,
}

/// People can always be spoken to, channels while we are in them.
fn is_open(key: &str, channels: &Channels, isupport: &Isupport) -> bool {
    !isupport.is_channel(key) || channels.name_if_in(key, isupport).is_some()
}

const TOKEN: &str = "ptgbot-";
/// `!user@host` at its longest, whatever 005 says.
const LONGEST_MASK: usize = 1 + 11 + 1 + 64;
const LETTERS_A_PING: usize = 4;
const BYTES_A_PING: usize = 1_000;
/// Time for the other lines of an answer to come first.
const CONFIRM_SOON: Duration = Duration::from_millis(200);
const CONFIRM_LATER: Duration = Duration::from_secs(3);

#[cfg(test)]
mod fuzz;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
