//! The machine: its name, which start of it this is, and how long it has been on, by a clock that all its processes share
//! and nobody sets.
//!
//! The start is known on Linux alone. Elsewhere all starts look alike, so nothing is concluded from it.
//!
//! A clock that is not set has every Unix. Elsewhere (Windows) std has none that processes share: there it is the system's
//! clock, and whoever sets that, forward or back, ends what lasts by it.

pub(crate) use here::{name, start};
#[cfg(feature = "sqlite")]
pub(crate) use uptime::{awake, since_start};

#[cfg(target_os = "linux")]
mod here {
    use std::fs;

    /// What the machine is called, in one word; empty where it has no name.
    pub(crate) fn name() -> String {
        told("hostname")
    }

    /// Which start of the machine this is, in one word; empty where that cannot be known.
    pub(crate) fn start() -> String {
        told("random/boot_id")
    }

    fn told(name: &str) -> String {
        let text = fs::read_to_string(format!("/proc/sys/kernel/{name}"));
        text.unwrap_or_default().split_whitespace().collect()
    }
}

#[cfg(not(target_os = "linux"))]
mod here {
    #[cfg(unix)]
    pub(crate) fn name() -> String {
        rustix::system::uname().nodename().to_string_lossy().split_whitespace().collect()
    }

    #[cfg(not(unix))]
    pub(crate) fn name() -> String {
        std::env::var("COMPUTERNAME").unwrap_or_default().split_whitespace().collect()
    }

    pub(crate) fn start() -> String {
        String::new()
    }
}

#[cfg(all(unix, feature = "sqlite"))]
mod uptime {
    use rustix::time::{ClockId, clock_gettime};
    use std::time::Duration;

    /// Since the machine was started, sleep included where the system counts it (Linux and macOS do).
    pub(crate) fn since_start() -> Duration {
        #[cfg(target_os = "linux")]
        let clock = ClockId::Boottime;
        #[cfg(not(target_os = "linux"))]
        let clock = ClockId::Monotonic;
        of(clock)
    }

    /// Since the machine was started, for what takes less than a second: whether sleep counts is the system's.
    pub(crate) fn awake() -> Duration {
        of(ClockId::Monotonic)
    }

    /// Neither clock is ever before its start.
    fn of(clock: ClockId) -> Duration {
        clock_gettime(clock).try_into().unwrap_or_default()
    }
}

#[cfg(all(not(unix), feature = "sqlite"))]
mod uptime {
    use crate::clock::{Clock, SystemClock};
    use std::time::Duration;

    pub(crate) fn since_start() -> Duration {
        Duration::from_micros(SystemClock.now().timestamp_micros().unsigned_abs())
    }

    pub(crate) fn awake() -> Duration {
        since_start()
    }
}
