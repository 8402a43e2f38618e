//! The name of a process in a lease, and whether the process behind such a name has ended.

use crate::system::machine;
use crate::system::process::{self, Seen};
use std::sync::atomic::{AtomicU32, Ordering};

/// A new name of this process, for one bot of it: its machine, the machine's start, the processes among which it counts,
/// its number among them, when it began, and which bot.
pub(crate) fn new_name() -> String {
    let number = std::process::id().to_string();
    let bot = BOTS.fetch_add(1, Ordering::Relaxed).to_string();
    [machine::name(), machine::start(), process::namespace(), number, process::beginning(), bot].join(" ")
}

/// A process as its name is told to people: by its number and its machine. A name of another form stands for itself.
pub(crate) fn told(name: &str) -> String {
    match name.split(' ').collect::<Vec<_>>()[..] {
        [machine, _, _, number, _, _] if !machine.is_empty() => format!("process {number} on {machine}"),
        _ => name.to_owned(),
    }
}

/// True when a process is known to have ended: one of this machine, since its last start, that is there no more. Of one
/// that this process may not see nothing is known, nor of any where the system does not tell.
pub(crate) fn has_ended(name: &str) -> bool {
    let ours = new_name();
    let (ours, theirs): (Vec<_>, Vec<_>) = (ours.split(' ').collect(), name.split(' ').collect());
    let ([.., number, began_at, _], true) = (&theirs[..], ours.len() == theirs.len() && ours[..3] == theirs[..3])
    else {
        return false;
    };
    let is_over = |number| match process::seen(number) {
        Seen::Began(at) => at != *began_at,
        Seen::Gone => true,
        Seen::Unknown => false,
    };
    !ours[1].is_empty() && number.parse().is_ok_and(is_over)
}

static BOTS: AtomicU32 = AtomicU32::new(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_that_runs_has_not_ended_and_one_that_is_gone_has() {
        let ours = new_name();
        assert!(ours != new_name() && !has_ended(&ours));
        let number = std::process::id().to_string();
        let of_another_start = ours.replace(&process::beginning(), "1");
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
    fn of_processes_elsewhere_nothing_is_known() {
        let ours = new_name();
        let elsewhere = format!("other{}", ours.replacen(&std::process::id().to_string(), "4194304", 1));
        for name in [elsewhere.as_str(), "", "bot-2", "a b c d e f"] {
            assert!(!has_ended(name), "{name}");
        }
    }
}
