//! The command line of `ptgbot-irc`: every setting is a flag, too, but for secrets.

use crate::check::check;
use crate::config::IrcConfig;
use crate::error::IrcError;
use crate::settings::Settings;
use crate::transport::IrcTransport;
use async_trait::async_trait;
use clap::Parser;
use ptgbot_core::Transport;
use ptgbot_runtime::program::BotProgram;
use ptgbot_runtime::{BotFlags, Checklist, ChecklistFlags, Config, ConfigError, Dialogue};

/// The event board's bot on IRC, with its live page.
///
/// Passwords come from files or from the environment: PTGBOT_IRC_PASSWORD (NickServ and SASL),
/// PTGBOT_IRC_SERVER_PASSWORD.
#[derive(Debug, Parser)]
#[command(name = "ptgbot-irc", version, after_help = EXAMPLES)]
pub struct Flags {
    #[command(flatten)]
    irc: ptgbot_runtime::Flags<IrcConfig>,
    #[command(flatten)]
    bot: BotFlags,
    #[command(flatten)]
    checklist: ChecklistFlags,
}

impl Flags {
    /// What the configuration file says, with the flags over it. The pages name the bot and its first channel where
    /// nothing else is said.
    ///
    /// ```
    /// use clap::Parser;
    /// use ptgbot_irc::Flags;
    ///
    /// let line = "ptgbot-irc --server irc.example.org --channel #ptg --store memory:";
    /// let (config, settings) = Flags::try_parse_from(line.split(' '))?.read()?;
    /// assert_eq!((settings.nick.as_str(), settings.port), ("ptgbot", 6697));
    /// assert_eq!(config.site.channel.as_deref(), Some("#ptg"));
    ///
    /// assert!(Flags::try_parse_from(["ptgbot-irc", "--chanel", "#ptg"]).is_err());
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
    type Error = IrcError;

    fn checklist(&self) -> Option<Checklist> {
        self.checklist.checklist()
    }

    /// Asks where no file is named and no channel, and offers to keep the answers in a file.
    fn read_or_ask(self, person: Option<&mut Dialogue<'_>>) -> Result<(Config, Settings), ConfigError> {
        let is_first_run = !self.bot.names_a_file();
        let (mut config, file) = self.bot.read(&[SECTION, NEIGHBOUR])?;
        let mut irc = self.irc.over(file.section(SECTION)?);
        if let Some(person) = person
            && is_first_run
            && irc.lacks_a_channel()
        {
            irc.ask(&mut config, person)?;
        }
        let settings = irc.settings(&config.secrets)?;
        config.site.bot.get_or_insert_with(|| settings.nick.to_string());
        let channel = settings.channels.first().map(|channel| channel.name.to_string());
        config.site.channel = config.site.channel.or(channel);
        Ok((config, settings))
    }

    async fn connect(settings: Settings) -> Result<Box<dyn Transport>, IrcError> {
        Ok(Box::new(IrcTransport::new(settings)?))
    }

    async fn look_around(settings: Settings, checklist: &mut Checklist) {
        check(settings, checklist).await;
    }

    /// A file of certificates or keys that cannot be used is all that can be wrong at the start.
    fn needs_a_person(_: &IrcError) -> bool {
        true
    }
}

const EXAMPLES: &str = "Examples:
  ptgbot-irc --server irc.oftc.net --nick my-board --channel '#my-event' --listen 127.0.0.1:8000
      A board of its own in ptgbot.sqlite, with its page
  ptgbot-irc --config /etc/ptgbot/irc.toml
  ptgbot-irc --config /etc/ptgbot/irc.toml --listen 127.0.0.1:8001
      A standby on the same machine
  ptgbot-irc --server 127.0.0.1 --no-tls --channel '#test' --store memory:
      On a server of this machine, to try something";

