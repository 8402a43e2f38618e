//! The whole IRC client without a socket and without a clock: lines and the time come in, lines and requests go out.
//!
//! The driver calls [`Session::connected`] for each connection, [`Session::hear`] for each line, [`Session::tick`]
//! when [`Session::wake_at`] has come, writes what [`Session::next_line`] gives, and calls
//! [`Session::disconnected`] at the end. The roster, what waits to be said and what must be asked again live here.

mod duty;
mod hear;
mod judge;
mod numerics;
#[cfg(feature = "bot")]
mod standing;
mod write;

use crate::accept_list::AcceptList;
use crate::channels::Channels;
use crate::ctcp::Ctcp;
use crate::duty::Duty;
use crate::error::IrcError;
use crate::identified::Checks;
use crate::isupport::Isupport;
use crate::kept::Kept;
use crate::marks::Marks;
use crate::pacing::{Pace, Unread};
use crate::registration::Registration;
use crate::roster::Roster;
use crate::send_queue::{OutgoingLine, Receipt, SendQueue};
use crate::services_login::ServicesLogin;
use crate::settings::Settings;
use crate::split::{Room, pieces};
use crate::voice::Voice;
use duty::Expected;
use irc::proto::Command;
use judge::Held;
use ptgbot_core::Incoming;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;
pub(crate) use write::Window;

/// One IRC client, over all its connections.
pub(crate) struct Session {
    settings: Arc<Settings>,
    duty: Duty,
    link: Link,
    nick: String,
    /// User and host that the server shows for us, once we have seen them.
    mask: Option<(String, String)>,
    isupport: Isupport,
    login: ServicesLogin,
    channels: Channels,
    roster: Roster,
    /// NAMES that are on their way, by folded channel.
    listing: HashMap<String, Instant>,
    checks: Checks,
    ctcp: Ctcp,
    accept_list: AcceptList,
    voice: Voice,
    held: VecDeque<Held>,
    /// What was heard while the bot stands by.
    kept: Kept,
    /// The newest commands that were given out, by this process and those before.
    given: Marks,
    /// Those that were handled before the bot came to stand by in its channels: it cannot have heard them.
    before: Marks,
    expected: Expected,
    /// Nothing is said past this moment; `None` where nobody else can ever speak for the bot.
    speaks_until: Option<Instant>,
    /// Leave at once, whatever the pace.
    urgent: VecDeque<Command>,
    /// What the connection needs: it goes before all words.
    control: VecDeque<Command>,
    /// Questions about people and words of our own, which strangers can cause; they take turns with the bot's answers.
    own: VecDeque<OwnLine>,
    /// What the bot says.
    queue: SendQueue,
    last_turn: Turn,
    pace: Pace,
    unread: Unread,
    confirm_at: Option<Instant>,
    last_heard: Instant,
    /// Our oldest PING without an answer.
    pinged: Option<(u64, Instant)>,
    incoming: VecDeque<Incoming>,
}

/// A line that the bot knows nothing of.
#[derive(Debug, PartialEq)]
enum OwnLine {
    /// WHOIS about this nick.
    Question(String),
    /// The answer to a question of a chat client.
    Ctcp(Command),
    /// Why somebody is not obeyed.
    Refusal { to: String, text: String },
}

/// Whose line went last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Own { at: Instant },
    Bot,
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

impl Session {
    /// A client that is not connected yet.
    pub(crate) fn new(settings: Arc<Settings>, duty: Duty, now: Instant) -> Self {
        Self {
            duty,
            link: Link::Down,
            nick: duty.nick(settings.nick.as_str(), 0),
            mask: None,
            isupport: Isupport::default(),
            login: ServicesLogin::new(&settings, duty),
            channels: Channels::new(&settings),
            roster: Roster::default(),
            listing: HashMap::new(),
            checks: Checks::default(),
            ctcp: Ctcp::default(),
            accept_list: AcceptList::new(),
            voice: Voice::default(),
            held: VecDeque::new(),
            kept: Kept::default(),
            given: Marks::default(),
            before: Marks::default(),
            expected: Expected::default(),
            speaks_until: None,
            urgent: VecDeque::new(),
            control: VecDeque::new(),
            own: VecDeque::new(),
            queue: SendQueue::default(),
            last_turn: Turn::Bot,
            pace: Pace::new(settings.timing.burst.get(), settings.timing.line),
            unread: Unread::default(),
            confirm_at: None,
            last_heard: now,
            pinged: None,
            incoming: VecDeque::new(),
            settings,
        }
    }

