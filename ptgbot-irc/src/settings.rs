//! What the adapter is told: where to connect, as whom, which channels.

use crate::error::IrcError;
use secrecy::SecretString;
use std::path::PathBuf;
use std::time::Duration;

/// Everything that the adapter needs to know. Passwords print as `[REDACTED]`.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Host name or address of the server.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// The nick that we want.
    pub nick: String,
    /// The user name, shown in `nick!user@host`.
    pub user: String,
    /// The line about us in WHOIS.
    pub real_name: String,
    /// The services account, where it is not the nick.
    pub account: Option<String>,
    /// The password of the nick or account, for SASL and NickServ.
    pub password: Option<SecretString>,
    /// The password that the server itself asks for (PASS).
    pub server_password: Option<SecretString>,
    /// The name of the service that identifies nicks.
    pub nickserv: String,
    /// The order of words that this service wants.
    pub identify: IdentifyOrder,
    /// The channels of the event.
    pub channels: Vec<ChannelSetting>,
    /// Whether only people who are identified to services may give commands.
    pub identified: Identified,
    /// Limits and waits.
    pub timing: Timing,
}

/// A channel to join.
#[derive(Clone, Debug)]
pub struct ChannelSetting {
    /// Its name with the `#`.
    pub name: String,
    /// The key of a `+k` channel.
    pub key: Option<SecretString>,
}

/// How the connection is protected.
#[derive(Clone, Debug)]
pub enum Security {
    /// TLS with verified certificates; there is no way to skip the verification.
    Tls {
        /// More roots to trust (PEM), for private networks.
        ca_file: Option<PathBuf>,
        /// Our own certificate, for services that know us by its fingerprint (CertFP).
        client: Option<ClientCertificate>,
    },
    /// No protection at all: for servers on this machine.
    Plain,
}

/// A client certificate.
#[derive(Clone, Debug)]
pub struct ClientCertificate {
    /// The chain (PEM).
    pub cert_file: PathBuf,
    /// The private key (PEM); may be the same file.
    pub key_file: PathBuf,
}

/// The order of words in `IDENTIFY`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdentifyOrder {
    /// `IDENTIFY password [nick]` (OFTC).
    #[default]
    PasswordFirst,
    /// `IDENTIFY nick password` (Anope, Atheme).
    NickFirst,
}

/// Who may give commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Identified {
    /// Everybody.
    #[default]
    NotRequired,
    /// People who are identified to services.
    Required,
}

/// Limits and waits. The defaults suit OFTC; tests make them short.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// From the first packet to a connection, TLS included.
    pub connect: Duration,
    /// From the connection to the welcome.
    pub register: Duration,
    /// Silence after which we ask whether the server is there.
    pub silence: Duration,
    /// How long it may take to answer that.
    pub pong: Duration,
    /// How long services may take to identify us before channels are joined all the same.
    pub identify: Duration,
    /// The first wait before connecting again; doubles.
    pub reconnect_first: Duration,
    /// The longest wait before connecting again.
    pub reconnect_most: Duration,
    /// The first wait before joining again; doubles.
    pub rejoin_first: Duration,
    /// The longest wait before joining again.
    pub rejoin_most: Duration,
    /// Lines that may leave at once.
    pub burst: u32,
    /// The time a line takes after that.
    pub line: Duration,
    /// How long WHOIS or NAMES may take before a command is judged by what is certain.
    pub question: Duration,
}

impl Settings {
    /// The settings of a bot with TLS and one channel.
    pub fn new(server: &str, port: u16, nick: &str, channel: &str) -> Self {
        Self {
            server: server.to_owned(),
            port,
            security: Security::Tls { ca_file: None, client: None },
            nick: nick.to_owned(),
            user: "ptgbot".to_owned(),
            real_name: "ptgbot, an event board".to_owned(),
            account: None,
            password: None,
            server_password: None,
            nickserv: "NickServ".to_owned(),
            identify: IdentifyOrder::default(),
            channels: vec![ChannelSetting { name: channel.to_owned(), key: None }],
            identified: Identified::default(),
            timing: Timing::default(),
        }
    }

