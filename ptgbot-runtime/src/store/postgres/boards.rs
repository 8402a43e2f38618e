//! The boards of a database.

use super::address::Address;
use super::connection::Connection;
use crate::store::{BoardSummary, StoreError};
use std::sync::Arc;
use tokio::sync::Notify;

/// All boards of the database that an address names.
pub(in crate::store) async fn boards(address: &str) -> Result<Vec<BoardSummary>, StoreError> {
    let address = Address::parse(address)?;
    let connection = Connection::open(&address, &Arc::new(Notify::new())).await?;
    let rows = connection.query(BOARDS, &[]).await.map_err(|fault| fault.told("list the boards beside", &address))?;
    let summary = |row: &tokio_postgres::Row| BoardSummary {
        name: row.get(0),
        revision: row.get::<_, i64>(1).cast_unsigned(),
        last_change: row.get::<_, Option<&str>>(2).and_then(|at| at.parse().ok()),
        bytes: row.get::<_, i64>(3).unsigned_abs(),
    };
    Ok(rows.iter().map(summary).collect())
}

const BOARDS: &str = "
    SELECT name, revision,
        (SELECT record ->> 'at' FROM ptgbot.change WHERE board = id AND change.revision = board.revision),
        coalesce((SELECT sum(pg_column_size(record))::bigint FROM ptgbot.change WHERE board = id), 0)
            + coalesce((SELECT sum(pg_column_size(content))::bigint FROM ptgbot.snapshot WHERE board = id), 0)
    FROM ptgbot.board ORDER BY name";
