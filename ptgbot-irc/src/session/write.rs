//! What leaves next, and when.

use super::{Link, OwnLine, Session, Turn};
use irc::proto::Command;
use std::time::{Duration, Instant};

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
    /// The next line to write now, if any: first what may not wait, then what the connection needs, then words.
    pub(crate) fn next_line(&mut self, now: Instant) -> Option<Command> {
        let command = self.urgent.pop_front().or_else(|| self.paced_line(now))?;
        if self.is_up() {
            self.pace.spend(now);
            self.unread.wrote(String::from(&command).len() + "\r\n".len());
            match &command {
                Command::PRIVMSG(to, _) if !self.isupport.is_channel(to) => {
                    self.accept_list.wrote_to(to, &self.isupport);
                }
                _ => {}
            }
            // Confirmed as soon as it is quiet, for what is not confirmed is said twice after a lost connection.
            if self.queue.has_unmarked() {
                self.confirm_at = Some(now + self.settings.timing.line.mul_f64(QUIET).max(QUIET_AT_LEAST));
            }
        }
        Some(command)
    }

    /// A line that must leave at once (an answer to PING).
    pub(crate) fn at_once(&mut self, command: Command) {
        self.urgent.push_back(command);
    }

    /// When more may be said. Nothing more is taken while something that could go is still here, so that answers
    /// overtake notifications in the bot's own outbox.
    pub(crate) fn window(&self, now: Instant) -> Window {
        let busy = !self.urgent.is_empty()
            || !self.control.is_empty()
            || self.is_own_turn()
            || self.wants_confirmation(now)
            || self.has_sendable(now);
        match self.link {
            Link::Up(_) if !busy && self.may_speak(now) && self.unread.has_room() => match self.pace.ready_at(now) {
                at if at <= now => Window::Open,
                at => Window::From(at),
            },
            Link::Up(_) | Link::Registering(_) | Link::Down => Window::Closed,
        }
    }

    /// Asks for confirmation of what was said without waiting for more: nothing more will be said.
    pub(crate) fn confirm_now(&mut self, now: Instant) {
        if self.queue.has_unmarked() {
            self.confirm_at = Some(now);
        }
    }

    /// Asks at once whether the server is there.
    pub(super) fn ping_now(&mut self, now: Instant) {
        let command = self.ping(now);
        self.urgent.push_back(command);
    }

    /// When the pace lets the next line go, if one waits.
    pub(super) fn write_at(&self, now: Instant) -> Option<Instant> {
        let ready = self.pace.ready_at(now);
        if !self.unread.has_room() {
            return (self.unread.unmarked() > 0).then_some(ready);
        }
        if !self.control.is_empty() || self.is_own_turn() || self.wants_confirmation(now) || self.has_sendable(now) {
            return Some(ready);
        }
        (!self.own.is_empty()).then(|| self.own_at(ready))
    }

    fn paced_line(&mut self, now: Instant) -> Option<Command> {
        let ready = self.pace.ready_at(now);
        if !self.is_up() || ready > now {
            return None;
        }
        if !self.unread.has_room() {
            return if self.unread.unmarked() > 0 { Some(self.confirmation(now)) } else { None };
        }
        if let Some(command) = self.control.pop_front() {
            return Some(command);
        }
        if self.wants_confirmation(now) {
            return Some(self.confirmation(now));
        }
        match self.last_turn {
            Turn::Bot => self.own_line(now).or_else(|| self.bot_line(now)),
            Turn::Own { .. } => self.bot_line(now).or_else(|| {
                let is_time = now >= self.own_at(ready);
                if is_time { self.own_line(now) } else { None }
            }),
        }
    }

    /// When a line of our own may go. After another one the bot has its turn: what it says next is still in its
    /// outbox, which looks at the window in a moment.
    fn own_at(&self, ready: Instant) -> Instant {
        match self.last_turn {
            Turn::Own { at } => ready.max(at) + COURTESY,
            Turn::Bot => ready,
        }
    }

    fn bot_line(&mut self, now: Instant) -> Option<Command> {
        if !self.has_sendable(now) {
            return None;
        }
        if self.accept_list.is_nearly_full(&self.isupport) {
            return Some(self.confirmation(now));
        }
        let Self { queue, channels, isupport, accept_list, .. } = self;
        let command = queue.take(now, |key| match isupport.is_channel(key) {
            true => channels.name_if_in(key, isupport).is_some(),
            false => !accept_list.is_closed(),
        })?;
        self.last_turn = Turn::Bot;
        Some(command)
    }

    fn own_line(&mut self, now: Instant) -> Option<Command> {
        while let Some(line) = self.own.pop_front() {
            let command = match line {
                OwnLine::Question(nick) => {
                    let until = now + self.settings.timing.question;
                    let wanted = self.checks.asked(&self.isupport.fold(&nick), until);
                    wanted.then_some(Command::WHOIS(None, nick))
                }
                OwnLine::Ctcp(answer) => self.may_speak(now).then_some(answer),
                OwnLine::Refusal { to, text } => {
                    self.say(&to, &text, None);
                    self.bot_line(now)
                }
            };
            if command.is_some() {
                self.last_turn = Turn::Own { at: now };
                return command;
            }
        }
        None
    }

    /// A line whose answer confirms what the server has read so far: a PING, or one that is needed anyway.
    fn confirmation(&mut self, now: Instant) -> Command {
        if !self.accept_list.can_confirm(&self.isupport) {
            return self.ping(now);
        }
        let token = self.mark();
        self.accept_list.take_off(&self.nick, token, now)
    }

    /// The `irc` crate's own PINGs begin after the MOTD only and carry the time of day: they confirm nothing.
    fn ping(&mut self, now: Instant) -> Command {
        let token = self.mark();
        self.pinged.get_or_insert((token, now));
        Command::PING(format!("{TOKEN}{token}"), None)
    }

    fn mark(&mut self) -> u64 {
        let token = self.unread.mark();
        self.queue.mark(token);
        self.confirm_at = None;
        token
    }

    fn wants_confirmation(&self, now: Instant) -> bool {
        self.unread.wants_mark() || (self.unread.unmarked() > 0 && self.confirm_at.is_some_and(|at| now >= at))
    }

    fn is_own_turn(&self) -> bool {
        self.last_turn == Turn::Bot && !self.own.is_empty()
    }

    fn has_sendable(&self, now: Instant) -> bool {
        self.may_speak(now) && self.queue.has_sendable(now, |key| self.is_open(key))
    }

    /// Channels can be spoken to while we are in them, people while they find a place on our accept list.
    fn is_open(&self, key: &str) -> bool {
        match self.isupport.is_channel(key) {
            true => self.channels.name_if_in(key, &self.isupport).is_some(),
            false => !self.accept_list.is_closed(),
        }
    }
}

/// What our PINGs carry, and a number.
pub(super) const TOKEN: &str = "ptgbot-";
/// Nothing has left for so many times as long as a line takes: nothing more waits, and a PING costs nobody anything.
const QUIET: f64 = 1.5;
const QUIET_AT_LEAST: Duration = Duration::from_millis(100);
/// What the bot needs to take its turn.
const COURTESY: Duration = Duration::from_millis(50);
