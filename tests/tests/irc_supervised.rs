//! `ptgbot-irc` under a service manager: it is ready when the network has let it in, and not before.

#![cfg(unix)]

use ptgbot_tests::deadline::PATIENCE;
use ptgbot_tests::{Process, built};
use std::net::SocketAddr;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, UnixDatagram};
use tokio::process::Command;
use tokio::time::timeout;

#[tokio::test]
async fn a_bot_is_ready_when_the_network_has_welcomed_it_and_says_that_it_lives_and_stops() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let network = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let manager = ServiceManager::listening(&folder);
    let mut bot = bot(&folder, network.local_addr().expect("an address"));
    let (connection, _) = timeout(PATIENCE, network.accept()).await.expect("it connects in time").expect("it connects");
    let mut connection = BufReader::new(connection);
    hears_of(&mut connection, "USER ").await;
    let before = manager.hears("STATUS=acting as quiet/ptgbot; quiet is not reached").await;
    assert!(!before.contains(&"READY=1".to_owned()), "{before:?}");
    manager.hears("WATCHDOG=1").await;

    connection.get_mut().write_all(b":irc.example.org 001 ptgbot :Welcome\r\n").await.expect("it listens");
    let ready = manager.hears("READY=1").await;
    assert!(ready.contains(&"STATUS=acting as quiet/ptgbot".to_owned()), "{ready:?}");
    manager.hears("WATCHDOG=1").await;

    bot.terminate();
    manager.hears("STOPPING=1").await;
    drop(connection);
    assert!(bot.wait(PATIENCE).await.success(), "{}", bot.output().tail());
}

/// The socket of a service manager that waits for a sign of life.
struct ServiceManager(UnixDatagram);

impl ServiceManager {
    fn listening(folder: &TempDir) -> Self {
        Self(UnixDatagram::bind(folder.path().join("notify")).expect("a socket"))
    }

    /// Everything that is said up to the message with some line.
    async fn hears(&self, line: &str) -> Vec<String> {
        let mut heard: Vec<String> = Vec::new();
        let listening = async {
            while !heard.iter().any(|heard| heard == line) {
                let mut bytes = [0; 4096];
                let length = self.0.recv(&mut bytes).await.expect("a socket");
                heard.extend(String::from_utf8_lossy(&bytes[..length]).lines().map(str::to_owned));
            }
        };
        let in_time = timeout(PATIENCE, listening).await;
        assert!(in_time.is_ok(), "no {line}, but {heard:?}");
        heard
    }
}

fn bot(folder: &TempDir, network: SocketAddr) -> Process {
    let file = |name: &str| folder.path().join(name).display().to_string();
    let config = format!(
        "store = 'sqlite:{}'\n[irc]\nnetwork = 'quiet'\nserver = '127.0.0.1'\nport = {}\ntls = false\nchannel = '#ptg'\n",
        file("board.sqlite"),
        network.port()
    );
    std::fs::write(file("ptgbot.toml"), config).expect("the folder is writable");
    let mut command = Command::new(built("ptgbot-irc"));
    command.arg("--config").arg(file("ptgbot.toml")).env_remove("PTGBOT_LOG").env_remove("PTGBOT_IRC_PASSWORD");
    // Half a second.
    command.env("NOTIFY_SOCKET", file("notify")).env("WATCHDOG_USEC", "500000").env_remove("WATCHDOG_PID");
    Process::start("ptgbot-irc", command)
}

/// Reads what the bot says, up to a line that begins so.
async fn hears_of(connection: &mut BufReader<TcpStream>, start: &str) {
    let mut line = String::new();
    while !line.starts_with(start) {
        line.clear();
        let read = timeout(PATIENCE, connection.read_line(&mut line)).await.expect("it speaks in time");
        assert_ne!(read.expect("a line"), 0, "it goes on");
    }
}
