//! Snapshots: copies of the board that make the next start quick. They are never the only copy of anything.

use super::file::File;
use crate::store::StoreError;
use ptgbot_core::Board;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use std::io::{self, Write};

impl File {
    /// Keeps a copy of the board, unless somebody was forgotten since: the copy may still name them.
    pub(super) fn snapshot(&mut self, board: &Board) -> Result<(), StoreError> {
        let path = self.path.clone();
        let revision = board.revision();
        let work = |work: &Transaction<'_>| {
            let forgotten_since = "SELECT 1 FROM change WHERE revision > ?1
                AND instr(record, '\"type\":\"PersonForgotten\"') LIMIT 1";
            let forgotten = work.query_row(forgotten_since, [revision.cast_signed()], |_| Ok(()));
            if forgotten.optional()?.is_some() {
                return Ok(());
            }
            insert(work, board)?;
            let keep_newest = "DELETE FROM snapshot WHERE revision NOT IN
                (SELECT DISTINCT revision FROM snapshot ORDER BY revision DESC LIMIT ?1)";
            work.execute(keep_newest, [KEPT])?;
            Ok(())
        };
        self.in_transaction(work).map_err(|error| StoreError::sqlite(&path, "write a snapshot to", error))
    }
}

/// The newest snapshot that can be read. One that cannot is no loss: the changes are all there.
pub(super) fn newest(connection: &Connection) -> rusqlite::Result<Option<Board>> {
    let kept = "SELECT DISTINCT revision FROM snapshot WHERE made_by = ?1 ORDER BY revision DESC";
    let mut kept = connection.prepare_cached(kept)?;
    let kept = kept.query_map([MADE_BY], |row| row.get::<_, i64>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    for revision in kept {
        if let Ok(board) = serde_json::from_slice(&read(connection, revision)?) {
            return Ok(Some(board));
        }
    }
    Ok(None)
}

/// Drops the snapshots from a change on. Where none is left, `board` takes their place, so that whoever must read the
/// store anew has little to read.
pub(super) fn replace_since(work: &Transaction<'_>, first: i64, board: &Board) -> rusqlite::Result<()> {
    let dropped = work.execute("DELETE FROM snapshot WHERE revision >= ?1", [first])?;
    let left = "SELECT 1 FROM snapshot WHERE made_by = ?1 LIMIT 1";
    if dropped == 0 || work.query_row(left, [MADE_BY], |_| Ok(())).optional()?.is_some() {
        return Ok(());
    }
    insert(work, board)
}

fn insert(work: &Transaction<'_>, board: &Board) -> rusqlite::Result<()> {
    let revision = board.revision().cast_signed();
    work.execute("DELETE FROM snapshot WHERE revision = ?1", [revision])?;
    let mut parts = Parts { work, revision, number: 0, bytes: Vec::with_capacity(PART), failed: None };
    let written = serde_json::to_writer(&mut parts, board);
    if let Some(error) = parts.failed {
        return Err(error);
    }
    written.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    parts.insert()
}

fn read(connection: &Connection, revision: i64) -> rusqlite::Result<Vec<u8>> {
    let parts = "SELECT board FROM snapshot WHERE revision = ?1 ORDER BY part";
    let mut parts = connection.prepare_cached(parts)?;
    let mut rows = parts.query([revision])?;
    let mut bytes = Vec::new();
    while let Some(row) = rows.next()? {
        bytes.extend_from_slice(row.get_ref(0)?.as_bytes()?);
    }
    Ok(bytes)
}

/// A snapshot that is being written, part by part: however large a board is, little of it is in memory twice.
struct Parts<'a> {
    work: &'a Transaction<'a>,
    revision: i64,
    number: i64,
    bytes: Vec<u8>,
    failed: Option<rusqlite::Error>,
}

impl Parts<'_> {
    fn insert(&mut self) -> rusqlite::Result<()> {
        let insert = "INSERT INTO snapshot (revision, part, made_by, board) VALUES (?1, ?2, ?3, ?4)";
        let mut insert = self.work.prepare_cached(insert)?;
        insert.execute(params![self.revision, self.number, MADE_BY, self.bytes])?;
        self.number += 1;
        self.bytes.clear();
        Ok(())
    }
}

impl Write for Parts<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() >= PART {
            let inserted = self.insert();
            self.failed = inserted.err();
        }
        if self.failed.is_some() { Err(io::ErrorKind::Other.into()) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Snapshots of another version are not trusted: what is derived from the events may be derived differently.
const MADE_BY: &str = env!("CARGO_PKG_VERSION");
const KEPT: i64 = 2;
const PART: usize = 1 << 20;
