//! The file itself: whose it is, its format, and how SQLite is to treat it.

use super::format::{APPLICATION, Format};
use crate::store::{Access, StoreError};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// An open store.
pub(super) struct File {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    pub(super) access: Access,
    pub(super) mode: Mode,
    /// True while a write-ahead log may still hold what was removed.
    pub(super) unclean: bool,
}

/// How SQLite makes a commit survive a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// A rollback journal whose file stays.
    Persist,
    /// A write-ahead log.
    Wal,
}

impl Mode {
    /// Several connections on one write-ahead log can damage the file before SQLite 3.51.3.
    pub(super) fn of_this_build() -> Self {
        if rusqlite::version_number() >= 3_051_003 { Self::Wal } else { Self::Persist }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Persist => "persist",
            Self::Wal => "wal",
        }
    }
}

impl File {
    /// Opens a store of ours, or makes one where nothing is.
    pub(super) fn open(path: &Path, access: Access) -> Result<Self, StoreError> {
        let found = Found::at(path)?;
        match (found, access) {
            (Found::Foreign, _) => return Err(StoreError::Foreign { path: path.to_owned() }),
            (Found::NoDatabase, _) => return Err(StoreError::NotADatabase { path: path.to_owned() }),
            (Found::Nothing, Access::ReadOnly) => return Err(StoreError::Missing { path: path.to_owned() }),
            (Found::Nothing, Access::ReadWrite) | (Found::Ours | Found::Unfinished, _) => {}
        }
        let fail = |error| StoreError::sqlite(path, "open", error);
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if access == Access::ReadWrite {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let connection = Connection::open_with_flags(path, flags).map_err(fail)?;
        connection.busy_timeout(PATIENCE).map_err(fail)?;
        connection.pragma_update(None, "trusted_schema", false).map_err(fail)?;
        connection.pragma_update(None, "cell_size_check", true).map_err(fail)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        let mut file = Self { connection, path: path.to_owned(), access, mode: Mode::of_this_build(), unclean: false };
        match (access, file.format()?) {
            (Access::ReadOnly, Format::None) => return Err(StoreError::Missing { path: path.to_owned() }),
            (Access::ReadOnly, Format::First) => file.read_as_current()?,
            (Access::ReadOnly, Format::Current) => {}
            (Access::ReadWrite, _) => file.prepare()?,
        }
        Ok(file)
    }

    /// Changes with every commit of another connection.
    pub(super) fn version(&self) -> rusqlite::Result<i64> {
        self.connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
    }

    /// Makes sure that the store can be written, and survives a crash from then on.
    fn prepare(&mut self) -> Result<(), StoreError> {
        let failed = |error| StoreError::sqlite(&self.path, "write to", error);
        self.connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
        self.connection.pragma_update(None, "secure_delete", true).map_err(failed)?;
        self.bring_up_to_date()?;
        self.set_mode().map_err(|error| StoreError::sqlite(&self.path, "write to", error))
    }

    /// Changing the mode of a file needs it for oneself, and SQLite does not wait for that by itself.
    fn set_mode(&self) -> rusqlite::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let set = self.connection.pragma_update_and_check(None, "journal_mode", self.mode.name(), |_| Ok(()));
            match set {
                Err(error) if is_busy(&error) && Instant::now() < deadline => thread::sleep(PAUSE),
                outcome => return outcome,
            }
        }
    }
}

/// What is at a path, seen without touching it: opening another program's database can already change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// No file, or an empty one.
    Nothing,
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
    fn at(path: &Path) -> Result<Self, StoreError> {
        let fail = |error| StoreError::io(path, "open", error);
        let mut header = Vec::new();
        match fs::File::open(path) {
            Ok(file) => file.take(HEADER as u64).read_to_end(&mut header).map_err(fail)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Self::nothing(path),
            Err(error) => return Err(fail(error)),
        };
        if header.is_empty() {
            return Ok(Self::Nothing);
        }
        let id = header.get(APPLICATION_AT..APPLICATION_AT + 4);
        if header.starts_with(MAGIC) && id == Some(&(APPLICATION as u32).to_be_bytes()) {
            return Ok(Self::Ours);
        }
        if has_rollback_journal(path) {
            return Ok(Self::Unfinished);
        }
        Ok(if header.starts_with(MAGIC) && header.len() == HEADER { Self::Foreign } else { Self::NoDatabase })
    }

    fn nothing(path: &Path) -> Result<Self, StoreError> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        match folder.map(fs::metadata) {
            Some(Err(error)) => Err(StoreError::io(path, "open", error)),
            Some(Ok(_)) | None => Ok(Self::Nothing),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn has_rollback_journal(path: &Path) -> bool {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    fs::metadata(journal).is_ok_and(|file| file.len() > 0)
}

/// How long to wait for another process that is writing.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(10);
const STATEMENTS: usize = 16;

/// The file header: <https://www.sqlite.org/fileformat2.html#the_database_header>.
const MAGIC: &[u8] = b"SQLite format 3\0";
const HEADER: usize = 100;
const APPLICATION_AT: usize = 68;
