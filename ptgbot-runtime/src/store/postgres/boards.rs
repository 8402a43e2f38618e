//! The boards of a database.

use super::Fault;
use super::address::Address;
use super::connection::Connection;
use super::schema::refuse_newer;
use crate::store::{BoardSummary, StoreError};
use tokio::sync::watch;
use tokio_postgres::Row;

/// All boards of the database that an address names.
pub(in crate::store) async fn boards(address: &str) -> Result<Vec<BoardSummary>, StoreError> {
    let address = Address::parse(address)?;
    let connection = Connection::open(&address, &watch::Sender::new(None)).await?;
    let rows = list(&connection, BOARDS).await.map_err(|fault| fault.told("list the boards beside", &address))?;
    let summary = |row: &Row| BoardSummary {
        name: row.get(0),
        revision: row.get::<_, i64>(1).cast_unsigned(),
        last_change: row.get::<_, Option<&str>>(2).and_then(|at| at.parse().ok()),
        bytes: row.get::<_, i64>(3).unsigned_abs(),
    };
    Ok(rows.iter().map(summary).collect())
}

pub(super) async fn list(connection: &Connection, boards: &str) -> Result<Vec<Row>, Fault> {
    refuse_newer(connection).await?;
    connection.query(boards, &[]).await
}

/// The board that an address names, and where it is.
#[cfg(feature = "cli")]
pub(in crate::store) fn place(address: &str) -> Option<String> {
    Address::parse(address).ok().map(|address| address.to_string())
}

const BOARDS: &str = "
    SELECT name, revision,
        (SELECT record ->> 'at' FROM ptgbot.change WHERE board = id AND change.revision = board.revision),
        coalesce((SELECT sum(pg_column_size(record))::bigint FROM ptgbot.change WHERE board = id), 0)
            + coalesce((SELECT sum(pg_column_size(content))::bigint FROM ptgbot.snapshot WHERE board = id), 0)
    FROM ptgbot.board ORDER BY name";
