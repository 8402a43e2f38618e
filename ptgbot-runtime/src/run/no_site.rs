//! A bot that was built without pages: nothing is shown, and whoever wants that is told.

use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::run_error::RunError;
use crate::setup::PublishOptions;
use ptgbot_core::Board;
use std::net::TcpListener;
use std::sync::Arc;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// No tasks.
pub(crate) struct SiteTasks;

impl SiteTasks {
    /// Refuses what cannot be done.
    pub(crate) async fn start(
        _: Board,
        _: watch::Receiver<Board>,
        listener: Option<TcpListener>,
        options: PublishOptions,
        _: Metrics,
        _: Arc<dyn Clock>,
        _: CancellationToken,
    ) -> Result<Self, RunError> {
        if listener.is_none() && options.folder.is_none() && options.data_file.is_none() {
            Ok(Self)
        } else {
            Err(RunError::NoSite)
        }
    }

    /// There is nothing to end.
    pub(crate) async fn finish(self) {}
}
