//! Small readings of the `irc` crate's messages that several parts need.

use irc::proto::{Command, Message, Prefix};

/// A numeric reply and its words. The crate names some numerics and leaves others raw.
pub(crate) fn numeric(command: &Command) -> Option<(u16, &[String])> {
    match command {
        Command::Response(response, words) => Some((*response as u16, words)),
        Command::Raw(word, words) if word.len() == 3 => Some((word.parse().ok()?, words)),
        _ => None,
    }
}

/// The person who sent a message: nick, user, host. Servers have no user and no host.
pub(crate) fn person(message: &Message) -> Option<(&str, &str, &str)> {
    match message.prefix.as_ref()? {
        Prefix::Nickname(nick, user, host) if !(user.is_empty() && host.is_empty()) => Some((nick, user, host)),
        Prefix::Nickname(..) | Prefix::ServerName(_) => None,
    }
}

/// The nick in front of a message, with or without user and host: servers shorten NICK, QUIT and MODE.
pub(crate) fn nick(message: &Message) -> Option<&str> {
    match message.prefix.as_ref()? {
        Prefix::Nickname(nick, ..) => Some(nick),
        Prefix::ServerName(_) => None,
    }
}

/// The value of an IRCv3 tag.
pub(crate) fn tag<'a>(message: &'a Message, key: &str) -> Option<&'a str> {
    message.tags.as_ref()?.iter().find(|t| t.0 == key)?.1.as_deref()
}

/// A line as a log may show it: no secret, no chat.
pub(crate) fn shown(command: &Command) -> String {
    match command {
        Command::PASS(_) => "PASS ***".to_owned(),
        Command::AUTHENTICATE(word) if !matches!(word.as_str(), "+" | "*" | "PLAIN" | "EXTERNAL") => {
            "AUTHENTICATE ***".to_owned()
        }
        Command::JOIN(channels, Some(_), _) => format!("JOIN {channels} ***"),
        Command::PRIVMSG(target, _) => format!("PRIVMSG {target} ***"),
        Command::NOTICE(target, _) => format!("NOTICE {target} ***"),
        other => String::from(other),
    }
}

/// A command as bytes for the wire. Whatever a person typed: nothing in it can end the line. The crate would cut
/// a line at such a character and say nothing.
pub(crate) fn wire(command: &Command) -> Vec<u8> {
    let mut line: String = String::from(command).chars().filter(|c| !matches!(c, '\r' | '\n' | '\0')).collect();
    line.push_str("\r\n");
    line.into_bytes()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let lines = [
            Command::PASS("hunter2".into()),
            Command::AUTHENTICATE("aHVudGVyMg==".into()),
            Command::JOIN("#ptg".into(), Some("hunter2".into()), None),
            Command::PRIVMSG("NickServ".into(), "IDENTIFY hunter2".into()),
        ];
        for line in &lines {
            let shown = shown(line);
            assert!(shown.contains("***") && !shown.contains("hunter2") && !shown.contains("aHV"), "{shown}");
        }
        assert_eq!(shown(&Command::AUTHENTICATE("PLAIN".into())), "AUTHENTICATE PLAIN");
    }

    #[test]
    fn a_line_ends_once() {
        let line = wire(&Command::PRIVMSG("#a\r\nQUIT".into(), "x\ny\0z".into()));
        assert_eq!(String::from_utf8(line).unwrap(), "PRIVMSG #aQUIT xyz\r\n");
    }

    #[test]
    fn numerics_are_read_whether_the_crate_knows_them_or_not() {
        for (text, number) in [(":s 353 me = #c :a", 353), (":s 307 me jane :is identified", 307), (":s 001 me :hi", 1)]
        {
            let message: Message = text.parse().unwrap();
            assert_eq!(numeric(&message.command).map(|(n, _)| n), Some(number));
        }
    }
}
