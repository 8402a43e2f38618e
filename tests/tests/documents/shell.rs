//! A command in bash, with what it prints and what is typed into it.

use crate::place::{Place, samples};
use ptgbot_tests::deadline::PATIENCE;
use ptgbot_tests::transcript::Transcript;
use rustix::process::{Pid, Signal, kill_process_group};
use std::env;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

/// A command that was started. It ends, with all that it started, when this is dropped.
pub(crate) struct Running {
    child: Child,
    input: Option<ChildStdin>,
    group: Option<Pid>,
    printed: Transcript,
}

impl Running {
    /// Starts a script where the one before has left off: in its folder, with the variables that it exported.
    pub(crate) fn start(script: &str, place: &Place) -> Self {
        let left = place.programs().join(".left");
        let left = left.display();
        let whole = format!(
            "exec 2>&1\n[ -f {left} ] && . {left}\nset -o pipefail\n{script}\nstatus=$?\n\
             {{ export -p; printf 'cd %q\\n' \"$PWD\"; }} >{left}\nexit $status\n"
        );
        let path = env::var("PATH").unwrap_or_default();
        let mut command = Command::new("bash");
        command.args(["-c", &whole]).current_dir(place.here()).process_group(0);
        command.env("PATH", format!("{}:{path}", place.programs().display())).env("PTGBOT_SAMPLES", samples());
        command.env("HOME", place.here()).env("NO_COLOR", "1").env_remove("RUST_LOG");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("bash runs");
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let (input, output) = (child.stdin.take(), child.stdout.take().expect("a pipe"));
        let printed = Transcript::new();
        let copy = printed.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(output).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                copy.push(line);
            }
            copy.end();
        });
        Self { child, input, group, printed }
    }

    /// What it has printed.
    pub(crate) fn printed(&self) -> &Transcript {
        &self.printed
    }

    /// Types a line.
    pub(crate) async fn types(&mut self, line: &str) {
        let input = self.input.as_mut().expect("it is open until nothing more is typed");
        // Whether it still listened is told by what it prints.
        drop(input.write_all(format!("{line}\n").as_bytes()).await);
    }

    /// Nothing more is typed.
    pub(crate) fn nothing_more(&mut self) {
        self.input = None;
    }

    /// Waits for its end, and for all that it has printed.
    pub(crate) async fn ended(&mut self, at: &str) -> ExitStatus {
        let Ok(status) = timeout(PATIENT, self.child.wait()).await else {
            panic!("{at}: it still runs; it printed {}", self.printed.tail());
        };
        // What it has left behind may hold its output open.
        self.signal(Signal::TERM);
        self.printed.wait_for_end("its output", PATIENCE).await.expect("its output ends with it");
        status.expect("a child of ours can be waited for")
    }

    /// Asks it to end, as Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // It may have ended.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// Commands may build, or wait for the disk.
const PATIENT: Duration = Duration::from_secs(120);
