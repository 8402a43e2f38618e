//! The boards that are in memory.

use crate::clock;
use crate::follow::follow;
use crate::metrics::Metrics;
use crate::publish::Publisher;
use crate::setup::PublishOptions;
use crate::store::{self, Access, Blocking, StoreAddress, StoreError};
use crate::supervision::Heartbeat;
use crate::web::hosted_site::HostedSite;
use percent_encoding::utf8_percent_encode;
use ptgbot_core::{Board, HttpUrl, Journal, JournalError};
use ptgbot_render::SiteOptions;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

/// The boards that somebody has asked for lately.
pub(super) struct LoadedBoards {
    store: StoreAddress,
    site: SiteOptions,
    /// As many as there may be boards in memory. Each has one from before it is read until it is let go.
    rooms: Arc<Semaphore>,
    listeners: Arc<Semaphore>,
    metrics: Metrics,
    places: Mutex<HashMap<String, Place>>,
}

/// A board's place; while it is being loaded the cell is empty.
struct Place {
    board: Arc<OnceCell<LoadedBoard>>,
    asked: Instant,
}

/// A board in memory, with what keeps it up to date. Once dropped, its event streams end, and browsers come back.
struct LoadedBoard {
    hosted: HostedSite,
    _following: DropGuard,
}

/// Why a board is not in memory.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotLoaded {
    /// As many as may be are being read at the moment.
    #[error("too many boards are being read")]
    NoRoom,
    /// There is none, or it cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl LoadedBoards {
    pub(super) fn new(
        store: StoreAddress,
        site: SiteOptions,
        most: usize,
        listeners: Arc<Semaphore>,
        metrics: Metrics,
    ) -> Self {
        let rooms = Arc::new(Semaphore::new(most.clamp(1, Semaphore::MAX_PERMITS)));
        Self { store, site, rooms, listeners, metrics, places: Mutex::default() }
    }

    /// The site of a board that is in memory.
    pub(super) fn ready(&self, name: &str) -> Option<HostedSite> {
        let mut places = self.places();
        let place = places.get_mut(name)?;
        place.asked = Instant::now();
        place.board.get().map(|board| board.hosted.clone())
    }

    /// The site of a board, loaded by the first of those who ask for it at once.
    pub(super) async fn load(&self, name: &str) -> Result<HostedSite, NotLoaded> {
        let cell = self.place(name);
        let loaded = cell.get_or_try_init(|| self.read(name)).await.map(|board| board.hosted.clone());
        let mut places = self.places();
        // Others may wait for the same board, and try themselves.
        if loaded.is_err() && places.get(name).is_some_and(|place| place.is_free(&cell)) {
            places.remove(name);
        }
        self.count(&places);
        loaded
    }

    /// A board's place, which may be an empty one.
    fn place(&self, name: &str) -> Arc<OnceCell<LoadedBoard>> {
        let new = || Place { board: Arc::default(), asked: Instant::now() };
        self.places().entry(name.to_owned()).or_insert_with(new).board.clone()
    }

    async fn read(&self, name: &str) -> Result<LoadedBoard, NotLoaded> {
        let room = self.room().await?;
        let journal = store::open(&store::beside(&self.store, name)?, Access::ReadOnly, Blocking::Thread).await?;
        self.keep(name, journal, room).await
    }

    /// Room for one more board. Where there is none another board makes it.
    async fn room(&self) -> Result<OwnedSemaphorePermit, NotLoaded> {
        if let Ok(room) = self.rooms.clone().try_acquire_owned() {
            return Ok(room);
        }
        if !self.make_room() {
            return Err(NotLoaded::NoRoom);
        }
        match timeout(PATIENCE, self.rooms.clone().acquire_owned()).await {
            Ok(Ok(room)) => Ok(room),
            Ok(Err(_)) | Err(_) => Err(NotLoaded::NoRoom),
        }
    }

    /// Lets go of the board that was asked for longest ago, of those that nobody listens to if there are any. False where
    /// all are still being read.
    fn make_room(&self) -> bool {
        let mut places = self.places();
        let loaded = places.iter().filter(|(_, place)| place.board.initialized());
        let goes = loaded.min_by_key(|(_, place)| (place.listeners() > 0, place.asked));
        let Some(goes) = goes.map(|(name, _)| name.clone()) else { return false };
        tracing::info!(board = goes, "a board was let go to make room for another");
        places.remove(&goes);
        self.count(&places);
        true
    }

    /// Reads a board and follows it from then on.
    async fn keep(
        &self,
        name: &str,
        mut journal: Box<dyn Journal>,
        room: OwnedSemaphorePermit,
    ) -> Result<LoadedBoard, NotLoaded> {
        let board = journal.load().await?;
        let options = PublishOptions { site: self.site_of(name), ..PublishOptions::default() };
        let metrics = Metrics::default();
        let (mut publisher, site) = Publisher::start(board.clone(), options, metrics.clone(), clock::system()).await;
        let (owner, boards) = watch::channel(Board::default());
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        tokio::spawn(async move {
            follow(board, journal, owner, metrics, Heartbeat::unheard(), stopped).await;
            // Its connection is closed by now.
            drop(room);
        });
        // Ends with the following.
        tokio::spawn(async move { publisher.follow(boards).await });
        let hosted = HostedSite::new(site, self.listeners.clone());
        Ok(LoadedBoard { hosted, _following: stop.drop_guard() })
    }

    /// What a board's pages say: they stand below those of all boards.
    fn site_of(&self, name: &str) -> SiteOptions {
        let encoded = utf8_percent_encode(name, super::IN_PATH);
        let below =
            |base: &HttpUrl| HttpUrl::parse(&format!("{}/{encoded}/", base.as_str().trim_end_matches('/'))).ok();
        let mut options = self.site.clone();
        options.base_url = options.base_url.as_ref().and_then(below);
        options
    }

    /// Lets go, for ever, of boards that nobody listens to and nobody has asked for in a while, and of those that are no
    /// more.
    pub(super) async fn let_go(&self, is_there: impl Fn(&str) -> bool) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            self.let_go_now(Instant::now(), &is_there);
        }
    }

    fn let_go_now(&self, now: Instant, is_there: impl Fn(&str) -> bool) {
        let mut places = self.places();
        places.retain(|name, place| is_there(name) && (place.listeners() > 0 || now - place.asked < UNUSED));
        self.count(&places);
    }

    /// How many listen to boards.
    pub(super) fn listeners(&self) -> i64 {
        self.places().values().map(Place::listeners).sum()
    }

    /// Ends all event streams.
    pub(super) fn end_events(&self) {
        self.places().clear();
    }

    fn count(&self, places: &HashMap<String, Place>) {
        self.metrics.boards_loaded(places.values().filter(|place| place.board.initialized()).count());
    }

    fn places(&self) -> MutexGuard<'_, HashMap<String, Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// True where it is this one, and empty.
    fn is_free(&self, cell: &Arc<OnceCell<LoadedBoard>>) -> bool {
        Arc::ptr_eq(&self.board, cell) && !cell.initialized()
    }

    fn listeners(&self) -> i64 {
        self.board.get().map_or(0, |board| board.hosted.site().metrics().listeners().get())
    }
}

