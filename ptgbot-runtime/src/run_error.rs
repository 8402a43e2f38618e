//! Why a bot ended before its time.

use crate::store::StoreError;
use ptgbot_core::{JournalError, TransportError};
use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use tokio::task::JoinError;

/// Why a bot ended before its time.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The network cannot be used any more.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The transport has an account, and sends in the order of the requests: what waits there heeds no lease.
    #[error("a transport with an account of its own cannot send in the order of requests: use Order::AnswersFirst")]
    OrderedAccount,
    /// The web server's address cannot be used.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// There can be no web server.
    #[cfg(feature = "web")]
    #[error(transparent)]
    Serve(#[from] crate::web::ServeError),
    /// Pages are wanted of a build without the feature `web`.
    #[error("this build can neither serve pages nor write them (they are the feature \"web\")")]
    NoSite,
    /// What an empty board should start with cannot be taken over.
    #[error("cannot import {file}: {reason}")]
    Import {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// A bug of ours ended a task.
    #[error("a part of the bot has ended: {0}")]
    Task(#[source] Box<dyn Error + Send + Sync>),
}

impl RunError {
    /// A task of the bot's has panicked.
    pub(crate) fn panicked(error: JoinError) -> Self {
        Self::Task(error.into())
    }
}

impl RunError {
    /// True where somebody else listens on the page's address.
    pub(crate) fn is_taken(&self) -> bool {
        matches!(self, Self::Listen { source, .. } if source.kind() == io::ErrorKind::AddrInUse)
    }
}

/// As `unwrap` and a `main` that fails print it.
impl fmt::Debug for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