    /// A connection stands.
    pub(crate) fn connected(&mut self, now: Instant) {
        self.disconnected();
        self.last_heard = now;
        self.nick = self.duty.nick(self.settings.nick.as_str(), 0);
        let registration = Registration::start(&self.settings, self.duty, now, &mut self.urgent);
        self.link = Link::Registering(Box::new(registration));
    }

    /// The connection is gone. What was said but not confirmed waits to be said again.
    pub(crate) fn disconnected(&mut self) {
        self.link = Link::Down;
        self.mask = None;
        self.isupport = Isupport::default();
        self.login = ServicesLogin::new(&self.settings, self.duty);
        self.channels.disconnected();
        self.roster.clear();
        self.listing.clear();
        self.voice.disconnected();
        self.checks.clear();
        // Rights cannot be looked up any more; what waited for that is judged by nobody.
        if !self.held.is_empty() {
            tracing::warn!(count = self.held.len(), "the connection was lost before these messages could be judged");
            self.held.clear();
        }
        self.accept_list = AcceptList::new();
        self.urgent.clear();
        self.control.clear();
        self.own.clear();
        self.queue.disconnected();
        self.pace.reset();
        self.unread.reset();
        self.confirm_at = None;
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
        if !self.may_speak(now) {
            self.login.leave_nick(now);
        }
        self.login.tick(&self.nick, &self.settings, now, &mut self.control);
        if self.login.may_join() {
            self.channels.join_due(now, &mut self.control);
        }
        if self.accept_list.tick(now) {
            self.ping_now(now);
        }
        self.checks.tick(now);
        self.listing.retain(|_, until| now < *until);
        self.judge_held(now);
        while let Some(channel) = self.voice.due(now) {
            self.look_for_voice(&channel, now);
        }
        if self.pinged.is_some_and(|(_, at)| now >= at + self.settings.timing.pong) {
            return Err(End::Lost("the server does not answer PING".to_owned()));
        }
        if self.pinged.is_none() && now >= self.last_heard + self.settings.timing.silence {
            self.ping_now(now);
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
                let joins = if self.login.may_join() { self.channels.wake_at(now) } else { None };
                // What is overdue here waits for the server, not for the time.
                let ahead = [self.held.iter().map(Held::until).min(), self.queue.wake_at(), self.confirm_at];
                let ahead = ahead.into_iter().flatten().filter(|at| *at > now);
                let due = [
                    self.login.wake_at(),
                    self.checks.wake_at(),
                    self.accept_list.wake_at(),
                    self.voice.wake_at(),
                    joins,
                ];
                due.into_iter().chain([Some(alive), self.write_at(now)]).flatten().chain(ahead).min()
            }
        }
    }

    /// Takes words for a channel or a person. `receipt` hears what becomes of them.
    pub(crate) fn say(&mut self, to: &str, text: &str, mut receipt: Option<Receipt>) {
        let to: String = to.chars().filter(|c| !c.is_control() && *c != ' ' && *c != ',').collect();
        if to.is_empty() || to.starts_with(':') {
            OutgoingLine::new(&to, String::new(), String::new(), receipt).refused("nobody can have this name");
            return;
        }
        // Cut already, as a rule; our prefix may have grown since.
        let pieces = pieces(text, "", self.room().for_text(&to));
        let last = pieces.len().saturating_sub(1);
        for (place, piece) in pieces.into_iter().enumerate() {
            let receipt = if place == last { receipt.take() } else { None };
            self.queue.push(OutgoingLine::new(&to, self.isupport.fold(&to), piece, receipt));
        }
        if let Some(receipt) = receipt {
            // Not a word in it.
            receipt.send(Ok(())).ok();
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

    /// True when all that was to be said has arrived.
    pub(crate) fn is_done(&self) -> bool {
        self.unsaid() == 0
    }

    /// How many lines have not arrived yet.
    pub(crate) fn unsaid(&self) -> usize {
        self.queue.len()
    }
}

/// `!user@host` at its longest, whatever 005 says.
const LONGEST_MASK: usize = 1 + 11 + 1 + 64;

#[cfg(test)]
mod fuzz;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
