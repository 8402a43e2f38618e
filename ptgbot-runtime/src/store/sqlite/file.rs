//! The file itself: whose it is, its format, and how SQLite is to treat it.

use crate::store::{Access, StoreError};
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
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
        let is_new = file.is_new()?;
        match access {
            Access::ReadOnly if is_new => return Err(StoreError::Missing { path: path.to_owned() }),
            Access::ReadOnly => {}
            Access::ReadWrite => file.prepare(is_new)?,
        }
        Ok(file)
    }

    /// Changes with every commit of another connection.
    pub(super) fn version(&self) -> rusqlite::Result<i64> {
        self.connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
    }

    /// True for an empty file; an error for what is not ours.
    fn is_new(&self) -> Result<bool, StoreError> {
        let (application, format, things) =
            self.marks().map_err(|error| StoreError::sqlite(&self.path, "read", error))?;
        if application == i64::from(APPLICATION) {
            return match format {
                FORMAT => Ok(false),
                found => Err(StoreError::Newer { path: self.path.clone(), found, known: FORMAT }),
            };
        }
        if application == 0 && format == 0 && things == 0 {
            Ok(true)
        } else {
            Err(StoreError::Foreign { path: self.path.clone() })
        }
    }

    /// Whose the file is, its format, and how many tables it has: all of one moment, as another process may be making
    /// it right now.
    fn marks(&self) -> rusqlite::Result<(i64, i64, i64)> {
        let moment = self.connection.unchecked_transaction()?;
        let pragma = |name| moment.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        // A pragma alone begins no transaction: the count comes first.
        let things = moment.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok((pragma("application_id")?, pragma("user_version")?, things))
    }

    /// Makes sure that the store can be written, and makes its tables if it is new.
    fn prepare(&mut self, is_new: bool) -> Result<(), StoreError> {
        self.make_ready(is_new).map_err(|error| StoreError::sqlite(&self.path, "write to", error))
    }

    fn make_ready(&mut self, is_new: bool) -> rusqlite::Result<()> {
        let connection = &mut self.connection;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "secure_delete", true)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Two processes may start on one new file: the second finds it made.
        if is_new && transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))? == 0 {
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.execute_batch(TABLES)?;
        }
        transaction.pragma_update(None, "user_version", FORMAT)?;
        if is_new {
            transaction.commit()?;
        } else {
            transaction.rollback()?;
        }
        self.set_mode()
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
        if header.starts_with(MAGIC) && id == Some(&APPLICATION.to_be_bytes()) {
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

/// `PTGB`.
const APPLICATION: i32 = 0x5054_4742;
const FORMAT: i64 = 1;

/// The file header: <https://www.sqlite.org/fileformat2.html#the_database_header>.
const MAGIC: &[u8] = b"SQLite format 3\0";
const HEADER: usize = 100;
const APPLICATION_AT: usize = 68;

/// One change is one row, and one row is one write: no further index.
const TABLES: &str = "
    CREATE TABLE journal (revision INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
    CREATE TABLE snapshot (revision INTEGER PRIMARY KEY, made_by TEXT NOT NULL, board TEXT NOT NULL) STRICT;
    CREATE TABLE delivered (consumer TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;
";
