//! Acting and standing by, and the nicks that go with them.

use ptgbot_core::Folding;

/// Whether the bot acts for its account, or waits until whoever does has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    /// It hears and answers, under its own nick.
    Acts,
    /// It keeps what it hears, says nothing, and leaves its nick to the one that acts.
    StandsBy,
}

impl Duty {
    /// The nick to ask for when so many were refused.
    pub(crate) fn nick(self, own: &str, refusals: u32) -> String {
        match (self, refusals) {
            (Self::Acts, 0) => own.to_owned(),
            (Self::Acts, refusals) => alternative(own, refusals),
            (Self::StandsBy, refusals) => standing_by(own, refusals),
        }
    }
}

/// How many nicks are tried after the first one.
pub(crate) const MOST_REFUSALS: u32 = 10;

/// True for the nicks of a bot, whether it acts or stands by: what is said under them is never for it.
pub(crate) fn is_a_nick_of(own: &str, nick: &str, folding: Folding) -> bool {
    let nick = folding.fold(nick);
    let ours = (0..=MOST_REFUSALS).flat_map(|n| [Duty::Acts, Duty::StandsBy].map(|duty| duty.nick(own, n)));
    ours.into_iter().any(|ours| folding.fold(&ours) == nick)
}

/// Another nick when the wanted one is taken: `bot_`, `bot__`, then numbered ones that are no longer than the
/// first, for a server cuts what is too long and finds it taken again.
fn alternative(own: &str, refusals: u32) -> String {
    match refusals {
        1 | 2 => format!("{own}{}", "_".repeat(refusals as usize)),
        n => numbered(own, own.len(), n),
    }
}

/// `bot_`, then numbered ones: each of a length that every server allows, for what a server cuts could be the nick of
/// the one that acts.
fn standing_by(own: &str, refusals: u32) -> String {
    let candidates = (1..).map(|n| match n {
        1 => format!("{}_", &own[..own.floor_char_boundary(SHORTEST_LIMIT - 1)]),
        n => numbered(own, (own.len() + 1).min(SHORTEST_LIMIT), n),
    });
    let mut others = candidates.filter(|nick| !own.starts_with(nick.as_str()));
    others.nth(refusals as usize).expect("numbers never end")
}

/// With a number at its end, and so many bytes at most.
fn numbered(own: &str, length: usize, number: u32) -> String {
    let number = number.to_string();
    let keep = own.floor_char_boundary(length.saturating_sub(number.len()).max(1));
    format!("{}{number}", &own[..keep])
}

/// No server allows less (RFC 1459, 1.2).
const SHORTEST_LIMIT: usize = 9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nick_that_is_taken_gives_way_to_another() {
        let nicks: Vec<String> = (0..5).map(|n| Duty::Acts.nick("ptgbot", n)).collect();
        assert_eq!(nicks, ["ptgbot", "ptgbot_", "ptgbot__", "ptgbo3", "ptgbo4"]);
        let nicks: Vec<String> = (0..3).map(|n| Duty::StandsBy.nick("ptgbot", n)).collect();
        assert_eq!(nicks, ["ptgbot_", "ptgbot2", "ptgbot3"]);
    }

    #[test]
    fn no_server_cuts_the_nick_of_a_standby_to_that_of_the_one_that_acts() {
        for own in ["p", "ptgbot", "ptgbot-of", "ptgbot-o_", "ptgbot-of-the-event", "ptgbot22222", "böt-böt-böt"] {
            let mut nicks: Vec<String> = (0..=MOST_REFUSALS).map(|n| Duty::StandsBy.nick(own, n)).collect();
            assert!(nicks.iter().all(|nick| nick.len() <= 9 && !own.starts_with(nick.as_str())), "{own}: {nicks:?}");
            nicks.sort();
            nicks.dedup();
            assert_eq!(nicks.len(), 11, "{own}: {nicks:?}");
        }
    }

    #[test]
    fn all_nicks_of_a_bot_are_known() {
        for ours in ["PTGBOT", "ptgbot_", "ptgbot__", "ptgbot2", "ptgbo5"] {
            assert!(is_a_nick_of("ptgbot", ours, Folding::Ascii), "{ours}");
        }
        for other in ["ptgbotx", "gibi", "ptgbot_2"] {
            assert!(!is_a_nick_of("ptgbot", other, Folding::Ascii), "{other}");
        }
    }
}
