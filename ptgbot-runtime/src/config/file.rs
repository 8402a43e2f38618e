//! The configuration file: TOML, or the JSON form of older deployments.

use super::excerpt::{Shown, excerpt};
use super::{Config, legacy};
use crate::dialogue::DialogueError;
use crate::secret::{SecretError, Secrets};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, Deserializer, ValueDeserializer};

/// A configuration file, read and not yet understood: the bot takes its settings from it, each transport its section.
#[derive(Clone, Debug, Default)]
pub struct ConfigFile {
    path: PathBuf,
    /// TOML. Never printed: what stands in the wrong place may be a secret.
    text: TomlText,
    secrets: Secrets,
    notes: Vec<String>,
}

impl ConfigFile {
    /// Reads a file; without one nothing is set.
    ///
    /// # Errors
    /// Names the file, and the line of what is wrong there.
    pub fn open(path: Option<&Path>) -> Result<Self, ConfigError> {
        path.map_or_else(|| Ok(Self::default()), Self::read)
    }

    /// Reads a file; what it looks like inside decides between TOML and JSON.
    ///
    /// # Errors
    /// Names the file, and the line of what is wrong there.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let bytes = fs::read(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
            let at = Some(TextPosition::of(&good, good.len()));
            ConfigError::Content {
                path: path.to_owned(),
                at,
                message: "it is no UTF-8 text".into(),
                excerpt: String::new(),
            }
        })?;
        Self::parse(&text, path)
    }

    /// Reads the content of a file; `path` is for errors only.
    ///
    /// ```
    /// use ptgbot_runtime::ConfigFile;
    /// use std::path::Path;
    ///
    /// let file = ConfigFile::parse("store = 'memory:'", Path::new("ptgbot.toml"))?;
    /// assert_eq!(file.config(&[])?.store.unwrap().to_string(), "memory:");
    ///
    /// let wrong = ConfigFile::parse("stroe = 'memory:'", Path::new("ptgbot.toml"))?;
    /// assert!(wrong.config(&[]).unwrap_err().to_string().contains("store"));
    /// # Ok::<(), ptgbot_runtime::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// Names the file, and the line of what is wrong there.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if legacy::looks_like(text) {
            let legacy::Read { toml, places, secrets, notes } = legacy::read(text, path)?;
            return Ok(Self { path: path.to_owned(), text: TomlText::Translated(toml, places), secrets, notes });
        }
        let file = Self { path: path.to_owned(), text: TomlText::Written(text.to_owned()), ..Self::default() };
        file.table()?;
        Ok(file)
    }

    /// The settings of every bot. `sections` are those that transports bring.
    ///
    /// # Errors
    /// Names the file, the line and what is allowed there.
    pub fn config(&self, sections: &[&str]) -> Result<Config, ConfigError> {
        let mut table = self.table()?;
        for section in sections {
            table.get_mut().remove(*section);
        }
        let config = Config::deserialize(Deserializer::from(table)).map_err(|error| self.explain(&error, sections))?;
        Ok(Config { secrets: self.secrets.clone(), notes: self.notes.clone(), ..config })
    }

    /// A transport's own section, such as `radio` for `[radio]`; what is not set has its default.
    ///
    /// # Errors
    /// Names the file, the line and what is allowed there.
    pub fn section<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T, ConfigError> {
        let Some(section) = self.table()?.get_mut().remove(name) else { return Ok(T::default()) };
        T::deserialize(ValueDeserializer::from(section)).map_err(|error| self.explain(&error, &[]))
    }

    /// True where the file has a section.
    #[cfg(feature = "cli")]
    pub(super) fn has(&self, section: &str) -> Result<bool, ConfigError> {
        Ok(self.table()?.get_ref().contains_key(section))
    }

    /// From the text each time, for only that knows the lines.
    fn table(&self) -> Result<Spanned<DeTable<'_>>, ConfigError> {
        DeTable::parse(self.text.as_str()).map_err(|error| self.explain(&error, &[]))
    }

    /// Without the line's content, which the parser's own message would show: it may hold a secret. `sections` may
    /// stand beside what the message allows.
    fn explain(&self, error: &toml::de::Error, sections: &[&str]) -> ConfigError {
        let mut message = error.message().lines().collect::<Vec<_>>().join(", ");
        let meant = error.span().unwrap_or(0..0);
        let start = meant.start;
        let is_unknown = message.starts_with("unknown field");
        if is_unknown {
            let at_the_top = |table: Spanned<DeTable<'_>>| table.get_ref().keys().any(|key| key.span().start == start);
            if DeTable::parse(self.text.as_str()).is_ok_and(at_the_top) {
                message.extend(sections.iter().map(|section| format!(", `{section}`")));
            }
        }
        if is_unknown || message.starts_with("unknown variant") {
            message = with_the_nearest(message);
        }
        let (at, excerpt) = match &self.text {
            TomlText::Written(text) => {
                let is_toml = DeTable::parse(text).is_ok();
                let shown = if is_toml && !is_unknown { Shown::All } else { Shown::Name };
                (Some(TextPosition::of(text, start)), excerpt(text, meant, shown))
            }
            TomlText::Translated(text, places) => (places.of(text, start), String::new()),
        };
        ConfigError::Content { path: self.path.clone(), at, message, excerpt }
    }
}

