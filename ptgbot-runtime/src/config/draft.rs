//! A configuration file for somebody who has just told the settings at a terminal.

use super::{Config, ConfigError};
use crate::dialogue::Dialogue;
use crate::store::StoreAddress;
use crate::system::permissions::owner_alone;
use secrecy::{ExposeSecret, SecretString};
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use toml::Value;

/// A configuration file that is not written yet: settings, each with what it means. Secrets go to files of their own, which
/// nobody else on the machine can read.
#[derive(Debug)]
pub struct ConfigDraft {
    program: String,
    entries: Vec<Entry>,
}

#[derive(Debug)]
enum Entry {
    Section(String),
    Setting { key: String, value: Value, meaning: String },
    Proposal { key: String, value: Value, meaning: String },
    Secret { key: String, ending: String, secret: SecretString, meaning: String },
}

impl ConfigDraft {
    /// The file of a program such as `ptgbot-irc`, with what every bot has: the store, and where the page is.
    pub fn new(program: &str, config: &Config) -> Self {
        let mut draft = Self { program: program.to_owned(), entries: Vec::new() };
        if let Some(store) = store(config) {
            draft.set("store", store, "Where the board is kept.");
        }
        match config.listen {
            Some(listen) => draft.set("listen", listen.to_string(), "Where the page is served on this machine."),
            None => draft.propose("listen", "127.0.0.1:8000", "Where the page is served on this machine."),
        }
        draft.section("site");
        let meaning = "Where everybody reaches the page; makes the links in feeds and calendars whole.";
        match &config.site.base_url {
            Some(url) => draft.set("base_url", url.as_str(), meaning),
            None => draft.propose("base_url", "https://ptg.example.org", meaning),
        }
        draft
    }

    /// Begins a section, such as `irc` for `[irc]`.
    pub fn section(&mut self, name: &str) {
        self.entries.push(Entry::Section(name.to_owned()));
    }

    /// A setting and what it means.
    pub fn set(&mut self, key: &str, value: impl Into<Value>, meaning: &str) {
        self.entries.push(Entry::Setting { key: key.to_owned(), value: value.into(), meaning: meaning.to_owned() });
    }

    /// A setting that many want later: it stands there as a comment.
    pub fn propose(&mut self, key: &str, value: impl Into<Value>, meaning: &str) {
        self.entries.push(Entry::Proposal { key: key.to_owned(), value: value.into(), meaning: meaning.to_owned() });
    }

    /// A setting that names the file of a secret. The file is called as the configuration file, with this ending.
    pub fn secret(&mut self, key: &str, ending: &str, secret: SecretString, meaning: &str) {
        let (key, ending, meaning) = (key.to_owned(), ending.to_owned(), meaning.to_owned());
        self.entries.push(Entry::Secret { key, ending, secret, meaning });
    }

    /// Asks where to write the file, and writes it. Gives its path; `None` where none is wanted.
    ///
    /// # Errors
    /// When nobody answers any more. What cannot be written is told, and another file asked for.
    pub fn offer(&self, dialogue: &mut Dialogue<'_>) -> Result<Option<PathBuf>, ConfigError> {
        let question = "File to keep these settings in, so that they are not asked for again (- for none)";
        let default = "ptgbot.toml";
        let written = dialogue.ask(question, Some(default), |answer| match answer {
            "-" => Ok(None),
            file => {
                let file = Path::new(file);
                let written = self.write(file).map(|()| Some(file.to_owned()));
                written.map_err(|fault| match fault.source.kind() {
                    io::ErrorKind::AlreadyExists => {
                        format!("{} is there already, and is left as it is: name another file", fault.file.display())
                    }
                    _ => format!("cannot write {}: {}", fault.file.display(), fault.source),
                })
            }
        })?;
        if let Some(file) = &written {
            let flags = if std::env::args_os().len() > 1 { ", and the flags that you gave" } else { "" };
            let (program, file) = (&self.program, file.display());
            dialogue.say(format_args!("Written. From now on: {program} --config {file}{flags}\n"))?;
        }
        Ok(written)
    }

    /// Writes all files, none of which may be there yet.
    fn write(&self, file: &Path) -> Result<(), WriteFault> {
        let secrets = self.entries.iter().filter_map(|entry| match entry {
            Entry::Secret { ending, secret, .. } => Some((beside(file, ending), secret)),
            Entry::Section(_) | Entry::Setting { .. } | Entry::Proposal { .. } => None,
        });
        let secrets: Vec<_> = secrets.collect();
        let all = secrets.iter().map(|(path, _)| path.as_path()).chain([file]);
        if let Some(there) = all.into_iter().find(|path| path.symlink_metadata().is_ok()) {
            return Err(WriteFault { file: there.to_owned(), source: io::ErrorKind::AlreadyExists.into() });
        }
        for (path, secret) in &secrets {
            let written = private(path).and_then(|mut file| writeln!(file, "{}", secret.expose_secret()));
            written.map_err(|source| WriteFault { file: path.clone(), source })?;
        }
        let made = OpenOptions::new().write(true).create_new(true).open(file);
        let written = made.and_then(|mut made| made.write_all(self.text(file).as_bytes()));
        written.map_err(|source| WriteFault { file: file.to_owned(), source })
    }

