//! A real Matrix homeserver, on the loopback, with people who can sign in to it.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex as SyncMutex, PoisonError, Weak};

use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::runtime::Runtime;
use tokio::sync::Mutex;

use crate::deadline::{PATIENCE, wait_until};
use crate::matrix_client::{Keys, MatrixClient};
use crate::matrix_driver::Driver;
use crate::process::{Process, free_port};
use crate::skip;

/// A Synapse with a store of its own; it ends with the last test that holds it.
///
/// It and its clients live on a thread of their own, so that tests which have
/// an executor each can share them.
#[derive(Debug)]
pub struct Homeserver {
    port: u16,
    process: Arc<Mutex<Process>>,
    driver: Driver,
    names: SyncMutex<HashSet<String>>,
    runtime: Option<Runtime>,
    folder: TempDir,
}

/// What differs from a server that takes everything at once.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How fast one account may send.
    pub sending: Sending,
    /// The version of rooms that are made without naming one.
    pub room_version: Option<&'static str>,
}

/// How fast one account may send.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Sending {
    /// As fast as it can.
    #[default]
    Free,
    /// As many messages a second, after a few at once.
    Limited {
        /// Messages a second.
        per_second: f32,
        /// Messages at once.
        burst: u32,
    },
    /// As fast as a server lets it that nobody has configured: messages, joins, invitations, new rooms.
    AsInstalled,
}

/// An account that exists on the server.
#[derive(Debug, Clone)]
pub struct Account {
    /// The name before the colon.
    pub name: String,
    /// The whole user ID.
    pub id: String,
    /// What it signs in with.
    pub password: String,
}

impl Homeserver {
    /// The server that the tests of one file share, started by the first of
    /// them; or `None` (said aloud) where it is not installed.
    ///
    /// Every account on it has a name of its own, so tests do not meet.
    pub async fn shared() -> Option<Arc<Self>> {
        let mut shared = SHARED.lock().await;
        if let Some(running) = shared.upgrade() {
            return Some(running);
        }
        let started = Arc::new(Self::start(Options::default()).await?);
        *shared = Arc::downgrade(&started);
        Some(started)
    }

    /// A running server of one test's own, or `None` (said aloud) where it is
    /// not installed.
    pub async fn start(options: Options) -> Option<Self> {
        let python = python()?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = free_port();
        let configuration = folder.path().join("homeserver.yaml");
        std::fs::write(&configuration, options.configuration(port, &folder)).expect("the test's folder is writable");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("homeserver")
            .enable_all()
            .build()
            .expect("a thread for the server");

        let mut command = mortal(&python);
        command.args(["-m", "synapse.app.homeserver", "-c"]).arg(&configuration).current_dir(folder.path());
        // Started by that thread: the kernel ends it with the thread that started it.
        let process = runtime.spawn(async move { Process::start("synapse", command) }).await;
        let process = Arc::new(Mutex::new(process.expect("the server's thread lives")));
        let mut command = mortal(&python);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/matrix_client.py")).arg(url(port)).arg(SECRET);
        let driver = runtime.spawn(async move { Driver::start(command) }).await.expect("the server's thread lives");

        let names = SyncMutex::default();
        let server = Self { port, process, driver, names, runtime: Some(runtime), folder };
        server.ready().await;
        Some(server)
    }

    /// Where clients find it.
    pub fn url(&self) -> String {
        url(self.port)
    }

    /// An account that nobody uses yet. Its name begins with this one.
    pub async fn account(&self, name: &str) -> Account {
        let name = self.unused(name);
        let password = format!("password-of-{name}-only");
        self.register(&name, &password, false).await;
        Account { id: format!("@{name}:{NAME}"), name, password }
    }

