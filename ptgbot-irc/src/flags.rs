//! The command line of `ptgbot-irc`: every setting is a flag, too, but for secrets.

use crate::section::{ChannelEntry, IrcSection, Order};
use clap::Parser;
use ptgbot_runtime::{BotFlags, Config, ConfigError, replace};
use std::path::PathBuf;

/// The event board's bot on IRC, with its live page.
///
/// Passwords come from files or from the environment: PTGBOT_IRC_PASSWORD (NickServ and SASL),
/// PTGBOT_IRC_SERVER_PASSWORD.
#[derive(Debug, Parser)]
#[command(name = "ptgbot-irc", version)]
pub(crate) struct Flags {
    /// Host name of the server [default: irc.oftc.net]
    #[arg(long)]
    server: Option<String>,
    /// Port [default: 6697, without TLS 6667]
    #[arg(long)]
    port: Option<u16>,
    /// Nick of the bot [default: ptgbot]
    #[arg(long)]
    nick: Option<String>,
    /// A channel of the event; may be given several times
    #[arg(long = "channel", value_name = "CHANNEL")]
    channels: Vec<String>,
    /// Protect the connection (the default)
    #[arg(long, overrides_with = "no_tls")]
    tls: bool,
    /// No protection at all, for a server on this machine
    #[arg(long, overrides_with = "tls")]
    no_tls: bool,
    /// More roots to trust (PEM), for private networks
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Our certificate (PEM), by which services know us (CertFP)
    #[arg(long, value_name = "FILE")]
    cert_file: Option<PathBuf>,
    /// Its private key (PEM)
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// User name in nick!user@host [default: ptgbot]
    #[arg(long)]
    user: Option<String>,
    /// The line about us in WHOIS
    #[arg(long)]
    real_name: Option<String>,
    /// Services account, where it is not the nick
    #[arg(long)]
    account: Option<String>,
    /// The service that identifies nicks [default: NickServ]
    #[arg(long)]
    nickserv: Option<String>,
    /// The order of words it wants [default: password-first]
    #[arg(long, value_enum)]
    identify: Option<Order>,
    /// File with the password of the nick
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// File with the password that the server asks for
    #[arg(long, value_name = "FILE")]
    server_password_file: Option<PathBuf>,
    /// Only people who are identified to services may give commands
    #[arg(long)]
    require_identified: bool,
    #[command(flatten)]
    bot: BotFlags,
}

impl Flags {
    /// The configuration with the flags over it, and its `[irc]` section likewise.
    ///
    /// # Errors
    /// When the file cannot be read or holds what nobody knows.
    pub(crate) fn over_config(self) -> Result<(Config, IrcSection), ConfigError> {
        let config = self.bot.over_config()?;
        let mut irc: IrcSection = config.section("irc")?.unwrap_or_default();
        replace(&mut irc.server, self.server);
        replace(&mut irc.port, self.port);
        replace(&mut irc.nick, self.nick);
        if !self.channels.is_empty() {
            irc.channel = None;
            irc.channels = self.channels.into_iter().map(ChannelEntry::Name).collect();
        }
        if self.tls || self.no_tls {
            irc.tls = Some(self.tls);
        }
        replace(&mut irc.ca_file, self.ca_file);
        replace(&mut irc.cert_file, self.cert_file);
        replace(&mut irc.key_file, self.key_file);
        replace(&mut irc.user, self.user);
        replace(&mut irc.real_name, self.real_name);
        replace(&mut irc.account, self.account);
        replace(&mut irc.nickserv, self.nickserv);
        replace(&mut irc.identify, self.identify);
        replace(&mut irc.password_file, self.password_file);
        replace(&mut irc.server_password_file, self.server_password_file);
        if self.require_identified {
            irc.require_identified = Some(true);
        }
        Ok((config, irc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn irc(flags: &[&str]) -> (Config, IrcSection) {
        let flags = [&["ptgbot-irc"], flags].concat();
        Flags::try_parse_from(flags).expect("flags").over_config().expect("no file")
    }

    #[test]
    fn the_command_line_is_consistent() {
        Flags::command().debug_assert();
    }

    #[test]
    fn flags_become_settings() {
        let (config, irc) = irc(&[
            "--server",
            "irc.example.org",
            "--port",
            "6667",
            "--no-tls",
            "--channel",
            "#a",
            "--channel",
            "#b",
            "--listen",
            "127.0.0.1:0",
            "--store",
            "memory:",
            "--require-identified",
            "--identify",
            "nick-first",
        ]);
        let settings = irc.settings(None).expect("settings");
        assert_eq!((settings.server.as_str(), settings.port, settings.channels.len()), ("irc.example.org", 6667, 2));
        assert_eq!(config.store.as_deref(), Some("memory:"));
        assert!(config.listen.is_some());
    }

    #[test]
    fn there_is_no_flag_for_a_secret_and_none_against_verification() {
        for flag in ["--password", "--server-password", "--insecure", "--no-verify"] {
            assert!(Flags::try_parse_from(["ptgbot-irc", flag, "x"]).is_err(), "{flag}");
        }
    }
}
