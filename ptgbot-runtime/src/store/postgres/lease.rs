//! Leases. The time is the database's, whatever the clocks of the machines say.
//!
//! Whoever writes with a lease locks its row in the statement that writes: a lease that is taken at the same moment is
//! taken before or after that, never in between.

use super::Fault;
use super::connection::{Connection, Value};
use super::schema::VERSION;
use crate::store::held::HeldLease;
use ptgbot_core::{Claim, Lease, LeaseState, PersonId, Taken};
use std::time::Duration;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// Gives the lease of an account to a process, unless another one has it or the tables are of a later version. Whoever
/// stands by asks every second: as long as it is not theirs to take, they read, and nothing is locked or written.
pub(super) async fn take(connection: &Connection, board: i64, claim: &Claim) -> Result<Taken, Fault> {
    let (account, span) = (claim.account.to_string(), span());
    let values: [Value<'_>; 6] = [
        (&board, Type::INT8),
        (&account, Type::TEXT),
        (&span, Type::FLOAT8),
        (&claim.holder, Type::TEXT),
        (&claim.ended, Type::TEXT),
        (&VERSION, Type::INT4),
    ];
    if let Some((others, Free(false))) = asked(connection, &values[..5]).await? {
        return Ok(others);
    }
    if let [row, ..] = &connection.query(TAKE, &values).await?[..] {
        let number = row.get::<_, i64>(0).cast_unsigned();
        return Ok(Taken::Ours(Lease::new(number, row.get(1))));
    }
    // Somebody else was first.
    match asked(connection, &values[..5]).await? {
        Some((others, _)) => Ok(others),
        None => Err(Fault::Damaged(format!("the lease of {account} has been removed from the database"))),
    }
}

/// Whose a lease is; `None` where nobody has taken it yet.
async fn asked(connection: &Connection, values: &[Value<'_>]) -> Result<Option<(Taken, Free)>, Fault> {
    match &connection.query(HOLDER, values).await?[..] {
        [row, ..] if row.get::<_, i32>(0) > VERSION => Err(Fault::Newer(row.get(0))),
        [row, ..] if row.get::<_, Option<&str>>(1).is_some() => {
            if row.get(5) {
                connection.query(SHORTEN, &values[..3]).await?;
            }
            let others = Taken::Others { holder: row.get(1), left: left(row, 2), place: row.get(3) };
            Ok(Some((others, Free(row.get(4)))))
        }
        [..] => Ok(None),
    }
}

/// Whether a lease can be taken by whoever asks.
struct Free(bool);

/// Goes on with a lease; false where another handle has taken it.
pub(super) async fn renew(
    connection: &Connection,
    board: i64,
    held: &HeldLease,
    place: Option<&str>,
) -> Result<bool, Fault> {
    let (account, number, span) = (held.account.to_string(), held.number.cast_signed(), span());
    let values: [Value<'_>; 5] = [
        (&board, Type::INT8),
        (&account, Type::TEXT),
        (&number, Type::INT8),
        (&span, Type::FLOAT8),
        (&place, Type::TEXT),
    ];
    Ok(!connection.query(RENEW, &values).await?.is_empty())
}

/// Lets others take it at once.
pub(super) async fn release(connection: &Connection, board: i64, held: &HeldLease) -> Result<(), Fault> {
    let (account, number) = (held.account.to_string(), held.number.cast_signed());
    let values: [Value<'_>; 3] = [(&board, Type::INT8), (&account, Type::TEXT), (&number, Type::INT8)];
    connection.query(RELEASE, &values).await.map(|_| ())
}

/// All leases that were ever taken on a board.
pub(super) async fn all(connection: &Connection, board: i64) -> Result<Vec<LeaseState>, Fault> {
    let state = |row: &Row| {
        let account = PersonId::from(row.get::<_, String>(0));
        let (number, holder): (i64, String) = (row.get(1), row.get(2));
        LeaseState::new(account, number.cast_unsigned(), holder, left(row, 3))
    };
    Ok(connection.query(ALL, &[(&board, Type::INT8)]).await?.iter().map(state).collect())
}

/// In seconds; less than none where it has run out.
fn left(row: &Row, column: usize) -> Duration {
    Duration::try_from_secs_f64(row.get(column)).unwrap_or_default().min(Lease::SPAN)
}

fn span() -> f64 {
    Lease::SPAN.as_secs_f64()
}

const TAKE: &str = "
    INSERT INTO ptgbot.lease AS kept (board, account, number, holder, until)
    SELECT $1, $2, 1, $4, clock_timestamp() + make_interval(secs => $3) FROM ptgbot.version WHERE version <= $6
    ON CONFLICT (board, account) DO UPDATE
        SET number = kept.number + 1, holder = excluded.holder, until = excluded.until
        WHERE kept.until <= clock_timestamp() OR kept.holder IN ($4, coalesce($5, $4))
    RETURNING number, place";

const HOLDER: &str = "
    SELECT version, holder, extract(epoch FROM
            least(greatest(until, 'epoch'), clock_timestamp() + interval '1 hour') - clock_timestamp())::float8,
        place, until <= clock_timestamp() OR holder IN ($4, coalesce($5, $4)),
        until > clock_timestamp() + make_interval(secs => $3)
    FROM ptgbot.version LEFT JOIN ptgbot.lease ON board = $1 AND account = $2";

/// A lease that ends later than one that begins is from before the clock was set back. Its holder may still act, and for
/// no longer than a lease lasts: that is left of it from when another asks.
const SHORTEN: &str = "
    UPDATE ptgbot.lease SET until = clock_timestamp() + make_interval(secs => $3)
    WHERE board = $1 AND account = $2 AND until > clock_timestamp() + make_interval(secs => $3)";

const RENEW: &str = "
    UPDATE ptgbot.lease SET until = clock_timestamp() + make_interval(secs => $4), place = coalesce($5, place)
    WHERE board = $1 AND account = $2 AND number = $3 RETURNING number";

const RELEASE: &str = "
    UPDATE ptgbot.lease SET until = 'epoch' WHERE board = $1 AND account = $2 AND number = $3";

const ALL: &str = "
    SELECT account, number, holder, extract(epoch FROM
            least(greatest(until, 'epoch'), clock_timestamp() + interval '1 hour') - clock_timestamp())::float8
    FROM ptgbot.lease WHERE board = $1 ORDER BY account";