    /// Gives an account that was not used yet a name that begins with a capital, as servers once let people have; new
    /// ones refuse to make such. While the server is stopped.
    pub fn with_capitals(&self, account: &Account) -> Account {
        let mut name = account.name.clone();
        name[..1].make_ascii_uppercase();
        let id = format!("@{name}:{NAME}");
        let database = rusqlite::Connection::open(self.folder.path().join("homeserver.db")).expect("the server's data");
        for (table, column) in ACCOUNTS {
            let (old, new) = if column == "full_user_id" || table != "profiles" {
                (&account.id, &id)
            } else {
                (&account.name, &name)
            };
            let update = format!("UPDATE {table} SET {column} = ?1 WHERE {column} = ?2");
            database.execute(&update, [new, old]).expect("the table is there");
        }
        Account { id, name, password: account.password.clone() }
    }

    /// A person with a new account, signed in.
    pub async fn person(&self, name: &str) -> MatrixClient {
        let account = self.account(name).await;
        self.sign_in(&account).await
    }

    /// Another client of an account.
    pub async fn sign_in(&self, account: &Account) -> MatrixClient {
        MatrixClient::sign_in(&self.driver, account, Keys::Some).await
    }

    /// A person with a new account whose device cannot encrypt.
    pub async fn person_without_keys(&self, name: &str) -> MatrixClient {
        let account = self.account(name).await;
        MatrixClient::sign_in(&self.driver, &account, Keys::None).await
    }

    /// Lets an account send as fast as it can, whatever the server's limits.
    pub async fn unlimited(&self, user: &str) {
        let path = format!("/_synapse/admin/v1/users/{user}/override_ratelimit");
        let free = json!({"messages_per_second": 0, "burst_count": 0});
        self.administrator().await.admin_api("POST", &path, free).await;
    }

    /// Takes back what [`unlimited`](Self::unlimited) allowed.
    pub async fn limited(&self, user: &str) {
        let path = format!("/_synapse/admin/v1/users/{user}/override_ratelimit");
        self.administrator().await.admin_api("DELETE", &path, json!({})).await;
    }

    /// An administrator of the server, signed in.
    pub async fn administrator(&self) -> MatrixClient {
        let name = self.unused("administrator");
        let password = format!("password-of-{name}-only");
        self.register(&name, &password, true).await;
        self.sign_in(&Account { id: format!("@{name}:{NAME}"), name, password }).await
    }

    /// How many requests of [`MatrixClient::api`] it has refused because an account had made too many. Each was made again.
    pub async fn too_many_requests(&self) -> u64 {
        let refused = self.driver.ask(None, "too_many", json!({})).await;
        refused.expect("the clients' process counts them").as_u64().expect("a number")
    }

    /// Ends it; whoever waits for news sees a closed connection.
    pub async fn stop(&mut self) {
        self.process.lock().await.stop().await;
    }

    /// Starts it again on the same port with the same data, after
    /// [`stop`](Self::stop); ready when this returns.
    pub async fn start_again(&mut self) {
        let process = self.process.clone();
        let runtime = self.runtime.as_ref().expect("it lives as long as the server");
        runtime
            .spawn(async move { process.lock().await.start_again().await })
            .await
            .expect("the server's thread lives");
        self.ready().await;
    }

    /// A name that no account of this server has, beginning with this one.
    fn unused(&self, name: &str) -> String {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let mut unused = name.to_owned();
        for number in 2.. {
            if names.insert(unused.clone()) {
                break;
            }
            unused = format!("{name}{number}");
        }
        unused
    }

    async fn register(&self, user: &str, password: &str, admin: bool) {
        let with = json!({"user": user, "password": password, "admin": admin});
        if let Err(error) = self.driver.ask(None, "register", with).await {
            panic!("no account for {user}: {error}; the server wrote {}", self.process.lock().await.output().tail());
        }
    }

    /// Waits until it answers requests.
    async fn ready(&self) {
        let healthy = wait_until("a healthy homeserver", PATIENCE * 2, || async {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.ok()?;
            stream.write_all(b"GET /health HTTP/1.0\r\n\r\n").await.ok()?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.ok()?;
            answer.split(' ').nth(1).filter(|status| *status == "200").map(|_| ())
        });
        if let Err(late) = healthy.await {
            panic!("{late}; it wrote {}", self.process.lock().await.output().tail());
        }
    }
}

