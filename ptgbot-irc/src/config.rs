//! The `[irc]` section of the configuration, which flags go before.

mod first_run;

use crate::error::IrcError;
use crate::settings::{ChannelSetting, ClientCertificate, Identified, IdentifyOrder, Security, Settings};
use crate::timing::Timing;
use crate::word::{ChannelName, Host, Nick, Word};
use clap::Args;
use ptgbot_core::Network;
use ptgbot_runtime::config::one_or_many;
use ptgbot_runtime::{ConfigError, Secrets};
use serde::Deserialize;
use std::path::PathBuf;
use std::str::FromStr;
use toml::Table;

/// What an operator says of the IRC network, in a file or as flags. Passwords are in files of their own or in the
/// environment.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[group(skip)]
#[serde(deny_unknown_fields, default, expecting = "a table [irc] with channels")]
#[non_exhaustive]
pub struct IrcConfig {
    /// Name of the network, which people and the history carry [default: from the server's name, such as oftc]
    #[arg(long)]
    network: Option<Network>,
    /// Host name of the server [default: irc.oftc.net]
    #[arg(long)]
    server: Option<Host>,
    /// Port [default: 6697, without TLS 6667]
    #[arg(long)]
    port: Option<u16>,
    /// Nick of the bot [default: ptgbot]
    #[arg(long)]
    nick: Option<Nick>,
    /// A channel of the event; may be given several times. A comma and a file with its key may follow
    #[arg(long = "channel", value_name = "CHANNEL")]
    #[serde(alias = "channel", deserialize_with = "one_or_many")]
    channels: Vec<ChannelEntry>,
    /// Protect the connection (the default)
    #[arg(long, num_args = 0, default_missing_value = "true", overrides_with = "no_tls")]
    tls: Option<bool>,
    /// No protection at all, for a server on this machine
    #[arg(long, overrides_with = "tls")]
    #[serde(skip)]
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
    user: Option<Word>,
    /// The line about us in WHOIS
    #[arg(long)]
    real_name: Option<String>,
    /// Services account, where it is not the nick
    #[arg(long)]
    account: Option<Word>,
    /// The service that identifies nicks [default: NickServ]
    #[arg(long)]
    nickserv: Option<Word>,
    /// The order of words it wants [default: password-first]
    #[arg(long, value_enum)]
    identify: Option<IdentifyOrder>,
    /// File with the password of the nick
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// File with the password that the server asks for
    #[arg(long, value_name = "FILE")]
    server_password_file: Option<PathBuf>,
    /// Only people who are identified to services may give commands
    #[arg(long)]
    require_identified: bool,
    /// `[irc.timing]`
    #[arg(skip)]
    timing: Timing,
    /// A limit or wait in seconds, such as line=0.5 or burst=10; may be given several times
    #[arg(id = "timing", long = "timing", value_name = "KEY=NUMBER")]
    #[serde(skip)]
    timing_flags: Vec<TimingFlag>,
}

/// A channel, and the file with its key where it has one.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a channel such as \"#my-event\" or { name = \"#my-event\", key_file = \"FILE\" }"
)]
enum ChannelEntry {
    Open(ChannelName),
    Keyed { name: ChannelName, key_file: PathBuf },
}

/// A line of `[irc.timing]`.
#[derive(Clone, Debug)]
struct TimingFlag(Table);

impl IrcConfig {
    /// The adapter's settings.
    ///
    /// # Errors
    /// When something is missing, contradicts itself, or a secret cannot be read.
    pub fn settings(self, secrets: &Secrets) -> Result<Settings, ConfigError> {
        let security = self.security()?;
        let port = self.port.unwrap_or(match security {
            Security::Tls { .. } => 6697,
            Security::Plain => 6667,
        });
        let server = self.server.as_ref().map_or("irc.oftc.net", Host::as_str);
        let defaults = Settings::new(server, port, "ptgbot", "#ptg").map_err(ConfigError::setting)?;
        Ok(Settings {
            network: self.network.unwrap_or(defaults.network),
            security,
            nick: self.nick.unwrap_or(defaults.nick),
            user: self.user.unwrap_or(defaults.user),
            real_name: self.real_name.unwrap_or(defaults.real_name),
            account: self.account,
            password: secrets.find("irc_password", self.password_file.as_deref())?,
            server_password: secrets.find("irc_server_password", self.server_password_file.as_deref())?,
            nickserv: self.nickserv.unwrap_or(defaults.nickserv),
            identify: self.identify.unwrap_or_default(),
            channels: channels(self.channels, secrets)?,
            identified: if self.require_identified { Identified::Required } else { Identified::NotRequired },
            timing: with_flags(self.timing, self.timing_flags),
            ..defaults
        })
    }

    fn security(&self) -> Result<Security, ConfigError> {
        let ca_file = self.ca_file.clone();
        let client = match (self.cert_file.clone(), self.key_file.clone()) {
            (Some(cert_file), Some(key_file)) => Some(ClientCertificate { cert_file, key_file }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                return Err(ConfigError::setting("a client certificate needs both cert_file and key_file"));
            }
        };
        let protected = !self.no_tls && self.tls.unwrap_or(true);
        match (protected, &ca_file, &client) {
            (true, _, _) => Ok(Security::Tls { ca_file, client }),
            (false, None, None) => Ok(Security::Plain),
            (false, _, _) => Err(ConfigError::setting("ca_file and cert_file mean nothing without TLS")),
        }
    }
}

