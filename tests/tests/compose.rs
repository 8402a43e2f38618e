//! The services of `packaging/container/compose.yaml` as plain processes on this machine: a database, a bot on IRC, a bot in
//! Matrix, and two replicas behind nginx, with the very command lines, secrets and proxy settings of the files.

use ptgbot_tests::deadline::{PATIENCE, wait_until};
use ptgbot_tests::process::free_port;
use ptgbot_tests::{Database, Homeserver, Ircd, Process, RawClient, built, skip};
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

#[tokio::test]
async fn what_is_said_shows_behind_one_address_also_when_a_replica_is_gone() {
    let Some(nginx) = skip::needs("nginx") else { return };
    let (Some(database), Some(ircd)) = (Database::start().await, Ircd::hybrid().await) else { return };
    let Some(homeserver) = Homeserver::shared().await else { return };
    for program in ["ptgbot", "ptgbot-irc", "ptgbot-matrix"] {
        built(program);
    }
    let machine = Machine::new(&database);
    let account = homeserver.account("ptgbot").await;
    machine.write("secrets/matrix_password", &account.password);
    machine.write(
        "matrix.toml",
        &format!(
            "[matrix]\nhomeserver = '{}'\nuser = '{}'\nallowed = ['example.org']\n",
            homeserver.url(),
            account.name
        ),
    );
    machine.write(
        "irc.toml",
        &format!("[irc]\nserver = '127.0.0.1'\nport = {}\ntls = false\nchannel = '#my-event'\n", ircd.port()),
    );
    let mut op = RawClient::register(&ircd, "gibi").await;
    op.join("#my-event").await;
    let irc = machine.service("irc", "ptgbot-irc");
    let matrix = machine.service("matrix", "ptgbot-matrix");
    op.expect("the bot", |line| line.starts_with(":ptgbot") && line.contains(" JOIN ")).await;
    op.say("#my-event", "~add swift");
    op.say("#my-event", "~list");
    op.expect_from("ptgbot", "swift").await;
    matrix.wait_for_line("this process acts now").await;

    let mut first = machine.replica("replica-1").await;
    let second = machine.replica("replica-2").await;
    let (page, _proxy) = machine.proxy(&nginx).await;
    op.say("#my-event", "#swift now ring placement");
    shows(page, "ring placement").await;
    first.kill();
    first.wait(PATIENCE).await;
    op.say("#my-event", "#swift now erasure codes");
    shows(page, "erasure codes").await;
    assert!(get(page, "/readyz").await.starts_with("HTTP/1.1 404"), "who looks after replicas asks them");
    drop((irc, second));
}

/// What stands for the machine on which the containers would be.
struct Machine {
    folder: TempDir,
    store: String,
    password: String,
    replicas: [u16; 2],
}

impl Machine {
    fn new(database: &Database) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir_all(folder.path().join("secrets")).expect("the folder is writable");
        let address = database.board_by_port("main", "");
        let (user, rest) = address.split_once('@').expect("a user");
        let (user, password) = user.rsplit_once(':').expect("a password");
        let store = format!("{user}@{}", rest.split('?').next().unwrap_or_default());
        Self { folder, store, password: password.to_owned(), replicas: [free_port(), free_port()] }
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.folder.path().join(file), text).expect("the folder is writable");
    }

    /// A service by its command line, with its files and addresses here instead of there.
    fn service(&self, name: &str, program: &str) -> Process {
        let folder = self.folder.path().display().to_string();
        let mut command = Command::new(built(program));
        for word in command_line(name) {
            let word = word.replace("/etc/ptgbot", &folder).replace("/data", &folder);
            let word = word.replace("postgres://ptgbot@database/ptgbot", &self.store);
            command.arg(word.replace("0.0.0.0:8000", &format!("127.0.0.1:{}", self.replicas[at(name)])));
        }
        command.env("PGPASSWORD", &self.password).env("CREDENTIALS_DIRECTORY", format!("{folder}/secrets"));
        command.env_remove("PTGBOT_LOG").env_remove("PTGBOT_MATRIX_PASSWORD").env_remove("PTGBOT_IRC_PASSWORD");
        Process::start(name, command)
    }

    async fn replica(&self, name: &str) -> Process {
        let process = self.service(name, "ptgbot");
        let port = self.replicas[at(name)];
        let ready = || async move { get(port, "/readyz").await.starts_with("HTTP/1.1 200").then_some(()) };
        assert!(wait_until(name, PATIENCE, ready).await.is_ok(), "{}", process.output().tail());
        process
    }

    /// The proxy before the replicas, and its port.
    async fn proxy(&self, nginx: &Path) -> (u16, Process) {
        let (port, place) = (free_port(), self.folder.path().display());
        let [first, second] = self.replicas;
        let user = if rustix::process::geteuid().is_root() { "user root;\n" } else { "" };
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {place}/{name};\n"))
            .concat();
        let config = file("nginx.conf").replace("replica-1:8000", &format!("127.0.0.1:{first}"));
        let config = config.replace("replica-2:8000", &format!("127.0.0.1:{second}"));
        let config = config.replace("listen 80;", &format!("listen 127.0.0.1:{port};"));
        let config = config.replace("/tmp/nginx.pid", &format!("{place}/nginx.pid"));
        let config = config.replace("access_log off;", &format!("access_log off;\n{temporary}"));
        self.write("nginx.conf", &format!("{user}daemon off;\n{config}"));
        let mut command = Command::new(nginx);
        command.arg("-e").arg("stderr").arg("-c").arg(self.folder.path().join("nginx.conf"));
        let process = Process::start("nginx", command);
        let answers = || async move { get(port, "/").await.starts_with("HTTP/1.1 200").then_some(()) };
        assert!(wait_until("nginx", PATIENCE, answers).await.is_ok(), "{}", process.output().tail());
        (port, process)
    }
}

/// Of the replicas; all else has no port.
fn at(name: &str) -> usize {
    usize::from(name == "replica-2")
}

/// The words of a service's `command`, which are written as JSON. The second replica is as the first one.
fn command_line(service: &str) -> Vec<String> {
    let compose = file("compose.yaml");
    let service = service.replace("replica-2", "replica-1");
    let (_, text) = compose.split_once(&format!("\n  {service}:")).expect("a service");
    let (_, text) = text.split_once("command:").expect("a command");
    let (words, _) = text.split_once("]\n").expect("a list in one line");
    serde_json::from_str(&format!("{}]", words.trim())).expect("words")
}

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/container").join(name);
    fs::read_to_string(path).expect("a file of ours")
}

/// Waits until the page has some words.
async fn shows(port: u16, words: &str) {
    let shown = || async move { get(port, "/ptg.json").await.contains(words).then_some(()) };
    assert!(wait_until(words, PATIENCE, shown).await.is_ok(), "the page lacks {words}");
}

/// An answer with its head; nothing where nobody answers.
async fn get(port: u16, path: &str) -> String {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await else { return String::new() };
    let ask = format!("GET {path} HTTP/1.1\r\nHost: ptg.example.org\r\nConnection: close\r\n\r\n");
    let mut answer = Vec::new();
    if stream.write_all(ask.as_bytes()).await.is_ok() {
        stream.read_to_end(&mut answer).await.ok();
    }
    String::from_utf8_lossy(&answer).into_owned()
}
