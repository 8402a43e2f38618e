//! Writing: changes, snapshots, how far deliveries have come, and forgetting.

use super::file::{File, Mode};
use crate::store::StoreError;
use ptgbot_core::{JournalError, PersonId, Record, Revision};
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

/// A change as it is written.
pub(super) struct Row {
    pub(super) revision: Revision,
    pub(super) record: String,
    /// Who is to be removed from all rows up to this one.
    pub(super) forgotten: Option<PersonId>,
}

impl File {
    /// Writes all rows or none.
    pub(super) fn append(&mut self, expected: Revision, rows: &[Row]) -> Result<(), JournalError> {
        let forgetting = rows.iter().any(|row| row.forgotten.is_some());
        if forgetting {
            self.keep_no_old_pages(true).map_err(|error| self.failed("prepare", error))?;
        }
        let action = match rows {
            [row] => format!("append change {} to", row.revision),
            rows => format!("append {} changes after {expected} to", rows.len()),
        };
        let written = self.write(expected, rows, &action);
        if forgetting {
            self.unclean = true;
            self.keep_no_old_pages(false).map_err(|error| self.failed("tidy", error))?;
        }
        if self.unclean && written.is_ok() {
            self.clean();
        }
        written
    }

    fn write(&mut self, expected: Revision, rows: &[Row], action: &str) -> Result<(), JournalError> {
        let path = self.path.clone();
        let failed = |error| JournalError::from(StoreError::sqlite(&path, action, error));
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let actual = last_revision(&transaction).map_err(failed)?;
        if actual != expected {
            return Err(JournalError::Conflict { expected, actual });
        }
        {
            let insert = "INSERT INTO journal (revision, record) VALUES (?1, ?2)";
            let mut insert = transaction.prepare_cached(insert).map_err(failed)?;
            for row in rows {
                insert.execute(params![row.revision.cast_signed(), row.record]).map_err(failed)?;
            }
        }
        for row in rows {
            if let Some(person) = &row.forgotten {
                forget(&transaction, &path, row.revision, person, action)?;
            }
        }
        transaction.commit().map_err(failed)
    }

    /// Keeps a copy of the board, unless somebody was forgotten since: the copy may still name them.
    pub(super) fn snapshot(&mut self, revision: Revision, board: &str) -> Result<(), StoreError> {
        let path = self.path.clone();
        let work = |transaction: &Transaction<'_>| {
            let forgotten_since = "SELECT 1 FROM journal WHERE revision > ?1
                AND instr(record, '\"type\":\"PersonForgotten\"') LIMIT 1";
            let forgotten = transaction.query_row(forgotten_since, [revision.cast_signed()], |_| Ok(()));
            if forgotten.optional()?.is_some() {
                return Ok(());
            }
            transaction.execute(
                "INSERT OR REPLACE INTO snapshot (revision, made_by, board) VALUES (?1, ?2, ?3)",
                params![revision.cast_signed(), MADE_BY, board],
            )?;
            let keep_newest = "DELETE FROM snapshot WHERE revision NOT IN
                (SELECT revision FROM snapshot ORDER BY revision DESC LIMIT ?1)";
            transaction.execute(keep_newest, [SNAPSHOTS_KEPT])?;
            Ok(())
        };
        self.in_transaction(work).map_err(|error| StoreError::sqlite(&path, "write a snapshot to", error))
    }

    /// Remembers how far a delivery has come; it never goes back.
    pub(super) fn set_delivered(&mut self, consumer: &str, revision: Revision) -> Result<(), StoreError> {
        let path = self.path.clone();
        let work = |transaction: &Transaction<'_>| {
            let set = "INSERT INTO delivered (consumer, revision) VALUES (?1, ?2)
                ON CONFLICT (consumer) DO UPDATE SET revision = max(revision, excluded.revision)";
            transaction.prepare_cached(set)?.execute(params![consumer, revision.cast_signed()])?;
            Ok(())
        };
        self.in_transaction(work).map_err(|error| StoreError::sqlite(&path, "write to", error))
    }

    fn in_transaction(&mut self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        work(&transaction)?;
        transaction.commit()
    }

    /// While on, a commit leaves nothing of the old pages in the rollback journal.
    fn keep_no_old_pages(&mut self, on: bool) -> rusqlite::Result<()> {
        let limit = if on { 0 } else { -1 };
        self.connection.pragma_update_and_check(None, "journal_size_limit", limit, |_| Ok(()))
    }

    /// Empties the write-ahead log; tried again with the next change where a reader is in the way.
    fn clean(&mut self) {
        let emptied = match self.mode {
            Mode::Persist => Ok(false),
            Mode::Wal => self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)),
        };
        self.unclean = emptied.unwrap_or(true);
    }

    fn failed(&self, action: &str, error: rusqlite::Error) -> JournalError {
        StoreError::sqlite(&self.path, action, error).into()
    }
}

pub(super) fn last_revision(connection: &rusqlite::Connection) -> rusqlite::Result<Revision> {
    let last = "SELECT max(revision) FROM journal";
    let last = connection.prepare_cached(last)?.query_row([], |row| row.get::<_, Option<i64>>(0))?;
    Ok(last.unwrap_or(0).cast_unsigned())
}

/// Takes a person out of every row up to `revision`, and drops the snapshots, which may name them.
fn forget(
    transaction: &Transaction<'_>,
    path: &std::path::Path,
    revision: Revision,
    person: &PersonId,
    action: &str,
) -> Result<(), JournalError> {
    let failed = |error| JournalError::from(StoreError::sqlite(path, action, error));
    // As it stands in the rows, whatever it holds.
    let written = serde_json::Value::from(person.as_str()).to_string();
    let naming = "SELECT revision, record FROM journal WHERE revision <= ?1 AND instr(record, ?2)";
    let mut naming = transaction.prepare_cached(naming).map_err(failed)?;
    let rows = naming.query_map(params![revision.cast_signed(), written], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
    });
    let rows = rows.map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let mut update =
        transaction.prepare_cached("UPDATE journal SET record = ?2 WHERE revision = ?1").map_err(failed)?;
    for (revision, text) in rows {
        let source =
            |source| StoreError::Unreadable { path: path.to_owned(), revision: revision.cast_unsigned(), source };
        let mut record: Record = serde_json::from_str(&text).map_err(source)?;
        if record.forget(person) {
            let text = serde_json::to_string(&record).map_err(source)?;
            update.execute(params![revision, text]).map_err(failed)?;
        }
    }
    transaction.execute("DELETE FROM snapshot", []).map_err(failed)?;
    Ok(())
}

/// Snapshots of another version are not trusted: what is derived from the events may be derived differently.
pub(super) const MADE_BY: &str = env!("CARGO_PKG_VERSION");
const SNAPSHOTS_KEPT: i64 = 2;
