//! Flags that every bot has, whatever its network.

use crate::config::{Config, ConfigError};
use clap::Args;
use ptgbot_core::HttpUrl;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The configuration of a bot as flags; a binary flattens them into its own.
#[derive(Clone, Debug, Default, Args)]
#[command(about = None, long_about = None)]
pub struct BotFlags {
    /// Configuration file: TOML, or the older JSON form
    #[arg(long, value_name = "FILE", display_order = 0)]
    config: Option<PathBuf>,
    /// Where the journal is: sqlite:PATH or memory: [default: sqlite:ptgbot.sqlite]
    #[arg(long)]
    store: Option<String>,
    /// Where the web server listens, such as 127.0.0.1:8000
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// A folder that always holds the static site
    #[arg(long, value_name = "DIR")]
    publish: Option<PathBuf>,
    /// An older bot's data file: imported on the first start, public data written there
    #[arg(long, value_name = "FILE")]
    db_filename: Option<PathBuf>,
    /// Where the site is reached from outside
    #[arg(long, value_name = "URL", value_parser = web_address)]
    base_url: Option<HttpUrl>,
    /// What a generated pad link begins with
    #[arg(long, value_name = "URL", value_parser = web_address)]
    etherpad_base: Option<HttpUrl>,
    /// Let ~fetchdb load from this host and from local networks
    #[arg(long)]
    allow_private_fetch: bool,
    /// What is logged, such as info,ptgbot=debug
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
}

impl BotFlags {
    /// The configuration file, if one is named, with the flags over it.
    ///
    /// # Errors
    /// When the file cannot be read or holds what nobody knows.
    pub fn over_config(self) -> Result<Config, ConfigError> {
        let mut config = match &self.config {
            Some(path) => Config::read(path)?,
            None => Config::default(),
        };
        replace(&mut config.store, self.store);
        replace(&mut config.listen, self.listen);
        replace(&mut config.publish, self.publish);
        replace(&mut config.db_filename, self.db_filename);
        replace(&mut config.site.base_url, self.base_url);
        replace(&mut config.site.etherpad_base, self.etherpad_base);
        config.fetch.allow_private |= self.allow_private_fetch;
        replace(&mut config.log.filter, self.log);
        Ok(config)
    }
}

/// Puts what a flag says, if it was given, in the place of what the configuration says.
pub fn replace<T>(setting: &mut Option<T>, flag: Option<T>) {
    if flag.is_some() {
        *setting = flag;
    }
}

fn web_address(raw: &str) -> Result<HttpUrl, String> {
    HttpUrl::parse(raw).map_err(|e| e.to_string())
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
        bot.over_config().map_err(|e| e.to_string())
    }

    #[test]
    fn flags_go_before_the_file() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "store = 'memory:'\nlisten = '127.0.0.1:1'\n[fetch]\nallow_private = true\n")
            .expect("a file");
        let path = file.path().to_str().expect("a path");
        let config =
            config(&["--config", path, "--store", "sqlite:a", "--base-url", "https://a.example"]).expect("flags");
        assert_eq!(config.store.as_deref(), Some("sqlite:a"));
        assert_eq!(config.listen.map(|listen| listen.port()), Some(1));
        assert_eq!(config.site.base_url.map(|url| url.to_string()).as_deref(), Some("https://a.example/"));
        assert!(config.fetch.allow_private, "a flag that was not given takes nothing back");
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        assert!(config(&["--base-url", "ftp://a"]).expect_err("no web address").contains("only http and https links"));
        assert!(config(&["--listen", "8000"]).is_err());
        assert!(config(&["--config", "/nowhere.toml"]).expect_err("no file").contains("/nowhere.toml"));
    }

    #[test]
    fn the_binary_says_for_itself_what_it_is() {
        let about = Bot::command().get_about().map(ToString::to_string);
        assert_eq!(about.as_deref(), Some("A bot of its own kind"));
    }
}
