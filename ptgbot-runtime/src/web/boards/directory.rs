//! Which boards there are, and the page that lists them.

use crate::store::{BoardChange, BoardList, StoreAddress, StoreError};
use crate::store_status::StoreStatus;
use crate::web::cached_file::CachedFile;
use crate::web::routes;
use arc_swap::ArcSwap;
use axum::response::Response;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http_body_util::Full;
use hyper::{HeaderMap, Method};
use ptgbot_core::Board;
use ptgbot_render::{BoardEntry, File, Site, SiteOptions, SitePath, boards_index};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::timeout;

/// The boards of a database as they were a few seconds ago, and the files beside them.
pub(super) struct Directory {
    /// For whoever follows it.
    list: Mutex<BoardList>,
    status: StoreStatus,
    listing: ArcSwap<Listing>,
    /// Counts how often the database was asked.
    looked: watch::Sender<u64>,
    wanted: Notify,
    assets: HashMap<SitePath, Arc<CachedFile>>,
}

struct Listing {
    boards: Vec<BoardChange>,
    names: HashSet<String>,
    page: Arc<CachedFile>,
}

impl Directory {
    /// Reads it for the first time.
    pub(super) async fn open(store: &StoreAddress, status: StoreStatus) -> Result<Self, StoreError> {
        let mut list = BoardList::of(store)?;
        let boards = list.last_changes().await?;
        let (board, options) = (Board::default(), SiteOptions::default());
        let site = Site::new(&board, SystemTime::UNIX_EPOCH.into(), &options);
        let assets = SitePath::fixed().filter(SitePath::is_asset);
        let assets = assets.filter_map(|path| Some((path.clone(), CachedFile::new(site.render(&path)?, None, None))));
        Ok(Self {
            list: Mutex::new(list),
            status,
            listing: ArcSwap::from_pointee(listed(|| Listing::new(boards, None, None)).await),
            looked: watch::Sender::new(0),
            wanted: Notify::new(),
            assets: assets.collect(),
        })
    }

    /// True when there is a board of this name, as far as is known.
    pub(super) fn has(&self, name: &str) -> bool {
        self.listing.load().names.contains(name)
    }

    /// Waits until the database was asked once more, or did not answer in time.
    pub(super) async fn look_again(&self) {
        let mut looked = self.looked.subscribe();
        self.wanted.notify_one();
        timeout(PATIENCE, looked.changed()).await.ok();
    }

    /// Asks the database from time to time, for ever, and sooner where somebody waits.
    pub(super) async fn follow(&self) {
        let mut list = self.list.lock().await;
        loop {
            timeout(LOOK_EVERY, self.wanted.notified()).await.ok();
            let before = self.listing.load_full();
            let boards = match list.last_changes().await {
                Ok(boards) => {
                    self.status.works();
                    boards
                }
                Err(error) => {
                    if self.status.away_since().is_none() {
                        tracing::error!(%error, "the list of boards cannot be read; trying again until it can");
                    }
                    self.status.failed();
                    before.boards.clone()
                }
            };
            let away_since = self.status.away_since();
            let listing = listed(move || Listing::new(boards, away_since, Some(&before.page))).await;
            self.listing.store(Arc::new(listing));
            self.looked.send_modify(|count| *count += 1);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The answer to GET and HEAD of what stands beside the boards.
    pub(super) fn ready(&self, name: &str, query: Option<&str>, headers: &HeaderMap) -> Option<Response<Full<Bytes>>> {
        Some(self.named(name)?.answer_at(query, headers))
    }

    /// The same for any method.
    pub(super) fn answer(&self, name: &str, method: &Method, headers: &HeaderMap) -> Option<Response> {
        Some(routes::answer(&*self.named(name)?, method, headers))
    }

    fn named(&self, name: &str) -> Option<Arc<CachedFile>> {
        match name {
            "" | "index.html" => Some(self.listing.load().page.clone()),
            name => self.assets.get(&SitePath::parse(name)?).cloned(),
        }
    }
}

impl Listing {
    fn new(boards: Vec<BoardChange>, away_since: Option<DateTime<Utc>>, before: Option<&Arc<CachedFile>>) -> Self {
        let entries = boards.iter().map(|board| BoardEntry::new(&board.name, board.last_change));
        let body = boards_index(&entries.collect::<Vec<_>>(), away_since).into_bytes();
        let page = CachedFile::new(File { path: SitePath::Board, body }, None, before);
        Self { names: boards.iter().map(|board| board.name.clone()).collect(), boards, page }
    }
}

/// Renders the list on a thread that nobody else waits for.
async fn listed(listing: impl FnOnce() -> Listing + Send + 'static) -> Listing {
    match tokio::task::spawn_blocking(listing).await {
        Ok(listing) => listing,
        // A panic is a bug of ours: let it be seen.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// How old the list may be.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Between two looks, however many ask for boards that there are not.
const PAUSE: Duration = Duration::from_millis(500);
/// How long whoever asks for an unknown board waits for the next look.
const PATIENCE: Duration = Duration::from_secs(3);
