//! What somebody who only looks around wants to know of the client, and asks the server through it.

use super::{Link, Session};
use crate::isupport::Isupport;
use irc::proto::Command;

impl Session {
    /// The nick that we have.
    pub(crate) fn nick(&self) -> &str {
        &self.nick
    }

    /// What the server says about itself.
    pub(crate) fn isupport(&self) -> &Isupport {
        &self.isupport
    }

    /// True if the server has agreed to a capability.
    pub(crate) fn has_capability(&self, name: &str) -> bool {
        match &self.link {
            Link::Up(registration) | Link::Registering(registration) => registration.has(name),
            Link::Down => false,
        }
    }

    /// True once services have said whether they know us, or have had their time.
    pub(crate) fn is_login_settled(&self) -> bool {
        self.login.may_join()
    }

    /// True while services know us.
    pub(crate) fn is_identified(&self) -> bool {
        self.login.is_known()
    }

    /// True while we are in a channel.
    pub(crate) fn is_in(&self, channel: &str) -> bool {
        self.channels.name_if_in(channel, &self.isupport).is_some()
    }

    /// Asks the server something, at the pace of everything else.
    pub(crate) fn ask(&mut self, question: Command) {
        self.control.push_back(question);
    }
}
