//! The name of a process in a lease, and whether the process behind such a name has ended.

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

/// A new name of this process, for one bot of it: its machine, the machine's start, the processes among which it counts,
/// its number among them, when it began, and which bot.
pub(crate) fn new_name() -> String {
    let [machine, start] = ["hostname", "random/boot_id"].map(|name| text(&format!("/proc/sys/kernel/{name}")));
    let processes = fs::read_link(NAMESPACE).map(|link| link.display().to_string()).unwrap_or_default();
    let number = std::process::id();
    let began = began(number).unwrap_or_default();
    let bot = BOTS.fetch_add(1, Ordering::Relaxed);
    [machine, start, processes, number.to_string(), began, bot.to_string()].join(" ")
}

/// A process as its name is told to people: by its number and its machine. A name of another form stands for itself.
pub(crate) fn told(name: &str) -> String {
    match name.split(' ').collect::<Vec<_>>()[..] {
        [machine, _, _, number, _, _] if !machine.is_empty() => format!("process {number} on {machine}"),
        _ => name.to_owned(),
    }
}

/// True when a process is known to have ended: one of this machine, since its last start, that is there no more. Of one
/// that this process may not see nothing is known.
pub(crate) fn has_ended(name: &str) -> bool {
    let ours = new_name();
    let (ours, theirs): (Vec<_>, Vec<_>) = (ours.split(' ').collect(), name.split(' ').collect());
    let ([.., number, began_at, _], true) = (&theirs[..], ours.len() == theirs.len() && ours[..3] == theirs[..3])
    else {
        return false;
    };
    let is_over = |number| match seen(status(number), || answers(number)) {
        Seen::Began(at) => at != *began_at,
        Seen::Gone => true,
        Seen::Unknown => false,
    };
    !ours[1].is_empty() && number.parse().is_ok_and(is_over)
}

/// When a process began, in ticks since the machine's start; `None` where there is none, or only its status that nobody
/// has asked for yet.
fn began(process: u32) -> Option<String> {
    match seen(status(process), || answers(process)) {
        Seen::Began(at) => Some(at),
        Seen::Gone | Seen::Unknown => None,
    }
}

/// What can be seen of a process.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    /// It runs since then.
    Began(String),
    Gone,
    /// It may run, hidden from us (`hidepid`, systemd's `ProtectProc`).
    Unknown,
}

/// By the status of a process, and where that cannot be read by what a signal to it would lead to: this finds also what
/// is hidden.
fn seen(status: io::Result<String>, answers: impl FnOnce() -> Result<(), Errno>) -> Seen {
    let Ok(status) = status else {
        return if answers() == Err(Errno::SRCH) { Seen::Gone } else { Seen::Unknown };
    };
    // The name in brackets may hold anything.
    let Some((_, behind_name)) = status.rsplit_once(')') else { return Seen::Unknown };
    let mut fields = behind_name.split_whitespace();
    if matches!(fields.clone().next(), Some("Z" | "X")) {
        return Seen::Gone;
    }
    fields.nth(BEGAN).map_or(Seen::Unknown, |at| Seen::Began(at.to_owned()))
}

fn status(process: u32) -> io::Result<String> {
    fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat"))
}

/// Whether a signal could be sent; none is.
fn answers(process: u32) -> Result<(), Errno> {
    let number = i32::try_from(process).ok().and_then(Pid::from_raw);
    number.map_or(Err(Errno::SRCH), test_kill_process)
}

fn text(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().split_whitespace().collect()
}

static BOTS: AtomicU32 = AtomicU32::new(1);
const NAMESPACE: &str = "/proc/self/ns/pid";
/// `starttime`, counted from behind the name (proc(5)).
const BEGAN: usize = 19;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_runs_has_not_ended_and_one_that_is_gone_has() {
        let ours = new_name();
        assert!(ours != new_name() && !has_ended(&ours));
        let number = std::process::id().to_string();
        let of_another_start = ours.replace(&began(std::process::id()).expect("it runs"), "1");
        assert!(has_ended(&of_another_start), "another process had the number before");
        let gone = ours.replacen(&format!(" {number} "), " 4194304 ", 1);
        assert!(has_ended(&gone));
    }

    #[test]
    fn people_are_told_a_number_and_a_machine() {
        assert_eq!(told("vm b731ee8b-1c pid:[4026531836] 4907 3575392 1"), "process 4907 on vm");
        assert_eq!(told(&new_name()).split(' ').nth(1), Some(std::process::id().to_string().as_str()));
        for other in ["", "bot-2", " b c d e f"] {
            assert_eq!(told(other), other);
        }
    }

    #[test]
    fn a_process_whose_end_nobody_has_looked_at_has_ended() {
        let mut child = std::process::Command::new("true").spawn().expect("it is on every machine");
        while began(child.id()).is_some() {
            std::thread::yield_now();
        }
        child.wait().expect("a child of ours");
    }

    #[test]
    fn a_process_that_is_hidden_has_not_ended() {
        let hidden = || Err(io::ErrorKind::NotFound.into());
        assert_eq!(seen(hidden(), || Err(Errno::SRCH)), Seen::Gone);
        for answer in [Err(Errno::PERM), Ok(()), Err(Errno::ACCESS)] {
            assert_eq!(seen(hidden(), || answer), Seen::Unknown, "{answer:?}");
        }
        assert_eq!(seen(Ok("1 (a".into()), || Err(Errno::SRCH)), Seen::Unknown);
    }

    #[test]
    fn of_processes_elsewhere_nothing_is_known() {
        let ours = new_name();
        let elsewhere = format!("other{}", ours.replacen(&std::process::id().to_string(), "4194304", 1));
        for name in [elsewhere.as_str(), "", "bot-2", "a b c d e f"] {
            assert!(!has_ended(name), "{name}");
        }
    }
}
