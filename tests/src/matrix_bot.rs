//! The program `ptgbot-matrix` with a store and an account of its own.

use std::fs;
use std::path::{Path, PathBuf};

use regex::bytes::Regex;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::built::built;
use crate::deadline::{PATIENCE, wait_until};
use crate::homeserver::{Account, Homeserver};
use crate::homeserver_proxy::HomeserverProxy;
use crate::page::Page;
use crate::process::{Process, free_port};

/// Another process of a bot's account and store, with a device and a data folder of its own.
#[derive(Debug)]
pub struct Standby {
    /// What it serves on the web.
    pub page: Page,
    /// Killed when the test ends.
    pub process: Process,
}

/// A bot that is killed when the test ends.
#[derive(Debug)]
pub struct MatrixBot {
    /// Whom it signs in as.
    pub account: Account,
    /// What it serves on the web.
    pub page: Page,
    process: Option<Process>,
    homeserver: String,
    /// Else it is a file of its own.
    store: Option<String>,
    folder: TempDir,
}

impl MatrixBot {
    /// With an account and a board of three tracks that have a place, not started.
    pub async fn prepare(server: &Homeserver) -> Self {
        Self::prepare_on(server, None).await
    }

    /// The same with its board in a store that others use, too.
    pub async fn prepare_on(server: &Homeserver, store: Option<String>) -> Self {
        let account = server.account("ptgbot").await;
        Self::of(server, account, store).await
    }

    /// The same with an account that exists.
    pub async fn of(server: &Homeserver, account: Account, store: Option<String>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let bot =
            Self { account, page: Page { port: free_port() }, process: None, homeserver: server.url(), store, folder };
        fs::write(bot.file("password"), format!("{}\n", bot.account.password)).expect("the folder is writable");
        bot.import(&board()).await;
        bot
    }

