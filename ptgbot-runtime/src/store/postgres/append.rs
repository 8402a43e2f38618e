//! Writing changes: all of them or none, when the board is where the writer believes it to be.

use super::Fault;
use super::connection::{Connection, channel};
use super::forget::forget;
use crate::store::held::HeldLease;
use ptgbot_core::{Board, PersonId, Record, Revision};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// What became of an append.
pub(super) enum Appended {
    Written,
    /// Somebody else appended first; nothing was written.
    Conflict {
        actual: Revision,
    },
    /// Another handle has the account's lease; nothing was written.
    Fenced(PersonId),
}

/// What is to be written, and with which right.
#[derive(Clone, Copy)]
pub(super) struct Changes<'a> {
    pub(super) expected: Revision,
    pub(super) records: &'a [Record],
    pub(super) after: &'a Board,
    pub(super) held: Option<&'a HeldLease>,
    /// Where the holder stands then.
    pub(super) place: Option<&'a str>,
}

/// Writes all records or none. One message to the database and one back, unless somebody is to be forgotten.
pub(super) async fn append(connection: &mut Connection, board: i64, changes: Changes<'_>) -> Result<Appended, Fault> {
    let Changes { expected, records, after, held, place } = changes;
    let rows = Rows::of(records)?;
    let forgetting = records.iter().any(|record| record.forgotten().is_some());
    let (before, last, channel) = (expected.cast_signed(), after.revision().cast_signed(), channel(board));
    let (account, number) = (held.map(|held| held.account.to_string()), held.map(|held| held.number.cast_signed()));
    let values: [super::connection::Value<'_>; 11] = [
        (&board, Type::INT8),
        (&before, Type::INT8),
        (&last, Type::INT8),
        (&rows.revisions, Type::INT8_ARRAY),
        (&rows.records, Type::TEXT_ARRAY),
        (&rows.people, Type::TEXT_ARRAY),
        (&rows.naming, Type::INT8_ARRAY),
        (&channel, Type::TEXT),
        (&account, Type::TEXT),
        (&number, Type::INT8),
        (&place, Type::TEXT),
    ];
    let of_lease: [super::connection::Value<'_>; 3] =
        [(&board, Type::INT8), (&account, Type::TEXT), (&number, Type::INT8)];
    if !forgetting {
        let written = connection.query(APPEND, &values).await?;
        if written.is_empty() {
            return refused(held, &connection.query(LAST, &of_lease).await?);
        }
        return Ok(Appended::Written);
    }
    let work = connection.transaction().await?;
    if work.query_typed(APPEND, &values).await?.is_empty() {
        return refused(held, &work.query_typed(LAST, &of_lease).await?);
    }
    for record in records {
        if let Some(forgotten) = record.forgotten() {
            forget(&work, board, record.revision, &forgotten, after).await?;
        }
    }
    work.commit().await?;
    Ok(Appended::Written)
}

fn refused(held: Option<&HeldLease>, last: &[Row]) -> Result<Appended, Fault> {
    match (last, held) {
        ([row, ..], Some(held)) if !row.get::<_, bool>(1) => Ok(Appended::Fenced(held.account.clone())),
        ([row, ..], _) => Ok(Appended::Conflict { actual: row.get::<_, i64>(0).cast_unsigned() }),
        ([], _) => Err(Fault::Damaged("the board has been removed from the database".into())),
    }
}

/// Changes as columns.
struct Rows {
    revisions: Vec<i64>,
    records: Vec<String>,
    /// Whom the changes name, and in which.
    people: Vec<String>,
    naming: Vec<i64>,
}

impl Rows {
    fn of(records: &[Record]) -> Result<Self, Fault> {
        let mut rows = Self { revisions: Vec::new(), records: Vec::new(), people: Vec::new(), naming: Vec::new() };
        for record in records {
            let revision = record.revision.cast_signed();
            let written = serde_json::to_string(record);
            rows.revisions.push(revision);
            rows.records.push(written.map_err(|error| Fault::Unwritable(record.revision, error))?);
            for person in record.people() {
                rows.people.push(person.to_string());
                rows.naming.push(revision);
            }
        }
        Ok(rows)
    }
}

/// The board's row is locked by its update: of two writers at one revision the second waits, and then finds another
/// revision. So is the row of the writer's lease, if it has one. A server that may lose commits in a crash is told not to lose this one.
const APPEND: &str = "
    WITH held AS (
        SELECT board FROM ptgbot.lease WHERE board = $1 AND account = $9 AND number = $10 FOR UPDATE
    ), here AS (
        UPDATE ptgbot.board SET revision = $3
        WHERE id = $1 AND revision = $2 AND ($9 IS NULL OR EXISTS (SELECT FROM held)) RETURNING id
    ), stands AS (
        UPDATE ptgbot.lease SET place = $11 FROM here
        WHERE lease.board = here.id AND account = $9 AND number = $10 AND $11 IS NOT NULL
    ), written AS (
        INSERT INTO ptgbot.change (board, revision, record)
        SELECT here.id, new.revision, new.record::json FROM here, unnest($4, $5) AS new (revision, record)
    ), noted AS (
        INSERT INTO ptgbot.named (board, person, revision)
        SELECT here.id, new.person, new.revision FROM here, unnest($6, $7) AS new (person, revision)
        ON CONFLICT DO NOTHING
    )
    SELECT pg_notify($8, $3::text),
        CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END
    FROM here";

const LAST: &str = "
    SELECT revision, EXISTS (SELECT FROM ptgbot.lease WHERE board = $1 AND account = $2 AND number = $3)
    FROM ptgbot.board WHERE id = $1";
