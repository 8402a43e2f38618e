//! How far deliveries have come.

use super::Fault;
use super::connection::{Connection, Value};
use crate::store::held::HeldLease;
use ptgbot_core::{Delivered, Mark, Network, PersonId, Revision};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// How far a network has been told. One statement, so that both parts are of one moment.
pub(super) async fn read(connection: &Connection, board: i64, network: &Network) -> Result<Delivered, Fault> {
    let network = network.as_str();
    let marks = "
        SELECT NULL, revision FROM ptgbot.delivered WHERE board = $1 AND network = $2
        UNION ALL SELECT person, revision FROM ptgbot.delivered_to WHERE board = $1 AND network = $2";
    let mut delivered = Delivered::default();
    for row in connection.query(marks, &[(&board, Type::INT8), (&network, Type::TEXT)]).await? {
        match row.get::<_, Option<String>>(0) {
            None => delivered.everyone = Some(revision(&row)),
            Some(person) => {
                delivered.people.insert(PersonId::from(person), revision(&row));
            }
        }
    }
    Ok(delivered)
}

/// Remembers what was delivered; nothing ever goes back. False where another handle has the lease.
pub(super) async fn mark(
    connection: &Connection,
    board: i64,
    network: &Network,
    mark: &Mark,
    held: Option<&HeldLease>,
) -> Result<bool, Fault> {
    let network = network.as_str();
    let (account, number) = (held.map(|held| held.account.to_string()), held.map(|held| held.number.cast_signed()));
    let of_network: [Value<'_>; 4] =
        [(&board, Type::INT8), (&network, Type::TEXT), (&account, Type::TEXT), (&number, Type::INT8)];
    match mark {
        Mark::Everyone(revision) => {
            let revision = revision.cast_signed();
            let values = of_network.into_iter().chain([(&revision as _, Type::INT8)]).collect::<Vec<_>>();
            all_may(&connection.query(EVERYONE, &values).await?)
        }
        Mark::People(people) => {
            let (people, revisions): (Vec<_>, Vec<_>) =
                people.iter().map(|(person, revision)| (person.to_string(), revision.cast_signed())).unzip();
            let marks: [Value<'_>; 2] = [(&people, Type::TEXT_ARRAY), (&revisions, Type::INT8_ARRAY)];
            all_may(&connection.query(PEOPLE, &of_network.into_iter().chain(marks).collect::<Vec<_>>()).await?)
        }
    }
}

fn all_may(rows: &[Row]) -> Result<bool, Fault> {
    rows.first().map(|row| row.get(0)).ok_or_else(|| Fault::Damaged("a statement gave no row".into()))
}

fn revision(row: &Row) -> Revision {
    row.get::<_, i64>(1).cast_unsigned()
}

const EVERYONE: &str = "
    WITH held AS (
        SELECT board FROM ptgbot.lease WHERE board = $1 AND account = $3 AND number = $4 FOR UPDATE
    ), may AS (
        SELECT $3 IS NULL OR EXISTS (SELECT FROM held) AS it
    ), behind AS (
        DELETE FROM ptgbot.delivered_to USING may WHERE may.it AND board = $1 AND network = $2 AND revision <= $5
    ), told AS (
        INSERT INTO ptgbot.delivered (board, network, revision) SELECT $1, $2, $5 FROM may WHERE may.it
        ON CONFLICT (board, network) DO UPDATE SET revision = greatest(delivered.revision, excluded.revision)
    )
    SELECT it FROM may";

/// Whoever is not ahead of everyone needs no mark.
const PEOPLE: &str = "
    WITH held AS (
        SELECT board FROM ptgbot.lease WHERE board = $1 AND account = $3 AND number = $4 FOR UPDATE
    ), may AS (
        SELECT $3 IS NULL OR EXISTS (SELECT FROM held) AS it
    ), told AS (
        INSERT INTO ptgbot.delivered_to (board, network, person, revision)
        SELECT $1, $2, new.person, max(new.revision) FROM may, unnest($5, $6) AS new (person, revision)
        WHERE may.it AND NOT EXISTS (
            SELECT 1 FROM ptgbot.delivered AS everyone
            WHERE everyone.board = $1 AND everyone.network = $2 AND everyone.revision >= new.revision
        )
        GROUP BY new.person
        ON CONFLICT (board, network, person)
            DO UPDATE SET revision = greatest(delivered_to.revision, excluded.revision)
    )
    SELECT it FROM may";
