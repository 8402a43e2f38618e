//! The boards of a database.

use super::Fault;
use super::address::Address;
use super::connection::Connection;
use super::schema::refuse_newer;
use crate::store::{BoardChange, BoardSummary, StoreError};
use tokio::sync::watch;
use tokio_postgres::Row;
use url::form_urlencoded;

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

/// The boards of a database and when they were changed last, asked for again and again over one connection.
pub(in crate::store) struct BoardList {
    address: Address,
    connection: Option<Connection>,
}

impl BoardList {
    /// That of the database that an address names; it connects when it is asked.
    pub(in crate::store) fn of(address: &str) -> Result<Self, StoreError> {
        Ok(Self { address: Address::parse(address)?, connection: None })
    }

    /// The boards as they are now. After a fault the next call connects anew.
    pub(in crate::store) async fn last_changes(&mut self) -> Result<Vec<BoardChange>, StoreError> {
        let connection = match self.connection.take() {
            Some(connection) if !connection.is_lost() => connection,
            _ => Connection::open(&self.address, &watch::Sender::new(None)).await?,
        };
        let listed = list(&connection, CHANGES).await;
        let rows = listed.map_err(|fault| fault.told("list the boards beside", &self.address))?;
        self.connection = Some(connection);
        let change = |row: &Row| BoardChange {
            name: row.get(0),
            last_change: row.get::<_, Option<&str>>(1).and_then(|at| at.parse().ok()),
        };
        Ok(rows.iter().map(change).collect())
    }
}

async fn list(connection: &Connection, boards: &str) -> Result<Vec<Row>, Fault> {
    refuse_newer(connection).await?;
    connection.query(boards, &[]).await
}

/// The board that an address names, and where it is.
#[cfg(feature = "cli")]
pub(in crate::store) fn place(address: &str) -> Option<String> {
    Address::parse(address).ok().map(|address| address.to_string())
}

/// The address of another board of the same database.
pub(in crate::store) fn beside(address: &str, board: &str) -> String {
    let (base, parameters) = address.split_once('?').unwrap_or((address, ""));
    let mut written = form_urlencoded::Serializer::new(String::new());
    written.extend_pairs(form_urlencoded::parse(parameters.as_bytes()).filter(|(name, _)| name != "board"));
    format!("{base}?{}", written.append_pair("board", board).finish())
}

const CHANGES: &str = "
    SELECT name, (SELECT record ->> 'at' FROM ptgbot.change WHERE board = id AND change.revision = board.revision)
    FROM ptgbot.board ORDER BY name";
const BOARDS: &str = "
    SELECT name, revision,
        (SELECT record ->> 'at' FROM ptgbot.change WHERE board = id AND change.revision = board.revision),
        coalesce((SELECT sum(pg_column_size(record))::bigint FROM ptgbot.change WHERE board = id), 0)
            + coalesce((SELECT sum(pg_column_size(content))::bigint FROM ptgbot.snapshot WHERE board = id), 0)
    FROM ptgbot.board ORDER BY name";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_beside_another_is_reached_in_the_same_way() {
        for (address, beside_it) in [
            ("postgres://u:p@h/d", "postgres://u:p@h/d?board=spring+2026"),
            ("postgres://u@h/d?board=main&sslmode=require", "postgres://u@h/d?sslmode=require&board=spring+2026"),
        ] {
            assert_eq!(beside(address, "spring 2026"), beside_it);
            assert_eq!(Address::parse(beside_it).expect("an address").board(), "spring 2026");
        }
    }
}
