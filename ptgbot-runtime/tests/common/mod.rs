//! Running `ptgbot` as users do: as a process of its own.

#![allow(dead_code, unused_imports, reason = "each test file uses a part")]

mod rehearsed;
mod served;

pub(crate) use rehearsed::Rehearsed;
pub(crate) use served::{Answer, Served};

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

/// How long anything may take before a test fails.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// The program, not started yet.
pub(crate) fn ptgbot(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ptgbot"));
    command.args(arguments);
    command
}

/// Runs a command to its end with some standard input.
pub(crate) fn run(arguments: &[&str], input: &str) -> Output {
    let mut command = ptgbot(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_owned();
    // A command that fails may not read its input.
    let writing = thread::spawn(move || stdin.write_all(input.as_bytes()).ok());
    let output = child.wait_with_output().expect("the program ends");
    writing.join().expect("the writer ends");
    output
}

/// What a finished command printed, as JSON lines.
pub(crate) fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

/// The address of a store in a folder.
pub(crate) fn store_in(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("board.db").display())
}

/// A running `ptgbot stdio`.
pub(crate) struct Bot {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<Value>,
}

impl Bot {
    pub(crate) fn start(store: &str) -> Self {
        let mut command = ptgbot(&["stdio", "--store", store]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let input = child.stdin.take();
        let stdout = child.stdout.take().expect("a pipe");
        let (lines, output) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                // A killed process may leave half a line.
                let Ok(line) = line.map_err(drop).and_then(|line| serde_json::from_str(&line).map_err(drop)) else {
                    return;
                };
                if lines.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, input, output }
    }

    /// Sends a line; false when nobody reads any more.
    pub(crate) fn send(&mut self, line: &Value) -> bool {
        let Some(input) = &mut self.input else { return false };
        writeln!(input, "{line}").is_ok()
    }

    /// An op's message in the channel.
    pub(crate) fn say(&mut self, id: &str, text: &str) -> bool {
        self.send(&json!({"id": id, "room": "#ptg", "from": "jane", "role": "op", "text": text}))
    }

    /// The next line; `None` when there will be none.
    pub(crate) fn next(&mut self) -> Option<Value> {
        match self.output.recv_timeout(DEADLINE) {
            Ok(line) => Some(line),
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("no line in time"),
        }
    }

    /// All lines up to the next `done`.
    pub(crate) fn until_done(&mut self) -> Vec<Value> {
        let mut lines = Vec::new();
        loop {
            let line = self.next().expect("a done line");
            let is_done = line["type"] == "done";
            lines.push(line);
            if is_done {
                return lines;
            }
        }
    }

    /// Ends the input and waits for the exit status.
    pub(crate) fn finish(mut self) -> Option<i32> {
        self.input = None;
        self.child.wait().expect("the program ends").code()
    }

    /// Ends the process as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("the program ends");
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
