//! Snapshots: copies of the board that make the next start quick. They are never the only copy of anything.

use super::file::File;
use crate::store::StoreError;
use ptgbot_core::{Board, Revision};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, params};
use std::path::Path;

impl File {
    /// Keeps a copy of the board, unless somebody was forgotten since: the copy may still name them.
    pub(super) fn snapshot(&mut self, board: &Board) -> Result<(), StoreError> {
        let path = self.path.clone();
        let written = write(board).map_err(|source| unwritable(&path, board, source))?;
        let revision = board.revision();
        let work = |work: &Transaction<'_>| {
            let forgotten_since = "SELECT 1 FROM change WHERE revision > ?1
                AND instr(record, '\"type\":\"PersonForgotten\"') LIMIT 1";
            let forgotten = work.query_row(forgotten_since, [revision.cast_signed()], |_| Ok(()));
            if forgotten.optional()?.is_some() {
                return Ok(());
            }
            insert(work, revision, &written)?;
            let keep_newest = "DELETE FROM snapshot WHERE revision NOT IN
                (SELECT revision FROM snapshot ORDER BY revision DESC LIMIT ?1)";
            work.execute(keep_newest, [KEPT])?;
            Ok(())
        };
        self.in_transaction(work).map_err(|error| StoreError::sqlite(&path, "write a snapshot to", error))
    }
}

/// The newest snapshot that can be read. One that cannot is no loss: the changes are all there.
pub(super) fn newest(connection: &Connection) -> rusqlite::Result<Option<Board>> {
    let select = "SELECT board FROM snapshot WHERE made_by = ?1 ORDER BY revision DESC";
    let mut select = connection.prepare_cached(select)?;
    let mut rows = select.query([MADE_BY])?;
    while let Some(row) = rows.next()? {
        if let Some(board) = row.get_ref(0)?.as_str().ok().and_then(|text| serde_json::from_str(text).ok()) {
            return Ok(Some(board));
        }
    }
    Ok(None)
}

/// Drops the snapshots from a change on. Where none is left, `board` takes their place, so that whoever must read the
/// store anew has little to read.
pub(super) fn replace_since(work: &Transaction<'_>, path: &Path, first: i64, board: &Board) -> rusqlite::Result<()> {
    let dropped = work.execute("DELETE FROM snapshot WHERE revision >= ?1", [first])?;
    let left = "SELECT 1 FROM snapshot WHERE made_by = ?1 LIMIT 1";
    if dropped == 0 || work.query_row(left, [MADE_BY], |_| Ok(())).optional()?.is_some() {
        return Ok(());
    }
    let told = |error: &dyn std::error::Error| {
        tracing::warn!(store = %path.display(), %error, "there is no snapshot now: the next start will be slow");
        Ok(())
    };
    match write(board).map(|written| insert(work, board.revision(), &written)) {
        Ok(Err(error)) if error.sqlite_error_code() == Some(ErrorCode::TooBig) => told(&error),
        Ok(done) => done,
        Err(error) => told(&error),
    }
}

fn insert(work: &Transaction<'_>, revision: Revision, board: &str) -> rusqlite::Result<()> {
    work.execute(
        "INSERT OR REPLACE INTO snapshot (revision, made_by, board) VALUES (?1, ?2, ?3)",
        params![revision.cast_signed(), MADE_BY, board],
    )?;
    Ok(())
}

fn write(board: &Board) -> serde_json::Result<String> {
    serde_json::to_string(board)
}

fn unwritable(path: &Path, board: &Board, source: serde_json::Error) -> StoreError {
    StoreError::Unwritable { path: path.to_owned(), revision: board.revision(), source }
}

/// Snapshots of another version are not trusted: what is derived from the events may be derived differently.
const MADE_BY: &str = env!("CARGO_PKG_VERSION");
const KEPT: i64 = 2;
