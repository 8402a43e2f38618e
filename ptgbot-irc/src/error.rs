//! What can go wrong with an IRC network.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use tokio::task::JoinError;

/// Why the network cannot be used, or cannot be used now.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IrcError {
    /// Name lookup, TCP.
    #[error("cannot connect to {server}: {source}")]
    Connect {
        /// `host:port`.
        server: String,
        /// Why.
        source: io::Error,
    },
    /// Nobody answered in time.
    #[error("{server} did not answer within {seconds} s")]
    ConnectTimeout {
        /// `host:port`.
        server: String,
        /// How long we waited.
        seconds: u64,
    },
    /// The certificate is not for this server, or nobody we trust has signed it.
    #[error("cannot verify the TLS certificate of {server}: {source}")]
    Certificate {
        /// `host:port`.
        server: String,
        /// What is wrong with it.
        source: io::Error,
    },
    /// What answers speaks no TLS.
    #[error(
        "{server} does not speak TLS: {source}; use a port that does, such as 6697, or no TLS: --no-tls, or tls = false \
         under [irc]"
    )]
    NotTls {
        /// `host:port`.
        server: String,
        /// What came instead.
        source: io::Error,
    },
    /// A file of certificates or keys cannot be used.
    #[error("cannot use {}: {reason}", path.display())]
    TlsFile {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The server name cannot be one.
    #[error("{0} is no valid server name")]
    ServerName(String),
    /// The server wants a password, or another one.
    #[error("{server} refuses the server password: {reason}")]
    ServerPassword {
        /// `host:port`.
        server: String,
        /// In its words.
        reason: String,
    },
    /// We are banned.
    #[error("{server} refuses us: {reason}")]
    Banned {
        /// `host:port`.
        server: String,
        /// In its words.
        reason: String,
    },
    /// No nick that we tried was accepted.
    #[error("{server} refuses the nick {nick}: {reason}")]
    NickRefused {
        /// `host:port`.
        server: String,
        /// The one that is configured.
        nick: String,
        /// In its words.
        reason: String,
    },
    /// A setting that no server could accept.
    #[error("{0}")]
    Setting(String),
    /// The adapter's own task is gone.
    #[error("the IRC connection has been shut down")]
    Closed,
    /// The end came before everything was said.
    #[error("{0} lines were not said before the end")]
    Unsaid(usize),
    /// A bug of ours ended the adapter's task.
    #[error("the IRC connection's task has ended: {0}")]
    Task(#[source] Box<dyn Error + Send + Sync>),
}

impl IrcError {
    /// The adapter's task has panicked.
    pub(crate) fn panicked(error: JoinError) -> Self {
        Self::Task(error.into())
    }

    /// True for what a person must put right: no reason to ask again every few seconds.
    pub(crate) fn needs_a_person(&self) -> bool {
        match self {
            Self::Certificate { .. }
            | Self::NotTls { .. }
            | Self::TlsFile { .. }
            | Self::ServerName(_)
            | Self::ServerPassword { .. }
            | Self::Banned { .. }
            | Self::NickRefused { .. }
            | Self::Setting(_) => true,
            Self::Connect { .. } | Self::ConnectTimeout { .. } | Self::Closed | Self::Unsaid(_) | Self::Task(_) => {
                false
            }
        }
    }
}