impl Drop for Homeserver {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Options {
    fn configuration(&self, port: u16, folder: &TempDir) -> String {
        let folder = folder.path().display();
        let mut text = format!(
            "server_name: {NAME}\npublic_baseurl: {}/\npid_file: {folder}/homeserver.pid\n\
             listeners: [{{port: {port}, type: http, bind_addresses: [127.0.0.1], resources: [{{names: [client]}}]}}]\n\
             database: {{name: sqlite3, args: {{database: {folder}/homeserver.db}}}}\n\
             media_store_path: {folder}/media\nsigning_key: {SIGNING_KEY}\nregistration_shared_secret: {SECRET}\n\
             macaroon_secret_key: {SECRET}\nform_secret: {SECRET}\nreport_stats: false\nbcrypt_rounds: 4\n\
             trusted_key_servers: []\nsuppress_key_server_warning: true\nfederation_domain_whitelist: []\n\
             enable_media_repo: false\npresence: {{enabled: false}}\n",
            url(port)
        );
        let as_installed = self.sending == Sending::AsInstalled;
        for limit in LIMITS.into_iter().filter(|limit| !(as_installed && LIMITS_OF_SENDING.contains(limit))) {
            let _ = writeln!(text, "rc_{limit}: {UNLIMITED}");
        }
        let in_parts = LIMITS_IN_PARTS.iter();
        for (limit, parts) in in_parts.filter(|(limit, _)| !(as_installed && LIMITS_OF_SENDING.contains(limit))) {
            let parts: Vec<String> = parts.iter().map(|part| format!("{part}: {UNLIMITED}")).collect();
            let _ = writeln!(text, "rc_{limit}: {{{}}}", parts.join(", "));
        }
        let _ = match self.sending {
            Sending::Free => writeln!(text, "rc_message: {UNLIMITED}"),
            Sending::Limited { per_second, burst } => {
                writeln!(text, "rc_message: {{per_second: {per_second}, burst_count: {burst}}}")
            }
            Sending::AsInstalled => Ok(()),
        };
        if let Some(version) = self.room_version {
            let _ = writeln!(text, "default_room_version: \"{version}\"");
        }
        text
    }
}

/// The interpreter that has the server and the other client, as
/// `.ci/install-test-servers` made it.
fn python() -> Option<PathBuf> {
    let python = skip::unpacked().join("matrix/bin/python");
    if !skip::unpacked().join("matrix/installed").is_file() {
        skip::missing("matrix-synapse");
        return None;
    }
    Some(python)
}

/// A command that ends with the thread that starts it, where this system can.
fn mortal(program: &std::path::Path) -> Command {
    let Some(setpriv) = skip::program("setpriv") else {
        return Command::new(program);
    };
    let mut command = Command::new(setpriv);
    command.arg("--pdeathsig=KILL").arg(program);
    command
}

fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// What follows the colon in the server's IDs.
pub const NAME: &str = "localhost";
const SECRET: &str = "secret-of-one-test";
/// A form, a version, and 32 bytes for a server that talks to no other.
const SIGNING_KEY: &str = "ed25519 a_test AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// Where a server keeps the ID of an account that nobody has used.
const ACCOUNTS: [(&str, &str); 3] = [("users", "name"), ("profiles", "full_user_id"), ("profiles", "user_id")];
const UNLIMITED: &str = "{per_second: 10000, burst_count: 10000}";
const LIMITS: [&str; 6] =
    ["registration", "joins_per_room", "room_creation", "profile", "key_requests", "user_directory"];
const LIMITS_IN_PARTS: [(&str, &[&str]); 3] = [
    ("login", &["address", "account", "failed_attempts"]),
    ("joins", &["local", "remote"]),
    ("invites", &["per_room", "per_user", "per_issuer"]),
];
/// Those of them that a bot meets when it speaks.
const LIMITS_OF_SENDING: [&str; 4] = ["joins_per_room", "room_creation", "joins", "invites"];
static SHARED: Mutex<Weak<Homeserver>> = Mutex::const_new(Weak::new());
