//! What is told of the server, the nick, services and limits.

use super::Look;
use crate::timing::Timing;
use ptgbot_runtime::Checklist;

impl Look {
    /// Which network and which program.
    pub(super) fn server(&self, checklist: &mut Checklist) {
        let network = self.seen.supports("NETWORK").unwrap_or("of no name");
        let software = self.seen.software().unwrap_or("a program that does not say what it is");
        let named = &self.settings.network;
        checklist
            .ok("network", format_args!("{network}, on {software}; its people and the history carry the name {named}"));
        let all = ["multi-prefix", "server-time", "account-tag"];
        let (has, lacks): (Vec<_>, Vec<_>) = all.into_iter().partition(|name| self.session.has_capability(name));
        let listed = |names: &[&str]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        checklist.ok("capabilities", format_args!("{}; not offered: {}", listed(&has), listed(&lacks)));
    }

    /// Whether the bot will get its nick. It was not asked for: a bot at work may have it.
    pub(super) fn nick(&self, checklist: &mut Checklist) {
        let (wanted, own) = (self.settings.nick.as_str(), self.session.nick());
        let is_there = |nicks: &[String]| nicks.iter().any(|nick| self.fold(nick) == self.fold(wanted));
        match self.seen.nicks_online() {
            Some(nicks) if is_there(nicks) => checklist.ok(
                "nick",
                format_args!("{wanted} is in use: by this bot, if it runs, else by somebody; it was left alone, and this is {own}"),
            ),
            Some(_) => checklist.ok("nick", format_args!("{wanted} is free; this is {own}")),
            None => checklist.advise("nick", format_args!("the server does not say whether {wanted} is free; this is {own}")),
        }
        let most = self.session.isupport().nick_length();
        if let Some(most) = most.filter(|most| wanted.len() > *most) {
            checklist.advise(
                "nick",
                format_args!("{wanted} is cut to its first {most} characters here: choose a shorter one"),
            );
        }
    }

    /// Whether services know the bot, and by what.
    pub(super) fn services(&self, checklist: &mut Checklist) {
        let settings = &self.settings;
        let service = settings.nickserv.as_str();
        let words = self.seen.services().or(self.seen.login()).unwrap_or("not a word");
        let words = settings.without_passwords(words);
        match (self.session.is_identified(), settings.password.is_some(), settings.has_certificate()) {
            (true, ..) => {
                let account = self.seen.account().unwrap_or(settings.account());
                checklist.ok("services", format_args!("identified as {account}"));
            }
            (false, true, _) => checklist.fault("services", format_args!("not identified; {service} says: {words}")),
            (false, false, true) => {
                let how = "add its fingerprint to the account: /msg NickServ CERT ADD";
                checklist.fault(
                    "services",
                    format_args!("not identified by the certificate; {how}; {service} says: {words}"),
                );
            }
            (false, false, false) => checklist.ok("services", NO_LOGIN),
        }
        if settings.has_certificate() {
            match self.seen.fingerprint() {
                Some(words) => checklist.ok("certfp", words),
                None => checklist.ok("certfp", "the server shows no fingerprint of the bot's certificate"),
            }
        }
    }

    /// What may be sent, and in how many channels one may be.
    pub(super) fn limits(&self, checklist: &mut Checklist) {
        let (timing, usual) = (self.settings.timing, Timing::default());
        let pace = format!("{} lines at once, then one every {} s", timing.burst, timing.line.as_secs_f64());
        if timing.burst > usual.burst || timing.line < usual.line {
            let allowed = format!("{} and {} s hold on OFTC and most networks", usual.burst, usual.line.as_secs_f64());
            checklist.advise(
                "flood",
                format_args!("{pace}, under [irc.timing]: {allowed}; who is faster may be thrown out"),
            );
        } else {
            checklist.ok("flood", format_args!("{pace}; that holds on OFTC and most networks"));
        }
        let channels = self.settings.channels.len();
        if let Some(most) = self.most_channels().filter(|most| channels > *most) {
            checklist.fault("channels", format_args!("{channels} are wanted, and the server allows {most}"));
        }
        if let Some(places) = self.session.isupport().accept_length() {
            checklist.ok(
                "accept list",
                format_args!("it holds {places} people; the bot makes room on it for whom it writes to"),
            );
        }
    }

    /// From `CHANLIMIT=#&:50`, or the older `MAXCHANNELS=50`.
    fn most_channels(&self) -> Option<usize> {
        let limit = self.seen.supports("CHANLIMIT").and_then(|limits| {
            let limits = limits.split(',').filter_map(|limit| limit.split_once(':'));
            limits.filter(|(types, _)| types.contains('#')).find_map(|(_, most)| most.parse().ok())
        });
        limit.or_else(|| self.seen.supports("MAXCHANNELS")?.parse().ok())
    }
}

const NO_LOGIN: &str =
    "not asked for: there is no password and no certificate. Channels that let only identified people in stay closed";
