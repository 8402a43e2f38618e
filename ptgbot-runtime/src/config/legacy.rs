//! The older JSON configuration: `{irc_nick, irc_pass, irc_server, irc_port, irc_channel, db_filename}`.

use super::{Config, ConfigError, Source};
use secrecy::SecretString;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// True for a JSON object; no TOML file begins with a brace.
pub(super) fn looks_like(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// Reads the older form into the newer one. Keys keep their meaning, and a comma after the last one is accepted.
pub(super) fn parse(text: &str, path: &Path) -> Result<Config, ConfigError> {
    let old: Legacy = serde_json::from_str(&without_trailing_commas(text)).map_err(|error| {
        // The position is told in words of our own.
        let words = error.to_string();
        let message = words.split(" at line ").next().unwrap_or_default().to_owned();
        ConfigError::Content { path: path.to_owned(), line: error.line(), message }
    })?;
    let mut irc = Table::new();
    let words = [("nick", old.irc_nick), ("server", old.irc_server), ("channel", old.irc_channel)];
    irc.extend(words.into_iter().filter_map(|(key, value)| Some((key.to_owned(), Value::String(value?)))));
    if let Some(port) = old.irc_port {
        irc.insert("port".to_owned(), Value::Integer(port.into()));
    }
    Ok(Config {
        db_filename: old.db_filename,
        irc: Some(irc),
        irc_password: old.irc_pass.filter(|password| !password.is_empty()).map(SecretString::from),
        source: Source { path: path.to_owned(), text: String::new() },
        ..Config::default()
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_commas_before_a_closing_bracket_go() {
        assert_eq!(without_trailing_commas("{\"a\": [1, 2, ], }"), "{\"a\": [1, 2  ]  }");
        assert_eq!(without_trailing_commas(r#"{"a,}": "\",]", }"#), r#"{"a,}": "\",]"  }"#);
    }
}
