//! Who is in which channel, with which rights, at this moment.
//!
//! The `irc` crate's own lists are not used: they know no case mapping, lose rights when a nick changes, and keep
//! former ops after we were kicked.

use crate::isupport::Isupport;
use crate::modes::read_again;
use irc::proto::{ChannelMode, Mode};
use ptgbot_core::Role;
use std::collections::HashMap;

/// The people of all channels that we are in.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    channels: HashMap<String, Channel>,
    /// With `multi-prefix` NAMES shows every mark, without it the highest only.
    multi_prefix: bool,
}

/// What is known of a person's rights in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KnownRole {
    /// As the server said.
    Known(Role),
    /// Something was taken from them, and what is left was never shown: NAMES will tell.
    Unsure,
}

/// Whether a change left doubts that only NAMES can clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum NeedsNames {
    No,
    Yes,
}

#[derive(Debug, Default)]
struct Channel {
    members: People,
    /// NAMES replies since the last 366; at the next one they become `members`.
    listing: Option<People>,
    /// Parameters of a MODE line were lost: everybody's rights are in doubt.
    unsure: bool,
}

type People = HashMap<String, Member>;

#[derive(Clone, Debug, Default)]
struct Member {
    rights: String,
    /// NAMES showed the highest mark only; there may be lower ones.
    maybe_more: bool,
    unsure: bool,
}

impl Roster {
    /// Forgets everything: the connection is new.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The server has agreed to show every mark.
    pub(crate) fn show_every_mark(&mut self) {
        self.multi_prefix = true;
    }

    /// We are in a channel now; whoever was listed before a kick is forgotten.
    pub(crate) fn enter(&mut self, channel: &str, isupport: &Isupport) {
        self.channels.insert(isupport.fold(channel), Channel::default());
    }

    /// We are no longer in a channel.
    pub(crate) fn leave(&mut self, channel: &str, isupport: &Isupport) {
        self.channels.remove(&isupport.fold(channel));
    }

    /// Somebody came.
    pub(crate) fn join(&mut self, channel: &str, nick: &str, isupport: &Isupport) {
        let Some(channel) = self.channels.get_mut(&isupport.fold(channel)) else { return };
        channel.each(|people| {
            people.insert(isupport.fold(nick), Member::default());
        });
    }

    /// Somebody left one channel (PART, KICK).
    pub(crate) fn part(&mut self, channel: &str, nick: &str, isupport: &Isupport) {
        let Some(channel) = self.channels.get_mut(&isupport.fold(channel)) else { return };
        channel.each(|people| {
            people.remove(&isupport.fold(nick));
        });
    }

    /// Somebody left the network.
    pub(crate) fn quit(&mut self, nick: &str, isupport: &Isupport) {
        let key = isupport.fold(nick);
        for channel in self.channels.values_mut() {
            channel.each(|people| {
                people.remove(&key);
            });
        }
    }

    /// Somebody has a new nick, and their rights with it.
    pub(crate) fn rename(&mut self, old: &str, new: &str, isupport: &Isupport) {
        let (old, key) = (isupport.fold(old), isupport.fold(new));
        for channel in self.channels.values_mut() {
            channel.each(|people| {
                if let Some(member) = people.remove(&old) {
                    people.insert(key.clone(), member);
                }
            });
        }
    }

    /// One 353 line: marks and nicks.
    pub(crate) fn list(&mut self, channel: &str, names: &str, isupport: &Isupport) {
        let multi_prefix = self.multi_prefix;
        let Some(channel) = self.channels.get_mut(&isupport.fold(channel)) else { return };
        let listing = channel.listing.get_or_insert_default();
        for entry in names.split_ascii_whitespace() {
            let nick = entry.trim_start_matches(|c| isupport.letter_of(c).is_some());
            // userhost-in-names is not asked for, but a server may be so kind.
            let nick = nick.split('!').next().unwrap_or(nick);
            if nick.is_empty() {
                continue;
            }
            let rights: String = entry.chars().map_while(|c| isupport.letter_of(c)).collect();
            let maybe_more = !multi_prefix && rights.chars().next_back().is_some_and(|r| !isupport.is_lowest(r));
            listing.insert(isupport.fold(nick), Member { rights, maybe_more, unsure: false });
        }
    }

    /// A 366 line: the listing is complete and replaces what was known. A doubt that came up in its midst stays.
    pub(crate) fn list_ends(&mut self, channel: &str, isupport: &Isupport) -> NeedsNames {
        let Some(channel) = self.channels.get_mut(&isupport.fold(channel)) else { return NeedsNames::No };
        if let Some(listing) = channel.listing.take() {
            channel.members = listing;
            channel.unsure = false;
        }
        if channel.members.values().any(|m| m.unsure) { NeedsNames::Yes } else { NeedsNames::No }
    }

