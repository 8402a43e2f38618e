//! The format of the file: its tables, and how an older format is carried over.

use super::backup::back_up;
use super::file::File;
use crate::store::StoreError;
use ptgbot_core::Record;
use rusqlite::{Transaction, TransactionBehavior, params};
use std::path::Path;

/// What a database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Nothing yet.
    None,
    /// A store of version 0.1, which does not say which changes name a person.
    First,
    /// A store without leases.
    Second,
    /// A store of this version.
    Current,
}

impl Format {
    /// Reads it off a database, inside a transaction: another process may be making the store right now.
    pub(super) fn of(moment: &Transaction<'_>, path: &Path) -> Result<Self, StoreError> {
        let pragma = |name| moment.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        // A pragma alone does not fix the moment: the count comes first.
        let tables = moment.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0));
        let marks = tables.and_then(|tables| Ok((pragma("application_id")?, pragma("user_version")?, tables)));
        match marks.map_err(|error| StoreError::sqlite(path, "read", error))? {
            (APPLICATION, FIRST, _) => Ok(Self::First),
            (APPLICATION, SECOND, _) => Ok(Self::Second),
            (APPLICATION, CURRENT, _) => Ok(Self::Current),
            (APPLICATION, found, _) => {
                Err(StoreError::Newer { store: path.display().to_string(), found, known: CURRENT })
            }
            (0, 0, 0) => Ok(Self::None),
            (_, _, _) => Err(StoreError::Foreign { path: path.to_owned() }),
        }
    }
}

impl File {
    /// What the file holds now.
    pub(super) fn format(&self) -> Result<Format, StoreError> {
        let moment = self.connection.unchecked_transaction();
        Format::of(&moment.map_err(|error| StoreError::sqlite(&self.path, "read", error))?, &self.path)
    }

    /// Makes sure that the store can be written and has this version's tables. Of several processes that start at once
    /// one does the work, and the others find it done.
    pub(super) fn bring_up_to_date(&mut self) -> Result<(), StoreError> {
        let path = self.path.clone();
        let failed = |error| StoreError::sqlite(&path, "write to", error);
        let work = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let found = Format::of(&work, &path)?;
        let backup = match found {
            Format::First => Some(back_up(&path, FIRST)?),
            Format::Second => Some(back_up(&path, SECOND)?),
            Format::None | Format::Current => None,
        };
        let done = match found {
            Format::Current => mark(&work).and_then(|()| work.rollback()),
            Format::None => work
                .execute_batch(TABLES)
                .and_then(|()| work.execute_batch(LEASES))
                .and_then(|()| mark(&work))
                .and_then(|()| work.commit()),
            Format::First => carry_over_first(&work).and_then(|()| mark(&work)).and_then(|()| work.commit()),
            Format::Second => work.execute_batch(LEASES).and_then(|()| mark(&work)).and_then(|()| work.commit()),
        };
        done.map_err(failed)?;
        if let Some(backup) = backup {
            tracing::warn!(
                store = %path.display(), backup = %backup.display(),
                "carried over to format {CURRENT}; the backup still names people who ask to be forgotten later: \
                 remove it once all is well",
            );
        }
        Ok(())
    }

    /// Lets a store of an older format be read as if it were of this one; nothing of it is changed.
    pub(super) fn read_as_current(&self, format: Format) -> Result<(), StoreError> {
        let views = match format {
            Format::First => format!("{FIRST_AS_SECOND} {NO_LEASES}"),
            Format::Second => NO_LEASES.to_owned(),
            Format::None | Format::Current => String::new(),
        };
        self.connection.execute_batch(&views).map_err(|error| StoreError::sqlite(&self.path, "read", error))
    }
}

/// Says whose file it is, and its format.
fn mark(work: &Transaction<'_>) -> rusqlite::Result<()> {
    work.pragma_update(None, "application_id", APPLICATION)?;
    work.pragma_update(None, "user_version", CURRENT)
}

