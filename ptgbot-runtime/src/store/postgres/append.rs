//! Writing changes: all of them or none, when the board is where the writer believes it to be.

use super::Fault;
use super::connection::{Connection, Value};
use super::forget::forget;
use crate::store::held::HeldLease;
use ptgbot_core::{Board, PersonId, Record, Revision};
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Transaction};

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
    let before = expected.cast_signed();
    let (account, number) = (held.map(|held| held.account.to_string()), held.map(|held| held.number.cast_signed()));
    let values: [Value<'_>; 9] = [
        (&board, Type::INT8),
        (&before, Type::INT8),
        (&rows.revisions, Type::INT8_ARRAY),
        (&rows.records, Type::TEXT_ARRAY),
        (&rows.people, Type::TEXT_ARRAY),
        (&rows.naming, Type::INT8_ARRAY),
        (&account, Type::TEXT),
        (&number, Type::INT8),
        (&place, Type::TEXT),
    ];
    if records.iter().all(|record| record.forgotten().is_none()) {
        return appended(&connection.query(APPEND, &values).await?, held);
    }
    let work = async |work: &Transaction<'_>| {
        let appended = appended(&work.query_typed(APPEND, &values).await?, held)?;
        if matches!(appended, Appended::Written) {
            for record in records {
                if let Some(forgotten) = record.forgotten() {
                    forget(work, board, record.revision, &forgotten, after).await?;
                }
            }
        }
        Ok(appended)
    };
    connection.in_transaction(work).await
}

/// What the database says that it did.
fn appended(rows: &[Row], held: Option<&HeldLease>) -> Result<Appended, Fault> {
    let row = rows.first().ok_or_else(|| Fault::Damaged("a function gave no row".into()))?;
    let (is_holder, is_written, actual): (bool, bool, Option<i64>) = (row.get(0), row.get(1), row.get(2));
    let actual = actual.ok_or_else(|| Fault::Damaged("the board has been removed from the database".into()))?;
    Ok(match held {
        _ if is_written => Appended::Written,
        Some(held) if !is_holder => Appended::Fenced(held.account.clone()),
        Some(_) | None => Appended::Conflict { actual: actual.cast_unsigned() },
    })
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

/// What that does is told in `append.sql`.
const APPEND: &str = "SELECT held, written, actual FROM ptgbot.append($1, $2, $3, $4, $5, $6, $7, $8, $9)";
