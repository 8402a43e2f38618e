//! Snapshots: copies of the board that make the next start quick, one for each version of the program.

use super::Fault;
use super::connection::Connection;
use ptgbot_core::Board;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

/// Keeps a copy of the board, unless somebody was forgotten since: the copy may still name them. The board's row is
/// locked meanwhile, so that nobody is forgotten in between.
pub(super) async fn keep(connection: &Connection, number: i64, board: &Board) -> Result<(), Fault> {
    let (revision, content) = (board.revision().cast_signed(), written(board)?);
    let keep = "
        WITH here AS (SELECT id FROM ptgbot.board WHERE id = $1 AND forgotten <= $2 FOR SHARE)
        INSERT INTO ptgbot.snapshot (board, made_by, revision, content) SELECT id, $3, $2, $4 FROM here
        ON CONFLICT (board, made_by) DO UPDATE SET revision = excluded.revision, content = excluded.content
            WHERE snapshot.revision < excluded.revision";
    let values = [
        (&number as _, Type::INT8),
        (&revision as _, Type::INT8),
        (&MADE_BY as _, Type::TEXT),
        (&content as _, Type::BYTEA),
    ];
    connection.query(keep, &values).await?;
    Ok(())
}

/// The newest snapshot, if there is one that can be read. One that cannot is no loss: the changes are all there.
pub(super) async fn newest(work: &Transaction<'_>, number: i64) -> Result<Option<Board>, Fault> {
    let kept = "SELECT content FROM ptgbot.snapshot WHERE board = $1 AND made_by = $2";
    let kept = work.query_typed_opt(kept, &[(&number, Type::INT8), (&MADE_BY, Type::TEXT)]).await?;
    Ok(kept.and_then(|row| serde_json::from_slice(row.get(0)).ok()))
}

/// Drops the snapshots from a change on. Where ours was among them `board` takes its place, so that whoever must read
/// the journal anew has little to read.
pub(super) async fn replace_since(work: &Transaction<'_>, number: i64, first: i64, board: &Board) -> Result<(), Fault> {
    let drop = "DELETE FROM ptgbot.snapshot WHERE board = $1 AND revision >= $2 RETURNING made_by";
    let dropped = work.query_typed(drop, &[(&number, Type::INT8), (&first, Type::INT8)]).await?;
    if !dropped.iter().any(|row| row.get::<_, &str>(0) == MADE_BY) {
        return Ok(());
    }
    let (revision, content) = (board.revision().cast_signed(), written(board)?);
    let keep = "INSERT INTO ptgbot.snapshot (board, made_by, revision, content) VALUES ($1, $3, $2, $4)";
    let values = [
        (&number as _, Type::INT8),
        (&revision as _, Type::INT8),
        (&MADE_BY as _, Type::TEXT),
        (&content as _, Type::BYTEA),
    ];
    work.execute_typed(keep, &values).await?;
    Ok(())
}

fn written(board: &Board) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(board).map_err(|error| Fault::Unwritable(board.revision(), error))
}

/// Snapshots of another version are not trusted: what is derived from the events may be derived differently.
const MADE_BY: &str = env!("CARGO_PKG_VERSION");
