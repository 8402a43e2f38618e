//! `ptgbot serve` as a process of its own, and what it answers.

use super::{DEADLINE, ptgbot};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Instant;

/// A running `ptgbot serve`; it ends with the test.
pub(crate) struct Served {
    child: Child,
    address: String,
}

/// An answer of the web server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Each header as it came, but for the time of the answer.
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
}

impl Served {
    pub(crate) fn start(store: &str) -> Self {
        let mut command = ptgbot(&["serve", "--store", store, "--listen", "127.0.0.1:0"]);
        let mut child = command.env_remove("PTGBOT_LOG").stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines().map_while(Result::ok);
        let found = lines.find_map(|line| Some(line.split_once("the page is at http://")?.1.trim().to_owned()));
        let address = found.expect("it says where it is");
        // Whoever logs must not wait for a reader.
        thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    pub(crate) fn get(&self, path: &str, headers: &str) -> Answer {
        get(&self.address, path, headers)
    }

    /// Asks until the answer is as meant.
    pub(crate) fn answers(&self, path: &str, is_meant: impl Fn(&Answer) -> bool) -> Answer {
        answers(&self.address, path, is_meant)
    }
}

/// What a web server answers, where `headers` are some more of the request.
pub(super) fn get(address: &str, path: &str, headers: &str) -> Answer {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(DEADLINE)).expect("a timeout");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n").expect("it listens");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer in time");
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let mut lines = head.lines().map(str::to_owned);
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
    let headers = lines.filter(|line| !line.starts_with("date: ")).collect();
    Answer { status, headers, body: body.to_owned() }
}

/// Asks until the answer is as meant.
pub(super) fn answers(address: &str, path: &str, is_meant: impl Fn(&Answer) -> bool) -> Answer {
    let end = Instant::now() + DEADLINE;
    loop {
        let answer = get(address, path, "");
        match is_meant(&answer) {
            true => return answer,
            false if Instant::now() < end => thread::yield_now(),
            false => panic!("{path} still answers {answer:?}"),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
