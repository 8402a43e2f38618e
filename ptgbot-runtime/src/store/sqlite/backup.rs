//! A copy of the file beside it, before its format changes.

use super::file::PATIENCE;
use super::found::beside;
use crate::store::StoreError;
use crate::system::permissions::owner_alone;
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Copies a store whose lock for writing is held: `board.db` to `board.db.format-1`, or the next free name. The copy is
/// on the disk when this returns.
pub(super) fn back_up(path: &Path, format: i64) -> Result<PathBuf, StoreError> {
    let (copy, file) = new_file(path, format).map_err(|error| StoreError::io(path, "back up", error))?;
    let made = copy_into(path, &copy).map_err(|error| StoreError::sqlite(path, "back up", error));
    let safe = made.and_then(|()| file.sync_all().map_err(|error| StoreError::io(path, "back up", error)));
    if safe.is_err() {
        fs::remove_file(&copy).ok();
    }
    safe.map(|()| copy)
}

/// Copies a store, also while others write it, into a file that is not there yet; on the disk when this returns.
pub(super) fn copy_file(path: &Path, copy: &Path) -> Result<(), StoreError> {
    let file = owner_alone(OpenOptions::new().write(true).create_new(true)).open(copy);
    let file = file.map_err(|error| StoreError::io(copy, "write", error))?;
    let made = copy_into(path, copy).map_err(|error| StoreError::sqlite(path, "back up", error));
    let safe = made.and_then(|()| file.sync_all().map_err(|error| StoreError::io(copy, "write", error)));
    if safe.is_err() {
        fs::remove_file(copy).ok();
    }
    safe
}

/// An empty file that nobody else can read.
fn new_file(path: &Path, format: i64) -> io::Result<(PathBuf, fs::File)> {
    let mut number = 1;
    loop {
        let again = if number == 1 { String::new() } else { format!("-{number}") };
        let copy = beside(path, &format!(".format-{format}{again}"));
        match owner_alone(OpenOptions::new().write(true).create_new(true)).open(&copy) {
            Ok(file) => return Ok((copy, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    }
}

/// SQLite copies: whoever opens the file otherwise gives up this process's locks on it when closing it.
fn copy_into(path: &Path, copy: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    let copy = copy.to_str().ok_or_else(|| rusqlite::Error::InvalidPath(copy.to_owned()))?;
    connection.execute("VACUUM INTO ?1", [copy])?;
    Ok(())
}
