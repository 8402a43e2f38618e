//! How many connections there may be, and how each is set up.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
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
    pub(super) fn new() -> Self {
        let limit = limit();
        Self {
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
            connections: Arc::new(Semaphore::new(limit)),
            listeners: Arc::new(Semaphore::new(limit - limit / 4)),
        }
    }
}

/// As many as this process may have files open, less some for everything else.
fn limit() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(u64::MAX).min(OPEN_FILES);
    let raised = current.is_some_and(|current| current < wanted)
        && setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }).is_ok();
    let open = if raised { wanted } else { current.unwrap_or(OPEN_FILES).min(OPEN_FILES) };
    usize::try_from(open).unwrap_or(0).saturating_sub(RESERVED).max(RESERVED)
}

/// Makes a connection quick, and ends it where somebody asks for much and takes nothing. It works without, too.
pub(super) fn prepare(stream: &TcpStream) {
    stream.set_nodelay(true).ok();
    rustix::net::sockopt::set_tcp_user_timeout(stream, STALLED_MS).ok();
}

const STALLED_MS: u32 = 60_000;
const OPEN_FILES: u64 = 32 << 10;
const RESERVED: usize = 64;
