//! The name of a process in a lease, and whether the process behind such a name has ended.

use std::fs;
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

/// True when a process is known to have ended: one of this machine, since its last start, that is there no more.
pub(crate) fn has_ended(name: &str) -> bool {
    let ours = new_name();
    let (ours, theirs): (Vec<_>, Vec<_>) = (ours.split(' ').collect(), name.split(' ').collect());
    let ([.., number, began_at, _], true) = (&theirs[..], ours.len() == theirs.len() && ours[..3] == theirs[..3])
    else {
        return false;
    };
    number.parse().is_ok_and(|number| !ours[1].is_empty() && began(number).as_deref() != Some(began_at))
}

/// When a process began, in ticks since the machine's start; `None` where there is none, or only its status that nobody
/// has asked for yet.
fn began(process: u32) -> Option<String> {
    let state = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat")).ok()?;
    // The name in brackets may hold anything.
    let (_, behind_name) = state.rsplit_once(')')?;
    let mut fields = behind_name.split_whitespace();
    let is_zombie = matches!(fields.clone().next(), Some("Z" | "X"));
    fields.nth(BEGAN).filter(|_| !is_zombie).map(str::to_owned)
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
    fn a_process_whose_end_nobody_has_looked_at_has_ended() {
        let mut child = std::process::Command::new("true").spawn().expect("it is on every machine");
        while began(child.id()).is_some() {
            std::thread::yield_now();
        }
        child.wait().expect("a child of ours");
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
