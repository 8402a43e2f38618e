//! Writing changes, and the transactions around everything that is written.

use super::file::{File, Mode};
use super::forget::forget;
use super::format::note_people;
use super::lease::{Standing, stand_at};
use super::turns::Next;
use crate::store::StoreError;
use crate::store::held::HeldLease;
use ptgbot_core::{Board, Forgotten, JournalError, Record, Revision};
use rusqlite::{Transaction, TransactionBehavior, params};
use std::path::Path;

/// A change as it is written.
pub(super) struct Row {
    revision: Revision,
    record: String,
    /// Whom it names.
    people: Vec<String>,
    /// Who is to be removed from all rows up to this one.
    forgotten: Option<Forgotten>,
}

/// The lease with which changes are written, and where its holder stands once they are.
#[derive(Clone, Copy)]
pub(super) struct OfLease<'a> {
    pub(super) held: Option<&'a HeldLease>,
    pub(super) place: Option<&'a str>,
}

impl Row {
    /// Writes a record down.
    pub(super) fn of(record: &Record, path: &Path) -> Result<Self, StoreError> {
        let revision = record.revision;
        let unwritable = |source| StoreError::Unwritable { store: path.display().to_string(), revision, source };
        Ok(Self {
            revision,
            record: serde_json::to_string(record).map_err(unwritable)?,
            people: record.people().map(ToString::to_string).collect(),
            forgotten: record.forgotten(),
        })
    }
}

impl File {
    /// Writes all rows or none.
    pub(super) fn append(
        &mut self,
        expected: Revision,
        rows: &[Row],
        after: &Board,
        lease: OfLease<'_>,
    ) -> Result<(), JournalError> {
        let forgetting = rows.iter().any(|row| row.forgotten.is_some());
        if forgetting {
            self.keep_no_old_pages(true).map_err(|error| self.failed("prepare", error))?;
        }
        let action = match rows {
            [row] => format!("append change {} to", row.revision),
            rows => format!("append {} changes after {expected} to", rows.len()),
        };
        let written = self.write(expected, rows, (after, lease), &action);
        if forgetting {
            self.unclean = true;
            self.keep_no_old_pages(false).map_err(|error| self.failed("tidy", error))?;
        }
        if self.unclean && written.is_ok() {
            self.clean();
        }
        written
    }

    fn write(
        &mut self,
        expected: Revision,
        rows: &[Row],
        (after, lease): (&Board, OfLease<'_>),
        action: &str,
    ) -> Result<(), JournalError> {
        let path = self.path.clone();
        let failed = |error| JournalError::from(StoreError::sqlite(&path, action, error));
        let turn = self.turns.take();
        let work = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let actual = last_revision(&work).map_err(failed)?;
        if actual != expected {
            drop(work);
            turn.then(Next::Read);
            return Err(JournalError::Conflict { expected, actual });
        }
        if let Some(held) = lease.held
            && stand_at(&work, lease.held, lease.place).map_err(failed)? == Standing::Fenced
        {
            return Err(held.fenced());
        }
        insert(&work, rows).map_err(failed)?;
        for row in rows {
            if let Some(forgotten) = &row.forgotten {
                forget(&work, &path, row.revision, forgotten, after)?;
            }
        }
        work.commit().map_err(failed)
    }

    pub(super) fn in_transaction(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let _turn = self.turns.take();
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

fn insert(work: &Transaction<'_>, rows: &[Row]) -> rusqlite::Result<()> {
    let mut insert = work.prepare_cached("INSERT INTO change (revision, record) VALUES (?1, ?2)")?;
    for row in rows {
        insert.execute(params![row.revision.cast_signed(), row.record])?;
        note_people(work, row.revision.cast_signed(), row.people.iter().cloned())?;
    }
    Ok(())
}

pub(super) fn last_revision(connection: &rusqlite::Connection) -> rusqlite::Result<Revision> {
    let last = "SELECT max(revision) FROM change";
    let last = connection.prepare_cached(last)?.query_row([], |row| row.get::<_, Option<i64>>(0))?;
    Ok(last.unwrap_or(0).cast_unsigned())
}
