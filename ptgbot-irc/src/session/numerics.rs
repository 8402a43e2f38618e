//! Numeric replies of the server.

use super::Session;
use crate::roster::NeedsNames;
use crate::send_queue::Dropped;
use std::time::Instant;

impl Session {
    pub(super) fn numeric(&mut self, number: u16, words: &[String], now: Instant) {
        let word = |n: usize| words.get(n).map(String::as_str).unwrap_or_default();
        match number {
            5 => {
                self.isupport.apply(words.get(1..).unwrap_or_default());
                self.check_nick_length(now);
            }
            353 => self.roster.list(word(2), word(3), &self.isupport),
            366 => {
                self.listing.remove(&self.isupport.fold(word(1)));
                if self.roster.list_ends(word(1), &self.isupport) == NeedsNames::Yes {
                    self.ask_names(word(1), now);
                }
            }
            307 => self.checks.confirmed(&self.isupport.fold(word(1))),
            // An account stays with a person under any nick; it vouches only for the nick that is its own.
            330 if self.isupport.fold(word(1)) == self.isupport.fold(word(2)) => {
                self.checks.confirmed(&self.isupport.fold(word(1)));
            }
            318 => self.checks.ended(&self.isupport.fold(word(1)), now),
            281 => self.accept_list.listed(words.get(1..).unwrap_or_default(), &mut self.control),
            282 => self.accept_list.list_ends(),
            458 => {
                if let Some(token) = self.accept_list.was_not_on_it(word(1), &self.nick, &self.isupport) {
                    self.confirmed(token, now);
                }
            }
            494 => {
                tracing::debug!(nick = word(1), "our accept list is full; a message is said again later");
                self.accept_list.is_full(now, &mut self.control);
                self.queue.bounced(&self.isupport.fold(word(1)));
            }
            396 => {
                if let Some((_, host)) = &mut self.mask {
                    // Some servers say `user@host` here.
                    let shown = word(1);
                    shown.rsplit('@').next().unwrap_or(shown).clone_into(host);
                }
            }
            900 => {
                self.login.logged_in();
                self.after_login();
            }
            400..=599 | 716 => {
                let reason = words.last().map(String::as_str).unwrap_or_default();
                match self.isupport.is_channel(word(1)) {
                    true => self.channel_refusal(number, word(1), reason, now),
                    false => self.person_refusal(number, word(1), reason, now),
                }
            }
            _ => {}
        }
    }

    /// An error about a channel: a JOIN that failed, or a line that did not arrive.
    fn channel_refusal(&mut self, number: u16, channel: &str, reason: &str, now: Instant) {
        let key = self.isupport.fold(channel);
        match number {
            // Cannot send to channel: about words, also while a JOIN is on its way.
            404 | 415 | 439 | 531 => self.is_dropped(&key, Dropped::Closed, now),
            // Some say 477 to a JOIN, some to words. A line said twice is better than a line lost.
            477 => {
                self.channels.refused(channel, reason, &self.isupport, now);
                self.is_dropped(&key, Dropped::Closed, now);
                self.login.is_needed(now);
            }
            // We are not where we thought.
            401 | 403 | 442 if self.channels.name_if_in(channel, &self.isupport).is_some() => {
                self.roster.leave(channel, &self.isupport);
                self.channels.left(channel, &self.isupport, now);
                self.is_dropped(&key, Dropped::Closed, now);
            }
            _ if self.channels.refused(channel, reason, &self.isupport, now) => {}
            _ => tracing::debug!(number, channel, reason, "the server refused something"),
        }
    }

    /// An error about a person, or about nobody.
    fn person_refusal(&mut self, number: u16, nick: &str, reason: &str, now: Instant) {
        let key = self.isupport.fold(nick);
        match number {
            401 | 440 if self.is_nickserv(nick) => self.login.services_are_away(now),
            401 => {
                self.checks.ended(&key, now);
                self.queue.refused(&key, reason);
            }
            // Not from us: unidentified, a stranger, ignored by `+g`.
            404 | 477 | 486 | 531 | 716 => self.queue.refused(&key, reason),
            // Changing targets too fast.
            439 => self.is_dropped(&key, Dropped::Closed, now),
            _ => tracing::debug!(number, about = nick, reason, "the server refused something"),
        }
    }

    fn is_nickserv(&self, nick: &str) -> bool {
        let is = |name: &str| self.isupport.fold(name) == self.isupport.fold(nick);
        is(self.settings.nickserv_nick()) || is(self.settings.nickserv.as_str())
    }

    fn check_nick_length(&mut self, now: Instant) {
        let wanted = self.login.wanted();
        if let Some(length) = self.isupport.nick_length().filter(|length| wanted.len() > *length) {
            let cut = wanted[..wanted.floor_char_boundary(length)].to_owned();
            self.nick_is_cut(cut, now);
        }
    }
}
