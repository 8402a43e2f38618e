//! What an operator sets: in a file, or as flags, which go first.
//!
//! A setting stands in one place: a field of a structure that is read from TOML and from the command line alike. What
//! is checked is checked while it is read, so a fault is told with its line or its flag. A key that nobody knows is an
//! error with the nearest one and all that are allowed: a typing mistake never silently turns a setting off. A file in
//! the JSON form of older deployments is read into the same settings.
//!
//! A transport brings a section of its own and reads it typed:
//!
//! ```
//! use clap::{Args, Parser};
//! use ptgbot_runtime::config::{BotFlags, Flags};
//! use serde::Deserialize;
//!
//! /// `[radio]` in the file.
//! #[derive(Debug, Default, Args, Deserialize)]
//! #[serde(deny_unknown_fields, default)]
//! struct RadioConfig {
//!     /// Frequency in MHz
//!     #[arg(long)]
//!     frequency: Option<f64>,
//!     /// Listen only
//!     #[arg(long)]
//!     quiet: bool,
//! }
//!
//! /// The event board's bot on the air.
//! #[derive(Debug, Parser)]
//! struct RadioBot {
//!     #[command(flatten)]
//!     radio: Flags<RadioConfig>,
//!     #[command(flatten)]
//!     bot: BotFlags,
//! }
//!
//! # let file = tempfile::NamedTempFile::new()?;
//! # std::fs::write(file.path(), "store = 'memory:'\n[radio]\nfrequency = 145.5\nquiet = true\n")?;
//! # let path = file.path().to_str().unwrap();
//! // ptgbot-radio --config radio.toml --frequency 433.5
//! let flags = RadioBot::parse_from(["ptgbot-radio", "--config", path, "--frequency", "433.5"]);
//! let (config, file) = flags.bot.read(&["radio"])?;
//! let radio = flags.radio.over(file.section("radio")?);
//! assert_eq!((radio.frequency, radio.quiet), (Some(433.5), true));
//! // ptgbot_runtime::run(Box::new(RadioTransport::new(radio)), Setup::from_config(&config)?).await
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod draft;
mod excerpt;
mod file;
mod flags;
mod legacy;
#[cfg(feature = "cli")]
mod names;
mod value;

pub use crate::log::{LogConfig, LogFormat};
pub use draft::ConfigDraft;
pub use file::{ConfigError, ConfigFile, TextPosition};
pub use flags::{BotFlags, Flags};
pub use value::{one_or_many, parsed};

use crate::bridge::BridgeConfig;
use crate::fetch_policy::FetchPolicy;
use crate::secret::Secrets;
use crate::setup::first_free_port;
use crate::store::StoreAddress;
use clap::Args;
use ptgbot_core::HttpUrl;
use ptgbot_render::SiteOptions;
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// The settings of every bot, whatever its network; everything may be left out.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[group(skip)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Config {
    #[cfg_attr(
        feature = "sqlite",
        doc = "Where the journal is: sqlite:PATH, memory: or postgres://…?board=NAME [default: sqlite:ptgbot.sqlite]"
    )]
    #[cfg_attr(
        not(feature = "sqlite"),
        doc = "Where the journal is: memory: or postgres://…?board=NAME; this build has no sqlite:PATH"
    )]
    #[arg(long)]
    #[serde(deserialize_with = "parsed")]
    pub store: Option<StoreAddress>,
    /// Where the web server listens, such as 127.0.0.1:8000
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// A folder that always holds the static site
    #[arg(long, value_name = "DIR")]
    pub publish: Option<PathBuf>,
    /// An older bot's data file: imported on the first start, public data written there
    #[arg(long, value_name = "FILE")]
    pub db_filename: Option<PathBuf>,
    /// `[site]`
    #[command(flatten)]
    pub site: SiteConfig,
    /// `[fetch]`
    #[command(flatten)]
    pub fetch: FetchConfig,
    /// `[bridge]`
    #[command(flatten)]
    pub bridge: BridgeConfig,
    /// `[log]`
    #[command(flatten)]
    pub log: LogConfig,
    /// Where secrets are found.
    #[arg(skip)]
    #[serde(skip)]
    pub secrets: Secrets,
    /// What the file's reader has to say once there is a log.
    #[arg(skip)]
    #[serde(skip)]
    pub notes: Vec<String>,
}

/// What the pages say.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[group(skip)]
#[serde(deny_unknown_fields, default, expecting = "a table [site] such as base_url = \"https://ptg.example.org\"")]
#[non_exhaustive]
pub struct SiteConfig {
    /// Where the site is reached from outside; makes links in feeds and calendars absolute
    #[arg(long, value_name = "URL")]
    #[serde(deserialize_with = "parsed")]
    pub base_url: Option<HttpUrl>,
    /// What a generated pad link begins with [default: etherpad.opendev.org/p/]
    #[arg(long, value_name = "URL")]
    #[serde(deserialize_with = "parsed")]
    pub etherpad_base: Option<HttpUrl>,
    /// The channel or room that the pages name [default: the bot's first]
    #[arg(id = "site_channel", long = "site-channel", value_name = "CHANNEL")]
    pub channel: Option<String>,
    /// The name by which the pages call the bot [default: the bot's own]
    #[arg(id = "site_bot", long = "site-bot", value_name = "NAME")]
    pub bot: Option<String>,
}

/// From where `~fetchdb` may load.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[group(skip)]
#[serde(deny_unknown_fields, default, expecting = "a table [fetch] with allow_private or allow")]
#[non_exhaustive]
pub struct FetchConfig {
    /// Let ~fetchdb load from this host and from local networks
    #[arg(long = "allow-private-fetch")]
    pub allow_private: bool,
    /// An address to load from although it is not public; may be given several times
    #[arg(id = "allow_fetch", long = "allow-fetch", value_name = "IP")]
    pub allow: Vec<IpAddr>,
}

impl Config {
    /// Serves the page on this machine where nothing else is said: at port 8000, or the next one that is free.
    pub fn has_a_page(&mut self) {
        if self.listen.is_none() && cfg!(feature = "web") {
            self.listen = first_free_port().ok().and_then(|listener| listener.local_addr().ok());
        }
    }
}

impl SiteConfig {
    /// What the pages need to know.
    pub fn options(&self) -> SiteOptions {
        let mut options = SiteOptions::default();
        options.base_url = self.base_url.clone();
        if let Some(base) = &self.etherpad_base {
            options.etherpad_base = format!("{}/", base.as_str().trim_end_matches('/'));
        }
        options.channel = self.channel.clone();
        options.bot = self.bot.clone().unwrap_or(options.bot);
        options
    }
}

impl FetchConfig {
    /// The limits that follow from it.
    pub fn policy(&self) -> FetchPolicy {
        FetchPolicy { allow_private: self.allow_private, allow: self.allow.clone(), ..FetchPolicy::default() }
    }
}
