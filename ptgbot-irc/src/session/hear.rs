//! Lines from the server.

use super::{End, Link, Session, TOKEN, Urgency};
use crate::formatting::{is_edit, plain};
use crate::line::{nick, numeric, person, tag};
use crate::registration::{Progress, Registration};
use crate::roster::Doubt;
use crate::session::judge::{Held, Where};
use crate::{ctcp, settings::Identified};
use chrono::{DateTime, TimeDelta, Utc};
use irc::proto::{ChannelMode, Command, Message, Mode};
use std::time::Instant;

impl Session {
    /// A line came; `clock` is the time of day.
    ///
    /// # Errors
    /// When the connection should be given up.
    pub(crate) fn hear(&mut self, message: &Message, now: Instant, clock: DateTime<Utc>) -> Result<(), End> {
        self.last_heard = now;
        if let Command::ERROR(reason) = &message.command {
            return Err(End::Lost(format!("the server closed the connection: {reason}")));
        }
        match std::mem::replace(&mut self.link, Link::Down) {
            Link::Down => {}
            Link::Registering(mut registration) => {
                let progress = registration.receive(message, &self.settings, &mut self.urgent).map_err(End::Refused)?;
                match progress {
                    Progress::Waiting => self.link = Link::Registering(registration),
                    Progress::Welcome(nick) => self.welcome(registration, nick, now),
                }
            }
            up @ Link::Up(_) => {
                self.link = up;
                self.line(message, now, clock);
                self.judge_held(now);
            }
        }
        Ok(())
    }

    /// A line came that the `irc` crate could not read: whatever it changed, NAMES will show.
    pub(crate) fn misheard(&mut self, now: Instant) {
        self.last_heard = now;
        let channels: Vec<String> = self.roster.channels().map(str::to_owned).collect();
        channels.iter().for_each(|channel| self.ask_names(channel, now));
        // The crate reads on only when more comes: let it come.
        self.ping(now, Urgency::Now);
    }

    fn welcome(&mut self, registration: Box<Registration>, nick: String, now: Instant) {
        tracing::info!(nick, "welcomed");
        if registration.has("multi-prefix") {
            self.roster.show_every_mark();
        }
        self.nick = nick;
        self.identity.welcomed(&self.nick, registration.is_identified(), &self.settings, now, &mut self.control);
        self.link = Link::Up(registration);
    }

    fn line(&mut self, message: &Message, now: Instant, clock: DateTime<Utc>) {
        match &message.command {
            Command::PRIVMSG(target, text) => self.message(message, target, text, now, clock),
            Command::NOTICE(_, text) => self.notice(message, text, now),
            Command::JOIN(channel, ..) => self.join(message, channel, now),
            Command::PART(channel, _) => {
                if let Some(who) = nick(message) {
                    self.gone(channel, who, now);
                }
            }
            Command::KICK(channel, who, _) => self.gone(channel, who, now),
            Command::QUIT(_) => {
                if let Some(who) = nick(message) {
                    self.roster.quit(who, &self.isupport);
                    self.checks.forget(&self.isupport.fold(who));
                }
            }
            // Somebody logged in or out: what was known about them is old.
            Command::ACCOUNT(_) => {
                if let Some(who) = nick(message) {
                    self.checks.forget(&self.isupport.fold(who));
                }
            }
            Command::CHGHOST(user, host) if nick(message).is_some_and(|who| self.is_me(who)) => {
                self.mask = Some((user.clone(), host.clone()));
            }
            // Somebody opened a door for us.
            Command::INVITE(who, channel) if self.is_me(who) => self.channels.try_now(Some((channel, &self.isupport))),
            Command::NICK(new) => self.rename(message, new, now),
            Command::ChannelMODE(channel, modes) => self.channel_mode(channel, modes, now),
            Command::UserMODE(who, modes) if self.is_me(who) => {
                for mode in modes {
                    self.own_mode(&mode.flag(), now);
                }
            }
            Command::PONG(a, b) => self.pong(b.as_deref().unwrap_or(a), now),
            command => {
                if let Some((number, words)) = numeric(command) {
                    self.numeric(number, words, now);
                }
            }
        }
    }

