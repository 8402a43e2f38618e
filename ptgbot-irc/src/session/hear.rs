//! Lines from the server.

use super::write::TOKEN;
use super::{End, Link, OwnLine, Session};
use crate::formatting::{is_edit, plain};
use crate::line::{nick, numeric, person, tag};
use crate::registration::{Progress, Registration};
use crate::roster::{KnownRole, NeedsNames};
use crate::send_queue::Dropped;
use crate::session::judge::{Held, Where};
use crate::{ctcp, duty::Duty, settings::Identified};
use chrono::{DateTime, TimeDelta, Utc};
use irc::proto::{ChannelMode, Command, Message, Mode};
use ptgbot_core::Role;
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
        self.ping_now(now);
    }

    fn welcome(&mut self, registration: Box<Registration>, nick: String, now: Instant) {
        tracing::info!(nick, "welcomed");
        if registration.has("multi-prefix") {
            self.roster.show_every_mark();
        }
        self.nick = nick;
        self.login.welcomed(&self.nick, registration.is_identified(), &self.settings, now, &mut self.control);
        self.link = Link::Up(registration);
        let wanted = self.settings.nick.as_str();
        if wanted.len() > self.nick.len() && wanted.starts_with(&self.nick) {
            self.nick_is_cut(self.nick.clone(), now);
        }
    }

    /// The server allows a part of our nick only. People address the bot by the nick that they see.
    pub(super) fn nick_is_cut(&mut self, to: String, now: Instant) {
        tracing::warn!(
            wanted = %self.settings.nick,
            nick = to,
            "the server cuts the nick; a shorter one would be whole"
        );
        self.login.nick_is_cut(&to, &self.nick, now);
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
                    self.accept_list.gone(who, &self.isupport);
                    self.has_left_nick(who, now);
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
        if self.is_one_of_us(who) || self.isupport.fold(who) == self.isupport.fold(self.settings.nickserv_nick()) {
            return;
        }
        let target = self.isupport.without_status(target);
        if ctcp::is_ctcp(text) {
            if self.is_me(target)
                && self.duty == Duty::Acts
                && let Some(answer) = self.ctcp.answer(text, now)
            {
                self.own.push_back(OwnLine::Ctcp(Command::NOTICE(who.to_owned(), answer)));
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
        let mark = self.mark_of(&place, who, &text);
        if self.duty == Duty::StandsBy && mark.is_none() {
            return;
        }
        let until = now + self.settings.timing.question;
        self.hold(Held { nick: who.to_owned(), place, text, mark, at, account, heard: now, until });
    }

    /// Never answered. Services speak this way, and the server when it drops our lines.
    fn notice(&mut self, message: &Message, text: &str, now: Instant) {
        match person(message).map(|(who, ..)| who).or_else(|| nick(message)) {
            Some(who) if self.isupport.fold(who) == self.isupport.fold(self.settings.nickserv_nick()) => {
                let text = plain(text);
                if self.login.notice(&text, now) {
                    let answer = self.settings.without_passwords(&text);
                    tracing::warn!(answer, "services did not identify the bot");
                }
                self.after_login();
            }
            // A person could write the same words; then a line of ours is said twice, if at all.
            _ if person(message).is_none() => {
                if let Some(target) = throttled(text) {
                    self.throttled(target, now);
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
            if self.duty == Duty::Acts {
                self.voice.joined(&self.isupport.fold(channel), now);
            }
        } else {
            // Forced or forwarded: not a channel of the event.
            self.control.push_back(Command::PART(channel.to_owned(), None));
        }
    }

    fn gone(&mut self, channel: &str, who: &str, now: Instant) {
        if self.is_me(who) {
            self.roster.leave(channel, &self.isupport);
            self.listing.remove(&self.isupport.fold(channel));
            self.channels.left(channel, &self.isupport, now);
        } else {
            self.roster.part(channel, who, &self.isupport);
            self.checks.forget(&self.isupport.fold(who));
        }
    }

    fn rename(&mut self, message: &Message, new: &str, now: Instant) {
        let Some(old) = nick(message) else { return };
        let (old_key, new_key) = (self.isupport.fold(old), self.isupport.fold(new));
        self.roster.rename(old, new, &self.isupport);
        self.accept_list.renamed(old, new, &self.isupport);
        self.checks.forget(&old_key);
        self.checks.forget(&new_key);
        for held in self.held.iter_mut().filter(|h| self.isupport.fold(&h.nick) == old_key) {
            new.clone_into(&mut held.nick);
        }
        if self.is_me(old) {
            tracing::info!(nick = new, "renamed");
            new.clone_into(&mut self.nick);
            self.login.renamed(new, now);
        } else {
            self.has_left_nick(old, now);
        }
    }

    fn channel_mode(&mut self, channel: &str, modes: &[Mode<ChannelMode>], now: Instant) {
        let channel = self.isupport.without_status(channel);
        if self.roster.mode(channel, modes, &self.isupport) == NeedsNames::Yes {
            self.ask_names(channel, now);
        }
        // We may have been given voice, or the channel its speech back.
        self.queue.release(&self.isupport.fold(channel));
    }

    fn own_mode(&mut self, flag: &str, now: Instant) {
        match flag {
            // OFTC says R, ircd-hybrid, InspIRCd and others r.
            "+R" | "+r" => {
                self.login.known();
                self.after_login();
            }
            "-R" | "-r" => self.login.is_needed(now),
            _ => {}
        }
    }

    pub(super) fn after_login(&mut self) {
        if self.login.is_known() {
            self.channels.try_now(None);
        }
    }

    fn pong(&mut self, token: &str, now: Instant) {
        let Some(token) = token.strip_prefix(TOKEN).and_then(|t| t.parse::<u64>().ok()) else { return };
        self.confirmed(token, now);
        if self.pinged.is_some_and(|(oldest, _)| oldest <= token) {
            self.pinged = self.unread.oldest_mark().map(|token| (token, now));
        }
    }

    /// The server has read everything up to this token.
    pub(super) fn confirmed(&mut self, token: u64, now: Instant) {
        self.unread.read(token);
        self.queue.confirmed(token, now);
    }

    /// The server dropped a message because much is said there. In channels voice exempts from that.
    fn throttled(&mut self, target: &str, now: Instant) {
        let key = self.isupport.fold(target);
        self.is_dropped(&key, Dropped::Throttled, now);
        if self.isupport.is_channel(target) && self.voice.is_to_be_asked_for(&key, now) {
            tracing::warn!(
                channel = target,
                "the server holds up what the bot says because much is said there; with voice it would not: \
                 /mode {target} +v {}",
                self.nick
            );
        }
    }

    /// Whoever runs the bot should know before much is said.
    pub(super) fn look_for_voice(&mut self, key: &str, now: Instant) {
        let Some(channel) = self.channels.name_if_in(key, &self.isupport).map(str::to_owned) else { return };
        let has_none = self.roster.known_role(key, &self.nick, &self.isupport) == KnownRole::Known(Role::Member);
        if has_none && self.voice.is_to_be_asked_for(key, now) {
            tracing::warn!(
                channel,
                "the bot has no voice in {channel}: where others say much its answers may come late; a channel \
                 operator gives it: /mode {channel} +v {}",
                self.nick
            );
        }
    }

    /// The server dropped a line that it may take later; which one, the next PONG tells.
    pub(super) fn is_dropped(&mut self, key: &str, why: Dropped, now: Instant) {
        if self.queue.dropped(key, why, now) {
            self.confirm_now(now);
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
