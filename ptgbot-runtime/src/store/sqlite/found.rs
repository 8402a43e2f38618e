//! What is at a path, seen without touching it: opening another program's database can already change it.

use super::format::APPLICATION;
use crate::store::StoreError;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, OpenFlags};
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No file, or an empty one.
    Nothing,
    /// No file, or an empty one, but what SQLite kept beside a store.
    Lost,
    /// A database that says it is ours.
    Ours,
    /// A database that says it is somebody else's.
    Foreign,
    /// Something else.
    NoDatabase,
    /// A commit was interrupted: only SQLite can tell what it is.
    Unfinished,
}

impl Found {
    pub(super) fn at(path: &Path) -> Result<Self, StoreError> {
        let fail = |error| StoreError::io(path, "open", error);
        match fs::metadata(path) {
            Ok(file) if file.is_dir() => return Err(fail(ErrorKind::IsADirectory.into())),
            Ok(file) if file.len() == 0 => return Self::nothing(path),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Self::nothing(path),
            Err(error) => return Err(fail(error)),
        }
        // Before and after that look: whoever makes a store right now may have come to the end of it meanwhile.
        let is_interrupted = || fs::metadata(beside(path, ROLLBACK_JOURNAL)).is_ok_and(|file| file.len() > 0);
        let was_interrupted = is_interrupted();
        let found = match application(path) {
            Ok(APPLICATION) => return Ok(Self::Ours),
            Ok(_) => Self::Foreign,
            Err(error) => match StoreError::sqlite(path, "open", error) {
                StoreError::NotADatabase { .. } => Self::NoDatabase,
                error => return Err(error),
            },
        };
        Ok(if was_interrupted || is_interrupted() { Self::Unfinished } else { found })
    }

    /// As [`at`](Self::at), once whoever is making a store right now is done.
    pub(super) fn settled_at(path: &Path) -> Result<Self, StoreError> {
        let deadline = Instant::now() + MAKING;
        loop {
            match Self::at(path)? {
                Self::Lost if Instant::now() < deadline => thread::sleep(PAUSE),
                found => return Ok(found),
            }
        }
    }

    /// A folder that is not there is told apart.
    fn nothing(path: &Path) -> Result<Self, StoreError> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        match folder.map(fs::metadata) {
            Some(Err(error)) => Err(StoreError::io(path, "open", error)),
            Some(Ok(_)) | None if beside(path, ROLLBACK_JOURNAL).exists() => Ok(Self::Lost),
            Some(Ok(_)) | None => Ok(Self::Nothing),
        }
    }
}

/// Whose a database is. SQLite reads it, as if it never changed: nothing is locked, written or recovered. Whoever opens
/// the file otherwise gives up all locks that this process has on it when closing it again.
fn application(path: &Path) -> rusqlite::Result<i64> {
    let address = format!("file:{}?immutable=1", percent_encode(path.as_os_str().as_encoded_bytes(), NOT_IN_A_PATH));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(address, flags)?.pragma_query_value(None, "application_id", |row| row.get(0))
}

/// The file that SQLite keeps beside a database.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut file = OsString::from(path);
    file.push(ending);
    file.into()
}

/// How long another process may take to make a store.
const MAKING: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(10);

const ROLLBACK_JOURNAL: &str = "-journal";
pub(super) const BESIDE: [&str; 3] = [ROLLBACK_JOURNAL, "-wal", "-shm"];

const NOT_IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');