    /// Words. Those of servers, of services and our own are not for us; a NOTICE never gets here.
    fn message(&mut self, message: &Message, target: &str, text: &str, now: Instant, clock: DateTime<Utc>) {
        let Some((who, ..)) = person(message) else { return };
        if self.is_me(who) || self.isupport.fold(who) == self.isupport.fold(self.settings.nickserv_nick()) {
            return;
        }
        let target = self.isupport.without_status(target);
        if ctcp::is_ctcp(text) {
            if self.is_me(target)
                && let Some(answer) = self.ctcp.answer(text, now)
            {
                self.control.push_back(Command::NOTICE(who.to_owned(), answer));
            }
            return;
        }
        let text = plain(text);
        if is_edit(&text) {
            return;
        }
        let stamp = stamp(message);
        let place = if self.is_me(target) {
            Where::Private
        } else if let Some(name) = self.channels.name_if_in(target, &self.isupport) {
            if stamp.is_some_and(|said| self.channels.is_replay(target, said, &self.isupport)) {
                return;
            }
            Where::Channel(name.to_owned())
        } else {
            return;
        };
        // The server's time of the message is better than ours, if both clocks agree more or less.
        let at = stamp.filter(|said| (clock - *said).abs() <= SANE).unwrap_or(clock);
        let account = tag(message, "account").map(str::to_owned);
        let until = now + self.settings.timing.question;
        self.hold(Held { nick: who.to_owned(), place, text, at, account, until });
    }

    /// Never answered. Services speak this way, and the server when it drops our lines.
    fn notice(&mut self, message: &Message, text: &str, now: Instant) {
        match person(message).map(|(who, ..)| who).or_else(|| nick(message)) {
            Some(who) if self.isupport.fold(who) == self.isupport.fold(self.settings.nickserv_nick()) => {
                self.identity.notice(&plain(text), now);
                self.after_identity();
            }
            // A person could write the same words; then a line of ours is said twice, if at all.
            _ if person(message).is_none() => {
                if let Some(target) = throttled(text) {
                    tracing::debug!(target, "the server dropped a message because of flooding; it is said again later");
                    self.post.refused(&self.isupport.fold(target), now);
                }
            }
            _ => {}
        }
    }

    fn join(&mut self, message: &Message, channel: &str, now: Instant) {
        let Some(who) = nick(message) else { return };
        if !self.is_me(who) {
            self.roster.join(channel, who, &self.isupport);
            self.checks.forget(&self.isupport.fold(who));
            return;
        }
        if let Some((_, user, host)) = person(message) {
            self.mask = Some((user.to_owned(), host.to_owned()));
        }
        if self.channels.joined(channel, stamp(message), &self.isupport, now) {
            self.roster.enter(channel, &self.isupport);
        } else {
            // Forced or forwarded: not a channel of the event.
            self.control.push_back(Command::PART(channel.to_owned(), None));
        }
    }

    fn gone(&mut self, channel: &str, who: &str, now: Instant) {
        if self.is_me(who) {
            self.roster.leave(channel, &self.isupport);
            self.listing.remove(&self.isupport.fold(channel));
            self.channels.left(channel, &self.isupport, now, (self.chance)());
        } else {
            self.roster.part(channel, who, &self.isupport);
            self.checks.forget(&self.isupport.fold(who));
        }
    }

    fn rename(&mut self, message: &Message, new: &str, now: Instant) {
        let Some(old) = nick(message) else { return };
        let (old_key, new_key) = (self.isupport.fold(old), self.isupport.fold(new));
        self.roster.rename(old, new, &self.isupport);
        self.checks.forget(&old_key);
        self.checks.forget(&new_key);
        for held in self.held.iter_mut().filter(|h| self.isupport.fold(&h.nick) == old_key) {
            new.clone_into(&mut held.nick);
        }
        if self.is_me(old) {
            tracing::info!(nick = new, "renamed");
            new.clone_into(&mut self.nick);
            self.identity.renamed(new, &self.settings, now, &mut self.control);
        }
    }

    fn channel_mode(&mut self, channel: &str, modes: &[Mode<ChannelMode>], now: Instant) {
        let channel = self.isupport.without_status(channel);
        if self.roster.mode(channel, modes, &self.isupport) == Doubt::AskNames {
            self.ask_names(channel, now);
        }
        // We may have been given voice, or the channel its speech back.
        self.post.release(&self.isupport.fold(channel));
    }

