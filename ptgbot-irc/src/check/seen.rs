//! What the server says while the bot looks around, as far as the client itself has no use for it.

use crate::isupport::Isupport;
use crate::line::{nick, numeric};
use irc::proto::{Command, Message};
use std::collections::HashMap;

/// What was seen. Channels are by their folded names.
#[derive(Debug, Default)]
pub(super) struct Seen {
    software: Option<String>,
    /// The words of 005.
    supports: HashMap<String, String>,
    is_told: bool,
    online: Option<Vec<String>>,
    /// The words of services, the last of them.
    services: Option<String>,
    /// What the server says about our login (900 to 908).
    login: Option<String>,
    account: Option<String>,
    fingerprint: Option<String>,
    is_whois_over: bool,
    channels: HashMap<String, Channel>,
}

/// A channel of which the server has said something.
#[derive(Debug, Default)]
struct Channel {
    /// With their marks.
    names: Vec<String>,
    is_listed: bool,
    modes: Option<Vec<String>>,
    refusal: Option<String>,
}

impl Seen {
    /// A line of the server. `nickserv` is the nick of the service that identifies us.
    pub(super) fn see(&mut self, message: &Message, isupport: &Isupport, nickserv: &str) {
        if let Command::NOTICE(_, text) = &message.command
            && nick(message).is_some_and(|nick| nick.eq_ignore_ascii_case(nickserv))
        {
            self.services = Some(text.clone());
        }
        let Some((number, words)) = numeric(&message.command) else { return };
        let word = |n: usize| words.get(n).map(String::as_str).unwrap_or_default();
        let last = || words.last().cloned().unwrap_or_default();
        let channel = isupport.is_channel(word(1)).then(|| isupport.fold(word(1)));
        match (number, channel) {
            (4, _) => self.software = Some(word(2).to_owned()),
            (5, _) => self.supports.extend(words.iter().skip(1).filter(|word| !word.contains(' ')).map(|word| {
                let (key, value) = word.split_once('=').unwrap_or((word, ""));
                (key.to_owned(), value.to_owned())
            })),
            (376 | 422, _) => self.is_told = true,
            (303, _) => self.online = Some(word(1).split_ascii_whitespace().map(str::to_owned).collect()),
            (330, _) => self.account = Some(word(2).to_owned()),
            (276, _) => self.fingerprint = Some(last()),
            (318, _) => self.is_whois_over = true,
            (900..=908, _) => self.login = Some(last()),
            (353, _) => {
                let names = word(3).split_ascii_whitespace().map(str::to_owned);
                self.channels.entry(isupport.fold(word(2))).or_default().names.extend(names);
            }
            (366, Some(channel)) => self.channels.entry(channel).or_default().is_listed = true,
            (324, Some(channel)) => {
                self.channels.entry(channel).or_default().modes = Some(words.get(2..).unwrap_or_default().to_vec());
            }
            (400..=599, Some(channel)) => self.channels.entry(channel).or_default().refusal = Some(last()),
            _ => {}
        }
    }

    /// The server's program and its version.
    pub(super) fn software(&self) -> Option<&str> {
        self.software.as_deref()
    }

    /// What the server says of something in 005.
    pub(super) fn supports(&self, key: &str) -> Option<&str> {
        self.supports.get(key).map(String::as_str)
    }

    /// True once the server has told everything about itself.
    pub(super) fn is_told(&self) -> bool {
        self.is_told
    }

    /// Who of those whom we asked for is there.
    pub(super) fn nicks_online(&self) -> Option<&[String]> {
        self.online.as_deref()
    }

    /// The last words of services to us.
    pub(super) fn services(&self) -> Option<&str> {
        self.services.as_deref()
    }

    /// The last words of the server about our login.
    pub(super) fn login(&self) -> Option<&str> {
        self.login.as_deref()
    }

    /// The account that others see of us.
    pub(super) fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The fingerprint of our certificate, in the server's words.
    pub(super) fn fingerprint(&self) -> Option<&str> {
        self.fingerprint.as_deref()
    }

    /// True once the server has said what others see of us.
    pub(super) fn is_whois_over(&self) -> bool {
        self.is_whois_over
    }

    /// Who is in a channel, with their marks.
    pub(super) fn names(&self, channel: &str) -> &[String] {
        self.channels.get(channel).map_or(&[], |channel| &channel.names)
    }

    /// True once all of them were named.
    pub(super) fn is_listed(&self, channel: &str) -> bool {
        self.channels.get(channel).is_some_and(|channel| channel.is_listed)
    }

    /// A channel's modes: letters, then their parameters.
    pub(super) fn modes(&self, channel: &str) -> Option<&[String]> {
        self.channels.get(channel)?.modes.as_deref()
    }

    /// Why we are not in a channel, in the server's words.
    pub(super) fn refusal(&self, channel: &str) -> Option<&str> {
        self.channels.get(channel)?.refusal.as_deref()
    }
}