const SECTION: &str = "irc";
/// The other bot's section may be in the same file.
const NEIGHBOUR: &str = "matrix";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{IdentifyOrder, Security};
    use clap::CommandFactory;
    use ptgbot_runtime::config::ConfigFile;
    use std::time::Duration;

    fn read(flags: &[&str]) -> (Config, Settings) {
        let flags = [&["ptgbot-irc"], flags].concat();
        Flags::try_parse_from(flags).expect("flags").read().expect("settings")
    }

    #[test]
    fn the_command_line_is_consistent_and_says_what_it_is() {
        Flags::command().debug_assert();
        ptgbot_runtime::testing::examples(Flags::command()).expect("examples");
        let about = Flags::command().get_about().map(ToString::to_string).unwrap_or_default();
        assert_eq!(about, "The event board's bot on IRC, with its live page");
    }

    #[test]
    fn flags_become_settings() {
        let line = "--server irc.example.org --port 6667 --no-tls --channel #a --channel #b --listen 127.0.0.1:0 \
                    --store memory: --require-identified --identify nick-first --network quiet --timing line=0.5";
        let (config, settings) = read(&line.split_whitespace().collect::<Vec<_>>());
        assert_eq!((settings.server.as_str(), settings.port, settings.channels.len()), ("irc.example.org", 6667, 2));
        assert!(matches!((settings.security, settings.identify), (Security::Plain, IdentifyOrder::NickFirst)));
        assert_eq!((settings.network.as_str(), settings.timing.line), ("quiet", Duration::from_millis(500)));
        assert_eq!(config.store.map(|store| store.to_string()).as_deref(), Some("memory:"));
        assert_eq!((config.site.bot.as_deref(), config.site.channel.as_deref()), (Some("ptgbot"), Some("#a")));
        assert!(config.listen.is_some());
    }

    #[test]
    fn flags_go_before_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, key) = (folder.path().join("ptgbot.toml"), folder.path().join("key"));
        std::fs::write(&key, "sesame").expect("a file");
        let text = "[irc]\nnick = 'a'\nchannel = '#a'\ntls = false\nrequire_identified = true\n\
                    [irc.timing]\nline = 3\nburst = 7\n[site]\nbot = 'b'\n[matrix]\nuser = 'c'\n";
        std::fs::write(&file, text).expect("a file");
        let (config, channel) = (format!("--config={}", file.display()), format!("--channel=#b,{}", key.display()));
        let (config, settings) = read(&[&config, &channel, "--tls", "--timing", "line=0.5"]);
        let [channel] = &settings.channels[..] else { panic!("{settings:?}") };
        assert!(channel.name.as_str() == "#b" && channel.key.is_some());
        assert!(matches!(settings.security, Security::Tls { .. }));
        assert_eq!((settings.timing.line, settings.timing.burst.get()), (Duration::from_millis(500), 7));
        assert_eq!(settings.identified, crate::settings::Identified::Required);
        assert_eq!((settings.nick.as_str(), config.site.bot.as_deref()), ("a", Some("b")));
        assert!(!format!("{settings:?}").contains("sesame"));
    }

    #[test]
    fn whoever_else_makes_pages_from_the_file_calls_the_bot_the_same() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for text in [
            "[irc]\nnick = 'b'\nchannels = ['ptg', '#infra']\n[matrix]\nuser = 'c'\n",
            "[irc]\nchannel = '&ptg'\n[site]\nbot = 'board'\n",
            "{\"irc_nick\": \"b\", \"irc_channel\": \"#ptg\"}",
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
        let file = concat!("--config=", env!("CARGO_MANIFEST_DIR"), "/../packaging/etc/irc.toml");
        let (config, settings) = read(&[file]);
        assert_eq!(settings.channels.first().map(|channel| channel.name.as_str()), Some("#my-event"));
        assert_eq!(config.listen.map(|listen| listen.port()), Some(8000));
    }

    #[test]
    fn there_is_no_flag_for_a_secret_and_none_against_verification() {
        for flag in ["--password", "--server-password", "--insecure", "--no-verify"] {
            assert!(Flags::try_parse_from(["ptgbot-irc", flag, "x"]).is_err(), "{flag}");
        }
        for timing in ["line=-1", "line=nan", "lines=1", "line"] {
            assert!(Flags::try_parse_from(["ptgbot-irc", "--timing", timing]).is_err(), "{timing}");
        }
    }
}