impl FromStr for ChannelEntry {
    type Err = IrcError;

    /// No name of a channel holds a comma.
    fn from_str(written: &str) -> Result<Self, IrcError> {
        match written.split_once(',') {
            Some((name, key_file)) => Ok(Self::Keyed { name: name.parse()?, key_file: key_file.into() }),
            None => written.parse().map(Self::Open),
        }
    }
}

impl FromStr for TimingFlag {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let read = |table: Table| table.clone().try_into::<Timing>().map(|_| Self(table));
        written.parse().and_then(read).map_err(|error: toml::de::Error| error.message().to_owned())
    }
}

/// All channels, each once.
fn channels(entries: Vec<ChannelEntry>, secrets: &Secrets) -> Result<Vec<ChannelSetting>, ConfigError> {
    let mut channels: Vec<ChannelSetting> = Vec::new();
    for entry in entries {
        let (name, key) = match entry {
            ChannelEntry::Open(name) => (name, None),
            ChannelEntry::Keyed { name, key_file } => (name, secrets.find("irc_channel_key", Some(&key_file))?),
        };
        if !channels.iter().any(|channel| channel.name.as_str().eq_ignore_ascii_case(name.as_str())) {
            channels.push(ChannelSetting { name, key });
        }
    }
    if channels.is_empty() {
        let fault = "no channel is named: --channel '#my-event', or channels = [\"#my-event\"] under [irc]";
        return Err(ConfigError::setting(fault));
    }
    Ok(channels)
}

fn with_flags(timing: Timing, flags: Vec<TimingFlag>) -> Timing {
    let mut table = Table::try_from(timing).expect("a timing is a table");
    table.extend(flags.into_iter().flat_map(|flag| flag.0));
    table.try_into().expect("each flag has been read as a timing")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn settings(text: &str) -> Result<Settings, String> {
        let section: IrcConfig = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        section.settings(&Secrets::default()).map_err(|e| e.to_string())
    }

    #[test]
    fn a_channel_is_enough() {
        let settings = settings("channels = ['#ptg', 'infra', '#PTG']").expect("settings");
        assert_eq!((settings.server.as_str(), settings.port, settings.nick.as_str()), ("irc.oftc.net", 6697, "ptgbot"));
        assert_eq!(settings.network.as_str(), "oftc");
        assert!(matches!(settings.security, Security::Tls { ca_file: None, client: None }));
        let names: Vec<&str> = settings.channels.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["#ptg", "#infra"]);
    }

    #[test]
    fn what_is_missing_or_contradicts_itself_is_said() {
        assert!(settings("").expect_err("no channel").contains("--channel '#my-event'"));
        let half = settings("channel = '#a'\ncert_file = 'c.pem'").expect_err("no key");
        assert_eq!(half, "a client certificate needs both cert_file and key_file");
        let plain = settings("channel = '#a'\ntls = false\nca_file = 'c.pem'").expect_err("nothing to verify");
        assert_eq!(plain, "ca_file and cert_file mean nothing without TLS");
        assert!(settings("chanel = '#a'").expect_err("a typing mistake").contains("unknown field `chanel`"));
        assert!(settings("channel = '#a'\nverify = false").is_err(), "verification cannot be turned off");
    }

    #[test]
    fn what_no_server_could_accept_is_refused() {
        let fault = |text: &str| settings(text).expect_err("a fault");
        assert_eq!(fault("channel = '#a'\nnick = '1bot'"), "\"1bot\" cannot be a nick");
        assert!(fault("channels = ['#a', '#b c']").starts_with("expected a channel such as \"#my-event\""));
        assert!(fault("channel = '#a'\nnetwork = 'a/b'").contains("\"a/b\" cannot name a network"));
        for wrong in ["-1", "0", "nan", "inf", "1e9"] {
            let fault = fault(&format!("channel = '#a'\n[timing]\nline = {wrong}\n"));
            assert!(fault.ends_with("is no wait: a number of seconds above 0 and up to 86400 is"), "{fault}");
        }
        assert!(settings("channel = '#a'\n[timing]\nburst = 0\n").is_err());
    }

    #[test]
    fn every_setting_is_read() {
        let text = "server = 'irc.example.org'\nport = 6667\ntls = false\nnick = 'b'\nuser = 'u'\nreal_name = 'r'\n\
                    account = 'a'\nnickserv = 'Q'\nidentify = 'nick-first'\nchannel = '#a'\nrequire_identified = true\n\
                    network = 'Quiet'\n[timing]\nreconnect_first = 0.5\nburst = 2\n";
        let settings = settings(text).expect("settings");
        assert!(matches!(settings.security, Security::Plain));
        assert_eq!((settings.identify, settings.identified), (IdentifyOrder::NickFirst, Identified::Required));
        assert_eq!((settings.timing.reconnect_first, settings.timing.burst.get()), (Duration::from_millis(500), 2));
        assert_eq!((settings.user.as_str(), settings.account()), ("u", "a"));
        assert_eq!(settings.network.as_str(), "quiet");
    }
}
