//! The configuration file: TOML, or the JSON form of older deployments.
//!
//! A key that nobody knows is an error with its line and the keys that exist there, so a typing mistake never
//! silently turns a setting off. Flags of the binaries override what stands here.

mod legacy;

use crate::fetch::FetchPolicy;
use crate::log::LogConfig;
use ptgbot_core::HttpUrl;
use secrecy::SecretString;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use std::fs;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use toml::de::{DeTable, ValueDeserializer};

/// What an operator set; everything may be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the journal is: `sqlite:PATH` or `memory:`.
    pub store: Option<String>,
    /// Where the web server listens, such as `127.0.0.1:8000`; without it there is none.
    pub listen: Option<SocketAddr>,
    /// A folder that always holds the static site.
    pub publish: Option<PathBuf>,
    /// The older bot's data file: imported on the first start, and the public data is written there.
    pub db_filename: Option<PathBuf>,
    /// What the pages say.
    #[serde(default)]
    pub site: SiteConfig,
    /// From where `~fetchdb` may load.
    #[serde(default)]
    pub fetch: FetchConfig,
    /// What is logged, and how.
    #[serde(default)]
    pub log: LogConfig,
    /// The IRC adapter's own settings; read them with [`section`](Self::section).
    pub irc: Option<toml::Table>,
    /// The Matrix adapter's own settings; read them with [`section`](Self::section).
    pub matrix: Option<toml::Table>,
    /// The NickServ password, where an older JSON file holds it.
    #[serde(skip)]
    pub irc_password: Option<SecretString>,
    #[serde(skip)]
    source: Source,
}

/// What the pages say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteConfig {
    /// Where the site is reached from outside; makes links in feeds and calendars absolute.
    #[serde(default, deserialize_with = "web_address")]
    pub base_url: Option<HttpUrl>,
    /// What a generated pad link begins with.
    #[serde(default, deserialize_with = "web_address")]
    pub etherpad_base: Option<HttpUrl>,
}

/// From where `~fetchdb` may load.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchConfig {
    /// Load also from this host and from local networks.
    #[serde(default)]
    pub allow_private: bool,
    /// Addresses to load from although they are not public.
    #[serde(default)]
    pub allow: Vec<IpAddr>,
}

impl FetchConfig {
    /// The limits that follow from it.
    pub fn policy(&self) -> FetchPolicy {
        FetchPolicy { allow_private: self.allow_private, allow: self.allow.clone(), ..FetchPolicy::default() }
    }
}

impl Config {
    /// Reads a configuration file; what it looks like inside decides between TOML and JSON.
    ///
    /// # Errors
    /// Names the file, the line and what is allowed there.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let bytes = fs::read(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
            ConfigError::Content { path: path.to_owned(), line, message: "it is no UTF-8 text".into() }
        })?;
        Self::parse(&text, path)
    }

    /// Reads the content of a configuration file; `path` is for errors only.
    ///
    /// # Errors
    /// Names the file, the line and what is allowed there.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if legacy::looks_like(text) {
            return legacy::parse(text, path);
        }
        let source = Source { path: path.to_owned(), text: text.to_owned() };
        let config: Self = toml::from_str(text).map_err(|error| source.explain(&error))?;
        Ok(Self { source, ..config })
    }

    /// An adapter's own section, `irc` or `matrix`, as the adapter's own type; `None` when the file has none.
    ///
    /// # Errors
    /// Names the file, the line and what is allowed there.
    pub fn section<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, ConfigError> {
        if self.source.text.is_empty() {
            let table = match name {
                "irc" => self.irc.clone(),
                "matrix" => self.matrix.clone(),
                _ => None,
            };
            return table
                .map(|table| toml::Value::Table(table).try_into())
                .transpose()
                .map_err(|e| self.source.explain(&e));
        }
        // From the text once more, for only that knows the lines.
        let mut root = DeTable::parse(&self.source.text).map_err(|error| self.source.explain(&error))?.into_inner();
        let Some(value) = root.remove(name) else { return Ok(None) };
        T::deserialize(ValueDeserializer::from(value)).map(Some).map_err(|error| self.source.explain(&error))
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be opened or read.
    #[error("cannot read the configuration {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something in it is wrong.
    #[error("{}, line {line}: {message}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong and what is allowed.
        message: String,
    },
}

/// The text a configuration was read from.
#[derive(Clone, Debug, Default)]
struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// Without the line's content, which the parser's own message would show: it may hold a secret.
    fn explain(&self, error: &toml::de::Error) -> ConfigError {
        let start = error.span().map_or(0, |span| span.start);
        let line = 1 + self.text.bytes().take(start).filter(|byte| *byte == b'\n').count();
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        ConfigError::Content { path: self.path.clone(), line, message }
    }
}

