//! Publishing: after each change, and when a slot begins, the site is rendered anew, served and written.

use crate::board_watch::{BoardWatch, Closed};
use crate::folder::{replace_file, write_folder};
use crate::web::{Metrics, SiteHandle, Snapshot};
use chrono::{DateTime, Utc};
use ptgbot_core::Board;
use ptgbot_render::{Host, Site, SiteOptions, SitePath, next_change};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Where the site goes besides the web server.
#[derive(Clone, Debug, Default)]
pub struct PublishOptions {
    /// What the pages say.
    pub site: SiteOptions,
    /// A folder that always holds the static site.
    pub folder: Option<PathBuf>,
    /// The older bot's `db_filename`: the public data as JSON.
    pub data_file: Option<PathBuf>,
}

/// Keeps the site up to date with the board.
#[derive(Debug)]
pub struct Publisher {
    site: SiteHandle,
    options: Arc<SiteOptions>,
    to_files: watch::Sender<Arc<Snapshot>>,
    files: JoinHandle<()>,
    /// What is still to be done for the newest site, while it is served.
    finishing: Option<JoinHandle<()>>,
}

impl Publisher {
    /// Renders the first site; from here on the handle can be served.
    pub async fn start(board: Board, options: PublishOptions, metrics: Metrics) -> (Self, SiteHandle) {
        let live = Arc::new(SiteOptions { host: Host::Live, ..options.site.clone() });
        let first = begin(board, live.clone(), None).await;
        let site = SiteHandle::new(first, metrics);
        let snapshot = site.snapshot();
        aside(move || {
            snapshot.complete(|| true);
            snapshot.pack_well(|| true);
        })
        .await;
        let (to_files, newest) = watch::channel(site.snapshot());
        let files = tokio::spawn(write_files(newest, options));
        (Self { site: site.clone(), options: live, to_files, files, finishing: None }, site)
    }

    /// Follows the board until its owner is gone: a change is served at once, many in a row about twenty times a
    /// second.
    pub async fn follow(&mut self, mut watch: BoardWatch) -> Closed {
        loop {
            let snapshot = self.site.snapshot();
            if watch.revision() <= snapshot.revision() {
                let wake = next_change(snapshot.board(), snapshot.at());
                tokio::select! {
                    changed = watch.changed() => match changed {
                        // The copy that was rendered may have been ahead of the news.
                        Ok(revision) if revision <= snapshot.revision() => continue,
                        Ok(_) => {}
                        Err(closed) => return closed,
                    },
                    () = sleep_until(wake) => {}
                }
            }
            drop(snapshot);
            let begun = Instant::now();
            match watch.board().await {
                Ok(board) => self.publish(board).await,
                Err(closed) => return closed,
            }
            // Rendering never takes more than half of the time.
            tokio::time::sleep(begun.elapsed().max(PAUSE)).await;
        }
    }

    /// Renders and serves a board. The one to call at the end with the last board, as its owner is gone by then.
    ///
    /// The board's page is ready when it is served, and listeners are told at once. The other files follow, then the
    /// better packing, then the folder; all that ends early when there is something newer.
    pub async fn publish(&mut self, board: Board) {
        let before = self.site.snapshot();
        let snapshot = Arc::new(begin(board, self.options.clone(), Some(before.clone())).await);
        self.site.replace(snapshot.clone());
        let (site, to_files) = (self.site.clone(), self.to_files.clone());
        self.finishing = Some(tokio::task::spawn_blocking(move || {
            let is_current = || site.is_current(&snapshot);
            if !snapshot.complete(is_current) {
                return;
            }
            if snapshot.revision() == before.revision() && snapshot.differs(&before) {
                site.tell_time();
            }
            drop(before);
            to_files.send_if_modified(|newest| {
                let newer = newest.generation() < snapshot.generation();
                if newer {
                    *newest = snapshot.clone();
                }
                newer
            });
            snapshot.pack_well(is_current);
        }));
    }

    /// Waits until the files are written, too.
    pub async fn finish(self) {
        if let Some(finishing) = self.finishing
            && let Err(error) = finishing.await
        {
            tracing::error!(%error, "the site's last files could not be rendered");
        }
        drop(self.to_files);
        if let Err(error) = self.files.await {
            tracing::error!(%error, "the site's files could not be finished");
        }
    }
}

async fn begin(board: Board, options: Arc<SiteOptions>, before: Option<Arc<Snapshot>>) -> Snapshot {
    let at = now();
    aside(move || Snapshot::begin(board, at, options, before.as_deref())).await
}

/// Does something that takes a while on a thread that nobody else waits for.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
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
    let data = match (&options.data_file, snapshot.page(&SitePath::Data)) {
        (Some(path), Some(page)) => replace_file(path, &page.raw()).map_err(|error| error.to_string()),
        (Some(_), None) | (None, _) => Ok(()),
    };
    let folder = match &options.folder {
        Some(folder) => {
            let still = SiteOptions { host: Host::Static, ..options.site.clone() };
            let site = Site::new(snapshot.board(), snapshot.at(), &still);
            write_folder(&site, folder).map_err(|error| error.to_string())
        }
        None => Ok(()),
    };
    data.and(folder)
}

/// In steps, for the clock may be set and the machine may sleep.
async fn sleep_until(wake: Option<DateTime<Utc>>) {
    let Some(wake) = wake else { return std::future::pending().await };
    loop {
        let left = (wake - now()).to_std().unwrap_or_default();
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left.min(LONGEST_SLEEP)).await;
    }
}

fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests;