    /// Refuses what no server could accept, before anything is connected.
    pub(crate) fn check(&self) -> Result<(), IrcError> {
        let word = |what: &str, word: &str| match word {
            "" => Err(IrcError::Setting(format!("the {what} is empty"))),
            w if w.contains([' ', ',', ':', '\0', '\r', '\n']) || w.contains(char::is_control) => {
                Err(IrcError::Setting(format!("{what} {w:?} holds a character that IRC does not allow there")))
            }
            _ => Ok(()),
        };
        if self.server.is_empty() || self.server.contains(char::is_whitespace) {
            return Err(IrcError::ServerName(format!("{:?}", self.server)));
        }
        word("nick", &self.nick)?;
        word("user name", &self.user)?;
        word("name of the nick service", &self.nickserv)?;
        if self.nick.starts_with(|c: char| c.is_ascii_digit() || "#&+@%~-".contains(c)) {
            return Err(IrcError::Setting(format!("{:?} cannot be a nick", self.nick)));
        }
        if self.channels.is_empty() {
            return Err(IrcError::Setting("there is no channel to join".to_owned()));
        }
        for channel in &self.channels {
            word("channel", &channel.name)?;
            if !channel.name.starts_with(['#', '&', '+', '!']) {
                return Err(IrcError::Setting(format!("channel {:?} does not begin with #", channel.name)));
            }
        }
        Ok(())
    }

    /// The nick of the service that identifies nicks; its address may name its server (`NickServ@services.example`).
    pub(crate) fn nickserv_nick(&self) -> &str {
        self.nickserv.split('@').next().unwrap_or(&self.nickserv)
    }

    /// The name of our services account.
    pub(crate) fn account(&self) -> &str {
        self.account.as_deref().unwrap_or(&self.nick)
    }

    /// True if services will know us by our certificate.
    pub(crate) fn has_certificate(&self) -> bool {
        matches!(&self.security, Security::Tls { client: Some(_), .. })
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            register: Duration::from_secs(60),
            silence: Duration::from_secs(120),
            pong: Duration::from_secs(60),
            identify: Duration::from_secs(10),
            reconnect_first: Duration::from_secs(5),
            reconnect_most: Duration::from_secs(300),
            rejoin_first: Duration::from_secs(3),
            rejoin_most: Duration::from_secs(300),
            burst: 4,
            line: Duration::from_millis(1_100),
            question: Duration::from_secs(10),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_no_server_could_accept_is_refused_at_the_start() {
        let check = |change: fn(&mut Settings)| {
            let mut settings = Settings::new("irc.example.org", 6697, "ptgbot", "#ptg");
            change(&mut settings);
            settings.check().err().map(|e| e.to_string()).unwrap_or_default()
        };
        assert_eq!(check(|_| {}), "");
        assert_eq!(
            check(|s| s.nick = "ptg bot".into()),
            "nick \"ptg bot\" holds a character that IRC does not allow there"
        );
        assert_eq!(check(|s| s.nick = "1bot".into()), "\"1bot\" cannot be a nick");
        assert_eq!(check(|s| s.channels[0].name = "ptg".into()), "channel \"ptg\" does not begin with #");
        assert_eq!(check(|s| s.channels.clear()), "there is no channel to join");
        assert!(check(|s| s.server = "a b".into()).contains("no valid server name"));
    }

    #[test]
    fn no_password_is_printed() {
        let mut settings = Settings::new("irc.example.org", 6697, "ptgbot", "#ptg");
        settings.password = Some("hunter2".into());
        settings.server_password = Some("hunter3".into());
        assert!(!format!("{settings:?}").contains("hunter"));
    }
}
