//! MODE lines, read again by the server's own table.
//!
//! The `irc` crate assigns parameters by a fixed list of its own: it gives one to `-l`, which has none, and none to
//! letters that it does not know. So `-l+o alice` loses the op. It keeps the parameters it has used in their
//! order, though, so that they can be dealt out again by `CHANMODES` and `PREFIX`; where some were lost the answer
//! is `None`, and the channel's names must be asked for.

use crate::isupport::Isupport;
use irc::proto::{ChannelMode, Mode};

/// One letter of a MODE line with its parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Change<'a> {
    pub(crate) adding: bool,
    pub(crate) letter: char,
    pub(crate) parameter: Option<&'a str>,
}

/// The changes that a MODE line makes; `None` if the crate lost parameters of it.
pub(crate) fn read_again<'a>(modes: &'a [Mode<ChannelMode>], isupport: &Isupport) -> Option<Vec<Change<'a>>> {
    let mut parameters = modes.iter().filter_map(Mode::arg);
    let mut changes = Vec::with_capacity(modes.len());
    for mode in modes {
        let (adding, letter) = match mode {
            Mode::Plus(letter, _) | Mode::NoPrefix(letter) => (true, letter),
            Mode::Minus(letter, _) => (false, letter),
        };
        let letter = letter.to_string().chars().next()?;
        let parameter = if isupport.takes_parameter(letter, adding) { Some(parameters.next()?) } else { None };
        changes.push(Change { adding, letter, parameter });
    }
    parameters.next().is_none().then_some(changes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use irc::proto::{Command, Message};

    fn read(words: &str) -> Option<String> {
        let mut isupport = Isupport::default();
        isupport.apply(&["CHANMODES=beIq,k,lj,imnpstMR".to_owned(), "PREFIX=(ov)@+".to_owned()]);
        let message: Message = format!(":jane MODE #ptg {words}\r\n").parse().unwrap();
        let Command::ChannelMODE(_, modes) = message.command else { panic!("no MODE line") };
        let changes = read_again(&modes, &isupport)?;
        let words = changes.iter().map(|c| {
            format!(
                "{}{}{}",
                if c.adding { '+' } else { '-' },
                c.letter,
                c.parameter.map(|p| format!("={p}")).unwrap_or_default()
            )
        });
        Some(words.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn several_people_change_in_one_line() {
        assert_eq!(read("+ov-o a b c").as_deref(), Some("+o=a +v=b -o=c"));
    }

    #[test]
    fn a_limit_taken_away_has_no_parameter() {
        assert_eq!(read("-l+o alice").as_deref(), Some("-l +o=alice"));
    }

    #[test]
    fn a_quiet_list_is_no_founder() {
        assert_eq!(read("+qv *!*@spam alice").as_deref(), Some("+q=*!*@spam +v=alice"));
    }

    #[test]
    fn a_lost_parameter_is_noticed() {
        assert_eq!(read("+jo 5:10 alice"), None);
        assert_eq!(read("+o"), None);
    }
}
