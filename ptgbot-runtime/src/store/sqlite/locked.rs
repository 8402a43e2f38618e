//! Which process keeps a file locked: one that hangs inside a write keeps it from everybody until it is ended.

use super::found::beside;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process;

/// What keeps a store locked, in words for whoever runs the bot.
pub(in crate::store) fn locked(path: &Path) -> String {
    match keeper(path, process::id()) {
        Some(keeper) => format!("process {keeper} keeps it locked, and must be ended (kill -9 {keeper}) if it hangs"),
        None => "another program keeps it locked".to_owned(),
    }
}

/// The process beside ours that has a lock for writing on a store, where the system tells.
fn keeper(path: &Path, ours: u32) -> Option<u32> {
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let files = [path.to_owned(), beside(path, "-shm")];
    files.iter().filter_map(|file| fs::metadata(file).ok()).find_map(|file| writer(&locks, file.ino(), ours))
}

/// From lines such as `1: POSIX  ADVISORY  WRITE 4907 fe:01:1234 1073741825 1073741825` (proc(5)).
fn writer(locks: &str, inode: u64, ours: u32) -> Option<u32> {
    locks.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, "POSIX", _, "WRITE", process, file, ..] = fields[..] else { return None };
        let is_it = file.rsplit(':').next()?.parse() == Ok(inode);
        process.parse().ok().filter(|process| is_it && *process != ours)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_all_locks_of_the_machine_that_of_another_writer_is_found() {
        let locks = "1: FLOCK  ADVISORY  WRITE 11 fe:01:7 0 EOF\n2: POSIX  ADVISORY  READ  12 fe:01:7 1073741826 1073742335\n\
                     3: POSIX  ADVISORY  WRITE 13 fe:01:7 1073741825 1073741825\n3: -> POSIX  ADVISORY  WRITE 14 fe:01:7 0 0\n\
                     4: OFDLCK ADVISORY  WRITE -1 fe:01:7 0 0\n5: POSIX  ADVISORY  WRITE 15 fe:01:7 1073741824 1073741824\n";
        assert_eq!(writer(locks, 7, 1), Some(13));
        assert_eq!(writer(locks, 7, 13), Some(15));
        assert_eq!(writer(locks, 8, 1), None);
        assert_eq!(writer("", 7, 1), None);
    }

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
