//! Forgetting: a person is taken out of all that is kept, in the transaction that records that they asked for it.

use super::format::UNREADABLE;
use super::snapshot;
use crate::store::StoreError;
use ptgbot_core::{Board, Forgotten, JournalError, Record, Revision};
use rusqlite::{Transaction, params};
use std::path::Path;

/// Takes a person out of every change up to `revision`, out of what is remembered of deliveries, and out of snapshots.
pub(super) fn forget(
    work: &Transaction<'_>,
    path: &Path,
    revision: Revision,
    forgotten: &Forgotten,
    after: &Board,
) -> Result<(), JournalError> {
    let names: Vec<String> = forgotten.names().map(|name| name.to_string()).collect();
    let failed = |error| JournalError::from(StoreError::sqlite(path, "forget somebody in", error));
    let first = out_of_changes(work, path, revision, forgotten, &names)?;
    for name in &names {
        work.execute("DELETE FROM named WHERE person = ?1 AND revision <= ?2", params![name, revision.cast_signed()])
            .and_then(|_| work.execute("DELETE FROM delivered_to WHERE person = ?1", [name]))
            .map_err(failed)?;
    }
    match first {
        Some(first) => snapshot::replace_since(work, first, after).map_err(failed),
        None => Ok(()),
    }
}

/// Gives the first change that named them.
fn out_of_changes(
    work: &Transaction<'_>,
    path: &Path,
    revision: Revision,
    forgotten: &Forgotten,
    names: &[String],
) -> Result<Option<i64>, JournalError> {
    let failed = |error| JournalError::from(StoreError::sqlite(path, "forget somebody in", error));
    let mut changes = Vec::new();
    {
        let naming = "SELECT revision FROM named WHERE person = ?1 AND revision <= ?2";
        let mut naming = work.prepare_cached(naming).map_err(failed)?;
        for name in names.iter().map(String::as_str).chain([UNREADABLE]) {
            let rows = naming.query_map(params![name, revision.cast_signed()], |row| row.get::<_, i64>(0));
            let rows = rows.and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>).map_err(failed)?;
            changes.extend(rows);
        }
    }
    changes.sort_unstable();
    changes.dedup();
    let mut read = work.prepare_cached("SELECT record FROM change WHERE revision = ?1").map_err(failed)?;
    let mut write = work.prepare_cached("UPDATE change SET record = ?2 WHERE revision = ?1").map_err(failed)?;
    let mut first = None;
    for change in changes {
        let text = read.query_row([change], |row| Ok(row.get_ref(0)?.as_bytes()?.to_vec())).map_err(failed)?;
        let without = match serde_json::from_slice::<Record>(&text) {
            Ok(mut record) => {
                let named = record.forget(forgotten);
                let unwritable = |source| StoreError::Unwritable {
                    store: path.display().to_string(),
                    revision: change.cast_unsigned(),
                    source,
                };
                named.then(|| serde_json::to_string(&record)).transpose().map_err(unwritable)?
            }
            Err(_) => without_names(&text, forgotten),
        };
        if let Some(without) = without {
            write.execute(params![change, without]).map_err(failed)?;
            first = first.or(Some(change));
        }
    }
    Ok(first)
}

/// What cannot be read any more loses the names all the same, as they stand between quotes, with the network and
/// without; `None` where there is none.
fn without_names(text: &[u8], forgotten: &Forgotten) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    let mut left = text.to_string();
    let names = forgotten.names().flat_map(|name| [name.to_string(), name.key().to_owned()]);
    for name in names.filter(|name| !name.is_empty()) {
        let quoted = serde_json::Value::from(name).to_string();
        while let Some(place) = find_ignoring_case(&left, &quoted) {
            left.replace_range(place..place + quoted.len(), "\"\"");
        }
    }
    (left != text).then_some(left)
}

fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    text.as_bytes().windows(wanted.len()).position(|found| found.eq_ignore_ascii_case(wanted.as_bytes()))
}
