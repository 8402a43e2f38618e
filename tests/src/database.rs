//! A real PostgreSQL server of one test's own: a socket in its folder and a port on the loopback.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::process::Command;

use crate::certificates::Certificates;
use crate::deadline::{PATIENCE, wait_until};
use crate::elsewhere::Elsewhere;
use crate::process::{Process, free_port, unprivileged};
use crate::skip;

/// A server with an empty database; it ends with the test.
#[derive(Debug)]
pub struct Database {
    process: Process,
    port: u16,
    programs: PathBuf,
    certificates: Certificates,
    folder: TempDir,
}

impl Database {
    /// A running server, or `None` (said aloud) where PostgreSQL is not installed. It does not wait for its disk.
    pub async fn start() -> Option<Self> {
        Self::with(&["fsync=off"], None, tempfile::tempdir()).await
    }

    /// One that waits for its disk, as those do that people rely on. It keeps its data in a folder there.
    pub async fn durable(folder: &Path) -> Option<Self> {
        Self::with(&["fsync=on"], None, tempfile::tempdir_in(folder)).await
    }

    /// One in another network.
    pub async fn start_elsewhere(place: &Elsewhere) -> Option<Self> {
        Self::with(&["fsync=off"], Some(place), tempfile::tempdir()).await
    }

    async fn with(settings: &[&str], place: Option<&Elsewhere>, folder: std::io::Result<TempDir>) -> Option<Self> {
        let programs = programs()?;
        let folder = folder.expect("a temporary folder");
        let Some(certificates) = Certificates::make(folder.path()) else {
            skip::missing("openssl");
            return None;
        };
        let (data, port) = (folder.path().join("data"), free_port());
        let password = folder.path().join("password");
        std::fs::write(&password, PASSWORD).expect("the test's folder is writable");
        let mut make = unprivileged(&programs.join("initdb"), folder.path());
        make.args(["--auth=scram-sha-256", "--username", USER, "--encoding=UTF8", "--no-locale", "--no-sync"]);
        make.arg("--pwfile").arg(&password).arg("--pgdata").arg(&data);
        let made = make.output().await.expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        if place.is_some() {
            let who = "local all all scram-sha-256\nhost all all samenet scram-sha-256\n";
            std::fs::write(data.join("pg_hba.conf"), who).expect("the test's folder is writable");
        }

        let mut command = unprivileged(&programs.join("postgres"), folder.path());
        command.arg("-D").arg(&data);
        for setting in [
            format!("port={port}"),
            format!("listen_addresses={}", place.map_or("127.0.0.1", Elsewhere::address)),
            format!("unix_socket_directories={}", folder.path().display()),
            "ssl=on".into(),
            format!("ssl_cert_file={}", certificates.server.certificate.display()),
            format!("ssl_key_file={}", certificates.server.key.display()),
        ] {
            command.arg("-c").arg(setting);
        }
        for setting in settings {
            command.args(["-c", setting]);
        }
        if let Some(place) = place {
            command = place.command(&command);
        }
        let process = Process::start("postgres", command);
        let mut database = Self { process, port, programs, certificates, folder };
        database.ready().await;
        Some(database)
    }

    /// The address of a board, through the socket.
    pub fn board(&self, name: &str) -> String {
        let socket = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://{USER}:{PASSWORD}@{socket}:{}/postgres?board={name}", self.port)
    }

    /// The address of a board, through the port, with more parameters.
    pub fn board_by_port(&self, name: &str, more: &str) -> String {
        format!("{}{more}", self.board_through(self.port, name))
    }

    /// The address of a board of a server in another network.
    pub fn board_elsewhere(&self, place: &Elsewhere, name: &str) -> String {
        let (host, port) = (place.address(), self.port);
        format!("postgres://{USER}:{PASSWORD}@{host}:{port}/postgres?board={name}&sslmode=require")
    }

    /// The address of a board, through something before the database that listens on another port.
    pub fn board_through(&self, port: u16, name: &str) -> String {
        format!("postgres://{USER}:{PASSWORD}@localhost:{port}/postgres?board={name}")
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Who signs its certificate, a PEM file.
    pub fn authority(&self) -> &Path {
        &self.certificates.authority
    }

    /// Runs SQL as its owner; gives what is printed, without decoration.
    ///
    /// # Panics
    /// When the server refuses it.
    pub async fn sql(&self, statement: &str) -> String {
        let output = self.psql(statement).output().await.expect("psql runs");
        assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Its process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Ends it at once, as a failure would.
    pub async fn kill(&mut self) {
        self.process.kill();
        self.process.wait(PATIENCE).await;
    }

    /// Stops it in immediate mode: clients are cut off in whatever they do, and nothing more is written.
    pub async fn stop_at_once(&mut self) {
        self.process.quit();
        self.process.wait(PATIENCE).await;
    }

    /// Starts it again after its end; ready when this returns.
    pub async fn start_again(&mut self) {
        self.process.start_again().await;
        self.ready().await;
    }

    async fn ready(&mut self) {
        let ready = wait_until("a database that answers", PATIENCE, || {
            // It does not start while a part of the one before is still there.
            self.process.revive();
            let mut asks = self.psql("SELECT 1");
            async move { asks.output().await.ok().filter(|output| output.status.success()) }
        });
        if let Err(late) = ready.await {
            panic!("{late}; it wrote {}", self.process.output().tail());
        }
    }

    /// A program that comes with the server, told by its environment how to reach it.
    pub fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.env("PGHOST", self.folder.path()).env("PGPORT", self.port.to_string());
        command.env("PGUSER", USER).env("PGPASSWORD", PASSWORD).env("PGDATABASE", "postgres");
        command.kill_on_drop(true);
        command
    }

    fn psql(&self, statement: &str) -> Command {
        let mut command = self.client("psql");
        command.args(["--no-psqlrc", "--tuples-only", "--no-align", "--command", statement]);
        command
    }
}

/// Debian keeps the programs of each version in a folder of their own.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir(skip::installed("/usr/lib/postgresql")).into_iter().flatten().flatten();
    let mut folders: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let found = folders.into_iter().rev().find(|folder| folder.join("initdb").is_file());
    if found.is_none() {
        skip::missing("postgresql");
    }
    found
}

pub(crate) const USER: &str = "ptgbot";
pub(crate) const PASSWORD: &str = "password-of-the-database-only";
