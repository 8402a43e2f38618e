//! Processes of one bot on an IRC server: one acts, the others stand by.

use tempfile::TempDir;
use tokio::process::Command;

use crate::built::built;
use crate::ircd::{Ircd, QUICK_USER};
use crate::process::Process;

/// What they share: a configuration, and a store if the test has none.
#[derive(Debug)]
pub struct IrcBots {
    store: String,
    folder: TempDir,
}

impl IrcBots {
    /// None has been started yet. `store` is an address, else there is a file; `more` goes into the section `[irc]`.
    pub fn on(ircd: &Ircd, store: Option<String>, more: &str) -> Self {
        // Where it has to be built first, nobody can wait in the channel for so long.
        built("ptgbot-irc");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = |name: &str| folder.path().join(name).display().to_string();
        let store = store.unwrap_or_else(|| format!("sqlite:{}", file("board.sqlite")));
        let config = format!(
            "store = '{store}'\n[log]\nfilter = 'info,ptgbot_irc=debug'\n[irc]\nserver = '127.0.0.1'\nport = {}\n\
             tls = false\nchannels = ['{CHANNEL}']\nserver_password_file = '{}'\nuser = '{QUICK_USER}'\n{more}\n\
             [irc.timing]\nreconnect_first = 0.1\nreconnect_most = 1\nrejoin_first = 0.1\nrejoin_most = 1\nline = 0.2\n",
            ircd.port(),
            file("password"),
        );
        // It has no flood limits: what those are for is tried elsewhere.
        std::fs::write(file("password"), QUICK_USER).expect("the folder is writable");
        std::fs::write(file("ptgbot.toml"), config).expect("the folder is writable");
        Self { store, folder }
    }

    /// One more.
    pub fn start(&self) -> Process {
        self.start_with(&[])
    }

    /// One more, with flags of its own.
    pub fn start_with(&self, flags: &[&str]) -> Process {
        let mut command = Command::new(built("ptgbot-irc"));
        command.arg("--config").arg(self.folder.path().join("ptgbot.toml")).args(flags);
        command.env_remove("PTGBOT_LOG").env_remove("PTGBOT_IRC_PASSWORD");
        Process::start("ptgbot-irc", command)
    }

    /// The address of their store.
    pub fn store(&self) -> &str {
        &self.store
    }
}

/// Where they are.
pub const CHANNEL: &str = "#ptg";