fn web_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<HttpUrl>, D::Error> {
    let raw = String::deserialize(deserializer)?;
    HttpUrl::parse(&raw).map(Some).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, Path::new("ptgbot.toml")).map_err(|error| error.to_string())
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Irc {
        nick: String,
        #[serde(default)]
        server: Option<String>,
    }

    #[test]
    fn an_empty_file_sets_nothing() {
        let config = parse("# nothing\n").expect("a configuration");
        assert!(config.store.is_none() && config.listen.is_none() && config.irc.is_none());
        assert!(config.section::<Irc>("irc").expect("no section").is_none());
    }

    #[test]
    fn every_setting_is_read() {
        let config = parse(
            "store = 'sqlite:a.sqlite'\nlisten = '127.0.0.1:8000'\npublish = 'html'\ndb_filename = 'html/ptg.json'\n\
             [site]\nbase_url = 'https://ptg.example'\netherpad_base = 'https://pad.example/p'\n\
             [fetch]\nallow_private = true\nallow = ['10.0.0.1']\n[log]\nfilter = 'debug'\nformat = 'json'\n\
             [irc]\nnick = 'ptgbot'\n",
        )
        .expect("a configuration");
        assert_eq!(config.store.as_deref(), Some("sqlite:a.sqlite"));
        assert_eq!(config.listen.map(|listen| listen.port()), Some(8000));
        assert_eq!(config.site.base_url.as_ref().map(HttpUrl::as_str), Some("https://ptg.example/"));
        assert!(config.fetch.policy().allow_private);
        assert_eq!(
            config.section::<Irc>("irc").expect("readable").map(|irc| (irc.nick, irc.server)),
            Some(("ptgbot".into(), None))
        );
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_what_is_allowed() {
        let error = parse("store = 'memory:'\nlisen = '127.0.0.1:1'\n").expect_err("a typing mistake");
        assert!(error.starts_with("ptgbot.toml, line 2: unknown field `lisen`, expected one of `store`"), "{error}");
        let error = parse("[fetch]\n\nprivate = true\n").expect_err("a typing mistake");
        assert!(error.starts_with("ptgbot.toml, line 3: unknown field `private`, expected `allow_private`"), "{error}");
        let error = parse("[site]\nbase_url = 'ftp://x'\n").expect_err("no web address");
        assert_eq!(error, "ptgbot.toml, line 2: only http and https links are taken");
    }

    #[test]
    fn an_adapters_section_has_its_lines_too() {
        let config = parse("store = 'memory:'\n[irc]\nnick = 'a'\nnik = 'b'\n").expect("a configuration");
        let error = config.section::<Irc>("irc").expect_err("a typing mistake").to_string();
        assert!(error.starts_with("ptgbot.toml, line 4: unknown field `nik`, expected `nick` or `server`"), "{error}");
    }

    #[test]
    fn no_error_shows_what_may_be_a_secret() {
        let error = parse("password = 'sesame'\n").expect_err("an unknown key");
        assert!(!error.contains("sesame"), "{error}");
        let error = parse("password = 'sesame\n").expect_err("no TOML");
        assert!(!error.contains("sesame"), "{error}");
    }

    #[test]
    fn the_older_form_becomes_an_irc_section() {
        let text = "{\n\"irc_nick\": \"ptgbot\",\n\"irc_pass\": \"sesame\",\n\"irc_server\": \"irc.oftc.net\",\n\
                    \"irc_port\": 6697,\n\"irc_channel\": \"#ptg\",\n\"db_filename\": \"html/ptg.json\",\n}\n";
        let config = parse(text).expect("a configuration");
        let irc = config.irc.as_ref().expect("a section");
        assert_eq!(irc.get("server").and_then(|v| v.as_str()), Some("irc.oftc.net"));
        assert_eq!(irc.get("port").and_then(|v| v.as_integer()), Some(6697));
        assert_eq!(irc.get("channel").and_then(|v| v.as_str()), Some("#ptg"));
        assert_eq!(config.db_filename.as_deref(), Some(Path::new("html/ptg.json")));
        assert!(config.irc_password.is_some());
        assert!(!format!("{config:?}").contains("sesame"));
        let error = config.section::<Irc>("irc").expect_err("not all keys are in this test's type").to_string();
        assert!(error.contains("unknown field"), "{error}");
    }

    #[test]
    fn the_older_form_is_as_strict_as_the_newer() {
        let error = parse("{\n\"irc_nick\": \"a\",\n\"irc_nik\": \"b\"\n}").expect_err("a typing mistake");
        assert!(
            error.starts_with("ptgbot.toml, line 3: unknown field `irc_nik`, expected one of `irc_nick`"),
            "{error}"
        );
        let error = parse("{\n\"irc_nick\": \"a\"\n\"irc_port\": 1}").expect_err("a comma is missing");
        assert!(error.starts_with("ptgbot.toml, line 3: "), "{error}");
    }
}