    /// Replaces the board.
    pub async fn import(&self, board: &Value) {
        let file = self.file("board.json");
        fs::write(&file, board.to_string()).expect("the folder is writable");
        let mut import = Command::new(built("ptgbot"));
        let output = import.args(["import", "--store", &self.store()]).arg(file).output().await.expect("ptgbot runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Lets it reach its homeserver through a proxy, from its next configuration on.
    pub fn through(&mut self, proxy: &HomeserverProxy) {
        self.homeserver = proxy.url();
    }

    /// Lets it reach its homeserver without one, from its next configuration on.
    pub fn straight_to(&mut self, server: &Homeserver) {
        self.homeserver = server.url();
    }

    /// Starts it in these rooms, with more lines for its section of the configuration.
    pub fn start(&mut self, rooms: &[&str], more: &str) {
        self.configure(rooms, &format!("password_file = '{}'\n{more}", self.file("password").display()));
        self.run();
    }

    /// Writes its configuration.
    pub fn configure(&self, rooms: &[&str], more: &str) {
        self.write("ptgbot.toml", self.page.port, &self.data(), rooms, more);
    }

    /// Starts a second process of the same account and store, beside the first, on this data folder; it ends with what
    /// is given back.
    pub fn start_another(&self, data: &Path, rooms: &[&str], more: &str) -> Process {
        self.write("another.toml", free_port(), data, rooms, more);
        Process::start("another ptgbot-matrix", self.command("another.toml"))
    }

    /// Starts a standby of this name beside the running process, which has signed in before; ready when this returns.
    pub async fn stand_by(&mut self, name: &str, rooms: &[&str]) -> Standby {
        self.has_a_recovery_key().await;
        let (page, password) = (Page { port: free_port() }, self.file("password"));
        let (config, data) = (format!("{name}.toml"), self.file(name));
        self.write(&config, page.port, &data, rooms, &format!("password_file = '{}'", password.display()));
        let standby = Standby { page, process: Process::start(name, self.command(&config)) };
        standby.is_ready().await;
        standby
    }

    /// From now on this is the bot. Gives back the one before.
    pub fn is_now(&mut self, standby: Standby) -> Standby {
        let page = std::mem::replace(&mut self.page, standby.page);
        let process = self.process.replace(standby.process).expect("the test has started it");
        Standby { page, process }
    }

    /// Waits until it has taken over.
    pub async fn acts(&mut self) {
        self.process().wait_for_line("this process acts now").await;
    }

    fn write(&self, file: &str, port: u16, data: &Path, rooms: &[&str], more: &str) {
        let config = format!(
            "store = '{}'\nlisten = '127.0.0.1:{}'\n[log]\nfilter = 'info,ptgbot=debug,ptgbot_matrix=debug'\n\
             [matrix]\nhomeserver = '{}'\nuser = '{}'\ndata = '{}'\nrecovery_key_file = '{}'\nrooms = {rooms:?}\n{more}\n",
            self.store(),
            port,
            self.homeserver,
            self.account.name,
            data.display(),
            self.file("recovery-key").display(),
        );
        fs::write(self.file(file), config).expect("the folder is writable");
    }

    /// Starts it as it is configured.
    pub fn run(&mut self) {
        self.process = Some(Process::start("ptgbot-matrix", self.command("ptgbot.toml")));
    }

    fn command(&self, config: &str) -> Command {
        let mut command = Command::new(built("ptgbot-matrix"));
        command.arg("--config").arg(self.file(config)).current_dir(self.folder.path());
        for variable in ["PTGBOT_LOG", "PTGBOT_MATRIX_PASSWORD", "PTGBOT_MATRIX_TOKEN"] {
            command.env_remove(variable);
        }
        command
    }

    /// Looks around as it is configured; gives whether nothing is at fault, and what was told.
    pub async fn check(&self) -> (bool, String) {
        let output = self.command("ptgbot.toml").arg("--check").output().await.expect("ptgbot-matrix runs");
        let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.success(), told)
    }

    /// The running process.
    pub fn process(&mut self) -> &mut Process {
        self.process.as_mut().expect("the test has started it")
    }

    /// Ends it as a power failure would.
    pub async fn kill(&mut self) {
        self.assert_no_secret_in_the_log();
        let process = self.process();
        process.kill();
        process.wait(PATIENCE).await;
    }

    /// Starts it again after its end.
    pub async fn start_again(&mut self) {
        self.process().start_again().await;
    }

    /// Ends it in order.
    pub async fn stop(&mut self) {
        let process = self.process();
        process.terminate();
        let status = process.wait(PATIENCE).await;
        assert!(status.success(), "{status}: {}", process.output().tail());
        self.assert_no_secret_in_the_log();
    }

    /// Waits until it has ended by itself with a failure; gives what it wrote.
    pub async fn fails(&mut self) -> String {
        self.ends_with(1).await
    }

    /// Waits until it has ended by itself because somebody has to put something right first; gives what it wrote.
    pub async fn needs_somebody(&mut self) -> String {
        self.ends_with(2).await
    }

    async fn ends_with(&mut self, code: i32) -> String {
        let process = self.process();
        let status = process.wait(PATIENCE * 6).await;
        assert_eq!(status.code(), Some(code), "{}", process.output().tail());
        process.output().wait_for_end("the end of its output", PATIENCE).await.expect("a dead process is silent");
        self.assert_no_secret_in_the_log();
        self.log()
    }

    /// Waits for the key by which its identity outlives its data; gives it.
    pub async fn has_a_recovery_key(&mut self) -> String {
        let file = self.file("recovery-key");
        let key = wait_until("a recovery key", PATIENCE, || async {
            fs::read_to_string(&file).ok().filter(|key| !key.trim().is_empty())
        });
        key.await.unwrap_or_else(|late| panic!("{late}; the bot wrote {}", self.log()))
    }

    /// All that it has written since its last start.
    pub fn log(&mut self) -> String {
        self.process().output().lines().join("\n")
    }

    /// Its password, its access tokens and its recovery key are in no line that it wrote.
    pub fn assert_no_secret_in_the_log(&mut self) {
        let log = self.log();
        let mut secrets = vec![self.account.password.clone()];
        let token = Regex::new(r"syt_[A-Za-z0-9_]{8,}").expect("a valid pattern");
        for file in files(self.folder.path()) {
            let content = fs::read(file).unwrap_or_default();
            secrets
                .extend(token.find_iter(&content).map(|found| String::from_utf8_lossy(found.as_bytes()).into_owned()));
        }
        secrets.extend(fs::read_to_string(self.file("recovery-key")).ok().map(|key| key.trim().to_owned()));
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            assert!(!log.contains(secret.as_str()), "a secret of {} characters is in the log", secret.len());
        }
        assert!(!token.is_match(log.as_bytes()), "an access token is in the log");
    }

    /// How much memory it holds, in kB.
    pub fn memory(&mut self) -> u64 {
        let id = self.process().id().expect("it runs");
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.trim().strip_suffix(" kB")).and_then(|size| size.parse().ok()).unwrap_or_default()
    }

    /// Where it keeps session, keys and position.
    pub fn data(&self) -> PathBuf {
        self.file("matrix")
    }

    /// A file of its own by name.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The address of its store.
    pub fn store(&self) -> String {
        self.store.clone().unwrap_or_else(|| format!("sqlite:{}", self.file("board.sqlite").display()))
    }
}

impl Standby {
    /// Waits until it stands by on a device that its owner vouches for.
    pub async fn is_ready(&self) {
        self.process.wait_for_line("another process acts: this one stands by").await;
        self.process.wait_for_line("the device is signed by its owner").await;
    }
}

/// All files in a folder and those in it.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Three tracks with a place, one without, one day, one room with two slots.
pub fn board() -> Value {
    json!({
        "eventid": "vancouver2026", "tracks": ["cinder", "nova", "swift", "tact"],
        "slots": {"Monday": [{"name": "MonA1", "desc": "09:00-10:45"}, {"name": "MonP1", "desc": "14:00-15:45"}]},
        "schedule": {"Ballroom A": {"MonA1": "", "MonP1": ""}},
        "location": {"swift": "Vista", "nova": "Terrace", "cinder": "Garden"},
    })
}
