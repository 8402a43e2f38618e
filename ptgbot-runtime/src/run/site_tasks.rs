//! The site beside a bot: rendered after each change, served and written where that is wanted.

use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::publish::Publisher;
use crate::run_error::RunError;
use crate::setup::PublishOptions;
use crate::web::{ServeError, SiteHandle, serve};
use ptgbot_core::{Board, Revision};
use std::net;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The tasks that keep the site.
pub(crate) struct SiteTasks {
    publishing: Option<JoinHandle<Publisher>>,
    serving: Option<JoinHandle<Result<(), ServeError>>>,
    site: Option<SiteHandle>,
}

impl SiteTasks {
    /// Starts what is wanted; nothing is rendered where nobody could see it.
    pub(crate) async fn start(
        board: Board,
        boards: watch::Receiver<Board>,
        listener: Option<net::TcpListener>,
        options: PublishOptions,
        metrics: Metrics,
        clock: Arc<dyn Clock>,
        stop: CancellationToken,
    ) -> Result<Self, RunError> {
        if listener.is_none() && options.folder.is_none() && options.data_file.is_none() {
            return Ok(Self { publishing: None, serving: None, site: None });
        }
        let listener = listener.map(TcpListener::from_std).transpose().map_err(ServeError::from)?;
        let (mut publisher, site) = Publisher::start(board, options, metrics, clock).await;
        let shown = site.clone();
        let serving = match listener {
            Some(listener) => {
                let address = listener.local_addr().map_err(ServeError::from)?;
                tracing::info!("the page is at http://{address}");
                Some(tokio::spawn(serve(listener, site, stop)))
            }
            None => None,
        };
        let publishing = tokio::spawn(async move {
            // Ends when the board's owner does, and that is no fault.
            publisher.follow(boards).await;
            publisher
        });
        Ok(Self { publishing: Some(publishing), serving, site: Some(shown) })
    }

    /// Waits until the pages show a revision; where there are none, nobody could see it.
    #[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "only a replay waits for it"))]
    pub(crate) async fn show(&self, revision: Revision) {
        if let Some(site) = &self.site {
            site.shows(revision).await;
        }
    }

    /// Shows and writes the last board, and ends. The board's owner is gone by now.
    pub(crate) async fn finish(self) {
        if let Some(publishing) = self.publishing {
            match publishing.await {
                Ok(publisher) => publisher.finish().await,
                Err(error) => tracing::error!(%error, "the site's last state is not written"),
            }
        }
        let Some(serving) = self.serving else {
            return;
        };
        match serving.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the web server has failed"),
            Err(error) => tracing::error!(%error, "the web server has failed"),
        }
    }
}
