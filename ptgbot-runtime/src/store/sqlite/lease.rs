//! Leases. The time is that of the machine since it was started: all who use the file are on it, and no clock that is set
//! moves it. Where there is no such time (`system::machine`), whoever sets the clock ends all leases: another process may
//! take one then, and whoever had it is fenced.

use super::file::File;
use super::format::Format;
use crate::store::StoreError;
use crate::store::held::HeldLease;
use crate::system::machine;
use ptgbot_core::{Claim, JournalError, Lease, LeaseState, PersonId, Taken};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, Transaction, params};
use std::time::Duration;

/// A row: number, holder, start of the machine, end in milliseconds since then, place.
type Kept = (i64, String, String, i64, Option<String>);

impl File {
    /// Gives the lease of an account to a process, unless another one has it or the store is of a newer format.
    pub(super) fn take_lease(&mut self, claim: &Claim) -> Result<Taken, JournalError> {
        let (mut taken, path) = (None, self.path.clone());
        let work = |work: &Transaction<'_>| {
            // A newer version may have carried the store over since it was opened.
            taken = Some(match Format::of(work, &path) {
                Ok(_) => Ok(take(work, claim, Moment::now())?),
                Err(error) => Err(error.into()),
            });
            Ok(())
        };
        self.lease_work("take a lease of", work)?;
        taken.unwrap_or_else(|| Err(StoreError::Stopped { path }.into()))
    }

    /// Goes on with a lease that nobody has taken meanwhile. On a full disk it is enough that nobody has: nobody else can
    /// take it there either, and the bot can still tell people why it does not save anything. A place is not kept then.
    pub(super) fn renew_lease(&mut self, held: &HeldLease, place: Option<&str>) -> Result<(), JournalError> {
        let mut is_ours = false;
        let work = |work: &Transaction<'_>| {
            let Moment { start, millis } = Moment::now();
            let renew = "UPDATE lease SET start = ?3, until = ?4, place = coalesce(?5, place)
                WHERE account = ?1 AND number = ?2";
            let values = params![held.account.to_string(), number(held), start, millis + SPAN, place];
            is_ours = work.prepare_cached(renew)?.execute(values)? > 0;
            Ok(())
        };
        match self.in_transaction(work) {
            Ok(()) => {}
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => {
                is_ours = is_newest(&self.connection, held).map_err(|error| self.lease_failed("read", error))?;
                if is_ours && place.is_some() {
                    return Err(JournalError::NotRemembered);
                }
            }
            Err(error) => return Err(self.lease_failed("renew a lease of", error)),
        }
        if is_ours { Ok(()) } else { Err(held.fenced()) }
    }

    /// Lets others take it at once.
    pub(super) fn release_lease(&mut self, held: &HeldLease) -> Result<(), JournalError> {
        self.lease_work("give up a lease of", |work| {
            let release = "UPDATE lease SET until = 0 WHERE account = ?1 AND number = ?2";
            work.execute(release, params![held.account.to_string(), number(held)]).map(|_| ())
        })
    }

    /// All leases that were ever taken.
    pub(super) fn leases(&mut self) -> Result<Vec<LeaseState>, StoreError> {
        let now = Moment::now();
        let read = |connection: &Connection| {
            let all = "SELECT number, holder, start, until, place, account FROM lease ORDER BY account";
            let mut all = connection.prepare_cached(all)?;
            let state = |row: &Row<'_>| {
                let (number, holder, start, until, _) = kept(row)?;
                let left = now.left(&start, until).unwrap_or_default();
                let account = PersonId::from(row.get::<_, String>(5)?);
                Ok(LeaseState::new(account, number.cast_unsigned(), holder, left))
            };
            all.query_map([], state)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        read(&self.connection).map_err(|error| StoreError::sqlite(&self.path, "read", error))
    }

    fn lease_work(
        &mut self,
        action: &str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), JournalError> {
        self.in_transaction(work).map_err(|error| self.lease_failed(action, error))
    }

    fn lease_failed(&self, action: &str, error: rusqlite::Error) -> JournalError {
        StoreError::sqlite(&self.path, action, error).into()
    }
}

/// Makes sure, within a transaction that writes, that a lease is the newest, and remembers its place.
pub(super) fn stand_at(
    work: &Transaction<'_>,
    held: Option<&HeldLease>,
    place: Option<&str>,
) -> rusqlite::Result<Standing> {
    let Some(held) = held else { return Ok(Standing::Newest) };
    let is_newest = match place {
        None => is_newest(work, held)?,
        Some(place) => {
            let move_on = "UPDATE lease SET place = ?3 WHERE account = ?1 AND number = ?2";
            let values = params![held.account.to_string(), number(held), place];
            work.prepare_cached(move_on)?.execute(values)? > 0
        }
    };
    Ok(if is_newest { Standing::Newest } else { Standing::Fenced })
}

fn is_newest(connection: &Connection, held: &HeldLease) -> rusqlite::Result<bool> {
    let newest = "SELECT 1 FROM lease WHERE account = ?1 AND number = ?2";
    let values = params![held.account.to_string(), number(held)];
    Ok(connection.prepare_cached(newest)?.query_row(values, |_| Ok(())).optional()?.is_some())
}

/// Whether a lease is still good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Newest,
    Fenced,
}

fn take(work: &Transaction<'_>, claim: &Claim, now: Moment) -> rusqlite::Result<Taken> {
    let account = claim.account.to_string();
    let row = "SELECT number, holder, start, until, place FROM lease WHERE account = ?1";
    let before = work.query_row(row, [&account], kept).optional()?;
    let (last, place) = match before {
        None => (0, None),
        Some((last, holder, start, until, place)) => {
            let may_be_taken = holder == claim.holder || claim.ended.as_ref() == Some(&holder);
            match now.left(&start, until) {
                Some(left) if !may_be_taken => return Ok(Taken::Others { holder, left, place }),
                Some(_) | None => (last, place),
            }
        }
    };
    let number = last + 1;
    let take = "INSERT INTO lease (account, number, holder, start, until, place) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (account) DO UPDATE SET
            number = excluded.number, holder = excluded.holder, start = excluded.start, until = excluded.until";
    work.execute(take, params![account, number, claim.holder, now.start, now.millis + SPAN, place])?;
    Ok(Taken::Ours(Lease::new(number.cast_unsigned(), place)))
}

fn kept(row: &Row<'_>) -> rusqlite::Result<Kept> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

fn number(held: &HeldLease) -> i64 {
    held.number.cast_signed()
}

/// A moment of this machine.
struct Moment {
    /// Which start of it.
    start: String,
    /// Since then, sleep included.
    millis: i64,
}

impl Moment {
    fn now() -> Self {
        let millis = i64::try_from(machine::since_start().as_millis()).unwrap_or(i64::MAX);
        // Where that cannot be known all starts look alike, and a lease of an earlier one lasts for a while.
        Self { start: machine::start(), millis }
    }

    /// How long something lasts yet that ends at a moment; `None` where that is over.
    fn left(&self, start: &str, until: i64) -> Option<Duration> {
        let left = u64::try_from(until - self.millis).ok().filter(|left| *left > 0)?;
        (start == self.start && left <= SPAN.cast_unsigned()).then(|| Duration::from_millis(left))
    }
}

/// In milliseconds.
#[expect(clippy::cast_possible_truncation, reason = "ten seconds")]
const SPAN: i64 = Lease::SPAN.as_millis() as i64;
