//! Forgetting: a person is taken out of all that is kept, in the transaction that records that they asked for it.
//!
//! The database keeps the old rows until it tidies up (autovacuum), and its own log and backups for longer: those are
//! the operator's.

use super::{Fault, snapshot};
use ptgbot_core::{Board, Forgotten, Record, Revision};
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

/// Takes a person out of every change up to `revision`, out of what is remembered of deliveries, and out of snapshots.
pub(super) async fn forget(
    work: &Transaction<'_>,
    board: i64,
    revision: Revision,
    forgotten: &Forgotten,
    after: &Board,
) -> Result<(), Fault> {
    let names: Vec<String> = forgotten.names().map(|name| name.to_string()).collect();
    let last = revision.cast_signed();
    let naming =
        "DELETE FROM ptgbot.named WHERE board = $1 AND person = ANY ($2) AND revision <= $3 RETURNING revision";
    let values = [(&board as _, Type::INT8), (&names as _, Type::TEXT_ARRAY), (&last as _, Type::INT8)];
    let mut changes: Vec<i64> = work.query_typed(naming, &values).await?.iter().map(|row| row.get(0)).collect();
    changes.sort_unstable();
    changes.dedup();
    let mut first = None;
    for change in changes {
        let place = [(&board as _, Type::INT8), (&change as _, Type::INT8)];
        let row =
            work.query_typed_one("SELECT record::text FROM ptgbot.change WHERE board = $1 AND revision = $2", &place);
        let text: String = row.await?.get(0);
        let read = serde_json::from_str::<Record>(&text);
        let mut record = read.map_err(|error| Fault::Unreadable(change.cast_unsigned(), error))?;
        if record.forget(forgotten) {
            let written = serde_json::to_string(&record);
            let written = written.map_err(|error| Fault::Unwritable(change.cast_unsigned(), error))?;
            let values = [(&board as _, Type::INT8), (&change as _, Type::INT8), (&written as _, Type::TEXT)];
            let write = "UPDATE ptgbot.change SET record = $3::json WHERE board = $1 AND revision = $2";
            work.execute_typed(write, &values).await?;
            first = first.or(Some(change));
        }
    }
    let told = "DELETE FROM ptgbot.delivered_to WHERE board = $1 AND person = ANY ($2)";
    work.execute_typed(told, &values[..2]).await?;
    let mark = "UPDATE ptgbot.board SET forgotten = greatest(forgotten, $2) WHERE id = $1";
    work.execute_typed(mark, &[(&board, Type::INT8), (&last, Type::INT8)]).await?;
    match first {
        Some(first) => snapshot::replace_since(work, board, first, after).await,
        None => Ok(()),
    }
}
