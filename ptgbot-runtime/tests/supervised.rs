//! `ptgbot serve` under a service manager: what it hears through its socket, and when.

#![cfg(unix)]

mod common;

use common::{DEADLINE, ptgbot, run, store_in};
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Stdio};

/// The socket of a service manager that waits for a sign of life.
struct ServiceManager(UnixDatagram);

impl ServiceManager {
    fn of(command: &mut Command, folder: &Path) -> Self {
        let path = folder.join("notify");
        let socket = UnixDatagram::bind(&path).expect("a socket");
        socket.set_read_timeout(Some(DEADLINE)).expect("a timeout");
        // Half a second.
        command.env("NOTIFY_SOCKET", path).env("WATCHDOG_USEC", "500000").env_remove("WATCHDOG_PID");
        Self(socket)
    }

    /// Everything that is said up to some word.
    fn hears(&self, word: &str) -> Vec<String> {
        let mut heard = Vec::new();
        while !heard.iter().any(|line| line == word) {
            let mut bytes = [0; 4096];
            let length = self.0.recv(&mut bytes).unwrap_or_else(|error| panic!("no {word}, but {heard:?}: {error}"));
            heard.extend(String::from_utf8_lossy(&bytes[..length]).lines().map(str::to_owned));
        }
        heard
    }
}

#[test]
fn a_replica_is_ready_once_its_page_is_there_and_gives_signs_of_life_until_it_stops() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    assert!(run(&["import", "--store", &store, "-"], "{\"tracks\": [\"swift\"]}").status.success());
    let mut command = ptgbot(&["serve", "--store", &store, "--listen", "127.0.0.1:0"]);
    let manager = ServiceManager::of(&mut command, folder.path());
    let mut served = command.env_remove("PTGBOT_LOG").stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut log = BufReader::new(served.stderr.take().expect("a pipe")).lines().map_while(Result::ok);
    let heard = manager.hears("READY=1");
    assert!(heard.contains(&"STATUS=serving the page".to_owned()), "{heard:?}");
    let page = log.find_map(|line| Some(line.split_once("the page is at http://")?.1.trim().to_owned()));
    TcpStream::connect(page.expect("an address")).expect("it listens");
    for _ in 0..3 {
        manager.hears("WATCHDOG=1");
    }
    let id = rustix::process::Pid::from_child(&served);
    rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("it runs");
    manager.hears("STOPPING=1");
    assert!(served.wait().expect("it ends").success());
}

#[test]
fn who_has_no_store_is_never_ready() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = ptgbot(&["serve", "--store", &store_in(folder.path()), "--listen", "127.0.0.1:0"]);
    let ServiceManager(socket) = ServiceManager::of(&mut command, folder.path());
    assert_eq!(command.stderr(Stdio::null()).status().expect("it ends").code(), Some(1));
    socket.set_nonblocking(true).expect("a socket");
    assert!(socket.recv(&mut [0; 1]).is_err(), "nothing was said");
}
