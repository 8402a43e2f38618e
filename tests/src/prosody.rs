//! A real XMPP server of one test's own, on the loopback.

use std::fs;

use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::deadline::{PATIENCE, wait_until};
use crate::ircd::write;
use crate::process::{Process, free_port, unprivileged};
use crate::skip;

/// A Prosody with accounts on `localhost` and rooms on `rooms.localhost`; it ends with the test.
#[derive(Debug)]
pub struct Prosody {
    process: Process,
    port: u16,
    /// Goes with the server.
    _folder: TempDir,
}

impl Prosody {
    /// A running server with an account for each name, whose password is [`PASSWORD`]; `None` (said aloud) where it is
    /// not installed.
    pub async fn start(accounts: &[&str]) -> Option<Self> {
        let program = skip::needs("prosody")?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = free_port();
        let values = [("@FOLDER@", folder.path().display().to_string()), ("@PORT@", port.to_string())];
        let configuration = folder.path().join("prosody.cfg.lua");
        write(&configuration, include_str!("prosody/prosody.cfg.lua"), &values);
        let data = folder.path().join("data/localhost/accounts");
        fs::create_dir_all(&data).expect("the test's folder is writable");
        for account in accounts {
            write(
                &data.join(format!("{account}.dat")),
                "return { [\"password\"] = \"@PASSWORD@\"; };\n",
                &[("@PASSWORD@", PASSWORD.to_owned())],
            );
        }
        let mut command = unprivileged(&program, folder.path());
        command.arg("-F").arg("--config").arg(&configuration);
        let mut prosody = Self { process: Process::start("prosody", command), port, _folder: folder };
        prosody.ready().await;
        Some(prosody)
    }

    /// Where it listens on 127.0.0.1, without TLS.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it as a power failure would, and starts it again with what it had written; ready when this returns.
    pub async fn crash_and_restart(&mut self) {
        self.process.kill();
        self.process.wait(PATIENCE).await;
        self.process.start_again().await;
        self.ready().await;
    }

    async fn ready(&mut self) {
        let connected =
            wait_until("a connection", PATIENCE, || async { TcpStream::connect(("127.0.0.1", self.port)).await.ok() });
        if let Err(late) = connected.await {
            panic!("prosody did not start: {late}; it wrote {}", self.process.output().tail());
        }
    }
}

/// The password of every account.
pub const PASSWORD: &str = "password-of-one-test";
