//! The command line of `ptgbot-matrix`: every setting is a flag, too, but for secrets.

use crate::section::MatrixSection;
use clap::Parser;
use ptgbot_runtime::{BotFlags, Config, ConfigError, replace};
use std::path::PathBuf;

/// The event board's bot in Matrix rooms, with its live page.
///
/// Secrets come from files or from the environment: PTGBOT_MATRIX_PASSWORD, or PTGBOT_MATRIX_TOKEN for an access
/// token. They are needed on the first start only; the session is kept in the data folder.
#[derive(Debug, Parser)]
#[command(name = "ptgbot-matrix", version)]
pub struct Flags {
    /// Server of the account, by name (example.org) or web address [default: the one in the user's ID]
    #[arg(long, value_name = "SERVER")]
    homeserver: Option<String>,
    /// Account of the bot, such as @ptgbot:example.org
    #[arg(long)]
    user: Option<String>,
    /// A room of the event, its alias or ID; may be given several times
    #[arg(long = "room", value_name = "ROOM")]
    rooms: Vec<String>,
    /// Whose invitations are accepted besides: a user's ID or a server; may be given several times
    #[arg(long = "allow", value_name = "WHO")]
    allowed: Vec<String>,
    /// File with the password of the account
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// File with an access token, instead of a password
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Folder of the session and the keys, for one bot alone [default: ptgbot-matrix beside the store]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// File with the recovery key of the account's keys
    #[arg(long, value_name = "FILE")]
    recovery_key_file: Option<PathBuf>,
    /// Power level from which people have voice [default: 1]
    #[arg(long, value_name = "LEVEL")]
    voice_level: Option<i64>,
    /// Power level from which people are ops [default: 50]
    #[arg(long, value_name = "LEVEL")]
    op_level: Option<i64>,
    /// Name of the bot's device in its list of sessions [default: ptgbot]
    #[arg(long, value_name = "NAME")]
    device_name: Option<String>,
    #[command(flatten)]
    bot: BotFlags,
}

impl Flags {
    /// The configuration with the flags over it, and its `[matrix]` section likewise.
    ///
    /// # Errors
    /// When the file cannot be read or holds what nobody knows.
    pub fn over_config(self) -> Result<(Config, MatrixSection), ConfigError> {
        let config = self.bot.over_config()?;
        let mut matrix: MatrixSection = config.section("matrix")?.unwrap_or_default();
        replace(&mut matrix.homeserver, self.homeserver);
        replace(&mut matrix.user, self.user);
        if !self.rooms.is_empty() {
            matrix.room = None;
            matrix.rooms = self.rooms;
        }
        if !self.allowed.is_empty() {
            matrix.allowed = self.allowed;
        }
        // Who names another way to sign in does not want the one in the file, too.
        if self.password_file.is_some() || self.token_file.is_some() {
            matrix.password_file = self.password_file;
            matrix.token_file = self.token_file;
        }
        replace(&mut matrix.data, self.data);
        replace(&mut matrix.recovery_key_file, self.recovery_key_file);
        replace(&mut matrix.voice_level, self.voice_level);
        replace(&mut matrix.op_level, self.op_level);
        replace(&mut matrix.device_name, self.device_name);
        Ok((config, matrix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use std::path::Path;

    fn matrix(flags: &[&str]) -> (Config, MatrixSection) {
        let flags = [&["ptgbot-matrix"], flags].concat();
        Flags::try_parse_from(flags).expect("flags").over_config().expect("a configuration")
    }

    #[test]
    fn the_command_line_is_consistent_and_says_what_it_is() {
        Flags::command().debug_assert();
        let about = Flags::command().get_about().map(ToString::to_string).unwrap_or_default();
        assert_eq!(about, "The event board's bot in Matrix rooms, with its live page");
    }

    #[test]
    fn flags_become_settings() {
        let (config, matrix) = matrix(&[
            "--homeserver=http://127.0.0.1:8008",
            "--user=@ptgbot:example.org",
            "--room=#a:example.org",
            "--room=!b",
            "--allow=example.com",
            "--voice-level=5",
            "--op-level=60",
            "--device-name=board",
            "--recovery-key-file=key",
            "--listen=127.0.0.1:0",
            "--store=sqlite:/srv/board.sqlite",
        ]);
        let settings = matrix.settings(config.store.as_deref()).expect("settings");
        assert_eq!((settings.homeserver.as_str(), settings.rooms.len()), ("http://127.0.0.1:8008", 2));
        assert_eq!((settings.levels.voice, settings.levels.op), (5, 60));
        assert_eq!((settings.allowed.len(), settings.device_name.as_str()), (1, "board"));
        assert_eq!(settings.recovery_key_file.as_deref(), Some(Path::new("key")));
        assert_eq!(settings.data, Path::new("/srv/ptgbot-matrix"));
        assert!(config.listen.is_some());
    }

    #[test]
    fn flags_go_before_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ptgbot.toml");
        let text = "store = 'memory:'\n[matrix]\nuser = '@a:example.org'\nroom = '#a:example.org'\ntoken_file = 't'\n";
        std::fs::write(&file, text).expect("a file");
        let config_flag = format!("--config={}", file.display());
        let (config, section) = matrix(&[&config_flag, "--room=#b:example.org", "--password-file=p", "--data=d"]);
        assert_eq!(config.store.as_deref(), Some("memory:"));
        assert_eq!((section.room, section.rooms), (None, vec!["#b:example.org".to_owned()]));
        assert_eq!((section.password_file, section.token_file), (Some("p".into()), None));
        assert_eq!((section.user.as_deref(), section.data.as_deref()), (Some("@a:example.org"), Some(Path::new("d"))));
    }

    #[test]
    fn there_is_no_flag_for_a_secret() {
        for flag in ["--password", "--token", "--recovery-key", "--insecure"] {
            assert!(Flags::try_parse_from(["ptgbot-matrix", flag, "x"]).is_err(), "{flag}");
        }
    }
}
