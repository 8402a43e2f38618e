//! Publishing: after each change, and when a slot begins, the site is rendered anew, served and written. Many changes in
//! a row are debounced.

use crate::clock::Clock;
use crate::folder::{replace_file, write_folder};
use crate::metrics::Metrics;
use crate::setup::PublishOptions;
use crate::web::{SiteHandle, Snapshot};
use chrono::{DateTime, Utc};
use ptgbot_core::Board;
use ptgbot_render::{Host, Site, SiteOptions, SitePath, next_change};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Keeps the site up to date with the board.
#[derive(Debug)]
pub struct Publisher {
    site: SiteHandle,
    options: Arc<SiteOptions>,
    clock: Arc<dyn Clock>,
    to_files: watch::Sender<Arc<Snapshot>>,
    files: JoinHandle<()>,
}

impl Publisher {
    /// Renders the first site, as of now by a clock; from here on the handle can be served.
    pub async fn start(
        board: Board,
        options: PublishOptions,
        metrics: Metrics,
        clock: Arc<dyn Clock>,
    ) -> (Self, SiteHandle) {
        let live = Arc::new(options.site.clone().with_host(Host::Live));
        let first = render(board, clock.now(), live.clone(), metrics.store().away_since(), None).await;
        let site = SiteHandle::new(first, metrics);
        let (to_files, newest) = watch::channel(site.snapshot());
        let files = tokio::spawn(write_files(newest, options));
        (Self { site: site.clone(), options: live, clock, to_files, files }, site)
    }

    /// Follows the board until its owner is gone: what the owner sends is served at once, whatever was served before, for a
    /// store may come back with fewer changes than it had. Many boards in a row are debounced to about twenty a second,
    /// and the last one is always served. While the store is away the pages say so.
    pub async fn follow(&mut self, mut boards: watch::Receiver<Board>) {
        let mut away = self.site.metrics().store().watch();
        loop {
            let site = self.site.snapshot();
            let wake = next_change(site.board(), site.at());
            let sent = tokio::select! {
                biased;
                sent = boards.changed() => sent.map(|()| true),
                () = until(self.clock.as_ref(), wake) => Ok(false),
                told = away.wait_for(|since| *since != site.away_since()) => told.map(|_| false),
            };
            let Ok(sent) = sent else { return };
            let begun = Instant::now();
            let board = if sent { boards.borrow_and_update().clone() } else { site.board().clone() };
            drop(site);
            self.publish(board).await;
            // Rendering never takes more than half of the time.
            tokio::time::sleep(begun.elapsed().max(DEBOUNCE)).await;
        }
    }

    /// Renders a board, serves it, tells listeners, and has it written.
    pub async fn publish(&mut self, board: Board) {
        let away_since = self.site.metrics().store().away_since();
        let (at, before) = (self.clock.now(), Some(self.site.snapshot()));
        let snapshot = Arc::new(render(board, at, self.options.clone(), away_since, before).await);
        self.site.replace(snapshot.clone());
        self.to_files.send_replace(snapshot);
    }

    /// Waits until the files are written, too.
    pub async fn finish(self) {
        drop(self.to_files);
        if let Err(error) = self.files.await {
            tracing::error!(%error, "the site's files could not be finished");
        }
    }
}

/// Renders a site on a thread that nobody else waits for.
async fn render(
    board: Board,
    at: DateTime<Utc>,
    options: Arc<SiteOptions>,
    away_since: Option<DateTime<Utc>>,
    before: Option<Arc<Snapshot>>,
) -> Snapshot {
    let rendering = move || Snapshot::render(board, at, options, away_since, before.as_deref());
    match tokio::task::spawn_blocking(rendering).await {
        Ok(snapshot) => snapshot,
        // A panic is a bug of ours: let it be seen.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Writes the newest site to files; what came in between is left out. A folder that cannot be written is told
/// once, and tried again with the next change.
async fn write_files(mut newest: watch::Receiver<Arc<Snapshot>>, options: PublishOptions) {
    if options.folder.is_none() && options.data_file.is_none() {
        return;
    }
    let options = Arc::new(options);
    let mut last_fault = None;
    loop {
        let snapshot = newest.borrow_and_update().clone();
        let wanted = options.clone();
        let written = tokio::task::spawn_blocking(move || write(&snapshot, &wanted)).await;
        let fault = match written {
            Ok(Ok(())) => None,
            Ok(Err(fault)) => Some(fault),
            Err(error) => Some(error.to_string()),
        };
        if fault != last_fault {
            match &fault {
                Some(fault) => tracing::error!("{fault}"),
                None => tracing::info!("the site's files can be written again"),
            }
            last_fault = fault;
        }
        if newest.changed().await.is_err() {
            return;
        }
    }
}

fn write(snapshot: &Snapshot, options: &PublishOptions) -> Result<(), String> {
    let data = match (&options.data_file, snapshot.file(&SitePath::Data)) {
        (Some(path), Some(file)) => replace_file(path, &file.raw()).map_err(|error| error.to_string()),
        (Some(_), None) | (None, _) => Ok(()),
    };
    let folder = match &options.folder {
        Some(folder) => {
            let still = options.site.clone().with_host(Host::Static);
            let site = Site::new(snapshot.board(), snapshot.at(), &still).out_of_date(snapshot.away_since());
            write_folder(&site, folder).map_err(|error| error.to_string())
        }
        None => Ok(()),
    };
    data.and(folder)
}

/// Waits for a time; for ever where there is none.
async fn until(clock: &dyn Clock, time: Option<DateTime<Utc>>) {
    match time {
        Some(time) => clock.until(time).await,
        None => std::future::pending().await,
    }
}

const DEBOUNCE: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests;
