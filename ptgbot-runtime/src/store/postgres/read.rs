//! Reading the board and its changes.

use super::connection::{Connection, Value};
use super::{Fault, snapshot};
use ptgbot_core::{Board, Record, Revision};
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Transaction};

/// The newest snapshot with every later change, all of one moment. Where those were many, the next time will be quicker.
pub(super) async fn load(connection: &mut Connection, number: i64) -> Result<Board, Fault> {
    let (board, applied) =
        connection.in_one_moment(async |moment: &Transaction<'_>| board(moment, number).await).await?;
    if applied >= MANY {
        match snapshot::keep(connection, number, &board).await {
            Ok(()) => {}
            Err(Fault::Late) => return Err(Fault::Late),
            Err(_) => tracing::debug!("no snapshot can be kept: the next start will be slow, too"),
        }
    }
    Ok(board)
}

/// The board, and how many changes have been applied to its snapshot.
async fn board(moment: &Transaction<'_>, number: i64) -> Result<(Board, Revision), Fault> {
    let mut board = snapshot::newest(moment, number).await?.unwrap_or_default();
    let start = board.revision();
    let last = revision(&moment.query_typed(LAST, &[(&number, Type::INT8)]).await?)?;
    while board.revision() < last {
        let (after, limit) = (board.revision().cast_signed(), PAGE);
        let values: [Value<'_>; 3] = [(&number, Type::INT8), (&after, Type::INT8), (&limit, Type::INT8)];
        let records = records_of(&moment.query_typed(AFTER, &values).await?, board.revision())?;
        if records.is_empty() {
            return Err(Fault::Damaged(format!("its last change is {last}, and none follows {}", board.revision())));
        }
        records.iter().for_each(|record| board.apply(record));
    }
    if board.revision() > last {
        return Err(Fault::Damaged(format!("its snapshot is of change {start}, but its last change is {last}")));
    }
    Ok((board, last - start))
}

/// At most `limit` changes after `revision`.
pub(super) async fn read_after(
    connection: &Connection,
    number: i64,
    revision: Revision,
    limit: usize,
) -> Result<Vec<Record>, Fault> {
    let (after, limit) = (revision.cast_signed(), i64::try_from(limit).unwrap_or(i64::MAX));
    let values: [Value<'_>; 3] = [(&number, Type::INT8), (&after, Type::INT8), (&limit, Type::INT8)];
    records_of(&connection.query(AFTER, &values).await?, revision)
}

/// The last change.
pub(super) async fn last_revision(connection: &Connection, number: i64) -> Result<Revision, Fault> {
    revision(&connection.query(LAST, &[(&number, Type::INT8)]).await?)
}

fn revision(rows: &[Row]) -> Result<Revision, Fault> {
    let row = rows.first().ok_or_else(|| Fault::Damaged("the board has been removed from the database".into()))?;
    Ok(row.get::<_, i64>(0).cast_unsigned())
}

/// Changes as they follow each other after `last`.
fn records_of(rows: &[Row], mut last: Revision) -> Result<Vec<Record>, Fault> {
    let read = |row: &Row| {
        let revision = row.get::<_, i64>(0).cast_unsigned();
        let record: Record = serde_json::from_str(row.get(1)).map_err(|error| Fault::Unreadable(revision, error))?;
        if record.revision != revision {
            return Err(Fault::Damaged(format!("change {revision} says that it is change {}", record.revision)));
        }
        if revision != last + 1 {
            return Err(Fault::Damaged(format!("change {revision} follows change {last}")));
        }
        last = revision;
        Ok(record)
    };
    rows.iter().map(read).collect()
}

const LAST: &str = "SELECT revision FROM ptgbot.board WHERE id = $1";
const AFTER: &str =
    "SELECT revision, record::text FROM ptgbot.change WHERE board = $1 AND revision > $2 ORDER BY revision LIMIT $3";
/// How many changes are read at once.
const PAGE: i64 = 1000;
/// How many changes may be applied at a start before a snapshot is worth its while.
const MANY: Revision = 2000;