/// Why a configuration cannot be used.
#[derive(thiserror::Error)]
#[non_exhaustive]
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
    #[error("{}{}: {message}", path.display(), at.map_or_else(String::new, |at| format!(", {at}")))]
    Content {
        /// The file.
        path: PathBuf,
        /// Where in it, if that can be said.
        at: Option<TextPosition>,
        /// What is wrong and what is allowed.
        message: String,
        /// See [`excerpt`](Self::excerpt).
        excerpt: String,
    },
    /// Something is missing in file and flags, or settings do not fit together.
    #[error("{0}")]
    Setting(String),
    /// A secret cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// What is missing cannot be asked for.
    #[error(transparent)]
    Dialogue(#[from] DialogueError),
}

/// As `unwrap` and a `main` that fails print it.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl ConfigError {
    /// What is missing, or does not fit together, in words that say how to put it right.
    pub fn setting(fault: impl ToString) -> Self {
        Self::Setting(fault.to_string())
    }

    /// The line that is wrong, with marks under the place, each of both ended by a line break: for people who read the
    /// error in a terminal. Nothing where there is no such line. What may be a secret is left out.
    pub fn excerpt(&self) -> &str {
        match self {
            Self::Content { excerpt, .. } => excerpt,
            Self::Read { .. } | Self::Setting(_) | Self::Secret(_) | Self::Dialogue(_) => "",
        }
    }
}

/// A place in a text, as editors count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextPosition {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

impl TextPosition {
    pub(super) fn of(text: &str, byte: usize) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count());
        Self { line: 1 + before.matches('\n').count(), column: 1 + column }
    }
}

impl fmt::Display for TextPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// What a file says in TOML.
#[derive(Clone)]
enum TomlText {
    /// As somebody wrote it: its lines mean something to them.
    Written(String),
    /// From another form, where the settings had other places.
    Translated(String, legacy::Places),
}

impl TomlText {
    fn as_str(&self) -> &str {
        match self {
            Self::Written(text) | Self::Translated(text, _) => text,
        }
    }
}

impl Default for TomlText {
    fn default() -> Self {
        Self::Written(String::new())
    }
}

impl fmt::Debug for TomlText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// A message that names in backticks what is wrong, then all that is right: with the nearest of these.
pub(super) fn with_the_nearest(mut message: String) -> String {
    let names: Vec<String> = message.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    message.extend(nearest(&names).map(|name| format!("; did you mean `{name}`?")));
    message
}

/// The name nearest to the first one.
fn nearest(names: &[String]) -> Option<&String> {
    let (wrong, allowed) = names.split_first()?;
    let edits = |name: &&String| strsim::osa_distance(wrong, name);
    allowed.iter().min_by_key(edits).filter(|name| edits(name) <= wrong.len().min(MOST_EDITS * 2) / 2)
}