    /// A MODE line of a channel.
    pub(crate) fn mode(&mut self, channel: &str, modes: &[Mode<ChannelMode>], isupport: &Isupport) -> NeedsNames {
        let Some(channel) = self.channels.get_mut(&isupport.fold(channel)) else { return NeedsNames::No };
        let Some(changes) = read_again(modes, isupport) else {
            channel.unsure = true;
            return NeedsNames::Yes;
        };
        let mut needs_names = NeedsNames::No;
        for change in changes.iter().filter(|c| isupport.is_right(c.letter)) {
            let key = change.parameter.map(|nick| isupport.fold(nick)).unwrap_or_default();
            channel.each(|people| {
                if let Some(member) = people.get_mut(&key)
                    && member.change(change.letter, change.adding, isupport) == NeedsNames::Yes
                {
                    needs_names = NeedsNames::Yes;
                }
            });
        }
        needs_names
    }

    /// What a person may do in a channel now. Who is not in it is an ordinary member.
    pub(crate) fn known_role(&self, channel: &str, nick: &str, isupport: &Isupport) -> KnownRole {
        let Some(channel) = self.channels.get(&isupport.fold(channel)) else { return KnownRole::Known(Role::Member) };
        match channel.members.get(&isupport.fold(nick)) {
            _ if channel.unsure => KnownRole::Unsure,
            None => KnownRole::Known(Role::Member),
            Some(member) => member.known_role(isupport),
        }
    }

    /// Like [`known_role`](Self::known_role), for when NAMES never answered: what is certain, no more.
    pub(crate) fn certain_role(&self, channel: &str, nick: &str, isupport: &Isupport) -> Role {
        match self.known_role(channel, nick, isupport) {
            KnownRole::Known(role) => role,
            KnownRole::Unsure => Role::Member,
        }
    }

    /// True while we can see a person come and go.
    pub(crate) fn sees(&self, nick: &str, isupport: &Isupport) -> bool {
        let key = isupport.fold(nick);
        self.channels.values().any(|c| c.members.contains_key(&key))
    }

    /// The folded names of the channels that we are in.
    pub(crate) fn channels(&self) -> impl Iterator<Item = &str> {
        self.channels.keys().map(String::as_str)
    }
}

impl Channel {
    /// Does the same to what is known and to what is being listed.
    fn each(&mut self, mut act: impl FnMut(&mut People)) {
        act(&mut self.members);
        if let Some(listing) = &mut self.listing {
            act(listing);
        }
    }
}

impl Member {
    fn change(&mut self, letter: char, adding: bool, isupport: &Isupport) -> NeedsNames {
        self.rights.retain(|c| c != letter);
        if adding {
            self.rights.push(letter);
            return NeedsNames::No;
        }
        // What was shown hid everything below it; with it gone, what is below counts.
        let shown = self.rights.chars().any(|c| isupport.role(c) == Role::Op);
        if self.maybe_more && !shown {
            self.unsure = true;
            return NeedsNames::Yes;
        }
        NeedsNames::No
    }

