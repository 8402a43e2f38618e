//! The file itself: whose it is, its format, and how SQLite is to treat it.

use super::format::Format;
use super::found::Found;
use super::owner::{keep_private, make_private};
use super::presence::Presence;
use super::turns::Turns;
use crate::store::{Access, StoreError};
use rusqlite::{Connection, ErrorCode, OpenFlags};
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
    /// Whose turn it is to write.
    pub(super) turns: Turns,
    /// Whether this is still the file at the path.
    pub(super) presence: Presence,
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
        match (Found::settled_at(path)?, access) {
            (Found::Foreign, _) => return Err(StoreError::Foreign { path: path.to_owned() }),
            (Found::NoDatabase, _) => return Err(StoreError::NotADatabase { path: path.to_owned() }),
            (Found::Lost, _) => return Err(StoreError::Lost { path: path.to_owned() }),
            (Found::Nothing, Access::ReadOnly) => return Err(StoreError::Missing { path: path.to_owned() }),
            (Found::Nothing, Access::ReadWrite) => {
                make_private(path).map_err(|error| StoreError::io(path, "make", error))?;
                tracing::info!(store = %path.display(), "there was no store: a new board begins");
            }
            (Found::Ours | Found::Unfinished, _) => {}
        }
        Self::open_found(path, access)
    }

    /// Opens a store that is there.
    pub(super) fn open_found(path: &Path, access: Access) -> Result<Self, StoreError> {
        let fail = |error| StoreError::sqlite(path, "open", error);
        if access == Access::ReadWrite {
            keep_private(path);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(fail)?;
        connection.busy_handler(Some(wait_for_others)).map_err(fail)?;
        connection.pragma_update(None, "trusted_schema", false).map_err(fail)?;
        connection.pragma_update(None, "cell_size_check", true).map_err(fail)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        let turns = match access {
            Access::ReadWrite => Turns::at(path),
            Access::ReadOnly => Turns::none(),
        };
        let (mode, presence) = (Mode::of_this_build(), Presence::at(path)?);
        let mut file = Self { connection, path: path.to_owned(), access, mode, unclean: false, turns, presence };
        match (access, file.format()?) {
            (Access::ReadOnly, Format::None) => return Err(StoreError::Missing { path: path.to_owned() }),
            (Access::ReadOnly, format) => file.read_as_current(format)?,
            (Access::ReadWrite, _) => file.prepare()?,
        }
        Ok(file)
    }

    /// Changes with every commit of another connection.
    pub(super) fn version(&mut self) -> Result<i64, StoreError> {
        let version = self.connection.prepare_cached("PRAGMA data_version");
        let version = version.and_then(|mut version| version.query_row([], |row| row.get(0)));
        version.map_err(|error| StoreError::sqlite(&self.path, "read", error))
    }

    /// Makes sure that the store can be written, and survives a crash from then on.
    fn prepare(&mut self) -> Result<(), StoreError> {
        self.make_durable()?;
        if self.format()? == Format::None {
            // The file itself is to say whose it is, and not only the log beside it.
            self.bring_up_to_date()?;
        }
        self.set_mode().map_err(|error| StoreError::sqlite(&self.path, "write to", error))?;
        self.bring_up_to_date()
    }

    fn make_durable(&self) -> Result<(), StoreError> {
        let failed = |error| StoreError::sqlite(&self.path, "write to", error);
        self.connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
        self.connection.pragma_update(None, "secure_delete", true).map_err(failed)
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

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// SQLite's own waits grow to a tenth of a second, and whoever waits longest comes last.
fn wait_for_others(tries: i32) -> bool {
    thread::sleep(WAIT);
    u32::try_from(tries).is_ok_and(|tries| WAIT * tries < PATIENCE)
}

/// How long to wait for another process that is writing.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
const WAIT: Duration = Duration::from_micros(500);
const PAUSE: Duration = Duration::from_millis(10);
const STATEMENTS: usize = 16;
