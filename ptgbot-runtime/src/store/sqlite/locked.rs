//! Which process keeps a file locked: one that hangs inside a write keeps it from everybody until it is ended.

use super::found::beside;
use crate::system::locks;
use std::path::Path;
use std::process;

/// What keeps a store locked, in words for whoever runs the bot.
pub(in crate::store) fn locked(path: &Path) -> String {
    match keeper(path, process::id()) {
        Some(keeper) => format!("process {keeper} keeps it locked, and must be ended (kill -9 {keeper}) if it hangs"),
        None => "another program keeps it locked".to_owned(),
    }
}

/// The process beside ours that has a lock for writing on a store.
fn keeper(path: &Path, ours: u32) -> Option<u32> {
    locks::keeper(&[path.to_owned(), beside(path, "-shm")], ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_inside_a_write_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("board.db");
        let database = rusqlite::Connection::open(&path).expect("a database");
        assert_eq!(keeper(&path, 0), None);
        database.execute_batch("CREATE TABLE t (x); BEGIN IMMEDIATE").expect("a write");
        assert_eq!(keeper(&path, 0), Some(process::id()));
        assert_eq!(locked(&path), "another program keeps it locked", "a process does not wait for itself to end");
    }
}
