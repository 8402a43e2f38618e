//! Stores: where the journal lives, chosen by an address such as `sqlite:ptgbot.sqlite`.

mod error;
mod flag;
mod held;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use error::StoreError;
pub use memory::MemoryJournal;
#[cfg(feature = "postgres")]
pub use postgres::PostgresJournal;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteJournal;

use chrono::{DateTime, Utc};
pub use ptgbot_core::Blocking;
use ptgbot_core::{Journal, Revision};
use std::error::Error;
use std::fmt;
#[cfg(feature = "sqlite")]
use std::path::Path;
use std::path::PathBuf;
use std::str::FromStr;

/// Where a board is kept, as people write it: `sqlite:PATH`, `memory:` or `postgres://…`.
///
/// ```
/// use ptgbot_runtime::store::StoreAddress;
///
/// assert_eq!("sqlite:ptg.sqlite".parse::<StoreAddress>()?, StoreAddress::Sqlite("ptg.sqlite".into()));
/// let database = "postgres://bot:sesame@db.example.org/events?board=spring".parse::<StoreAddress>()?;
/// assert_eq!(database.to_string(), "postgres://***");
/// assert!("ptg.sqlite".parse::<StoreAddress>().is_err());
/// # Ok::<(), ptgbot_runtime::store::StoreError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreAddress {
    /// A file of this machine.
    Sqlite(PathBuf),
    /// Nowhere: gone with the process.
    Memory,
    /// A database server. The address may hold a password and is never printed.
    Postgres(String),
}

/// What a store is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To keep a board; the store is made when there is none yet.
    ReadWrite,
    /// To look at a board that must be there already.
    ReadOnly,
}

/// Opens a store.
///
/// ```
/// use ptgbot_runtime::store::{Access, Blocking, StoreAddress, open};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("ptg.sqlite");
/// let address = StoreAddress::Sqlite(path);
/// // Whoever only looks makes no store.
/// assert!(open(&address, Access::ReadOnly, Blocking::Thread).await.is_err());
/// let mut journal = open(&address, Access::ReadWrite, Blocking::Thread).await?;
/// assert_eq!(journal.load().await?.revision(), 0);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// When there is no store of ours at that address; nothing was written then.
#[cfg_attr(not(feature = "sqlite"), expect(unused_variables, reason = "a file is opened with them"))]
pub async fn open(address: &StoreAddress, access: Access, blocking: Blocking) -> Result<Box<dyn Journal>, StoreError> {
    match address {
        #[cfg(feature = "sqlite")]
        StoreAddress::Sqlite(path) => Ok(Box::new(SqliteJournal::open(path, access, blocking).await?)),
        #[cfg(not(feature = "sqlite"))]
        StoreAddress::Sqlite(_) => Err(StoreError::NoSqlite),
        StoreAddress::Memory => Ok(Box::new(MemoryJournal::default())),
        #[cfg(feature = "postgres")]
        StoreAddress::Postgres(address) => Ok(Box::new(PostgresJournal::open(address, access).await?)),
        #[cfg(not(feature = "postgres"))]
        StoreAddress::Postgres(_) => Err(StoreError::NoPostgres),
    }
}

/// A board among those of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BoardSummary {
    /// Its name; of a file its path.
    pub name: String,
    /// How many changes it has.
    pub revision: Revision,
    /// When it was changed last.
    pub last_change: Option<DateTime<Utc>>,
    /// What its changes and snapshots take, in bytes.
    pub bytes: u64,
}

/// The boards of a store by their names: of a database all, whatever board the address names.
///
/// ```
/// use ptgbot_runtime::store::{Access, Blocking, StoreAddress, boards, open};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("ptg.sqlite");
/// let address = StoreAddress::Sqlite(path);
/// open(&address, Access::ReadWrite, Blocking::Thread).await?;
/// let all = boards(&address).await?;
/// assert_eq!((all.len(), all[0].revision, all[0].last_change), (1, 0, None));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// When there is no store of ours at that address.
pub async fn boards(address: &StoreAddress) -> Result<Vec<BoardSummary>, Box<dyn Error + Send + Sync>> {
    match address {
        StoreAddress::Memory => Ok(Vec::new()),
        #[cfg(feature = "postgres")]
        StoreAddress::Postgres(address) => Ok(postgres::boards(address).await?),
        #[cfg(not(feature = "postgres"))]
        StoreAddress::Postgres(_) => Err(StoreError::NoPostgres.into()),
        #[cfg(feature = "sqlite")]
        StoreAddress::Sqlite(path) => Ok(vec![board_of_file(path).await?]),
        #[cfg(not(feature = "sqlite"))]
        StoreAddress::Sqlite(_) => Err(StoreError::NoSqlite.into()),
    }
}

/// When a board of a database was changed last.
#[cfg(feature = "web")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BoardChange {
    pub(crate) name: String,
    pub(crate) last_change: Option<DateTime<Utc>>,
}

/// All boards of a database, by their names, to be asked for again and again over one connection.
#[cfg(feature = "web")]
pub(crate) struct BoardList(
    #[cfg(feature = "postgres")] postgres::BoardList,
    #[cfg(not(feature = "postgres"))] std::convert::Infallible,
);

#[cfg(feature = "web")]
impl BoardList {
    /// That of the database that an address names.
    ///
    /// # Errors
    /// When the address cannot be used, or the store is none that holds many boards.
    pub(crate) fn of(address: &StoreAddress) -> Result<Self, StoreError> {
        match address {
            #[cfg(feature = "postgres")]
            StoreAddress::Postgres(address) => Ok(Self(postgres::BoardList::of(address)?)),
            #[cfg(not(feature = "postgres"))]
            StoreAddress::Postgres(_) => Err(StoreError::NoPostgres),
            StoreAddress::Sqlite(_) | StoreAddress::Memory => Err(StoreError::OneBoard { store: address.to_string() }),
        }
    }

