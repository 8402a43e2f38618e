//! The tables, their version, and the board's row among the others.

use super::Fault;
use super::address::Address;
use super::connection::Connection;
use crate::store::{Access, StoreError};
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

/// Finds the board; makes it, and the tables, where there are none and `access` allows that.
pub(super) async fn open_board(
    connection: &mut Connection,
    address: &Address,
    access: Access,
) -> Result<i64, StoreError> {
    let prepare = async |work: &Transaction<'_>| prepare(work, address, access).await;
    match connection.in_transaction(prepare).await {
        Ok(Some(board)) => Ok(board),
        Ok(None) => Err(StoreError::MissingBoard { store: address.to_string() }),
        Err(fault) => Err(fault.told("open", address)),
    }
}

/// Makes sure that a later version has not made the tables.
pub(super) async fn refuse_newer(connection: &Connection) -> Result<(), Fault> {
    match connection.query("SELECT version FROM ptgbot.version", &[]).await?.first().map(|row| row.get(0)) {
        Some(found) if found > VERSION => Err(Fault::Newer(found)),
        Some(_) | None => Ok(()),
    }
}

async fn prepare(work: &Transaction<'_>, address: &Address, access: Access) -> Result<Option<i64>, Fault> {
    let board = address.board();
    let mut found = version(work).await?;
    if found < VERSION && access == Access::ReadWrite {
        // Of several that start at once one makes the tables.
        work.query_typed("SELECT pg_advisory_xact_lock($1)", &[(&LOCK, Type::INT8)]).await?;
        found = version(work).await?;
        if found < VERSION {
            carry_over(work, found).await?;
            match found {
                0 => tracing::info!(store = %address, "made the tables of ptgbot"),
                _ => tracing::info!(store = %address, "carried the tables over to format {VERSION}"),
            }
            found = VERSION;
        }
    }
    if found > VERSION {
        return Err(Fault::Newer(found));
    }
    if found == 0 {
        return Ok(None);
    }
    if access == Access::ReadWrite {
        let make = "INSERT INTO ptgbot.board (name) VALUES ($1) ON CONFLICT (name) DO NOTHING";
        if work.execute_typed(make, &[(&board, Type::TEXT)]).await? > 0 {
            tracing::info!(store = %address, "there was no such board: a new one begins");
        }
    }
    let number = "SELECT id FROM ptgbot.board WHERE name = $1";
    Ok(work.query_typed_opt(number, &[(&board, Type::TEXT)]).await?.map(|row| row.get(0)))
}

/// The version of the tables; 0 where there are none.
async fn version(work: &Transaction<'_>) -> Result<i32, Fault> {
    let there = work.query_typed_one("SELECT to_regclass('ptgbot.version') IS NOT NULL", &[]).await?;
    if !there.get::<_, bool>(0) {
        return Ok(0);
    }
    Ok(work.query_typed_one("SELECT version FROM ptgbot.version", &[]).await?.get(0))
}

/// Makes what the versions after `found` have added.
async fn carry_over(work: &Transaction<'_>, found: i32) -> Result<(), Fault> {
    let there = work.query_typed_one("SELECT to_regnamespace('ptgbot') IS NOT NULL", &[]).await?;
    if !there.get::<_, bool>(0) {
        work.batch_execute("CREATE SCHEMA ptgbot").await?;
    }
    for (version, added) in (1..).zip(VERSIONS) {
        if version > found {
            work.batch_execute(added).await?;
        }
    }
    work.batch_execute("DELETE FROM ptgbot.version").await?;
    work.execute_typed("INSERT INTO ptgbot.version (version) VALUES ($1)", &[(&VERSION, Type::INT4)]).await?;
    Ok(())
}

/// The version of the tables that this program makes and knows.
pub(super) const VERSION: i32 = VERSIONS.len() as i32;
/// What each version has added. What is here stays as it is: databases have been made by it.
const VERSIONS: [&str; 3] = [TABLES, LEASES, include_str!("append.sql")];
/// `PTGB`: nobody else's number, one hopes.
const LOCK: i64 = 0x5054_4742;

/// Records are `json`, not `jsonb`: a data file's rooms and days have an order, which `jsonb` does not keep.
///
/// `board.forgotten` is the last change that took somebody out of the board: a snapshot that is older may name them.
const TABLES: &str = "
    CREATE TABLE ptgbot.version (version integer NOT NULL);
    CREATE TABLE ptgbot.board (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL UNIQUE,
        revision bigint NOT NULL DEFAULT 0,
        forgotten bigint NOT NULL DEFAULT 0
    );
    CREATE TABLE ptgbot.change (
        board bigint REFERENCES ptgbot.board ON DELETE CASCADE,
        revision bigint,
        record json NOT NULL,
        PRIMARY KEY (board, revision)
    );
    CREATE TABLE ptgbot.named (
        board bigint REFERENCES ptgbot.board ON DELETE CASCADE,
        person text,
        revision bigint,
        PRIMARY KEY (board, person, revision)
    );
    CREATE TABLE ptgbot.snapshot (
        board bigint REFERENCES ptgbot.board ON DELETE CASCADE,
        made_by text,
        revision bigint NOT NULL,
        content bytea NOT NULL,
        PRIMARY KEY (board, made_by)
    );
    CREATE TABLE ptgbot.delivered (
        board bigint REFERENCES ptgbot.board ON DELETE CASCADE,
        network text,
        revision bigint NOT NULL,
        PRIMARY KEY (board, network)
    );
    CREATE TABLE ptgbot.delivered_to (
        board bigint REFERENCES ptgbot.board ON DELETE CASCADE,
        network text,
        person text,
        revision bigint NOT NULL,
        PRIMARY KEY (board, network, person)
    );
";

/// Who acts for which account: see [`Lease`](ptgbot_core::Lease).
const LEASES: &str = "
    CREATE TABLE ptgbot.lease (
        board bigint REFERENCES ptgbot.board ON DELETE CASCADE,
        account text,
        number bigint NOT NULL,
        holder text NOT NULL,
        until timestamptz NOT NULL,
        place text,
        PRIMARY KEY (board, account)
    );
";
