//! The older JSON configuration: `{irc_nick, irc_pass, irc_server, irc_port, irc_channel, db_filename}`.

use super::file::with_the_nearest;
use super::{ConfigError, TextPosition};
use crate::secret::Secrets;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// An older configuration in the words of the newer one.
pub(super) struct Read {
    pub(super) toml: String,
    pub(super) places: Places,
    pub(super) secrets: Secrets,
    pub(super) notes: Vec<String>,
}

/// Where the values of the older form stand.
#[derive(Clone, Default)]
pub(super) struct Places(Vec<(&'static str, TextPosition)>);

impl Places {
    fn in_text(text: &str) -> Self {
        let place = |key: &'static str| {
            let after = text.split_once(&format!("\"{key}\""))?.1;
            let value = after.trim_start().strip_prefix(':')?.trim_start();
            Some((key, TextPosition::of(text, text.len() - value.len())))
        };
        Self(KEYS.into_iter().filter_map(place).collect())
    }

    /// The place of the setting whose line in the newer words has a byte.
    pub(super) fn of(&self, toml: &str, byte: usize) -> Option<TextPosition> {
        let line = toml.get(..byte)?.rsplit('\n').next()?.len();
        let (name, _) = toml.get(byte - line..)?.split_once('=')?;
        let is_meant = |key: &str| key.strip_prefix("irc_").unwrap_or(key) == name.trim();
        self.0.iter().find(|(key, _)| is_meant(key)).map(|(_, place)| *place)
    }
}

/// True for a JSON object; no TOML file begins with a brace.
pub(super) fn looks_like(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// Reads the older form. Keys keep their meaning, and a comma after the last one is accepted.
pub(super) fn read(text: &str, path: &Path) -> Result<Read, ConfigError> {
    let old: Legacy = serde_json::from_str(&without_trailing_commas(text)).map_err(|error| {
        // The position is told in words of our own.
        let words = error.to_string();
        let message = words.split(" at line ").next().unwrap_or_default().to_owned();
        let at = Some(TextPosition { line: error.line(), column: error.column().max(1) });
        let message = if message.starts_with("unknown field") { with_the_nearest(message) } else { message };
        ConfigError::Content { path: path.to_owned(), at, message, excerpt: String::new() }
    })?;
    // The older bot spoke TLS on this port and on no other.
    let tls = old.irc_port.map(|port| port == TLS_PORT);
    let note = old.irc_port.filter(|_| tls == Some(false)).map(|port| {
        format!(
            "{}: the connection to port {port} is not encrypted, as with the older bot, which used TLS on {TLS_PORT} \
             only; --tls, or tls = true in a TOML configuration, turns it on",
            path.display()
        )
    });
    let irc = Irc { nick: old.irc_nick, server: old.irc_server, port: old.irc_port, channel: old.irc_channel, tls };
    let toml = toml::to_string(&Newer { db_filename: old.db_filename, irc }).map_err(|error| ConfigError::Content {
        path: path.to_owned(),
        at: None,
        message: error.to_string(),
        excerpt: String::new(),
    })?;
    let password = old.irc_pass.filter(|password| !password.is_empty());
    let secrets = password.into_iter().map(|password| ("irc_password", password.into())).collect();
    Ok(Read { toml, places: Places::in_text(text), secrets, notes: note.into_iter().collect() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Legacy {
    irc_nick: Option<String>,
    irc_pass: Option<String>,
    irc_server: Option<String>,
    irc_port: Option<u16>,
    irc_channel: Option<String>,
    db_filename: Option<PathBuf>,
}

#[derive(Serialize)]
struct Newer {
    db_filename: Option<PathBuf>,
    irc: Irc,
}

#[derive(Serialize)]
struct Irc {
    nick: Option<String>,
    server: Option<String>,
    port: Option<u16>,
    channel: Option<String>,
    tls: Option<bool>,
}

/// Blanks out a comma before a closing bracket, outside of strings; every position stays the same.
fn without_trailing_commas(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut comma = None;
    let mut in_string = false;
    let mut escaped = false;
    for at in 0..bytes.len() {
        let byte = bytes[at];
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => (in_string, comma) = (true, None),
            b',' => comma = Some(at),
            b'}' | b']' => {
                if let Some(comma) = comma.take() {
                    bytes[comma] = b' ';
                }
            }
            other if other.is_ascii_whitespace() => {}
            _ => comma = None,
        }
    }
    String::from_utf8(bytes).expect("only a comma became a blank")
}

const KEYS: [&str; 6] = ["irc_nick", "irc_pass", "irc_server", "irc_port", "irc_channel", "db_filename"];
const TLS_PORT: u16 = 6697;

#[cfg(test)]
mod tests {
    use super::super::ConfigFile;
    use super::*;
    use toml::{Table, Value};

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Named {
        /// No nick is one.
        #[serde(rename = "nick")]
        _nick: u16,
    }

    fn file(text: &str) -> Result<ConfigFile, String> {
        ConfigFile::parse(text, Path::new("config.json")).map_err(|error| error.to_string())
    }

    #[test]
    fn the_older_form_becomes_an_irc_section() {
        let text = "{\n\"irc_nick\": \"ptgbot\",\n\"irc_pass\": \"sesame\",\n\"irc_server\": \"irc.oftc.net\",\n\
                    \"irc_port\": 6697,\n\"irc_channel\": \"#ptg\",\n\"db_filename\": \"html/ptg.json\",\n}\n";
        let file = file(text).expect("a file");
        let irc: Table = file.section("irc").expect("a section");
        let texts = ["nick", "server", "channel"].map(|key| irc.get(key).and_then(Value::as_str).unwrap_or_default());
        assert_eq!(texts, ["ptgbot", "irc.oftc.net", "#ptg"]);
        assert_eq!(irc.get("port").and_then(Value::as_integer), Some(6697));
        let config = file.config(&["irc"]).expect("a configuration");
        assert_eq!(config.db_filename.as_deref(), Some(Path::new("html/ptg.json")));
        assert!(config.secrets.find("irc_password", None).expect("no file").is_some());
        assert!(!format!("{config:?} {file:?}").contains("sesame"));
    }

    #[test]
    fn a_port_other_than_6697_is_plain_and_the_log_says_so() {
        let read = |port: &str| {
            let file = file(&format!("{{\"irc_nick\": \"a\"{port}}}")).expect("a file");
            let irc: Table = file.section("irc").expect("a section");
            (irc.get("tls").and_then(Value::as_bool), file.config(&["irc"]).expect("a configuration").notes.concat())
        };
        assert_eq!(read(""), (None, String::new()));
        assert_eq!(read(", \"irc_port\": 6697"), (Some(true), String::new()));
        let (tls, note) = read(", \"irc_port\": 6667");
        assert!(tls == Some(false) && note.starts_with("config.json: the connection to port 6667 is not encrypted"));
    }

    #[test]
    fn it_is_as_strict_as_the_newer() {
        let error = file("{\n\"irc_nick\": \"a\",\n\"irc_nik\": \"b\"\n}").expect_err("a typing mistake");
        let start = "config.json, line 3, column 9: unknown field `irc_nik`, expected one of `irc_nick`";
        assert!(error.starts_with(start), "{error}");
        assert!(error.ends_with("; did you mean `irc_nick`?"), "{error}");
        let wrong = file("{\n\"irc_server\": \"a\",\n  \"irc_nick\" : \"1bot\"\n}").expect("a file");
        let error = wrong.section::<Named>("irc").map(drop).expect_err("no name").to_string();
        assert!(error.starts_with("config.json, line 3, column 16: "), "{error}");
        let error = file("{\n\"irc_nick\": \"a\"\n\"irc_port\": 1}").expect_err("a comma is missing");
        assert!(error.starts_with("config.json, line 3, column "), "{error}");
    }

    #[test]
    fn only_commas_before_a_closing_bracket_go() {
        assert_eq!(without_trailing_commas("{\"a\": [1, 2, ], }"), "{\"a\": [1, 2  ]  }");
        assert_eq!(without_trailing_commas(r#"{"a,}": "\",]", }"#), r#"{"a,}": "\",]"  }"#);
    }
}
