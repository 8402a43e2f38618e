//! Stopping a process at a moment when nobody waits for it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use crate::deadline::{PATIENCE, wait_until};
use crate::process::Process;

impl Process {
    /// Stops it where it is with SIGSTOP, though not within a write to its store: whoever stops there keeps a file
    /// from all others, and nobody can act for it until it ends. `store` is the store's address.
    ///
    /// # Panics
    /// When it writes all the time.
    pub async fn pause_between_writes(&self, store: &str) {
        let stopped = wait_until("a moment between two writes", PATIENCE, || async {
            self.pause();
            wait_until("its rest", PATIENCE, || async { self.is_paused().then_some(()) }).await.ok()?;
            let is_free = store.strip_prefix("sqlite:").is_none_or(|path| is_free(Path::new(path)));
            if !is_free {
                self.resume();
            }
            is_free.then_some(())
        });
        stopped.await.unwrap_or_else(|late| panic!("{late}"));
    }

    /// Whether none of its threads runs; proc(5).
    fn is_paused(&self) -> bool {
        let Some(threads) = self.id().and_then(|id| fs::read_dir(format!("/proc/{id}/task")).ok()) else {
            return false;
        };
        let mut states = threads.flatten().filter_map(|thread| fs::read_to_string(thread.path().join("stat")).ok());
        states.all(|state| state.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('T')))
    }
}

/// Whether nobody reads or writes a store at this moment.
fn is_free(path: &Path) -> bool {
    let connection = Connection::open(path).expect("a store");
    connection.busy_timeout(Duration::ZERO).expect("nothing is in its way");
    connection.execute_batch("BEGIN EXCLUSIVE; ROLLBACK").is_ok()
}
