//! Flags over a file.

use super::{Config, ConfigError, ConfigFile};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches, Id};
use std::marker::PhantomData;
use std::path::PathBuf;

/// The flags of some settings as they were given, to be put over what a file says. A program flattens them into its
/// command line.
#[derive(Debug)]
pub struct Flags<T> {
    given: ArgMatches,
    of: PhantomData<fn() -> T>,
}

impl<T: Args> Flags<T> {
    /// The settings with the flags in their place. A flag that was not given takes nothing back.
    pub fn over(mut self, mut settings: T) -> T {
        let is_given = |id: &&Id| self.given.value_source(id.as_str()) != Some(ValueSource::DefaultValue);
        let defaults: Vec<Id> = self.given.ids().filter(|id| !is_given(id)).cloned().collect();
        for id in defaults {
            self.given.try_clear_id(id.as_str()).expect("it was found there");
        }
        settings.update_from_arg_matches_mut(&mut self.given).expect("each value was read when its flag was");
        settings
    }
}

impl<T> Clone for Flags<T> {
    fn clone(&self) -> Self {
        Self { given: self.given.clone(), of: PhantomData }
    }
}

impl<T: Args> Args for Flags<T> {
    fn augment_args(command: Command) -> Command {
        // Nothing is required: it may be in the file.
        T::augment_args_for_update(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        T::augment_args_for_update(command)
    }
}

impl<T> FromArgMatches for Flags<T> {
    fn from_arg_matches(given: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self { given: given.clone(), of: PhantomData })
    }

    fn update_from_arg_matches(&mut self, given: &ArgMatches) -> Result<(), clap::Error> {
        self.given = given.clone();
        Ok(())
    }
}

/// The flags of every bot, whatever its network.
#[derive(Clone, Debug, Args)]
#[group(skip)]
#[command(about = None, long_about = None)]
pub struct BotFlags {
    /// Configuration file: TOML, or the older JSON form
    #[arg(long = "config", value_name = "FILE", display_order = 0)]
    file: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags<Config>,
}

impl BotFlags {
    /// True where a configuration file is named.
    pub fn names_a_file(&self) -> bool {
        self.file.is_some()
    }

    /// The configuration file, if one is named, and its settings with the flags over them. `sections` are those that
    /// transports bring; any other that is not a bot's is refused.
    ///
    /// # Errors
    /// When the file cannot be read or holds what nobody knows.
    pub fn read(self, sections: &[&str]) -> Result<(Config, ConfigFile), ConfigError> {
        let file = ConfigFile::open(self.file.as_deref())?;
        Ok((self.flags.over(file.config(sections)?), file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, Parser};

    /// A bot of its own kind.
    #[derive(Debug, Parser)]
    struct Bot {
        #[command(flatten)]
        bot: BotFlags,
    }

    fn config(flags: &[&str]) -> Result<Config, String> {
        let bot = Bot::try_parse_from([&["bot"], flags].concat()).map_err(|e| e.to_string())?.bot;
        bot.read(&[]).map(|(config, _)| config).map_err(|e| e.to_string())
    }

    #[test]
    fn flags_go_before_the_file() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let text = "store = 'memory:'\nlisten = '127.0.0.1:1'\n[site]\nbot = 'a'\nchannel = '#a'\n\
                    [fetch]\nallow_private = true\nallow = ['10.0.0.1']\n[log]\nformat = 'json'\n";
        std::fs::write(file.path(), text).expect("a file");
        let path = file.path().to_str().expect("a path");
        let flags = ["--store", "sqlite:a", "--base-url", "https://a.example", "--site-bot", "b"];
        let config = config(&[&["--config", path], &flags[..]].concat()).expect("flags");
        assert_eq!(config.store.map(|store| store.to_string()).as_deref(), Some("sqlite:a"));
        assert_eq!(config.listen.map(|listen| listen.port()), Some(1));
        assert_eq!(config.site.base_url.map(|url| url.to_string()).as_deref(), Some("https://a.example/"));
        assert_eq!((config.site.bot.as_deref(), config.site.channel.as_deref()), (Some("b"), Some("#a")));
        assert!(config.fetch.allow_private, "a flag that was not given takes nothing back");
        assert_eq!((config.fetch.allow.len(), config.log.format), (1, super::super::LogFormat::Json));
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        assert!(config(&["--base-url", "ftp://a"]).expect_err("no web address").contains("only http and https links"));
        assert!(config(&["--listen", "8000"]).is_err());
        assert!(config(&["--store", "board.db"]).is_err());
        assert!(config(&["--config", "/nowhere.toml"]).expect_err("no file").contains("/nowhere.toml"));
    }

    #[test]
    fn the_binary_says_for_itself_what_it_is() {
        Bot::command().debug_assert();
        let about = Bot::command().get_about().map(ToString::to_string);
        assert_eq!(about.as_deref(), Some("A bot of its own kind"));
    }
}