    /// The file's content.
    fn text(&self, file: &Path) -> String {
        let (program, name) = (&self.program, file.display());
        let mut text = format!("# Start the bot: {program} --config {name}\n# All settings: {program} --help\n");
        for entry in &self.entries {
            let written = match entry {
                Entry::Section(name) => write!(text, "\n[{name}]\n"),
                Entry::Setting { key, value, meaning } => write!(text, "\n# {meaning}\n{key} = {value}\n"),
                Entry::Proposal { key, value, meaning } => write!(text, "\n# {meaning}\n# {key} = {value}\n"),
                Entry::Secret { key, ending, meaning, .. } => {
                    let path = Value::from(beside(file, ending).display().to_string());
                    write!(text, "\n# {meaning}\n{key} = {path}\n")
                }
            };
            written.expect("a text takes everything");
        }
        text
    }
}

/// The store, wherever the bot is started later. An address of a database may hold a password, and stays a flag.
fn store(config: &Config) -> Option<String> {
    match config.store.clone().unwrap_or_default() {
        StoreAddress::Sqlite(path) => Some(StoreAddress::Sqlite(absolute(&path)).to_string()),
        StoreAddress::Memory => Some(StoreAddress::Memory.to_string()),
        StoreAddress::Postgres(_) => None,
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// What could not be written, and why.
struct WriteFault {
    file: PathBuf,
    source: io::Error,
}

/// The file of a secret, wherever the bot is started later.
fn beside(file: &Path, ending: &str) -> PathBuf {
    let file = absolute(file);
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!("{stem}.{ending}"))
}

/// A new file that only its owner can read.
fn private(path: &Path) -> io::Result<std::fs::File> {
    owner_alone(OpenOptions::new().write(true).create_new(true)).open(path)
}

#[cfg(test)]
mod tests {
    use super::super::ConfigFile;
    use super::*;
    use std::fs;
    use toml::Table;

    fn draft() -> ConfigDraft {
        let config = Config {
            store: Some(StoreAddress::Memory),
            listen: Some("127.0.0.1:8001".parse().expect("an address")),
            ..Config::default()
        };
        let mut draft = ConfigDraft::new("ptgbot-radio", &config);
        draft.section("radio");
        draft.set("call", "D\"L\\0 # x", "Who we are.");
        draft.propose("quiet", true, "Listen only.");
        draft.secret("password_file", "password", "sesame".into(), "File with the password.");
        draft
    }

    #[test]
    fn what_it_writes_is_read_as_it_was_told_and_secrets_are_private() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("radio.toml");
        let mut shown = Vec::new();
        let answer = format!("{}\n", path.display());
        let written = draft().offer(&mut Dialogue::over(answer.as_bytes(), &mut shown)).expect("an answer");
        assert_eq!(written.as_deref(), Some(path.as_path()));
        let shown = String::from_utf8(shown).expect("text");
        assert!(shown.contains(&format!("ptgbot-radio --config {}", path.display())), "{shown}");

        let text = fs::read_to_string(&path).expect("a file");
        assert!(text.contains("\n# Listen only.\n# quiet = true\n") && !text.contains("sesame"), "{text}");
        let file = ConfigFile::read(&path).expect("TOML");
        let config = file.config(&["radio"]).expect("a configuration");
        assert_eq!(config.listen.map(|listen| listen.port()), Some(8001));
        let radio: Table = file.section("radio").expect("a section");
        assert_eq!(radio.get("call").and_then(Value::as_str), Some("D\"L\\0 # x"));
        let secret = radio.get("password_file").and_then(Value::as_str).expect("a path");
        assert_eq!(Path::new(secret), folder.path().join("radio.password"));
        assert_eq!(fs::read_to_string(secret).expect("a file"), "sesame\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            assert_eq!(fs::metadata(secret).expect("a file").mode() & 0o777, 0o600);
        }
        // Comments that are taken in are settings, too.
        let proposed = text.replace("# base_url", "base_url").replace("# quiet", "quiet");
        let file = ConfigFile::parse(&proposed, &path).expect("TOML");
        assert!(file.config(&["radio"]).expect("a configuration").site.base_url.is_some());
    }

    #[test]
    fn nothing_is_overwritten_and_nothing_written_where_none_is_wanted() {
        let folder = tempfile::tempdir().expect("a folder");
        let (taken, secret) = (folder.path().join("a.toml"), folder.path().join("b.password"));
        fs::write(&taken, "mine").expect("a file");
        fs::write(&secret, "mine").expect("a file");
        let answers = format!("{}\n{}\n{0}/c/d\n-\n", taken.display(), folder.path().join("b.toml").display());
        let mut shown = Vec::new();
        let written = draft().offer(&mut Dialogue::over(answers.as_bytes(), &mut shown)).expect("an answer");
        assert_eq!(written, None);
        let shown = String::from_utf8(shown).expect("text");
        assert!(shown.contains("a.toml is there already, and is left as it is: name another file.\n"), "{shown}");
        assert!(shown.contains("b.password is there already") && shown.contains("cannot write "), "{shown}");
        let left = fs::read_dir(folder.path()).expect("a folder").count();
        let content = [taken, secret].map(|path| fs::read_to_string(path).expect("a file"));
        assert_eq!((left, content), (2, ["mine".to_owned(), "mine".to_owned()]));
    }
}
