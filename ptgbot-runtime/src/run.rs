//! A bot from its start to its end: the store, the loop that owns the board, what it hears, what it says.

use crate::board_watch::board_watch;
use crate::config::Config;
use crate::driver::{Driver, DriverError, Network};
use crate::fetch::FetchPolicy;
use crate::import::{ImportError, import};
use crate::outbox::Outbox;
use crate::signal::{self, Stop};
use crate::store::{self, Access, Seat, StoreAddress, StoreError};
use chrono::Utc;
use ptgbot_core::{Board, Journal, JournalError, Order, Transport, TransportError};
use std::io;
use std::path::{Path, PathBuf};

/// What a bot needs besides its network.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Where the board is kept.
    pub store: StoreAddress,
    /// From where `~fetchdb` may load.
    pub fetch: FetchPolicy,
    /// The older bot's data file: taken over while the board is still empty.
    pub db_filename: Option<PathBuf>,
}

impl Setup {
    /// What a configuration says.
    ///
    /// # Errors
    /// When the store's address cannot be one.
    pub fn from_config(config: &Config) -> Result<Self, StoreError> {
        let store = config.store.as_deref().map(str::parse).transpose()?.unwrap_or_default();
        Ok(Self { store, fetch: config.fetch.policy(), db_filename: config.db_filename.clone() })
    }
}

/// Runs a bot until its network ends or the process is asked to stop.
///
/// # Errors
/// When the store or the network cannot be used.
pub async fn run(transport: Box<dyn Transport>, setup: Setup) -> Result<(), RunError> {
    let stop = signal::stop_on_signal().map_err(RunError::Signals)?;
    run_until(transport, setup, stop).await
}

/// Runs a bot until its network ends or `stop` is asked for.
///
/// # Errors
/// As [`run`].
pub async fn run_until(transport: Box<dyn Transport>, setup: Setup, stop: Stop) -> Result<(), RunError> {
    let name = transport.name();
    let (inbox, outlet) = transport.split();
    let order = outlet.order();
    let seat = match order {
        Order::AsSaid => Seat::Here,
        Order::AnswersFirst => Seat::Thread,
    };
    let mut journal = store::open(&setup.store, Access::Keep, seat).await?;
    let mut board = journal.load().await?;
    if let Some(path) = &setup.db_filename {
        import_once(journal.as_mut(), &mut board, path).await?;
    }
    let network = Network { name, order, fetch: setup.fetch };
    let (outbox, sending) = Outbox::new(outlet);
    let (pages, _watch) = board_watch(board.revision());
    let driver = Driver::start(board, journal, inbox, outbox, pages, network).await?;

    // The loop stops when it is asked to, and also when nothing can be said any more.
    let (stopper, driver_stop) = signal::stop();
    let mut sending = tokio::spawn(sending.run(stop.clone()));
    let mut driving = tokio::spawn(driver.run(driver_stop));
    let mut asked = false;
    loop {
        tokio::select! {
            () = stop.asked(), if !asked => {
                asked = true;
                stopper.stop();
            }
            sent = &mut sending => {
                stopper.stop();
                driving.await.map_err(RunError::Task)??;
                return Ok(sent.map_err(RunError::Task)??);
            }
            driven = &mut driving => {
                let sent = sending.await.map_err(RunError::Task)?;
                driven.map_err(RunError::Task)??;
                return Ok(sent?);
            }
        }
    }
}

/// Why a bot ended before its time.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The loop ended.
    #[error(transparent)]
    Driver(#[from] DriverError),
    /// Nothing can be sent any more.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The older bot's data file cannot be taken over.
    #[error("cannot import {}: {reason}", path.display())]
    Import {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Signals cannot be listened to.
    #[error("cannot listen to signals: {0}")]
    Signals(#[source] io::Error),
    /// A bug of ours ended a task.
    #[error("a part of the bot has ended: {0}")]
    Task(#[source] tokio::task::JoinError),
}

/// Takes over the older bot's file when there is one and the board has never changed.
async fn import_once(journal: &mut dyn Journal, board: &mut Board, path: &Path) -> Result<(), RunError> {
    if board.revision() > 0 {
        return Ok(());
    }
    let failed = |reason: String| RunError::Import { path: path.to_owned(), reason };
    let text = match tokio::fs::read(path).await {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error.to_string())),
    };
    let document = serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))?;
    let source = path.display().to_string();
    let said = match import(journal, board, document, &source, Utc::now()).await {
        Ok(said) => said,
        Err(ImportError::Refused(refusal)) => return Err(failed(refusal.to_string())),
        Err(ImportError::Journal(error)) => return Err(error.into()),
    };
    tracing::info!(file = %path.display(), "{said}");
    Ok(())
}
