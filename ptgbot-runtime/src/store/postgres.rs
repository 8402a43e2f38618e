//! The journal in a PostgreSQL database: one row a change, many boards beside each other, bots and pages on any number
//! of machines.
//!
//! Every statement is sent with its types and without a name, in one message there and one back, so that a pooler such
//! as PgBouncer may stand in between in any of its modes. What must be quick is a function of the database, for which it
//! keeps the plan. What changes others make is told by `NOTIFY`; a look every second finds what a pooler or a lost
//! connection has swallowed.

mod address;
mod append;
#[cfg(feature = "web")]
mod board_list;
mod boards;
mod connection;
mod delivered;
mod forget;
mod lease;
mod passwords;
mod read;
mod schema;
mod snapshot;
mod tls;

use crate::store::held::HeldLease;
use crate::store::{Access, StoreError};
use address::Address;
use append::{Appended, Changes};
use async_trait::async_trait;
#[cfg(feature = "web")]
pub(super) use board_list::{BoardList, beside};
pub(super) use boards::boards;
#[cfg(feature = "cli")]
pub(super) use boards::place;
use connection::Connection;
use ptgbot_core::{Board, Claim, Delivered, Journal, JournalError, LeaseState, Mark, Network, Record, Revision, Taken};
use std::fmt;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::error::Severity;

/// The journal of one board in a PostgreSQL database.
///
/// A lost connection is made again with the next call; the call that met the loss fails, and whether it has written is
/// found out by [`load`](Journal::load) or [`read_after`](Journal::read_after).
pub struct PostgresJournal {
    address: Address,
    /// The board's number in the database.
    board: i64,
    connection: Option<Connection>,
    /// The newest change that the database has told of; nothing where it is to be looked for.
    told: watch::Receiver<Option<Revision>>,
    /// For the next connection.
    tells: watch::Sender<Option<Revision>>,
    /// The newest change that this handle knows of.
    seen: Revision,
    /// When to look again for what nobody has told, however often a wait is given up before.
    next_look: Instant,
    lease: Option<HeldLease>,
}

impl PostgresJournal {
    /// Opens a board by its address: `postgres://USER@HOST:PORT/DB?board=NAME`, with libpq's parameters and environment
    /// (`PGPASSWORD`, `PGPASSFILE`, `sslmode`, `sslrootcert`). With [`Access::ReadWrite`] tables and board are made
    /// where there are none.
    ///
    /// # Errors
    /// When the address is wrong, the database cannot be reached or gives no rights, its tables are of a later version,
    /// or there is no such board to read.
    pub async fn open(address: &str, access: Access) -> Result<Self, StoreError> {
        let address = Address::parse(address)?;
        let (tells, told) = watch::channel(None);
        let mut connection = Connection::open(&address, &tells).await?;
        let board = schema::open_board(&mut connection, &address, access).await?;
        connection.listen(board).await.map_err(|fault| fault.told("read", &address))?;
        Ok(Self {
            address,
            board,
            connection: Some(connection),
            told,
            tells,
            seen: 0,
            next_look: Instant::now(),
            lease: None,
        })
    }

    /// The connection, made again if it is lost.
    async fn connected(&mut self) -> Result<&mut Connection, StoreError> {
        let connection = match self.connection.take() {
            Some(connection) if !connection.is_lost() => connection,
            _ => {
                let connection = Connection::open(&self.address, &self.tells).await?;
                connection.listen(self.board).await.map_err(|fault| fault.told("read", &self.address))?;
                connection
            }
        };
        Ok(self.connection.insert(connection))
    }

    /// Does some work on the connection. Where an answer is late, or the connection is lost, it is given up, and the next
    /// call makes a new one.
    async fn work<T>(
        &mut self,
        action: &str,
        work: impl AsyncFnOnce(&mut Connection, i64) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let board = self.board;
        let connection = self.connected().await?;
        match work(connection, board).await {
            Ok(done) => Ok(done),
            Err(fault) => {
                if fault.ends_the_connection() {
                    self.connection = None;
                }
                Err(fault.told(action, &self.address))
            }
        }
    }
}

#[async_trait]
impl Journal for PostgresJournal {
    async fn load(&mut self) -> Result<Board, JournalError> {
        let board = self.work("read", async |connection, board| read::load(connection, board).await).await?;
        self.seen = board.revision();
        Ok(board)
    }

    async fn append(
        &mut self,
        expected: Revision,
        records: &[Record],
        after: &Board,
        place: Option<&str>,
    ) -> Result<(), JournalError> {
        let action = match records {
            [record] => format!("append change {} to", record.revision),
            records => format!("append {} changes after {expected} to", records.len()),
        };
        let held = self.lease.clone();
        let changes = Changes { expected, records, after, held: held.as_ref(), place };
        let work = async |connection: &mut Connection, board| append::append(connection, board, changes).await;
        match self.work(&action, work).await? {
            Appended::Written => self.seen = self.seen.max(after.revision()),
            Appended::Conflict { actual } => return Err(JournalError::Conflict { expected, actual }),
            Appended::Fenced(account) => return Err(JournalError::Fenced { account }),
        }
        Ok(())
    }

    async fn read_after(&mut self, revision: Revision, limit: usize) -> Result<Vec<Record>, JournalError> {
        let work =
            async |connection: &mut Connection, board| read::read_after(connection, board, revision, limit).await;
        let records = self.work("read", work).await?;
        if let Some(last) = records.last() {
            self.seen = self.seen.max(last.revision);
        }
        Ok(records)
    }

