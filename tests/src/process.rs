//! A program under test or one of its counterparts, killed when the test ends.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use regex::Regex;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::deadline::PATIENCE;
use crate::skip;
use crate::transcript::Transcript;

/// A running child process whose output is kept line by line.
///
/// Dropping it kills it. Standard input is closed unless the command says
/// otherwise.
#[derive(Debug)]
pub struct Process {
    name: String,
    command: Command,
    child: Child,
    output: Transcript,
}

/// What it has written helps whoever looks into a test that has failed.
impl Drop for Process {
    #[expect(clippy::print_stderr, reason = "it stands in the test's own output")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{} wrote {:#?}", self.name, self.output.lines());
        }
    }
}

impl Process {
    /// Starts a command. The name is for messages only.
    pub fn start(name: &str, mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let (child, output) = spawn(name, &mut command);
        Self { name: name.to_owned(), command, child, output }
    }

    /// What it has written since its last start, standard output and standard
    /// error mixed as they came.
    pub fn output(&self) -> &Transcript {
        &self.output
    }

    /// Its process id, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Whether it has not ended yet.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for a line of output that matches, from its last start on.
    ///
    /// # Panics
    /// When none comes in time or the process ends first; shows its output.
    pub async fn wait_for_line(&self, pattern: &str) -> String {
        let pattern = Regex::new(pattern).expect("the test gives a valid pattern");
        let what = format!("a line like {:?} from {}", pattern.as_str(), self.name);
        match self.output.wait_for(&what, PATIENCE, 0, |line| pattern.is_match(line)).await {
            Ok((_, line)) => line,
            Err(late) => panic!("{late}; it wrote {}", self.output.tail()),
        }
    }

    /// Asks it to end with SIGTERM.
    pub fn terminate(&self) {
        self.send(Signal::TERM);
    }

    /// Ends it with SIGQUIT: at once, but by itself.
    pub fn quit(&self) {
        self.send(Signal::QUIT);
    }

    /// Ends it with SIGKILL, as a crash would.
    pub fn kill(&self) {
        self.send(Signal::KILL);
    }

    /// Stops it where it is, with SIGSTOP: to others it seems to run.
    pub fn pause(&self) {
        self.send(Signal::STOP);
    }

    /// Lets it go on after [`pause`](Self::pause).
    pub fn resume(&self) {
        self.send(Signal::CONT);
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it still runs at the deadline; shows its output.
    pub async fn wait(&mut self, deadline: Duration) -> ExitStatus {
        match timeout(deadline, self.child.wait()).await {
            Ok(status) => status.expect("a child of ours can be waited for"),
            Err(_) => panic!("{} still runs after {deadline:.1?}; it wrote {}", self.name, self.output.tail()),
        }
    }

    /// Ends it, gently first, and waits for its end.
    pub async fn stop(&mut self) -> ExitStatus {
        self.terminate();
        if let Ok(status) = timeout(GENTLE, self.child.wait()).await {
            return status.expect("a child of ours can be waited for");
        }
        self.kill();
        self.wait(PATIENCE).await
    }

    /// Starts the same command again, after its end; its output begins anew.
    pub async fn start_again(&mut self) {
        if self.is_running() {
            self.stop().await;
        }
        self.revive();
    }

    /// Starts the same command again if it has ended.
    pub fn revive(&mut self) {
        if !self.is_running() {
            (self.child, self.output) = spawn(&self.name, &mut self.command);
        }
    }

    fn send(&self, signal: Signal) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(id) = id.and_then(Pid::from_raw) {
            // It may have ended in between, which is what was wanted.
            let _ = kill_process(id, signal);
        }
    }
}

/// A command that ends with this test process, even when that is killed, and
/// that runs as an ordinary user when we are root: some servers insist on it.
/// `folder` and all in it are given to that user.
pub fn unprivileged(program: &Path, folder: &Path) -> Command {
    let Some(setpriv) = skip::program("setpriv") else {
        return Command::new(program);
    };
    let mut command = Command::new(setpriv);
    command.arg("--pdeathsig=KILL");
    if rustix::process::geteuid().is_root() {
        let (user, group) = ordinary_user();
        give(folder, user, group);
        command.arg(format!("--reuid={user}")).arg(format!("--regid={group}")).arg("--clear-groups");
    }
    command.arg(program);
    command.current_dir(folder);
    let libraries = skip::unpacked().join("usr/lib/x86_64-linux-gnu");
    if libraries.is_dir() {
        command.env("LD_LIBRARY_PATH", libraries);
    }
    command
}

/// A port of 127.0.0.1 that nobody listens on and that no other caller in this
/// process gets.
///
/// It lies below the ports that outgoing connections use, so a server that
/// restarts finds it still free. Test processes start at different places.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let place = std::process::id() * 37 + NEXT.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(FIRST_PORT + place % PORTS).expect("the range fits");
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn spawn(name: &str, command: &mut Command) -> (Child, Transcript) {
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => panic!("cannot start {name}: {error}"),
    };
    let output = Transcript::new();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let copied = output.clone();
    tokio::spawn(async move {
        tokio::join!(copy(stdout, &copied), copy(stderr, &copied));
        copied.end();
    });
    (child, output)
}

async fn copy(source: Option<impl AsyncRead + Unpin>, to: &Transcript) {
    let Some(source) = source else { return };
    let mut lines = BufReader::new(source).split(b'\n');
    while let Ok(Some(line)) = lines.next_segment().await {
        to.push(String::from_utf8_lossy(&line).trim_end().to_owned());
    }
}

/// User and group id of `irc`, else `nobody`, by the password file.
fn ordinary_user() -> (u32, u32) {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    ["irc", "nobody"]
        .iter()
        .find_map(|name| {
            let mut fields =
                users.lines().map(|line| line.split(':')).find(|fields| fields.clone().next() == Some(*name))?;
            Some((fields.nth(2)?.parse().ok()?, fields.next()?.parse().ok()?))
        })
        .unwrap_or((65534, 65534))
}

fn give(path: &Path, user: u32, group: u32) {
    std::os::unix::fs::chown(path, Some(user), Some(group)).expect("root may give files away");
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("the folder is ours") {
            give(&entry.expect("the folder is ours").path(), user, group);
        }
    }
}

const FIRST_PORT: u32 = 12_000;
const PORTS: u32 = 18_000;
const GENTLE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Process {
        let mut command = Command::new("sh");
        command.arg("-c").arg(script);
        Process::start("sh", command)
    }

    #[tokio::test]
    async fn output_is_kept_line_by_line_and_anew_after_a_restart() {
        let mut process = shell("echo one; echo two >&2; exec sleep 60");
        process.wait_for_line("^one$").await;
        process.wait_for_line("^t.o$").await;
        assert!(process.is_running());
        process.start_again().await;
        process.wait_for_line("^two$").await;
        process.kill();
        assert!(!process.wait(PATIENCE).await.success());
    }

    #[tokio::test]
    async fn the_end_of_a_process_gives_its_status() {
        let mut process = shell("exit 3");
        assert_eq!(process.wait(PATIENCE).await.code(), Some(3));
        assert!(!process.is_running());
    }

    #[test]
    fn two_free_ports_differ() {
        assert_ne!(free_port(), free_port());
    }
}
