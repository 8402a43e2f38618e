//! Rare files: calendars of a track or room, and views. They are rendered when somebody asks for them and kept until
//! there is no room for them.

use super::cached_file::CachedFile;
use super::snapshot::Snapshot;
use ptgbot_render::{SitePath, View};
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{OptionsBuilder, Weighter};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Renders files on demand, within limits: few at a time, so that those who ask for what is ready keep the rest of the
/// machine, and no more bytes in memory than [`BUDGET`], whatever queries people invent.
#[derive(Debug)]
pub(super) struct RenderCache {
    files: Arc<Files>,
    /// Whoever wants a file rendered takes a place in the queue.
    queue: Semaphore,
    /// A turn belongs to the rendering, not to whoever waits for it: it lasts until the work is done.
    turns: Arc<Semaphore>,
}

type Files = Cache<Rare, Rendered, Size>;

/// What is asked for. Queries that ask for the same are the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Rare {
    pub(super) path: SitePath,
    pub(super) view: View,
}

/// A file, and the site that it was last rendered of.
#[derive(Clone, Debug)]
struct Rendered {
    generation: u64,
    file: Arc<CachedFile>,
}

/// How a request for a rare file ends.
#[derive(Debug)]
pub(super) enum Demand {
    /// With the file.
    Rendered(Arc<CachedFile>),
    /// There is none.
    Nothing,
    /// Too many wait already.
    Busy,
}

impl RenderCache {
    pub(super) fn new() -> Self {
        let options = OptionsBuilder::new().estimated_items_capacity(FILES).weight_capacity(BUDGET).shards(1).build();
        let options = options.expect("the capacities are given");
        let files = Cache::with_options(options, Size, Default::default(), DefaultLifecycle::default());
        Self { files: Arc::new(files), queue: Semaphore::new(QUEUE), turns: Arc::new(Semaphore::new(TURNS)) }
    }

    /// The file as it is on this site, if it was rendered.
    pub(super) fn get(&self, rare: &Rare, site: &Snapshot) -> Option<Arc<CachedFile>> {
        let found = self.files.get(rare).filter(|found| found.generation == site.generation())?;
        Some(found.file)
    }

    /// The file, rendered now if need be. Whoever no longer waits gives up a place in the queue; a rendering that has
    /// begun runs to its end and is kept.
    pub(super) async fn demand(&self, rare: Rare, site: Arc<Snapshot>) -> Demand {
        if let Some(file) = self.get(&rare, &site) {
            return Demand::Rendered(file);
        }
        let Ok(_place) = self.queue.try_acquire() else { return Demand::Busy };
        let Ok(turn) = self.turns.clone().acquire_owned().await else { return Demand::Busy };
        // Somebody else may have asked for the same meanwhile.
        if let Some(file) = self.get(&rare, &site) {
            return Demand::Rendered(file);
        }
        let files = self.files.clone();
        let rendering = spawn_blocking(move || {
            let _turn = turn;
            let before = files.get(&rare).map(|before| before.file);
            let file = site.file_of(&rare.path, &rare.view, before.as_ref())?;
            files.insert(rare, Rendered { generation: site.generation(), file: file.clone() });
            Some(file)
        });
        match rendering.await {
            Ok(Some(file)) => Demand::Rendered(file),
            Ok(None) | Err(_) => Demand::Nothing,
        }
    }
}

/// In bytes, about.
#[derive(Clone, Copy, Debug)]
struct Size;

impl Weighter<Rare, Rendered> for Size {
    fn weight(&self, rare: &Rare, rendered: &Rendered) -> u64 {
        let names = rare.view.tracks.len() + rare.view.unknown.len();
        (names * NAME + rendered.file.size()) as u64
    }
}

/// What all rendered files may take together, in bytes.
const BUDGET: u64 = 8 << 20;
/// About how many that is.
const FILES: usize = 500;
/// What a name takes.
const NAME: usize = 100;
const QUEUE: usize = 128;
/// How many files are rendered at a time.
const TURNS: usize = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use ptgbot_core::{Board, BoardEvent, Event, Record, TrackName};
    use ptgbot_render::{File, SiteOptions};
    use std::future::Future;
    use std::task::{Context, Waker};

    fn site(tracks: usize) -> Arc<Snapshot> {
        let mut board = Board::default();
        let at: DateTime<Utc> = "2026-10-19T09:00:00Z".parse().expect("a time");
        let tracks = (0..tracks).map(track).collect();
        let event = Event::Board(BoardEvent::TracksAdded { tracks });
        board.apply(&Record::new(1, at, event));
        Arc::new(Snapshot::render(board, at, Arc::new(SiteOptions::default()), None, None))
    }

    fn track(number: usize) -> TrackName {
        TrackName::parse(&format!("track{number}")).expect("a name")
    }

    fn view(numbers: impl Iterator<Item = usize>) -> Rare {
        let mut view = View::default();
        view.tracks.extend(numbers.map(track));
        Rare { path: SitePath::Board, view }
    }

    #[test]
    fn no_number_of_queries_takes_more_memory_than_the_budget() {
        let cache = RenderCache::new();
        let file = |size| File { path: SitePath::Data, body: vec![b' '; size] };
        for (size, number) in [(1, 3 * FILES), (100 << 10, 200), (9 << 20, 3)] {
            let file = CachedFile::new(file(size), None, None);
            for number in 0..number {
                cache.files.insert(view([number].into_iter()), Rendered { generation: 1, file: file.clone() });
                assert!(cache.files.weight() <= BUDGET, "{}", cache.files.weight());
            }
        }
    }

    #[tokio::test]
    async fn a_rendering_keeps_its_turn_until_it_is_done_although_nobody_waits_for_it() {
        let (cache, site) = (RenderCache::new(), site(300));
        for number in 0..200 {
            let mut request = Box::pin(cache.demand(view([number].into_iter()), site.clone()));
            // On a busy machine it may be rendered before we look.
            drop(request.as_mut().poll(&mut Context::from_waker(Waker::noop())));
            drop(request);
            // Each request took a place at most: the queue never fills up, and no second rendering began.
            assert_eq!(cache.queue.available_permits(), QUEUE);
            let begun = TURNS - cache.turns.available_permits();
            assert!(begun <= TURNS && Arc::strong_count(&cache.files) <= 1 + TURNS, "{begun}");
        }
        let first = cache.demand(view([0].into_iter()), site.clone()).await;
        assert!(matches!(first, Demand::Rendered(_)));
    }
}
