//! What is told of a channel: whether one gets in, what hinders the bot there, and who would run the event.

use super::Look;
use crate::isupport::Isupport;
use ptgbot_core::Role;
use ptgbot_runtime::Checklist;

impl Look {
    /// One channel.
    pub(super) fn channel(&self, name: &str, checklist: &mut Checklist) {
        let (isupport, key) = (self.session.isupport(), self.fold(name));
        if !self.session.is_in(name) {
            let reason = self.seen.refusal(&key).unwrap_or("the server does not answer");
            return checklist.fault(name, format_args!("cannot join: {reason}"));
        }
        let people = People::read(self.seen.names(&key), self.session.nick(), isupport);
        let modes = self.seen.modes(&key).and_then(<[String]>::first).map_or("", String::as_str);
        let rights = match people.own {
            Role::Op => "as an op",
            Role::Voice => "with voice",
            Role::Member => "without voice",
        };
        checklist.ok(name, format_args!("joined as {}, {rights}; its modes are {}", self.session.nick(), shown(modes)));
        for hindrance in hindrances(modes, people.own, self.session.is_identified()) {
            checklist.advise(name, hindrance);
        }
        match (&people.ops[..], people.count) {
            ([], 0) => checklist.advise(name, format_args!("nobody is there: {EMPTY} /join {name}")),
            ([], _) => checklist
                .advise(name, format_args!("nobody there is an op, and an op it takes: /msg ChanServ op {name} NICK")),
            (ops, _) => checklist.ok(name, format_args!("the event is run by {}", listed(ops))),
        }
    }
}

/// Who is in a channel besides us.
#[derive(Debug, PartialEq)]
struct People {
    count: usize,
    ops: Vec<String>,
    own: Role,
}

impl People {
    /// From names with their marks.
    fn read(names: &[String], own_nick: &str, isupport: &Isupport) -> Self {
        let mut people = Self { count: 0, ops: Vec::new(), own: Role::Member };
        for name in names {
            let nick = name.trim_start_matches(|c| isupport.letter_of(c).is_some());
            let marks = name.chars().map_while(|mark| isupport.letter_of(mark));
            let role = marks.map(|letter| isupport.role(letter)).max().unwrap_or(Role::Member);
            if isupport.fold(nick) == isupport.fold(own_nick) {
                people.own = role;
                continue;
            }
            people.count += 1;
            if role == Role::Op {
                people.ops.push(nick.to_owned());
            }
        }
        people
    }
}

/// What a channel's modes keep the bot from.
fn hindrances(modes: &str, own: Role, is_identified: bool) -> Vec<String> {
    let needs_voice = |letter| {
        format!(
            "it is moderated (+{letter}), and who has no voice is not heard: give the bot voice, by ChanServ for good"
        )
    };
    let needs_login = |letter| {
        format!("it is for identified people (+{letter}): register the bot's nick, and set password_file under [irc]")
    };
    let needs_invitation = |letter| {
        format!(
            "one comes in by invitation only (+{letter}): let ChanServ invite the bot, or it stays out after a break"
        )
    };
    modes
        .chars()
        .filter_map(|letter| match letter {
            'm' if own == Role::Member => Some(needs_voice(letter)),
            // On OFTC, ircd-hybrid and InspIRCd `R` and `M`, on Libera `r`.
            'M' | 'R' | 'r' if !is_identified => Some(needs_login(letter)),
            'i' => Some(needs_invitation(letter)),
            _ => None,
        })
        .collect()
}

fn shown(modes: &str) -> &str {
    if modes.is_empty() { "not told" } else { modes }
}

/// Some names, and how many more.
fn listed(names: &[String]) -> String {
    let shown = names.iter().take(MOST_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(MOST_NAMES) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} and {more} more"),
    }
}

const EMPTY: &str = "the first in a new channel is its op, and that should not be the bot; before you start it:";
const MOST_NAMES: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ops_are_found_among_the_names_and_we_are_none_of_them() {
        let mut isupport = Isupport::default();
        isupport.apply(&["PREFIX=(qohv)~@%+".to_owned()]);
        let names = ["~Ann", "@+bob", "%carl", "+PTGBOT_", "dave"].map(str::to_owned);
        let people = People::read(&names, "ptgbot_", &isupport);
        assert_eq!(people, People { count: 4, ops: vec!["Ann".into(), "bob".into()], own: Role::Voice });
    }

    #[test]
    fn modes_hinder_whom_they_concern() {
        let told = |modes: &str, own, is_identified| hindrances(modes, own, is_identified).len();
        assert_eq!(told("+nt", Role::Member, false), 0);
        assert_eq!((told("+mnt", Role::Member, true), told("+mnt", Role::Voice, true)), (1, 0));
        assert_eq!((told("+R", Role::Member, false), told("+R", Role::Member, true)), (1, 0));
        assert!(hindrances("+i", Role::Op, true)[0].contains("(+i)"));
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..10).map(|number| format!("n{number}")).collect();
        assert_eq!(listed(&names), "n0, n1, n2, n3, n4, n5, n6, n7 and 2 more");
        assert_eq!(listed(&names[..1]), "n0");
    }
}
