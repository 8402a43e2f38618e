//! How many connections there may be, and how each is set up.

use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

/// How many connections there may be at a time, and how many of them may be event streams.
pub(super) struct Places {
    pub(super) limit: u32,
    pub(super) connections: Arc<Semaphore>,
    pub(super) listeners: Arc<Semaphore>,
}

impl Places {
    /// Where nothing else has connections.
    pub(super) fn new() -> Self {
        Self::beside(0)
    }

    /// Beside so many connections of other kinds.
    pub(super) fn beside(others: usize) -> Self {
        let limit = limit(open_files(), others);
        Self {
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
            connections: Arc::new(Semaphore::new(limit)),
            listeners: Arc::new(Semaphore::new(limit - limit / 4)),
        }
    }
}

/// As many as this process may have files open, less what others take and some for everything else; a few in any case.
fn limit(open: u64, others: usize) -> usize {
    let open = usize::try_from(open).unwrap_or(0);
    if open < others.saturating_add(2 * RESERVED) {
        tracing::warn!(open, "this process may not have enough files open for all that it is asked to keep");
    }
    open.saturating_sub(RESERVED).saturating_sub(others).max(RESERVED)
}

/// Makes a connection quick, and ends it where somebody asks for much and takes nothing. It works without, too.
pub(super) fn prepare(stream: &TcpStream) {
    stream.set_nodelay(true).ok();
    end_when_stalled(stream);
}

/// How many files this process may have open, once it has asked for as many as it can use.
#[cfg(unix)]
fn open_files() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(u64::MAX).min(OPEN_FILES);
    let raised = current.is_some_and(|current| current < wanted)
        && setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }).is_ok();
    if raised { wanted } else { current.unwrap_or(OPEN_FILES).min(OPEN_FILES) }
}

/// On Windows only memory limits them.
#[cfg(not(unix))]
fn open_files() -> u64 {
    OPEN_FILES
}

#[cfg(target_os = "linux")]
fn end_when_stalled(stream: &TcpStream) {
    const STALLED_MS: u32 = 60_000;
    rustix::net::sockopt::set_tcp_user_timeout(stream, STALLED_MS).ok();
}

/// When to give such a connection up is left to the system.
#[cfg(not(target_os = "linux"))]
fn end_when_stalled(_: &TcpStream) {}

const OPEN_FILES: u64 = 32 << 10;
const RESERVED: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_connections_leave_files_for_the_connections_of_loaded_boards() {
        assert_eq!(limit(1024, 0), 1024 - RESERVED);
        assert_eq!(limit(1024, 200), 1024 - RESERVED - 200);
        assert_eq!(limit(100, 200), RESERVED);
    }
}
