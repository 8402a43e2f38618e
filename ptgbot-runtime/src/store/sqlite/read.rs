//! Reading the board and its changes.

use super::append::last_revision;
use super::file::File;
use super::snapshot;
use crate::store::{Access, StoreError};
use ptgbot_core::{Board, Record, Revision};
use rusqlite::{Rows, TransactionBehavior, params};

impl File {
    /// How many changes are missing: each number up to the last is a change's. One that is older than the snapshot is
    /// not missed otherwise, until the snapshot is of no use.
    pub(super) fn missing_changes(&self) -> Result<u64, StoreError> {
        let count = "SELECT coalesce(max(revision), 0) - count(*) FROM change";
        let missing = self.connection.query_row(count, [], |row| row.get::<_, i64>(0));
        missing.map(i64::unsigned_abs).map_err(|error| StoreError::sqlite(&self.path, "read", error))
    }

    /// What SQLite itself finds wrong with the file.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let failed = |error| StoreError::sqlite(&self.path, "read", error);
        let mut check = self.connection.prepare("PRAGMA integrity_check").map_err(failed)?;
        let found = check.query_map([], |row| row.get::<_, String>(0)).map_err(failed)?;
        let found = found.collect::<rusqlite::Result<Vec<_>>>().map_err(failed)?;
        if found == ["ok"] {
            return Ok(());
        }
        Err(StoreError::Damaged { store: self.path.display().to_string(), reason: found.join("; ") })
    }

    /// The newest snapshot that can be read, with every later change. Where those were many, the next time will be
    /// quicker.
    pub(super) fn load(&mut self) -> Result<Board, StoreError> {
        let (board, replayed) = self.replay()?;
        if replayed >= MANY
            && self.access == Access::ReadWrite
            && let Err(error) = self.snapshot(&board)
        {
            tracing::warn!(%error, "the next start will be slow, too");
        }
        Ok(board)
    }

    fn replay(&mut self) -> Result<(Board, Revision), StoreError> {
        let path = self.path.clone();
        let failed = |error| StoreError::sqlite(&path, "read", error);
        let view = self.connection.transaction_with_behavior(TransactionBehavior::Deferred).map_err(failed)?;
        let mut board = snapshot::newest(&view).map_err(failed)?.unwrap_or_default();
        let start = board.revision();
        let select = "SELECT revision, record FROM change WHERE revision > ?1 ORDER BY revision";
        let mut select = view.prepare_cached(select).map_err(failed)?;
        let mut rows = select.query([board.revision().cast_signed()]).map_err(failed)?;
        while let Some(record) = next_record(&mut rows, &path)? {
            in_order(&path, board.revision(), &record)?;
            board.apply(&record);
        }
        drop(rows);
        let last = last_revision(&view).map_err(failed)?;
        if last == board.revision() {
            return Ok((board, last - start));
        }
        let reason = format!("its snapshot is of change {}, but its last change is {last}", board.revision());
        Err(StoreError::Damaged { store: path.display().to_string(), reason })
    }

    /// At most `limit` changes after `revision`.
    pub(super) fn read_after(&mut self, revision: Revision, limit: usize) -> Result<Vec<Record>, StoreError> {
        let failed = |error| StoreError::sqlite(&self.path, "read", error);
        let select = "SELECT revision, record FROM change WHERE revision > ?1 ORDER BY revision LIMIT ?2";
        let mut select = self.connection.prepare_cached(select).map_err(failed)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = select.query(params![revision.cast_signed(), limit]).map_err(failed)?;
        let mut records = Vec::new();
        let mut last = revision;
        while let Some(record) = next_record(&mut rows, &self.path)? {
            in_order(&self.path, last, &record)?;
            last = record.revision;
            records.push(record);
        }
        Ok(records)
    }
}

fn next_record(rows: &mut Rows<'_>, path: &std::path::Path) -> Result<Option<Record>, StoreError> {
    let failed = |error| StoreError::sqlite(path, "read", error);
    let Some(row) = rows.next().map_err(failed)? else {
        return Ok(None);
    };
    let revision = row.get::<_, i64>(0).map_err(failed)?.cast_unsigned();
    let text = row.get_ref(1).map_err(failed)?.as_str().map_err(|error| failed(error.into()))?;
    let read = serde_json::from_str::<Record>(text);
    let record =
        read.map_err(|source| StoreError::Unreadable { store: path.display().to_string(), revision, source })?;
    if record.revision == revision {
        return Ok(Some(record));
    }
    let reason = format!("change {revision} says that it is change {}", record.revision);
    Err(StoreError::Damaged { store: path.display().to_string(), reason })
}

fn in_order(path: &std::path::Path, last: Revision, record: &Record) -> Result<(), StoreError> {
    if record.revision == last + 1 {
        return Ok(());
    }
    let reason = format!("change {} follows change {last}", record.revision);
    Err(StoreError::Damaged { store: path.display().to_string(), reason })
}

/// How many changes may be applied at a start before a snapshot is worth its while.
const MANY: Revision = 2000;
