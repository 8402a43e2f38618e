//! The words of the settings that go into IRC lines: once read, no server can misunderstand them.

use crate::error::IrcError;
use serde::Deserialize;
use std::fmt;
use std::str::FromStr;

/// Makes a type of the texts that a function lets pass.
macro_rules! checked {
    ($(#[$doc:meta])* $name:ident, $check:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IrcError;

            fn from_str(written: &str) -> Result<Self, IrcError> {
                $check(written).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IrcError;

            fn try_from(written: String) -> Result<Self, IrcError> {
                written.parse()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

checked! {
    /// The host name or address of a server.
    Host, host
}
checked! {
    /// A nick that a server may accept.
    Nick, nick
}
checked! {
    /// A channel's name with its `#`; one that is written without it gets it.
    ChannelName, channel
}
checked! {
    /// Any other word, such as a user name or an account.
    Word, word
}

fn host(written: &str) -> Result<String, IrcError> {
    if written.is_empty() || written.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(IrcError::ServerName(format!("{written:?}")));
    }
    Ok(written.to_owned())
}

fn nick(written: &str) -> Result<String, IrcError> {
    if written.starts_with(|c: char| c.is_ascii_digit() || "#&+@%~-".contains(c)) {
        return Err(IrcError::Setting(format!("{written:?} cannot be a nick")));
    }
    word(written)
}

fn channel(written: &str) -> Result<String, IrcError> {
    let name = word(written)?;
    Ok(if name.starts_with(['#', '&', '+', '!']) { name } else { format!("#{name}") })
}

fn word(written: &str) -> Result<String, IrcError> {
    if written.is_empty() {
        return Err(IrcError::Setting("a word is missing: the text is empty".to_owned()));
    }
    if written.contains(|c: char| c.is_control() || " ,:".contains(c)) {
        return Err(IrcError::Setting(format!("{written:?} holds a character that IRC does not allow there")));
    }
    Ok(written.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: FromStr<Err = IrcError> + fmt::Display>(written: &str) -> Result<String, String> {
        written.parse::<T>().map(|word| word.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_no_server_could_accept_is_refused() {
        assert_eq!(read::<Nick>("ptgbot"), Ok("ptgbot".into()));
        assert_eq!(read::<Nick>("1bot"), Err("\"1bot\" cannot be a nick".into()));
        let illegal = Err("\"ptg bot\" holds a character that IRC does not allow there".into());
        assert_eq!((read::<Nick>("ptg bot"), read::<Word>("ptg bot")), (illegal.clone(), illegal));
        for wrong in ["", "a,b", ":a", "a\r\nQUIT", "a\0"] {
            assert!(read::<Word>(wrong).is_err() && read::<ChannelName>(wrong).is_err(), "{wrong:?}");
        }
        assert!(read::<Host>("a b").expect_err("no host").contains("no valid server name"));
    }

    #[test]
    fn a_channel_without_its_sign_gets_it() {
        assert_eq!(read::<ChannelName>("ptg"), Ok("#ptg".into()));
        assert_eq!(read::<ChannelName>("&local"), Ok("&local".into()));
    }
}
