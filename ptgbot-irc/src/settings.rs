//! What the adapter is told: where to connect, as whom, which channels.

use crate::error::IrcError;
use crate::timing::Timing;
use crate::word::{ChannelName, Host, Nick, Word};
use ptgbot_core::Network;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::net::IpAddr;
use std::path::PathBuf;

/// Everything that the adapter needs to know. Passwords print as `[REDACTED]`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The network, as people and the history carry it.
    pub network: Network,
    /// Host name or address of the server.
    pub server: Host,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// The nick that we want.
    pub nick: Nick,
    /// The user name, shown in `nick!user@host`.
    pub user: Word,
    /// The line about us in WHOIS.
    pub real_name: String,
    /// The services account, where it is not the nick.
    pub account: Option<Word>,
    /// The password of the nick or account, for SASL and NickServ.
    pub password: Option<SecretString>,
    /// The password that the server itself asks for (PASS).
    pub server_password: Option<SecretString>,
    /// The name of the service that identifies nicks.
    pub nickserv: Word,
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
#[non_exhaustive]
pub struct ChannelSetting {
    /// Its name.
    pub name: ChannelName,
    /// The key of a `+k` channel.
    pub key: Option<SecretString>,
}

impl ChannelSetting {
    /// A channel without a key.
    pub fn new(name: ChannelName) -> Self {
        Self { name, key: None }
    }
}

/// How the connection is protected.
#[derive(Clone, Debug)]
#[non_exhaustive]
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
#[non_exhaustive]
pub struct ClientCertificate {
    /// The chain (PEM).
    pub cert_file: PathBuf,
    /// The private key (PEM); may be the same file.
    pub key_file: PathBuf,
}

impl ClientCertificate {
    /// A certificate and its key, which may be in one file.
    pub fn new(cert_file: impl Into<PathBuf>, key_file: impl Into<PathBuf>) -> Self {
        Self { cert_file: cert_file.into(), key_file: key_file.into() }
    }
}

/// The order of words in `IDENTIFY`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "bot", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum IdentifyOrder {
    /// `IDENTIFY password [nick]` (OFTC).
    #[default]
    PasswordFirst,
    /// `IDENTIFY nick password` (Anope, Atheme).
    NickFirst,
}

/// Who may give commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Identified {
    /// Everybody.
    #[default]
    NotRequired,
    /// People who are identified to services.
    Required,
}

impl Settings {
    /// The settings of a bot with TLS and one channel. The network is named after the server.
    ///
    /// ```
    /// use ptgbot_irc::{Security, Settings};
    ///
    /// let settings = Settings::new("irc.oftc.net", 6697, "my-board", "my-event")?;
    /// assert_eq!((settings.network.as_str(), settings.channels[0].name.as_str()), ("oftc", "#my-event"));
    /// assert!(matches!(settings.security, Security::Tls { .. }));
    ///
    /// assert!(Settings::new("irc.oftc.net", 6697, "my board", "#my-event").is_err());
    /// # Ok::<(), ptgbot_irc::IrcError>(())
    /// ```
    ///
    /// # Errors
    /// Names what no server could accept.
    pub fn new(server: &str, port: u16, nick: &str, channel: &str) -> Result<Self, IrcError> {
        let server: Host = server.parse()?;
        Ok(Self {
            network: network_of(&server),
            server,
            port,
            security: Security::Tls { ca_file: None, client: None },
            nick: nick.parse()?,
            user: "ptgbot".parse()?,
            real_name: "ptgbot, an event board".to_owned(),
            account: None,
            password: None,
            server_password: None,
            nickserv: "NickServ".parse()?,
            identify: IdentifyOrder::default(),
            channels: vec![ChannelSetting { name: channel.parse()?, key: None }],
            identified: Identified::default(),
            timing: Timing::default(),
        })
    }

    /// The nick of the service that identifies nicks; its address may name its server (`NickServ@services.example`).
    pub(crate) fn nickserv_nick(&self) -> &str {
        let service = self.nickserv.as_str();
        service.split('@').next().unwrap_or(service)
    }

    /// The name of our services account.
    pub(crate) fn account(&self) -> &str {
        self.account.as_ref().map_or(self.nick.as_str(), Word::as_str)
    }

    /// What others say, without our passwords in it: services that expect other words take a password for a nick, and
    /// say it again.
    pub(crate) fn without_passwords(&self, text: &str) -> String {
        let passwords = [&self.password, &self.server_password].into_iter().flatten().map(ExposeSecret::expose_secret);
        passwords
            .filter(|password| !password.is_empty())
            .fold(text.to_owned(), |text, password| text.replace(password, "…"))
    }

    /// True if services will know us by our certificate.
    pub(crate) fn has_certificate(&self) -> bool {
        matches!(&self.security, Security::Tls { client: Some(_), .. })
    }
}

/// A network is named like the part of its servers' names that somebody has registered: `oftc` for `irc.oftc.net`. The
/// rule is fixed, for people's data carries the name; where it is wrong, the configuration names the network.
fn network_of(server: &Host) -> Network {
    let server = server.as_str().trim_end_matches('.').to_ascii_lowercase();
    if server.parse::<IpAddr>().is_ok() {
        return Network::nearest(&server);
    }
    let mut labels = server.rsplit('.').peekable();
    let top = labels.next().unwrap_or_default();
    // As in `.co.uk`.
    if top.len() == 2 {
        labels.next_if(|label| matches!(*label, "ac" | "co" | "com" | "edu" | "gov" | "net" | "or" | "org"));
    }
    Network::nearest(labels.next().unwrap_or(top))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_named_after_its_server() {
        for (server, network) in [
            ("irc.oftc.net", "oftc"),
            ("irc.eu.Libera.chat.", "libera"),
            ("irc.example.co.uk", "example"),
            ("oftc.net", "oftc"),
            ("localhost", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("::1", "--1"),
        ] {
            let settings = Settings::new(server, 6697, "ptgbot", "#ptg").unwrap();
            assert_eq!(settings.network.as_str(), network, "{server}");
        }
    }

    #[test]
    fn no_password_is_printed() {
        let mut settings = Settings::new("irc.example.org", 6697, "ptgbot", "#ptg").unwrap();
        settings.password = Some("hunter2".into());
        settings.server_password = Some("hunter3".into());
        assert!(!format!("{settings:?}").contains("hunter"));
        let said = settings.without_passwords("Nick hunter2 isn't registered.");
        assert_eq!(said, "Nick … isn't registered.");
    }
}
