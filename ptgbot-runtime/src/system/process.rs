//! Processes of this machine: what sets one apart, and whether it runs yet. Only Linux tells enough of a process that its end
//! can be known; elsewhere a process may always run yet.

pub(crate) use here::{beginning, namespace, seen};

/// What can be seen of a process.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "nothing can be seen there"))]
pub(crate) enum Seen {
    /// It runs since then.
    Began(String),
    Gone,
    /// It may run: nothing is known, or it is hidden from us (`hidepid`, systemd's `ProtectProc`).
    Unknown,
}

#[cfg(target_os = "linux")]
mod here {
    use super::Seen;
    use rustix::io::Errno;
    use rustix::process::{Pid, test_kill_process};
    use std::fs;
    use std::io;
    use std::path::Path;

    /// When this process began, in a form that no other process has that had its number; empty where that is not known.
    pub(crate) fn beginning() -> String {
        match seen(std::process::id()) {
            Seen::Began(at) => at,
            Seen::Gone | Seen::Unknown => String::new(),
        }
    }

    /// The processes among which this one is counted.
    pub(crate) fn namespace() -> String {
        fs::read_link(NAMESPACE).map(|link| link.display().to_string()).unwrap_or_default()
    }

    /// What can be seen of the process of a number. It began so many ticks after the machine's start. One whose status alone
    /// is left, that nobody has asked for yet, is gone.
    pub(crate) fn seen(process: u32) -> Seen {
        seen_by(status(process), || answers(process))
    }

    /// By the status of a process, and where that cannot be read by what a signal to it would lead to: this finds also what
    /// is hidden.
    fn seen_by(status: io::Result<String>, answers: impl FnOnce() -> Result<(), Errno>) -> Seen {
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

    const NAMESPACE: &str = "/proc/self/ns/pid";
    /// `starttime`, counted from behind the name (proc(5)).
    const BEGAN: usize = 19;

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_process_whose_end_nobody_has_looked_at_is_gone() {
            let mut child = std::process::Command::new("true").spawn().expect("it is on every machine");
            while seen(child.id()) != Seen::Gone {
                std::thread::yield_now();
            }
            child.wait().expect("a child of ours");
        }

        #[test]
        fn a_process_that_is_hidden_may_run() {
            let hidden = || Err(io::ErrorKind::NotFound.into());
            assert_eq!(seen_by(hidden(), || Err(Errno::SRCH)), Seen::Gone);
            for answer in [Err(Errno::PERM), Ok(()), Err(Errno::ACCESS)] {
                assert_eq!(seen_by(hidden(), || answer), Seen::Unknown, "{answer:?}");
            }
            assert_eq!(seen_by(Ok("1 (a".into()), || Err(Errno::SRCH)), Seen::Unknown);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod here {
    use super::Seen;
    use crate::clock::{Clock, SystemClock};
    use std::sync::LazyLock;

    /// When this was asked first.
    pub(crate) fn beginning() -> String {
        static ASKED: LazyLock<String> = LazyLock::new(|| SystemClock.now().timestamp_micros().to_string());
        ASKED.clone()
    }

    pub(crate) fn namespace() -> String {
        String::new()
    }

    pub(crate) fn seen(_: u32) -> Seen {
        Seen::Unknown
    }
}