    async fn snapshot(&mut self, board: &Board) -> Result<(), JournalError> {
        let work = async |connection: &mut Connection, number| snapshot::keep(connection, number, board).await;
        Ok(self.work("write a snapshot to", work).await?)
    }

    async fn changed(&mut self) {
        loop {
            let told = timeout_at(self.next_look, self.told.changed()).await;
            match told.ok().and_then(|_| *self.told.borrow_and_update()) {
                Some(told) if told > self.seen => return,
                // Of its own changes, too, a handle is told.
                Some(_) => continue,
                // What was lost on the way is found by looking.
                None => {}
            }
            let look = async |connection: &mut Connection, board| read::last_revision(connection, board).await;
            let last = self.work("read", look).await;
            self.next_look = Instant::now() + LOOK_EVERY;
            match last {
                Ok(last) if last <= self.seen => {}
                // Whoever reads next gets an error and tells it.
                Ok(_) | Err(_) => return,
            }
        }
    }

    async fn delivered(&mut self, network: &Network) -> Result<Delivered, JournalError> {
        let work = async |connection: &mut Connection, board| delivered::read(connection, board, network).await;
        Ok(self.work("read", work).await?)
    }

    async fn mark_delivered(&mut self, network: &Network, mark: Mark) -> Result<(), JournalError> {
        let held = self.lease.clone();
        let work = async |connection: &mut Connection, board| {
            delivered::mark(connection, board, network, &mark, held.as_ref()).await
        };
        let is_newest = self.work("write to", work).await?;
        match &held {
            Some(held) if !is_newest => Err(held.fenced()),
            Some(_) | None => Ok(()),
        }
    }

    async fn take_lease(&mut self, claim: &Claim) -> Result<Taken, JournalError> {
        let work = async |connection: &mut Connection, board| lease::take(connection, board, claim).await;
        let taken = self.work("take a lease of", work).await?;
        if let Taken::Ours(lease) = &taken {
            self.lease = Some(HeldLease { account: claim.account.clone(), number: lease.number });
        }
        Ok(taken)
    }

    async fn renew_lease(&mut self, place: Option<&str>) -> Result<(), JournalError> {
        let Some(held) = self.lease.clone() else { return Ok(()) };
        let work = async |connection: &mut Connection, board| lease::renew(connection, board, &held, place).await;
        let is_newest = self.work("renew a lease of", work).await?;
        if is_newest { Ok(()) } else { Err(held.fenced()) }
    }

    async fn release_lease(&mut self) -> Result<(), JournalError> {
        let Some(held) = self.lease.take() else { return Ok(()) };
        let work = async |connection: &mut Connection, board| lease::release(connection, board, &held).await;
        Ok(self.work("give up a lease of", work).await?)
    }

    async fn leases(&mut self) -> Result<Vec<LeaseState>, JournalError> {
        let work = async |connection: &mut Connection, board| lease::all(connection, board).await;
        Ok(self.work("read", work).await?)
    }
}

/// Why some work on a database was not done.
#[derive(Debug)]
enum Fault {
    /// The database or the way to it said no.
    Database(tokio_postgres::Error),
    /// No answer came in time.
    Late,
    /// A later version has made the tables.
    Newer(i32),
    /// What is there makes no sense.
    Damaged(String),
    /// One change cannot be understood.
    Unreadable(Revision, serde_json::Error),
    /// One change cannot be written as text.
    Unwritable(Revision, serde_json::Error),
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(error)
    }
}

impl Fault {
    /// True when nothing can be asked any more, though the connection may not have noticed yet.
    fn ends_the_connection(&self) -> bool {
        match self {
            Self::Database(error) => error
                .as_db_error()
                .is_none_or(|told| matches!(told.parsed_severity(), Some(Severity::Fatal | Severity::Panic))),
            Self::Late => true,
            Self::Newer(_) | Self::Damaged(_) | Self::Unreadable(..) | Self::Unwritable(..) => false,
        }
    }

    /// The same with what was tried, and where.
    fn told(self, action: &str, address: &Address) -> StoreError {
        let store = address.to_string();
        match self {
            Self::Database(error) => {
                StoreError::System { action: action.into(), store, reason: reason(&error), source: error.into() }
            }
            Self::Late => {
                let reason = "the database does not answer".to_owned();
                StoreError::System { action: action.into(), store, source: reason.clone().into(), reason }
            }
            Self::Newer(found) => StoreError::Newer { store, found: found.into(), known: schema::VERSION.into() },
            Self::Damaged(reason) => StoreError::Damaged { store, reason },
            Self::Unreadable(revision, source) => StoreError::Unreadable { store, revision, source },
            Self::Unwritable(revision, source) => StoreError::Unwritable { store, revision, source },
        }
    }
}

/// What the database said, in its own words, and else why it could not be asked.
fn reason(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(told) => format!("{} (SQLSTATE {})", told.message(), told.code().code()),
        None => {
            let mut causes = vec![error.to_string()];
            let mut cause = std::error::Error::source(error);
            while let Some(next) = cause {
                causes.push(next.to_string());
                cause = next.source();
            }
            causes.join(": ")
        }
    }
}

impl fmt::Debug for PostgresJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresJournal({})", self.address)
    }
}

/// How often to look where nothing is told.
const LOOK_EVERY: Duration = Duration::from_secs(1);