    fn known_role(&self, isupport: &Isupport) -> KnownRole {
        let role = self.rights.chars().map(|c| isupport.role(c)).max().unwrap_or_default();
        match role {
            Role::Op => KnownRole::Known(role),
            Role::Voice | Role::Member if self.unsure => KnownRole::Unsure,
            Role::Voice | Role::Member => KnownRole::Known(role),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use irc::proto::{Command, Message};

    fn hybrid() -> Isupport {
        let mut isupport = Isupport::default();
        isupport.apply(&["PREFIX=(ohv)@%+".to_owned(), "CHANMODES=beI,k,lj,imnpst".to_owned()]);
        isupport
    }

    fn room(names: &str) -> Roster {
        let mut roster = Roster::default();
        roster.enter("#PTG", &hybrid());
        roster.list("#ptg", names, &hybrid());
        assert_eq!(roster.list_ends("#ptg", &hybrid()), NeedsNames::No);
        roster
    }

    fn mode(roster: &mut Roster, words: &str) -> NeedsNames {
        let message: Message = format!(":x MODE #ptg {words}\r\n").parse().unwrap();
        let Command::ChannelMODE(channel, modes) = message.command else { panic!("no MODE line") };
        roster.mode(&channel, &modes, &hybrid())
    }

    fn role(roster: &Roster, nick: &str) -> KnownRole {
        roster.known_role("#ptg", nick, &hybrid())
    }

    #[test]
    fn names_compare_by_the_servers_folding() {
        let mut roster = room("@Alice[] +bob %carl dave");
        assert_eq!(role(&roster, "aLICE{}"), KnownRole::Known(Role::Op));
        assert_eq!(role(&roster, "BOB"), KnownRole::Known(Role::Voice));
        assert_eq!(role(&roster, "carl"), KnownRole::Known(Role::Voice));
        assert_eq!(role(&roster, "dave"), KnownRole::Known(Role::Member));
        assert_eq!(mode(&mut roster, "+o-v dave bob"), NeedsNames::No);
        assert_eq!(role(&roster, "dave"), KnownRole::Known(Role::Op));
        assert_eq!(role(&roster, "bob"), KnownRole::Known(Role::Member));
    }

    #[test]
    fn a_new_nick_keeps_its_rights() {
        let mut roster = room("@alice");
        roster.rename("alice", "Alicia", &hybrid());
        assert_eq!(role(&roster, "alicia"), KnownRole::Known(Role::Op));
        assert_eq!(role(&roster, "alice"), KnownRole::Known(Role::Member));
    }

    #[test]
    fn who_leaves_comes_back_without_rights() {
        for leave in [Roster::part as fn(&mut Roster, &str, &str, &Isupport), |r, _, n, i| r.quit(n, i)] {
            let mut roster = room("@alice +bob");
            leave(&mut roster, "#ptg", "ALICE", &hybrid());
            roster.join("#ptg", "alice", &hybrid());
            assert_eq!(role(&roster, "alice"), KnownRole::Known(Role::Member));
            assert_eq!(role(&roster, "bob"), KnownRole::Known(Role::Voice));
        }
    }

    #[test]
    fn after_our_own_kick_nobody_is_an_op() {
        let mut roster = room("@alice");
        roster.leave("#ptg", &hybrid());
        roster.enter("#ptg", &hybrid());
        assert_eq!(role(&roster, "alice"), KnownRole::Known(Role::Member));
        roster.list("#ptg", "alice @bob", &hybrid());
        assert_eq!(role(&roster, "bob"), KnownRole::Known(Role::Member), "a listing counts when it is complete");
        assert_eq!(roster.list_ends("#ptg", &hybrid()), NeedsNames::No);
        assert_eq!(role(&roster, "bob"), KnownRole::Known(Role::Op));
    }

    #[test]
    fn names_replace_what_was_known() {
        let mut roster = room("@alice @bob");
        roster.list("#ptg", "alice", &hybrid());
        assert_eq!(mode(&mut roster, "+v alice"), NeedsNames::No);
        assert_eq!(roster.list_ends("#ptg", &hybrid()), NeedsNames::No);
        assert_eq!(role(&roster, "alice"), KnownRole::Known(Role::Voice));
        assert_eq!(role(&roster, "bob"), KnownRole::Known(Role::Member));
    }

    #[test]
    fn without_every_mark_the_voice_of_a_former_op_is_unknown() {
        let mut roster = room("@alice");
        assert_eq!(mode(&mut roster, "-o alice"), NeedsNames::Yes);
        assert_eq!(role(&roster, "alice"), KnownRole::Unsure);
        assert_eq!(roster.certain_role("#ptg", "alice", &hybrid()), Role::Member);
        roster.list("#ptg", "+alice", &hybrid());
        assert_eq!(roster.list_ends("#ptg", &hybrid()), NeedsNames::No);
        assert_eq!(role(&roster, "alice"), KnownRole::Known(Role::Voice));
    }

    #[test]
    fn with_every_mark_the_voice_of_a_former_op_is_known() {
        let mut roster = Roster::default();
        roster.show_every_mark();
        roster.enter("#ptg", &hybrid());
        roster.list("#ptg", "@+alice", &hybrid());
        assert_eq!(roster.list_ends("#ptg", &hybrid()), NeedsNames::No);
        assert_eq!(mode(&mut roster, "-o alice"), NeedsNames::No);
        assert_eq!(role(&roster, "alice"), KnownRole::Known(Role::Voice));
    }

    #[test]
    fn a_lost_parameter_puts_everybody_in_doubt() {
        let mut roster = room("@alice");
        assert_eq!(mode(&mut roster, "+jo 5:10 bob"), NeedsNames::Yes);
        assert_eq!(role(&roster, "alice"), KnownRole::Unsure);
        roster.list("#ptg", "@bob", &hybrid());
        assert_eq!(roster.list_ends("#ptg", &hybrid()), NeedsNames::No);
        assert_eq!(role(&roster, "bob"), KnownRole::Known(Role::Op));
        assert_eq!(role(&roster, "alice"), KnownRole::Known(Role::Member));
    }
}
