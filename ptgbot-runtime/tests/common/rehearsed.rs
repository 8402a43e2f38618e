//! `ptgbot rehearse` as a process of its own, with somebody at its input.

use super::{Answer, DEADLINE, ptgbot, served};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;

/// A running `ptgbot rehearse`; it ends with the test.
pub(crate) struct Rehearsed {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    address: String,
}

impl Rehearsed {
    /// Starts it, and waits until it says where its page is.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = ptgbot(&["rehearse", "--listen", "127.0.0.1:0"]);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let (input, stdout) = (child.stdin.take(), child.stdout.take().expect("a pipe"));
        let (says, lines) = mpsc::channel();
        thread::spawn(move || {
            BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| says.send(line))
        });
        let mut rehearsed = Self { child, input, lines, address: String::new() };
        let line = rehearsed.says("http://");
        rehearsed.address = line.split_once("http://").expect("an address").1.to_owned();
        rehearsed
    }

    /// What is typed.
    pub(crate) fn type_in(&mut self, line: &str) {
        writeln!(self.input.as_mut().expect("it is open"), "{line}").expect("it reads");
    }

    /// Nothing more is typed.
    pub(crate) fn stop_typing(&mut self) {
        self.input = None;
    }

    /// The next line that it prints with these words.
    pub(crate) fn says(&mut self, words: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(DEADLINE).unwrap_or_else(|error| panic!("{words} is not said: {error}"));
            if line.contains(words) {
                return line;
            }
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        served::get(&self.address, path, "")
    }

    /// Asks until the answer is as meant.
    pub(crate) fn answers(&self, path: &str, is_meant: impl Fn(&Answer) -> bool) -> Answer {
        served::answers(&self.address, path, is_meant)
    }
}

impl Drop for Rehearsed {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
