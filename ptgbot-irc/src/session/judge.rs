//! From a message to a request: who speaks, and with which rights, at this moment.
//!
//! Where the server must be asked first (NAMES after a lost right, WHOIS for identification), the message waits,
//! and everything that its author says after it; others do not.

use super::{Link, OwnLine, Session};
use crate::duty::Duty;
use crate::identified::Answer;
use crate::kept::KeptCommand;
use crate::likely_command::{could_be_command, is_command};
use crate::marks::Mark;
use crate::roster::KnownRole;
use chrono::{DateTime, Utc};
use ptgbot_core::{Ask, Incoming, Person, Request, Role};
use std::collections::HashSet;
use std::time::Instant;

/// A message whose author's rights are being found out.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) nick: String,
    pub(super) place: Where,
    pub(super) text: String,
    /// Of what may be a command in a channel.
    pub(super) mark: Option<Mark>,
    pub(super) at: DateTime<Utc>,
    /// The author's services account, where the server tells it with each message.
    pub(super) account: Option<String>,
    pub(super) heard: Instant,
    /// From then on, what is certain must do.
    pub(super) until: Instant,
}

/// Where a message was said.
#[derive(Debug)]
pub(super) enum Where {
    /// In a channel, named as it is configured.
    Channel(String),
    /// To us alone.
    Private,
}

enum Verdict {
    Pass(Role),
    Refuse(&'static str),
    Wait,
    /// Not surely a command, and not from somebody who may give one.
    Drop,
}

impl Held {
    /// When it is judged at the latest.
    pub(super) fn until(&self) -> Instant {
        self.until
    }
}

impl Session {
    /// Takes a message; it becomes a request as soon as its author's rights are known.
    pub(super) fn hold(&mut self, message: Held) {
        if self.held.len() >= MOST_HELD {
            tracing::warn!("too many messages wait for the server's word about their authors; one is dropped");
            return;
        }
        self.held.push_back(message);
    }

    /// Judges every message that can be judged now.
    pub(super) fn judge_held(&mut self, now: Instant) {
        let mut waiting = HashSet::new();
        for message in std::mem::take(&mut self.held) {
            let key = self.isupport.fold(&message.nick);
            let verdict = if waiting.contains(&key) { Verdict::Wait } else { self.judge(&message, &key, now) };
            match verdict {
                Verdict::Pass(role) => self.pass(message, role),
                Verdict::Refuse(why) => self.refuse(&message, why),
                Verdict::Drop => {}
                Verdict::Wait => {
                    waiting.insert(key);
                    self.held.push_back(message);
                }
            }
        }
        self.checks.forget_refused();
    }

    fn judge(&mut self, message: &Held, key: &str, now: Instant) -> Verdict {
        let role = match &message.place {
            // Rights in a channel are rights there, not in private.
            Where::Private => Role::Member,
            Where::Channel(channel) => match self.roster.known_role(channel, &message.nick, &self.isupport) {
                KnownRole::Known(role) => role,
                KnownRole::Unsure if now < message.until => return Verdict::Wait,
                KnownRole::Unsure => self.roster.certain_role(channel, &message.nick, &self.isupport),
            },
        };
        let in_channel = matches!(message.place, Where::Channel(_));
        if !self.requires_identification() || (in_channel && !could_be_command(&message.text)) {
            return Verdict::Pass(role);
        }
        let refuse = |why| if in_channel && !is_command(&message.text) { Verdict::Drop } else { Verdict::Refuse(why) };
        if let Link::Up(registration) = &self.link
            && registration.has("account-tag")
        {
            match &message.account {
                None => return refuse(NOT_IDENTIFIED),
                Some(account) if self.isupport.fold(account) == key => return Verdict::Pass(role),
                // Under a nick that is not the account's own, but may belong to it: WHOIS knows.
                Some(_) => {}
            }
        }
        match self.checks.answer(key, now) {
            Answer::Identified => Verdict::Pass(role),
            Answer::Unidentified => refuse(NOT_IDENTIFIED),
            Answer::Unanswered => refuse(NOT_KNOWN),
            Answer::Pending => Verdict::Wait,
            Answer::Unasked => {
                self.checks.asking(key.to_owned());
                let question = OwnLine::Question(message.nick.clone());
                // Who runs the event does not wait behind strangers.
                match role {
                    Role::Op | Role::Voice => self.own.push_front(question),
                    Role::Member => self.own.push_back(question),
                }
                Verdict::Wait
            }
        }
    }

    fn pass(&mut self, message: Held, role: Role) {
        // Somebody in none of our channels comes and goes unseen: the answer about them is good once.
        if !self.roster.sees(&message.nick, &self.isupport) {
            self.checks.forget(&self.isupport.fold(&message.nick));
        }
        let folding = self.isupport.folding();
        let network = self.settings.network.clone();
        let name = self.name_in(&message.text).to_owned();
        let mut request = Request::new(&network, message.at, Ask::Said(message.text))
            .by(Person::new(&network, &message.nick, folding), role)
            .folding(folding)
            .bot(name);
        if let Where::Channel(name) = message.place {
            request = request.in_room(name);
        }
        // IRC messages have no ids, and answers are addressed to people.
        let incoming = Incoming::new(request);
        match (message.mark, self.duty) {
            (Some(mark), Duty::StandsBy) => self.kept.push(KeptCommand::new(mark, message.heard, incoming)),
            (None, Duty::StandsBy) => {}
            (Some(mark), Duty::Acts) => self.give(mark, incoming, message.heard),
            (None, Duty::Acts) => self.incoming.push_back(incoming),
        }
    }

    /// One clear answer to all that somebody has said until it leaves.
    fn refuse(&mut self, message: &Held, why: &str) {
        if self.duty == Duty::StandsBy {
            return;
        }
        // Whoever acts next has nothing to do with it.
        if let Some(mark) = message.mark {
            self.given.push(mark);
        }
        let refusal = match &message.place {
            Where::Channel(channel) => {
                OwnLine::Refusal { to: channel.clone(), text: format!("{}: {why}", message.nick) }
            }
            Where::Private => OwnLine::Refusal { to: message.nick.clone(), text: why.to_owned() },
        };
        if !self.own.contains(&refusal) {
            self.own.push_back(refusal);
        }
    }
}

const NOT_IDENTIFIED: &str = "I take commands from people who are identified to services only. Identify (/msg NickServ help identify), then try again.";
const NOT_KNOWN: &str =
    "The server did not tell me whether you are identified to services. Please try again in a minute.";
const MOST_HELD: usize = 1_000;
