//! What can go wrong between the bot and a Matrix homeserver.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use tokio::task::JoinError;

/// Why there is no bot in Matrix, or no longer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MatrixError {
    /// The data folder cannot be used.
    #[error("cannot use {path}: {source}")]
    Folder {
        /// The folder, or a file in it.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process uses the data folder: two would break each other's encryption.
    #[error("{path} is in use by another ptgbot-matrix; a data folder serves one process")]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A file of ours in the data folder is no longer what we wrote.
    #[error("cannot read {path}: {source}; restore it, or move it away to sign in anew")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The data folder belongs to another account.
    #[error("{path} belongs to {stored}, not to {wanted}; give each account a data folder of its own")]
    OtherAccount {
        /// The folder.
        path: PathBuf,
        /// Whose it is.
        stored: String,
        /// Who was asked for.
        wanted: String,
    },
    /// There is no session and nothing to sign in with.
    #[error(
        "there is no session yet and no password or access token to begin one: set PTGBOT_MATRIX_PASSWORD, or password_file under [matrix]"
    )]
    NoSecret,
    /// The homeserver cannot be found or understood.
    #[error("cannot use the homeserver {homeserver}: {source}")]
    Homeserver {
        /// As configured.
        homeserver: String,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The homeserver refused the password or the access token.
    #[error("{homeserver} does not let {user} in: {reason}")]
    Refused {
        /// As configured.
        homeserver: String,
        /// As configured.
        user: String,
        /// The server's words.
        reason: String,
    },
    /// The session was ended elsewhere.
    #[error(
        "the homeserver has ended this session ({reason}). Start again with the password (PTGBOT_MATRIX_PASSWORD, or password_file under [matrix]): the bot signs in anew then, and with the recovery key in {key_file} its device is trusted again"
    )]
    SignedOut {
        /// The server's words.
        reason: String,
        /// Where the recovery key is looked for.
        key_file: PathBuf,
    },
    /// The data folder is a copy of an earlier state, and there is no password to begin anew.
    #[error(
        "{path} is an old copy, or another one than that which has been used with the same access token: with its keys nobody could read what the bot says in encrypted rooms. Put the newest copy in its place, or start once with the password (PTGBOT_MATRIX_PASSWORD, or password_file under [matrix]): the bot signs in on a new device then"
    )]
    OldCopy {
        /// The folder.
        path: PathBuf,
    },
    /// Another process has the same device: two would break each other's encryption.
    #[error(
        "another ptgbot-matrix uses the device of {path}, with a copy of the folder or the same access token; one process has to go"
    )]
    Copied {
        /// The folder.
        path: PathBuf,
    },
    /// The process that acts for the account has the same device: two would break each other's encryption.
    #[error(
        "{path} is a copy of the folder of the ptgbot-matrix that acts, or has the same access token, and a device serves one process. That one goes on; this one needs a device of its own: start it with an empty folder (--data, or data under [matrix]) and the password"
    )]
    SameDevice {
        /// The folder.
        path: PathBuf,
    },
    /// The place in the stream of messages is kept no more.
    #[error("the task that keeps the place in the stream of messages has ended")]
    NotKept,
    /// A part of the adapter has failed in a way that nobody foresaw.
    #[error("a task of the Matrix adapter failed: {0}")]
    Panicked(#[source] Box<dyn Error + Send + Sync>),
    /// The library failed where that cannot be mended by waiting.
    #[error(transparent)]
    Sdk(Box<dyn Error + Send + Sync>),
}

impl MatrixError {
    /// True for what a person must put right: another start would end in the same way.
    pub fn needs_a_person(&self) -> bool {
        match self {
            Self::Folder { .. }
            | Self::Damaged { .. }
            | Self::OtherAccount { .. }
            | Self::NoSecret
            | Self::Refused { .. }
            | Self::SignedOut { .. }
            | Self::OldCopy { .. }
            | Self::SameDevice { .. } => true,
            Self::InUse { .. }
            | Self::Homeserver { .. }
            | Self::Copied { .. }
            | Self::NotKept
            | Self::Panicked(_)
            | Self::Sdk(_) => false,
        }
    }

    /// What the library says.
    pub(crate) fn sdk(error: impl Into<matrix_sdk::Error>) -> Self {
        Self::Sdk(error.into().into())
    }

    /// A task of the adapter's has panicked.
    pub(crate) fn panicked(error: JoinError) -> Self {
        Self::Panicked(error.into())
    }
}
