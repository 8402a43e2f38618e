//! The command line of `ptgbot-matrix`: every setting is a flag, too, but for secrets.

use crate::check::check;
use crate::config::MatrixConfig;
use crate::error::MatrixError;
use crate::settings::Settings;
use crate::transport::MatrixTransport;
use async_trait::async_trait;
use clap::Parser;
use ptgbot_core::Transport;
use ptgbot_runtime::program::BotProgram;
use ptgbot_runtime::{BotFlags, Checklist, ChecklistFlags, Config, ConfigError, Dialogue};

/// The event board's bot in Matrix rooms, with its live page.
///
/// Secrets come from files or from the environment: PTGBOT_MATRIX_PASSWORD, or PTGBOT_MATRIX_TOKEN for an access
/// token. They are needed on the first start only; the session is kept in the data folder.
#[derive(Debug, Parser)]
#[command(name = "ptgbot-matrix", version, after_help = EXAMPLES)]
pub struct Flags {
    #[command(flatten)]
    matrix: ptgbot_runtime::Flags<MatrixConfig>,
    #[command(flatten)]
    bot: BotFlags,
    #[command(flatten)]
    checklist: ChecklistFlags,
}

impl Flags {
    /// What the configuration file says, with the flags over it. The pages name the bot and its first room where
    /// nothing else is said.
    ///
    /// ```
    /// use clap::Parser;
    /// use ptgbot_matrix::Flags;
    ///
    /// let line = "ptgbot-matrix --user @board:example.org --room #ptg:example.org --store memory:";
    /// let (config, settings) = Flags::try_parse_from(line.split(' '))?.read()?;
    /// assert_eq!(settings.homeserver.to_string(), "example.org");
    /// assert_eq!(config.site.bot.as_deref(), Some("board"));
    ///
    /// // A user's ID begins with an @.
    /// assert!(Flags::try_parse_from(["ptgbot-matrix", "--user", "board:example.org"]).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the file cannot be read or holds what nobody knows, or the settings do not fit together.
    pub fn read(self) -> Result<(Config, Settings), ConfigError> {
        self.read_or_ask(None)
    }
}

#[async_trait(?Send)]
impl BotProgram for Flags {
    type Settings = Settings;
    type Error = MatrixError;

    fn checklist(&self) -> Option<Checklist> {
        self.checklist.checklist()
    }

    /// Asks where no file is named and no account or no room, and offers to keep the answers in a file.
    fn read_or_ask(self, person: Option<&mut Dialogue<'_>>) -> Result<(Config, Settings), ConfigError> {
        let is_first_run = !self.bot.names_a_file();
        let (mut config, file) = self.bot.read(&[SECTION, NEIGHBOUR])?;
        let mut section: MatrixConfig = file.section(SECTION)?;
        let flags = self.matrix.clone().over(MatrixConfig::default());
        // Who names another way to sign in does not want the one in the file, too.
        if flags.password_file.is_some() || flags.token_file.is_some() {
            (section.password_file, section.token_file) = (None, None);
        }
        let mut matrix = self.matrix.over(section);
        if let Some(person) = person
            && is_first_run
            && matrix.lacks_an_account_or_a_room()
        {
            matrix.ask(&mut config, person)?;
        }
        let settings = matrix.settings(&config)?;
        config.site.bot.get_or_insert_with(|| settings.user.localpart().to_owned());
        config.site.channel = config.site.channel.or_else(|| settings.rooms.first().map(ToString::to_string));
        Ok((config, settings))
    }

    async fn connect(settings: Settings) -> Result<Box<dyn Transport>, MatrixError> {
        Ok(Box::new(MatrixTransport::connect(settings).await?))
    }

    async fn look_around(settings: Settings, checklist: &mut Checklist) {
        check(settings, checklist).await;
    }

    fn needs_a_person(error: &MatrixError) -> bool {
        error.needs_a_person()
    }
}

const EXAMPLES: &str = "Examples:
  ptgbot-matrix --user @ptgbot:example.org --password-file password --room '#my-event:example.org' --listen 127.0.0.1:8000
      A board of its own in ptgbot.sqlite, with its page
  ptgbot-matrix --config /etc/ptgbot/matrix.toml
  ptgbot-matrix --config /etc/ptgbot/matrix.toml --data /var/lib/ptgbot/matrix-2 --listen 127.0.0.1:8001
      A standby, which is a device of its own
  ptgbot-matrix --config /etc/ptgbot/matrix.toml --allow @jane:example.org
      Whom Jane invites, the bot follows";

