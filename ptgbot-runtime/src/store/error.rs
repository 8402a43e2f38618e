//! Why a store cannot be used: the file and the reason, in one line.

use ptgbot_core::{JournalError, Revision};
#[cfg(feature = "sqlite")]
use rusqlite::ErrorCode;
#[cfg(feature = "sqlite")]
use std::path::Path;
use std::path::PathBuf;

/// Why a store cannot be used. Nothing of it was overwritten.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The address has no form that we know. It may hold a password, so that only its kind is told.
    #[error("{} is no store: use sqlite:PATH, memory: or postgres://…", named(kind.as_deref()))]
    UnknownAddress {
        /// What stands in front, such as `mysql:`; `None` where that cannot be told.
        kind: Option<String>,
    },
    /// A database server was asked for, and this program is built without.
    #[error("this build has no postgres:// stores (they are the feature \"postgres\"): use sqlite:PATH")]
    NoPostgres,
    /// Many boards are to be served of a store that holds one.
    #[error("{store} holds one board: --boards serves those of a database, postgres://…")]
    OneBoard {
        /// Its address.
        store: String,
    },
    /// A store in a file was asked for, and this program is built without.
    #[error("this build has no sqlite: stores (they are the feature \"sqlite\")")]
    NoSqlite,
    /// The address of a database cannot be used.
    #[error("the store's address cannot be used: {reason}")]
    WrongDatabaseAddress {
        /// What is wrong with it, without any secret of it.
        reason: String,
    },
    /// A board of a database is to be read that does not exist.
    #[error("there is no {store}")]
    MissingBoard {
        /// Which one, and where.
        store: String,
    },
    /// A store is to be read that does not exist.
    #[error("there is no store at {}", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// There is no store, but what was kept beside one.
    #[error(
        "{path} is missing or empty, though {path}-journal is there: put the store back, or remove that file for a new \
         board", path = path.display()
    )]
    Lost {
        /// Where it should be.
        path: PathBuf,
    },
    /// The file was taken away while it was open.
    #[error("{} is gone", path.display())]
    Gone {
        /// Where it was.
        path: PathBuf,
    },
    /// The file was emptied while it was open.
    #[error("{} is empty (0 bytes)", path.display())]
    Emptied {
        /// The file.
        path: PathBuf,
    },
    /// Another file was put in its place while it was open.
    #[error("{} is another file than the one that was opened", path.display())]
    Replaced {
        /// The file.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("{} is not a ptgbot store: it is not a database", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file is another program's database.
    #[error("{} is not a ptgbot store: it is another program's database", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The store was written by a later version.
    #[error("{store} has format {found}, and this version reads formats up to {known}: use a newer ptgbot")]
    Newer {
        /// The file, or the board and its database.
        store: String,
        /// Its format.
        found: i64,
        /// The newest format that can be read.
        known: i64,
    },
    /// The store has lost a part.
    #[error("{store} is damaged: {reason}")]
    Damaged {
        /// The file, or the board and its database.
        store: String,
        /// What is wrong.
        reason: String,
    },
    /// One change cannot be understood.
    #[error("cannot read change {revision} in {store}, {}: {source}", suspicion(source))]
    Unreadable {
        /// The file, or the board and its database.
        store: String,
        /// Which change.
        revision: Revision,
        /// What is strange about it.
        source: serde_json::Error,
    },
    /// Something that cannot be written as text.
    #[error("cannot write change {revision} for {store}: {source}")]
    Unwritable {
        /// The file, or the board and its database.
        store: String,
        /// Which change.
        revision: Revision,
        /// Why.
        source: serde_json::Error,
    },
    /// The system, or the database, said no.
    #[error("cannot {action} {store}: {reason}")]
    System {
        /// What was tried, such as `append change 4182 to`.
        action: String,
        /// The file, or the board and its database.
        store: String,
        /// In plain words.
        reason: String,
        /// What was said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The thread that writes the file is gone.
    #[error("cannot use {} any more: its writer has stopped", path.display())]
    Stopped {
        /// The file.
        path: PathBuf,
    },
}

/// A record that is JSON but unknown is newer than we are; one that is no JSON was damaged on the disk.
fn suspicion(source: &serde_json::Error) -> &'static str {
    if source.is_data() { "perhaps a newer version wrote it" } else { "the file is damaged" }
}

fn named(kind: Option<&str>) -> String {
    kind.map_or_else(|| "this".to_owned(), |kind| format!("{kind:?}"))
}

impl StoreError {
    /// An address that has no form that we know.
    pub(crate) fn unknown(address: &str) -> Self {
        let is_kind = |kind: &&str| {
            kind.starts_with(|first: char| first.is_ascii_alphabetic())
                && kind.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        };
        let kind = address.split_once(':').map(|(kind, _)| kind).filter(is_kind);
        Self::UnknownAddress { kind: kind.map(|kind| format!("{kind}:")) }
    }

    /// True where a store is of a format that this version does not know.
    pub(crate) fn is_newer(error: &JournalError) -> bool {
        let JournalError::Failed(source) = error else { return false };
        matches!(source.downcast_ref(), Some(Self::Newer { .. }))
    }

    #[cfg(feature = "sqlite")]
    /// What SQLite said, in words for whoever runs the bot.
    pub(crate) fn sqlite(path: &Path, action: impl Into<String>, error: rusqlite::Error) -> Self {
        let path = path.to_owned();
        let (code, words) = match &error {
            rusqlite::Error::SqliteFailure(failure, words) => (Some(failure.code), words.clone()),
            _ => (None, None),
        };
        let reason = match code {
            Some(ErrorCode::NotADatabase) => return Self::NotADatabase { path },
            Some(ErrorCode::DatabaseCorrupt) => {
                return Self::Damaged {
                    store: path.display().to_string(),
                    reason: words.unwrap_or_else(|| error.to_string()),
                };
            }
            Some(ErrorCode::DiskFull) => "disk full".to_owned(),
            Some(ErrorCode::ReadOnly) => "it is read-only".to_owned(),
            Some(ErrorCode::PermissionDenied) => "permission denied".to_owned(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => super::sqlite::locked(&path),
            Some(ErrorCode::CannotOpen) => "the file or its folder cannot be opened for writing".to_owned(),
            _ => error.to_string(),
        };
        Self::System { action: action.into(), store: path.display().to_string(), reason, source: Box::new(error) }
    }

    #[cfg(feature = "sqlite")]
    /// What the file system said.
    pub(crate) fn io(path: &Path, action: &str, error: std::io::Error) -> Self {
        let reason = error.to_string();
        Self::System { action: action.to_owned(), store: path.display().to_string(), reason, source: Box::new(error) }
    }
}

impl From<StoreError> for JournalError {
    fn from(error: StoreError) -> Self {
        Self::Failed(Box::new(error))
    }
}