    /// The boards as they are now.
    ///
    /// # Errors
    /// When the database cannot be read.
    #[cfg(feature = "postgres")]
    pub(crate) async fn last_changes(&mut self) -> Result<Vec<BoardChange>, StoreError> {
        self.0.last_changes().await
    }

    /// There is no such list in this build.
    #[cfg(not(feature = "postgres"))]
    pub(crate) async fn last_changes(&mut self) -> Result<Vec<BoardChange>, StoreError> {
        match self.0 {}
    }
}

/// A store as people are told of it: of a database the board and where it is, without any secret.
#[cfg(feature = "cli")]
pub(crate) fn place(address: &StoreAddress) -> String {
    match address {
        #[cfg(feature = "postgres")]
        StoreAddress::Postgres(written) => postgres::place(written).unwrap_or_else(|| address.to_string()),
        _ => address.to_string(),
    }
}

/// The address of another board beside the one that an address names.
#[cfg(feature = "web")]
#[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "only a database has other boards"))]
pub(crate) fn beside(address: &StoreAddress, board: &str) -> Result<StoreAddress, StoreError> {
    match address {
        #[cfg(feature = "postgres")]
        StoreAddress::Postgres(address) => Ok(StoreAddress::Postgres(postgres::beside(address, board))),
        #[cfg(not(feature = "postgres"))]
        StoreAddress::Postgres(_) => Err(StoreError::NoPostgres),
        StoreAddress::Sqlite(_) | StoreAddress::Memory => Err(StoreError::OneBoard { store: address.to_string() }),
    }
}

#[cfg(feature = "sqlite")]
async fn board_of_file(path: &Path) -> Result<BoardSummary, Box<dyn Error + Send + Sync>> {
    let mut journal = SqliteJournal::open(path, Access::ReadOnly, Blocking::Thread).await?;
    let revision = journal.load().await?.revision();
    let last = journal.read_after(revision.saturating_sub(1), 1).await?;
    Ok(BoardSummary {
        name: path.display().to_string(),
        revision,
        last_change: last.last().map(|record| record.at),
        bytes: std::fs::metadata(path).map_or(0, |file| file.len()),
    })
}

impl Default for StoreAddress {
    fn default() -> Self {
        Self::Sqlite(PathBuf::from(DEFAULT_FILE))
    }
}

impl FromStr for StoreAddress {
    type Err = StoreError;

    fn from_str(written: &str) -> Result<Self, StoreError> {
        if written == "memory:" {
            return Ok(Self::Memory);
        }
        if written.starts_with("postgres://") || written.starts_with("postgresql://") {
            return Ok(Self::Postgres(written.to_owned()));
        }
        match written.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => Ok(Self::Sqlite(PathBuf::from(path))),
            Some(_) | None => Err(StoreError::unknown(written)),
        }
    }
}

impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Memory => f.write_str("memory:"),
            Self::Postgres(_) => f.write_str("postgres://***"),
        }
    }
}

impl fmt::Debug for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

const DEFAULT_FILE: &str = "ptgbot.sqlite";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::journal_contract;

    #[tokio::test]
    async fn memory_keeps_the_contract() {
        let new_store = || {
            let store = MemoryJournal::default();
            async move || store.clone()
        };
        journal_contract(new_store).await.expect("it keeps the contract");
    }

    async fn sqlite_keeps_the_contract(blocking: Blocking) {
        let new_store = || {
            let folder = tempfile::tempdir().expect("a folder");
            async move || {
                let path = folder.path().join("board.db");
                SqliteJournal::open(&path, Access::ReadWrite, blocking).await.expect("a store")
            }
        };
        journal_contract(new_store).await.expect("it keeps the contract");
    }

    #[tokio::test]
    async fn sqlite_in_a_thread_keeps_the_contract() {
        sqlite_keeps_the_contract(Blocking::Thread).await;
    }

    #[tokio::test]
    async fn sqlite_inline_keeps_the_contract() {
        sqlite_keeps_the_contract(Blocking::Inline).await;
    }

    #[test]
    fn an_address_names_its_kind_of_store() {
        assert_eq!("memory:".parse::<StoreAddress>().expect("an address"), StoreAddress::Memory);
        let file = "sqlite:a b.db".parse::<StoreAddress>().expect("an address");
        assert_eq!(file, StoreAddress::Sqlite("a b.db".into()));
        for wrong in ["", "sqlite:", "board.db", "mysql://x", "memory"] {
            assert!(wrong.parse::<StoreAddress>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_never_printed() {
        let address = "postgres://bot:hunter2@localhost/ptg".parse::<StoreAddress>().expect("an address");
        assert!(!format!("{address} {address:?}").contains("hunter2"));
        for (wrong, kind) in [
            ("Postgres://bot:hunter2@db/x", "\"Postgres:\""),
            ("postgresql+psycopg://bot:hunter2@db/x", "\"postgresql+psycopg:\""),
            ("host=db password=hunter2", "this"),
            ("password=hunter2 options='a:b'", "this"),
            (":hunter2@db", "this"),
        ] {
            let error = wrong.parse::<StoreAddress>().expect_err("it is no address");
            assert_eq!(error.to_string(), format!("{kind} is no store: use sqlite:PATH, memory: or postgres://…"));
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
    }
}