const SECTION: &str = "matrix";
/// The other bot's section may be in the same file.
const NEIGHBOUR: &str = "irc";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::levels::Levels;
    use crate::settings::Secret;
    use clap::CommandFactory;
    use ptgbot_runtime::config::ConfigFile;
    use std::path::Path;

    fn read(flags: &[&str]) -> (Config, Settings) {
        let flags = [&["ptgbot-matrix"], flags].concat();
        Flags::try_parse_from(flags).expect("flags").read().expect("settings")
    }

    #[test]
    fn the_command_line_is_consistent_and_says_what_it_is() {
        Flags::command().debug_assert();
        ptgbot_runtime::testing::examples(Flags::command()).expect("examples");
        let about = Flags::command().get_about().map(ToString::to_string).unwrap_or_default();
        assert_eq!(about, "The event board's bot in Matrix rooms, with its live page");
    }

    #[test]
    fn flags_become_settings() {
        let line = "--homeserver=http://127.0.0.1:8008 --user=@ptgbot:example.org --room=#a:example.org --room=!b \
                    --allow=example.com --voice-level=5 --op-level=60 --device-name=board --recovery-key-file=key --board-message --owner=@jane:example.org \
                    --listen=127.0.0.1:0 --store=sqlite:/srv/board.sqlite";
        let (config, settings) = read(&line.split_whitespace().collect::<Vec<_>>());
        assert_eq!((settings.homeserver.to_string().as_str(), settings.rooms.len()), ("http://127.0.0.1:8008/", 2));
        assert_eq!(Some(settings.levels), Levels::new(5, 60));
        assert_eq!((settings.allowed.len(), settings.device_name.as_str()), (1, "board"));
        assert_eq!(settings.recovery_key_file.as_deref(), Some(Path::new("key")));
        assert!(settings.board_message && settings.owner.is_some());
        assert_eq!(settings.data, Path::new("/srv/ptgbot-matrix"));
        assert_eq!(config.site.bot.as_deref(), Some("ptgbot"));
        assert_eq!(config.site.channel.as_deref(), Some("#a:example.org"));
        assert!(config.listen.is_some());
    }

    #[test]
    fn flags_go_before_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, password) = (folder.path().join("ptgbot.toml"), folder.path().join("password"));
        let text =
            "store = 'memory:'\n[matrix]\nuser = '@a:example.org'\nroom = '#a:example.org'\ntoken_file = '/no'\n";
        std::fs::write(&file, text).expect("a file");
        std::fs::write(&password, "sesame").expect("a file");
        let (config, password) =
            (format!("--config={}", file.display()), format!("--password-file={}", password.display()));
        let (config, settings) = read(&[&config, "--room=#b:example.org", &password, "--data=d"]);
        assert_eq!(config.store.map(|store| store.to_string()).as_deref(), Some("memory:"));
        assert_eq!(settings.rooms.iter().map(ToString::to_string).collect::<Vec<_>>(), ["#b:example.org"]);
        assert!(matches!(settings.secret, Some(Secret::Password(_))));
        assert_eq!((settings.user.to_string().as_str(), settings.data.as_path()), ("@a:example.org", Path::new("d")));
    }

    #[test]
    fn whoever_else_makes_pages_from_the_file_calls_the_bot_the_same() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for text in [
            "[matrix]\nuser = '@b:example.org'\nrooms = ['#ptg:example.org', '!a:example.org']\n",
            "[matrix]\nuser = 'b'\nhomeserver = 'example.org'\nroom = '!a'\n[site]\nbot = 'board'\n",
            "[matrix]\nuser = '@b:example.org'\nroom = 'https://matrix.to/#/%23p%c3%a4%2f:example.org?via=a.example'\n",
            "[matrix]\nuser = '@b:example.org'\nroom = 'matrix:r/ptg:example.org'\n",
            "[matrix]\nuser = '@b:example.org'\nroom = 'matrix:roomid/ptg:example.org?via=a.example'\n",
            "[matrix]\nuser = '@b:example.org'\nallowed = ['example.org']\n",
        ] {
            std::fs::write(file.path(), text).expect("written");
            let (bots, _) = read(&[&format!("--config={}", file.path().display())]);
            let file = ConfigFile::read(file.path()).expect("a file");
            let site = file.config(&[SECTION, NEIGHBOUR]).expect("a configuration").site;
            let (bots, others) = (bots.site.options(), file.names(site).expect("names").options());
            assert_eq!((bots.bot, bots.channel), (others.bot, others.channel), "{text}");
        }
    }

    #[test]
    fn the_file_that_the_package_brings_is_taken_as_it_stands() {
        let file = concat!("--config=", env!("CARGO_MANIFEST_DIR"), "/../packaging/etc/matrix.toml");
        let (config, settings) = read(&[file]);
        assert_eq!((settings.rooms.len(), settings.data.as_path()), (1, Path::new("/var/lib/ptgbot/matrix")));
        assert_eq!(config.listen.map(|listen| listen.port()), Some(8008));
    }

    #[test]
    fn there_is_no_flag_for_a_secret() {
        for flag in ["--password", "--token", "--recovery-key", "--insecure"] {
            assert!(Flags::try_parse_from(["ptgbot-matrix", flag, "x"]).is_err(), "{flag}");
        }
    }
}
