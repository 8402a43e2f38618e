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
    /// When it writes all the time, or has ended.
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
        let threads = self.id().and_then(|id| fs::read_dir(format!("/proc/{id}/task")).ok());
        let files = threads.into_iter().flatten().flatten();
        let states = files.filter_map(|thread| fs::read_to_string(thread.path().join("stat")).ok());
        let states: Vec<_> =
            states.filter_map(|state| state.rsplit_once(") ").and_then(|(_, state)| state.chars().next())).collect();
        let has_ended = states.iter().all(|state| matches!(state, 'X' | 'Z'));
        assert!(!has_ended, "it has ended; it wrote {}", self.output().tail());
        states.iter().all(|state| *state == 'T')
    }
}

/// Whether nobody reads or writes a store at this moment.
fn is_free(path: &Path) -> bool {
    let connection = Connection::open(path).expect("a store");
    connection.busy_timeout(Duration::ZERO).expect("nothing is in its way");
    connection.execute_batch("BEGIN EXCLUSIVE; ROLLBACK").is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::process::Command;

    #[tokio::test]
    #[should_panic(expected = "it has ended")]
    async fn a_process_that_has_ended_does_not_count_as_paused() {
        let mut process = Process::start("true", Command::new("true"));
        process.wait(PATIENCE).await;
        process.pause_between_writes("memory:").await;
    }

    #[tokio::test]
    #[should_panic(expected = "it has ended")]
    async fn nor_does_one_of_which_nobody_has_taken_leave() {
        let process = Process::start("false", Command::new("false"));
        wait_until("its end", PATIENCE, || async { process.output().has_ended().then_some(()) })
            .await
            .expect("it ends");
        process.pause_between_writes("memory:").await;
    }
}