/// Beyond this, two names have nothing to do with each other.
const MOST_EDITS: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use ptgbot_core::HttpUrl;

    fn file(text: &str) -> Result<ConfigFile, String> {
        ConfigFile::parse(text, Path::new("ptgbot.toml")).map_err(|error| error.to_string())
    }

    fn parse(text: &str) -> Result<Config, String> {
        file(text)?.config(&["radio"]).map_err(|error| error.to_string())
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Radio {
        name: String,
        #[serde(deserialize_with = "super::super::one_or_many")]
        channels: Vec<String>,
    }

    #[test]
    fn an_empty_file_sets_nothing() {
        let config = parse("# nothing\n").expect("a configuration");
        assert!(config.store.is_none() && config.listen.is_none());
        assert_eq!(file("").expect("a file").section::<Radio>("radio").expect("no section"), Radio::default());
    }

    #[test]
    fn every_setting_is_read() {
        let config = parse(
            "store = 'sqlite:a.sqlite'\nlisten = '127.0.0.1:8000'\npublish = 'html'\ndb_filename = 'html/ptg.json'\n\
             [site]\nbase_url = 'https://ptg.example'\netherpad_base = 'https://pad.example/p'\nchannel = '#a'\n\
             bot = 'b'\n[fetch]\nallow_private = true\nallow = ['10.0.0.1']\n[log]\nfilter = 'debug'\nformat = 'json'\n",
        )
        .expect("a configuration");
        assert_eq!(config.store.map(|store| store.to_string()).as_deref(), Some("sqlite:a.sqlite"));
        assert_eq!(config.listen.map(|listen| listen.port()), Some(8000));
        assert_eq!(config.site.base_url.as_ref().map(HttpUrl::as_str), Some("https://ptg.example/"));
        let site = config.site.options();
        assert_eq!((site.bot.as_str(), site.channel.as_deref()), ("b", Some("#a")));
        assert_eq!(site.etherpad_base, "https://pad.example/p/");
        assert!(config.fetch.policy().allow_private);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_what_is_allowed() {
        let error = parse("store = 'memory:'\nlisen = '127.0.0.1:1'\n").expect_err("a typing mistake");
        let start = "ptgbot.toml, line 2, column 1: unknown field `lisen`, expected one of `store`, `listen`";
        assert!(error.starts_with(start), "{error}");
        assert!(error.ends_with("`radio`; did you mean `listen`?"), "{error}");
        let error = parse("[fetch]\n\n  privat = true\n").expect_err("a typing mistake");
        assert_eq!(error, "ptgbot.toml, line 3, column 3: unknown field `privat`, expected `allow_private` or `allow`");
        let error = parse("[site]\nbase_url = 'ftp://x'\n").expect_err("no web address");
        assert_eq!(error, "ptgbot.toml, line 2, column 12: only http and https links are taken");
    }

    #[test]
    fn the_line_is_shown_with_a_mark_and_the_nearest_word_is_named() {
        let error = |text: &str| {
            let file = ConfigFile::parse(text, Path::new("ptgbot.toml")).expect("TOML");
            let error = file.config(&[]).expect_err("a fault");
            (error.to_string(), error.excerpt().to_owned())
        };
        let (message, excerpt) = error("[log]\nformat = 'jsno' # for a collector\n");
        assert!(message.ends_with("expected `text` or `json`; did you mean `json`?"), "{message}");
        assert_eq!(excerpt, "  2 | format = 'jsno' # for a collector\n    |          ^^^^^^\n");
        let (_, excerpt) = error("\n\nlisen = '127.0.0.1:1'\n");
        assert_eq!(excerpt, "  3 | lisen = …\n    | ^^^^^\n");
    }

    #[test]
    fn what_is_no_table_is_told_in_words() {
        for (text, words) in [
            ("log = 'debug'", "a table [log] with filter or format"),
            ("site = 3", "a table [site] such as base_url"),
            ("fetch = 'x'", "a table [fetch] with allow_private or allow"),
            ("bridge = true", "a table [bridge] with ghosts"),
        ] {
            let error = parse(text).expect_err("no table");
            assert!(error.contains(words) && !error.contains("struct"), "{error}");
        }
        assert!(parse("[bridge]\nghosts = ['*']\n").expect_err("everybody").contains("stands for everybody"));
    }

    #[test]
    fn a_section_that_no_transport_brings_is_refused() {
        assert!(parse("[radio]\nname = 'a'\n").is_ok());
        let error = parse("store = 'memory:'\n[radoi]\nname = 'a'\n").expect_err("a typing mistake");
        assert!(error.starts_with("ptgbot.toml, line 2, column 2: unknown field `radoi`"), "{error}");
        assert!(error.ends_with("did you mean `radio`?"), "{error}");
    }

    #[test]
    fn a_transports_section_is_read_as_its_own_type_with_its_lines() {
        let section = |text: &str| {
            let file = file(text).expect("TOML");
            file.section::<Radio>("radio").map_err(|error| error.to_string())
        };
        let radio = section("store = 'memory:'\n[radio]\nchannels = 'a'\n").expect("a section");
        assert_eq!(radio.channels, ["a"]);
        assert_eq!(section("[radio]\nchannels = ['a', 'b']\n").expect("a section").channels, ["a", "b"]);
        let error = section("store = 'memory:'\n[radio]\nname = 'a'\nnam = 'b'\n").expect_err("a typing mistake");
        let start = "ptgbot.toml, line 4, column 1: unknown field `nam`, expected `name` or `channels`; did you mean";
        assert!(error.starts_with(start), "{error}");
        let error = section("[radio]\nchannels = ['a', 3]\n").expect_err("no text");
        assert!(error.starts_with("ptgbot.toml, line 2, column 18: invalid type: integer"), "{error}");
    }

    #[test]
    fn no_error_shows_what_may_be_a_secret() {
        let error = parse("password = 'sesame'\n").expect_err("an unknown key");
        assert!(!error.contains("sesame"), "{error}");
        for text in ["password = 'sesame'\n", "password = 'sesame\n", "store = 'mysql://a:sesame@b/c'\n"] {
            let file = ConfigFile::parse(text, Path::new("ptgbot.toml"));
            let error = file.and_then(|file| file.config(&[])).expect_err("a fault");
            assert!(!error.to_string().contains("sesame") && !error.excerpt().contains("sesame"), "{error}");
            assert!(error.excerpt().ends_with("^\n"), "{}", error.excerpt());
        }
        let file = file("[radio]\npassword = 'sesame'\n").expect("TOML");
        assert!(!format!("{file:?}").contains("sesame"));
    }
}
