//! The `[irc]` section of the configuration.

use ptgbot_irc::{ChannelSetting, ClientCertificate, Identified, IdentifyOrder, IrcError, Security, Settings, Timing};
use ptgbot_runtime::{SecretError, secret};
use secrecy::SecretString;
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;

/// What the `[irc]` section may say; flags say the same and go first. Passwords are in files or the environment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct IrcSection {
    pub(crate) server: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) tls: Option<bool>,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) cert_file: Option<PathBuf>,
    pub(crate) key_file: Option<PathBuf>,
    pub(crate) nick: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) real_name: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) nickserv: Option<String>,
    pub(crate) identify: Option<Order>,
    pub(crate) password_file: Option<PathBuf>,
    pub(crate) server_password_file: Option<PathBuf>,
    /// One channel; the older form knows no more.
    pub(crate) channel: Option<String>,
    pub(crate) channels: Vec<ChannelEntry>,
    pub(crate) require_identified: Option<bool>,
    pub(crate) timing: TimingSection,
}

/// A channel: its name, or with a file that holds its key.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum ChannelEntry {
    Name(String),
    Keyed { name: String, key_file: PathBuf },
}

/// The order of words in IDENTIFY.
#[derive(Clone, Copy, Debug, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Order {
    /// `IDENTIFY password [nick]`: OFTC.
    PasswordFirst,
    /// `IDENTIFY nick password`: Anope, Atheme.
    NickFirst,
}

/// Waits in seconds, for networks with other limits than OFTC.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TimingSection {
    connect: Option<f64>,
    register: Option<f64>,
    silence: Option<f64>,
    pong: Option<f64>,
    identify: Option<f64>,
    reconnect_first: Option<f64>,
    reconnect_most: Option<f64>,
    rejoin_first: Option<f64>,
    rejoin_most: Option<f64>,
    line: Option<f64>,
    burst: Option<u32>,
    question: Option<f64>,
}

/// Why there is no bot to start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SectionError {
    #[error("no channel is named: --channel '#my-event', or channels = [\"#my-event\"] under [irc]")]
    NoChannel,
    #[error("a client certificate needs both cert_file and key_file")]
    HalfCertificate,
    #[error("ca_file and cert_file mean nothing without TLS")]
    NothingToVerify,
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Irc(#[from] IrcError),
}

impl IrcSection {
    /// The adapter's settings. `older_password` is the one that an older configuration file holds.
    ///
    /// # Errors
    /// When something is missing, contradicts itself, or a secret cannot be read.
    pub(crate) fn settings(self, older_password: Option<SecretString>) -> Result<Settings, SectionError> {
        let security = self.security()?;
        let port = self.port.unwrap_or(match security {
            Security::Tls { .. } => 6697,
            Security::Plain => 6667,
        });
        let server = self.server.unwrap_or_else(|| "irc.oftc.net".to_owned());
        let nick = self.nick.unwrap_or_else(|| "ptgbot".to_owned());
        let mut settings = Settings::new(&server, port, &nick, "");
        settings.security = security;
        settings.channels = channels(self.channel, self.channels)?;
        settings.password = secret("irc_password", self.password_file.as_deref())?.or(older_password);
        settings.server_password = secret("irc_server_password", self.server_password_file.as_deref())?;
        settings.account = self.account;
        settings.user = self.user.unwrap_or(settings.user);
        settings.real_name = self.real_name.unwrap_or(settings.real_name);
        settings.nickserv = self.nickserv.unwrap_or(settings.nickserv);
        settings.identify = match self.identify {
            Some(Order::NickFirst) => IdentifyOrder::NickFirst,
            Some(Order::PasswordFirst) | None => IdentifyOrder::PasswordFirst,
        };
        settings.identified = match self.require_identified {
            Some(true) => Identified::Required,
            Some(false) | None => Identified::NotRequired,
        };
        settings.timing = self.timing.over(settings.timing);
        Ok(settings)
    }

    fn security(&self) -> Result<Security, SectionError> {
        let client = match (&self.cert_file, &self.key_file) {
            (Some(cert_file), Some(key_file)) => {
                Some(ClientCertificate { cert_file: cert_file.clone(), key_file: key_file.clone() })
            }
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(SectionError::HalfCertificate),
        };
        match self.tls {
            Some(false) if client.is_some() || self.ca_file.is_some() => Err(SectionError::NothingToVerify),
            Some(false) => Ok(Security::Plain),
            Some(true) | None => Ok(Security::Tls { ca_file: self.ca_file.clone(), client }),
        }
    }
}

impl TimingSection {
    fn over(self, default: Timing) -> Timing {
        let or = |set: Option<f64>, default: Duration| {
            set.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or(default)
        };
        Timing {
            connect: or(self.connect, default.connect),
            register: or(self.register, default.register),
            silence: or(self.silence, default.silence),
            pong: or(self.pong, default.pong),
            identify: or(self.identify, default.identify),
            reconnect_first: or(self.reconnect_first, default.reconnect_first),
            reconnect_most: or(self.reconnect_most, default.reconnect_most),
            rejoin_first: or(self.rejoin_first, default.rejoin_first),
            rejoin_most: or(self.rejoin_most, default.rejoin_most),
            line: or(self.line, default.line),
            burst: self.burst.unwrap_or(default.burst),
            question: or(self.question, default.question),
        }
    }
}

/// All channels, each once; a name without its `#` gets one.
fn channels(one: Option<String>, more: Vec<ChannelEntry>) -> Result<Vec<ChannelSetting>, SectionError> {
    let mut channels: Vec<ChannelSetting> = Vec::new();
    for entry in one.map(ChannelEntry::Name).into_iter().chain(more) {
        let (name, key_file) = match entry {
            ChannelEntry::Name(name) => (name, None),
            ChannelEntry::Keyed { name, key_file } => (name, Some(key_file)),
        };
        let name = if name.starts_with(['#', '&', '+', '!']) { name } else { format!("#{name}") };
        let key = match key_file {
            Some(file) => secret("irc_channel_key", Some(&file))?,
            None => None,
        };
        if !channels.iter().any(|c| c.name.eq_ignore_ascii_case(&name)) {
            channels.push(ChannelSetting { name, key });
        }
    }
    if channels.is_empty() { Err(SectionError::NoChannel) } else { Ok(channels) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Result<Settings, String> {
        let section: IrcSection = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        section.settings(None).map_err(|e| e.to_string())
    }

    #[test]
    fn a_channel_is_enough() {
        let settings = settings("channels = ['#ptg', 'infra', '#PTG']").expect("settings");
        assert_eq!((settings.server.as_str(), settings.port, settings.nick.as_str()), ("irc.oftc.net", 6697, "ptgbot"));
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
    fn every_setting_is_read() {
        let text = "server = 'irc.example.org'\nport = 6667\ntls = false\nnick = 'b'\nuser = 'u'\nreal_name = 'r'\n\
                    account = 'a'\nnickserv = 'Q'\nidentify = 'nick-first'\nchannel = '#a'\nrequire_identified = true\n\
                    [timing]\nreconnect_first = 0.5\nburst = 2\n";
        let settings = settings(text).expect("settings");
        assert!(matches!(settings.security, Security::Plain));
        assert_eq!((settings.identify, settings.identified), (IdentifyOrder::NickFirst, Identified::Required));
        assert_eq!((settings.timing.reconnect_first, settings.timing.burst), (Duration::from_millis(500), 2));
        assert_eq!((settings.user.as_str(), settings.account.as_deref()), ("u", Some("a")));
    }
}
