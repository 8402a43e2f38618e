//! The boards of a database as a server of all of them asks for them.

use super::address::Address;
use super::boards::list;
use super::connection::Connection;
use crate::store::{BoardChange, StoreError};
use tokio::sync::watch;
use tokio_postgres::Row;
use url::form_urlencoded;

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