    fn own_mode(&mut self, flag: &str, now: Instant) {
        match flag {
            // OFTC says R, ircd-hybrid, InspIRCd and others r.
            "+R" | "+r" => {
                self.identity.known();
                self.after_identity();
            }
            "-R" | "-r" => self.identity.unknown(&self.nick, &self.settings, now, &mut self.control),
            _ => {}
        }
    }

    fn after_identity(&mut self) {
        if self.identity.is_known() {
            self.channels.try_now(None);
        }
    }

    fn pong(&mut self, token: &str, now: Instant) {
        let Some(token) = token.strip_prefix(TOKEN).and_then(|t| t.parse::<u64>().ok()) else { return };
        self.unread.read(token);
        self.post.confirmed(token, now);
        if self.pinged.is_some_and(|(oldest, _)| oldest <= token) {
            self.pinged = self.unread.oldest_mark().map(|token| (token, now));
        }
    }

    fn numeric(&mut self, number: u16, words: &[String], now: Instant) {
        let word = |n: usize| words.get(n).map(String::as_str).unwrap_or_default();
        match number {
            5 => self.isupport.apply(words.get(1..).unwrap_or_default()),
            353 => self.roster.list(word(2), word(3), &self.isupport),
            366 => {
                self.listing.remove(&self.isupport.fold(word(1)));
                if self.roster.list_ends(word(1), &self.isupport) == Doubt::AskNames {
                    self.ask_names(word(1), now);
                }
            }
            307 => self.checks.confirmed(&self.isupport.fold(word(1))),
            // An account stays with a person under any nick; it vouches only for the nick that is its own.
            330 if self.isupport.fold(word(1)) == self.isupport.fold(word(2)) => {
                self.checks.confirmed(&self.isupport.fold(word(1)));
            }
            318 | 401 => {
                if number == 401 {
                    tracing::debug!(nick = word(1), "nobody has this nick; what was said to them is lost");
                }
                self.checks.ended(&self.isupport.fold(word(1)), now);
            }
            396 => {
                if let Some((_, host)) = &mut self.mask {
                    // Some servers say `user@host` here.
                    let shown = word(1);
                    shown.rsplit('@').next().unwrap_or(shown).clone_into(host);
                }
            }
            900 => {
                self.identity.known();
                self.after_identity();
            }
            400..=599 => self.refusal(number, word(1), words.last().map(String::as_str).unwrap_or_default(), now),
            _ => {}
        }
    }

    /// An error about a channel or a person: a JOIN that failed, or a line that did not arrive.
    fn refusal(&mut self, number: u16, about: &str, reason: &str, now: Instant) {
        let key = self.isupport.fold(about);
        match number {
            // Cannot send to channel, changing targets too fast: about words, also while a JOIN is on its way.
            404 | 415 | 439 | 531 => self.post.refused(&key, now),
            // Some say 477 to a JOIN, some to words. A line said twice is better than a line lost.
            477 => {
                self.channels.refused(about, reason, &self.isupport, now, (self.chance)());
                self.post.refused(&key, now);
            }
            // We are not where we thought.
            403 | 442 if self.channels.name_if_in(about, &self.isupport).is_some() => {
                self.roster.leave(about, &self.isupport);
                self.channels.left(about, &self.isupport, now, (self.chance)());
                self.post.refused(&key, now);
            }
            _ if self.channels.refused(about, reason, &self.isupport, now, (self.chance)()) => {}
            _ => tracing::debug!(number, about, reason, "the server refused something"),
        }
    }

    pub(super) fn ask_names(&mut self, channel: &str, now: Instant) {
        let key = self.isupport.fold(channel);
        if self.listing.insert(key, now + self.settings.timing.question).is_none() {
            self.control.push_back(Command::NAMES(Some(channel.to_owned()), None));
        }
    }

    pub(super) fn is_me(&self, nick: &str) -> bool {
        self.isupport.fold(nick) == self.isupport.fold(&self.nick)
    }

    pub(super) fn requires_identification(&self) -> bool {
        self.settings.identified == Identified::Required
    }
}

/// The server's own time of a message.
fn stamp(message: &Message) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(tag(message, "time")?).ok().map(|t| t.to_utc())
}

/// The target in `*** Message to X throttled due to flooding`.
fn throttled(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("Message to ")?;
    rest.split_once(" throttled due to flooding").map(|(target, _)| target)
}

/// Two clocks that differ by more are not believed.
const SANE: TimeDelta = TimeDelta::seconds(60);