impl Drop for LoadedBoard {
    fn drop(&mut self) {
        self.hosted.site().end_events();
    }
}

/// How long a board is kept that nobody asks for.
const UNUSED: Duration = Duration::from_secs(5 * 60);
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How long a board that was let go may take to end.
const PATIENCE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryJournal;

    fn boards(most: usize) -> LoadedBoards {
        let listeners = Arc::new(Semaphore::new(1));
        LoadedBoards::new(StoreAddress::Memory, SiteOptions::default(), most, listeners, Metrics::default())
    }

    async fn load(boards: &LoadedBoards, name: &str) -> Result<(), NotLoaded> {
        let read = async || {
            let room = boards.room().await?;
            boards.keep(name, Box::new(MemoryJournal::default()), room).await
        };
        boards.place(name).get_or_try_init(read).await.map(drop)
    }

    fn names(boards: &LoadedBoards) -> Vec<String> {
        let mut names: Vec<_> = boards.places().keys().cloned().collect();
        names.sort();
        names
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_was_asked_for_longest_ago_makes_room() {
        let boards = boards(2);
        for (name, left) in [("a", &["a"][..]), ("b", &["a", "b"]), ("a", &["a", "b"]), ("c", &["a", "c"])] {
            tokio::time::advance(Duration::from_secs(1)).await;
            load(&boards, name).await.expect("there is room");
            drop(boards.ready(name));
            assert_eq!(names(&boards), left);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_board_that_is_being_read_makes_no_room_for_another() {
        let boards = boards(1);
        boards.place("slow");
        let room = boards.room().await.expect("there is room");
        let refused = load(&boards, "other").await.expect_err("there is no room");
        assert!(matches!(refused, NotLoaded::NoRoom), "{refused}");
        assert!(names(&boards).contains(&"slow".to_owned()));
        drop(room);
        load(&boards, "other").await.expect("there is room");
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_asks_for_is_let_go_and_what_is_no_more() {
        let boards = boards(9);
        for name in ["asked", "unused", "removed"] {
            load(&boards, name).await.expect("there is room");
        }
        tokio::time::advance(UNUSED - Duration::from_secs(1)).await;
        boards.ready("asked");
        boards.let_go_now(Instant::now(), |name| name != "removed");
        assert_eq!(names(&boards), ["asked", "unused"]);
        tokio::time::advance(Duration::from_secs(1)).await;
        boards.let_go_now(Instant::now(), |_| true);
        assert_eq!(names(&boards), ["asked"]);
    }

    #[test]
    fn a_board_stands_below_the_address_of_all() {
        let mut boards = boards(1);
        boards.site.base_url = HttpUrl::parse("https://ptg.example/boards").ok();
        let base = boards.site_of("spring 2026/ü").base_url.expect("an address");
        assert_eq!(base.as_str(), "https://ptg.example/boards/spring%202026%2F%C3%BC/");
    }
}
