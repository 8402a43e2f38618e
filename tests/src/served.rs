//! `ptgbot` as its users run it: a store, lines said to it, its files in a folder and on the web.

use crate::built;
use crate::deadline::{PATIENCE, wait_until};
use crate::process::{Process, free_port};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A store in a folder of its own.
#[derive(Debug)]
pub struct Stored {
    folder: TempDir,
}

impl Stored {
    /// One that holds a data file.
    pub fn with(document: &Value) -> Self {
        let stored = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        let file = stored.folder.path().join("import.json");
        std::fs::write(&file, document.to_string()).expect("the folder is writable");
        stored.run(["import".as_ref(), file.as_os_str()]);
        stored
    }

    /// Says lines as an op in the channel, each at a time of its own. Every one of them changes the board.
    pub fn say(&self, lines: &[(&str, &str)]) {
        let mut bot = Command::new(built("ptgbot"));
        bot.args(["stdio", "--store", &self.address()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut bot = bot.spawn().expect("ptgbot runs");
        let mut input = bot.stdin.take().expect("a pipe");
        for (at, text) in lines {
            let line = json!({"room": "#ptg", "from": "gibi", "role": "op", "text": text, "at": at});
            writeln!(input, "{line}").expect("it listens");
        }
        drop(input);
        let output = bot.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(said.matches(r#""outcome":"changed""#).count(), lines.len(), "{said}");
    }

    /// The static site as of a time.
    pub fn rendered(&self, at: &str) -> PathBuf {
        let site = self.folder.path().join("site");
        self.run(["render".as_ref(), "--out".as_ref(), site.as_os_str(), "--at".as_ref(), at.as_ref()]);
        site
    }

    /// Its web server.
    pub async fn served(&self) -> Served {
        let address = format!("127.0.0.1:{}", free_port());
        let mut command = tokio::process::Command::new(built("ptgbot"));
        command.args(["serve", "--store", &self.address(), "--listen", &address]);
        let process = Process::start("ptgbot serve", command);
        let connects = || async { tokio::net::TcpStream::connect(&address).await.ok() };
        wait_until("a web server", PATIENCE, connects).await.expect("it listens");
        Served { _process: process, address }
    }

    /// A folder that is there as long as the store.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn address(&self) -> String {
        format!("sqlite:{}", self.folder.path().join("board.sqlite").display())
    }

    fn run<const N: usize>(&self, arguments: [&std::ffi::OsStr; N]) {
        let mut command = Command::new(built("ptgbot"));
        command.args(&arguments[..1]).args(["--store", &self.address()]).args(&arguments[1..]);
        let output = command.output().expect("ptgbot runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// A running web server.
#[derive(Debug)]
pub struct Served {
    _process: Process,
    address: String,
}

impl Served {
    /// The body of a file.
    ///
    /// # Panics
    /// When there is no such file.
    pub async fn get(&self, path: &str) -> Vec<u8> {
        let mut stream = tokio::net::TcpStream::connect(&self.address).await.expect("it listens");
        let ask = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).await.expect("it listens");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("an answer");
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        answer.split_off(end + 4)
    }
}