/// Notes for each change whom it names. Snapshots are of another version and go.
fn carry_over_first(work: &Transaction<'_>) -> rusqlite::Result<()> {
    work.execute_batch(FIRST_TO_SECOND)?;
    work.execute_batch(LEASES)?;
    let mut changes = work.prepare("SELECT revision, record FROM change")?;
    let mut rows = changes.query([])?;
    while let Some(row) = rows.next()? {
        let revision = row.get(0)?;
        let text = row.get_ref(1)?.as_bytes()?;
        match serde_json::from_slice::<Record>(text) {
            Ok(record) => note_people(work, revision, record.people().map(ToString::to_string))?,
            Err(_) => note_people(work, revision, [UNREADABLE.to_owned()])?,
        }
    }
    Ok(())
}

/// Notes whom a change names.
pub(super) fn note_people(
    work: &Transaction<'_>,
    revision: i64,
    people: impl IntoIterator<Item = String>,
) -> rusqlite::Result<()> {
    let note = "INSERT OR IGNORE INTO named (person, revision) VALUES (?1, ?2)";
    let mut note = work.prepare_cached(note)?;
    for person in people {
        note.execute(params![person, revision])?;
    }
    Ok(())
}

/// `PTGB`.
pub(super) const APPLICATION: i64 = 0x5054_4742;
const FIRST: i64 = 1;
const SECOND: i64 = 2;
const CURRENT: i64 = 3;

/// Stands for a person in `named` where a change could not be read when it was carried over: it may name anybody.
pub(super) const UNREADABLE: &str = "";

/// The table of changes has another name than in the first format, so that a process of version 0.1 that still runs
/// cannot add changes without saying whom they name.
const TABLES: &str = "
    CREATE TABLE change (revision INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
    CREATE TABLE named (person TEXT, revision INTEGER, PRIMARY KEY (person, revision)) STRICT, WITHOUT ROWID;
    CREATE TABLE snapshot (revision INTEGER, part INTEGER, made_by TEXT NOT NULL, board BLOB NOT NULL,
        PRIMARY KEY (revision, part)) STRICT;
    CREATE TABLE delivered (network TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE delivered_to (network TEXT, person TEXT, revision INTEGER NOT NULL, PRIMARY KEY (network, person))
        STRICT, WITHOUT ROWID;
";

/// Who acts for which account: see [`Lease`](ptgbot_core::Lease).
const LEASES: &str = "
    CREATE TABLE lease (account TEXT PRIMARY KEY, number INTEGER NOT NULL, holder TEXT NOT NULL, start TEXT NOT NULL,
        until INTEGER NOT NULL, place TEXT) STRICT, WITHOUT ROWID;
";

const FIRST_TO_SECOND: &str = "
    ALTER TABLE journal RENAME TO change;
    ALTER TABLE delivered RENAME COLUMN consumer TO network;
    CREATE TABLE named (person TEXT, revision INTEGER, PRIMARY KEY (person, revision)) STRICT, WITHOUT ROWID;
    CREATE TABLE delivered_to (network TEXT, person TEXT, revision INTEGER NOT NULL, PRIMARY KEY (network, person))
        STRICT, WITHOUT ROWID;
    DROP TABLE snapshot;
    CREATE TABLE snapshot (revision INTEGER, part INTEGER, made_by TEXT NOT NULL, board BLOB NOT NULL,
        PRIMARY KEY (revision, part)) STRICT;
";

const FIRST_AS_SECOND: &str = "
    CREATE TEMP VIEW change AS SELECT revision, record FROM main.journal;
    CREATE TEMP VIEW delivered AS SELECT consumer AS network, revision FROM main.delivered;
    CREATE TEMP TABLE delivered_to (network TEXT, person TEXT, revision INTEGER);
    CREATE TEMP TABLE snapshot (revision INTEGER, part INTEGER, made_by TEXT, board BLOB);
";

const NO_LEASES: &str = "
    CREATE TEMP TABLE lease (account TEXT, number INTEGER, holder TEXT, start TEXT, until INTEGER, place TEXT);
";
