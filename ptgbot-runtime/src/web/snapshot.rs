//! The site as it is served until the next change.

use super::page::Page;
use chrono::{DateTime, Utc};
use ptgbot_core::{Board, Revision};
use ptgbot_render::{Site, SiteOptions, SitePath, View};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

/// The site at one moment. The board's page is ready from the start; every other file is made when somebody asks for
/// it, or a little later by [`Snapshot::complete`]. Whenever it is made, it shows the board that is kept here.
#[derive(Debug)]
pub(crate) struct Snapshot {
    board: Board,
    at: DateTime<Utc>,
    options: Arc<SiteOptions>,
    files: HashMap<SitePath, Place>,
    generation: u64,
}

/// Where a file of this snapshot comes to stand.
#[derive(Debug, Default)]
struct Place {
    page: OnceLock<Arc<Page>>,
    /// What was served before.
    before: Option<Arc<Page>>,
}

impl Snapshot {
    /// Renders the board's page. A file whose bytes are those of `before` keeps its tag, its date and its packed
    /// bytes. Takes a while: not for a thread that others wait for.
    pub(crate) fn begin(board: Board, at: DateTime<Utc>, options: Arc<SiteOptions>, before: Option<&Self>) -> Self {
        let place = |path: SitePath| {
            let before = before.and_then(|before| before.files.get(&path)?.newest().cloned());
            let place = Place { page: OnceLock::new(), before };
            if let Some(asset) = place.before.as_ref().filter(|_| path.is_asset()) {
                place.page.get_or_init(|| asset.clone());
            }
            (path, place)
        };
        let files = SitePath::fixed().filter(|path| one_name(path) == path).map(place).collect();
        let generation = before.map_or(0, |before| before.generation + 1);
        let snapshot = Self { board, at, options, files, generation };
        snapshot.file(&SitePath::Board);
        snapshot
    }

    /// Makes every file that there is only one of, unless the site has moved on; true when all are made.
    pub(crate) fn complete(&self, is_current: impl Fn() -> bool) -> bool {
        self.files.keys().all(|path| is_current() && self.file(path).is_some())
    }

    /// Packs every file as well as it can be, unless the site has moved on.
    pub(crate) fn pack_well(&self, is_current: impl Fn() -> bool) {
        let made = self.files.values().filter_map(|place| place.page.get());
        made.take_while(|_| is_current()).for_each(|page| page.pack_well());
    }

    /// A file that is ready.
    pub(crate) fn page(&self, path: &SitePath) -> Option<&Arc<Page>> {
        self.files.get(one_name(path))?.page.get()
    }

    /// True for files that are made once for everybody.
    pub(super) fn has(&self, path: &SitePath) -> bool {
        self.files.contains_key(one_name(path))
    }

    /// A file that is made once for everybody. Takes a while where it is not ready.
    pub(super) fn file(&self, path: &SitePath) -> Option<&Arc<Page>> {
        let path = one_name(path);
        let place = self.files.get(path)?;
        if place.page.get().is_none() {
            let page = self.make(path, &View::default(), place.before.as_ref())?;
            return Some(place.page.get_or_init(|| page));
        }
        place.page.get()
    }

    /// A file in a view, or `before` if its bytes are still the same. Takes a while.
    pub(super) fn make(&self, path: &SitePath, view: &View, before: Option<&Arc<Page>>) -> Option<Arc<Page>> {
        let site = Site::new(&self.board, self.at, &self.options).view(view.clone());
        let file = site.render(path)?;
        Some(Page::new(file, time(site.modified(path).unwrap_or(self.at)), before))
    }

    /// True when some file has other bytes than in `other`.
    pub(crate) fn differs(&self, other: &Self) -> bool {
        self.files.iter().any(|(path, place)| {
            let there = other.files.get(path).and_then(Place::newest);
            place.page.get().is_some_and(|page| there.is_none_or(|there| !Arc::ptr_eq(page, there)))
        })
    }

    /// Counts the snapshots of this process.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// The board's revision.
    pub(crate) fn revision(&self) -> Revision {
        self.board.revision()
    }

    /// The board it shows.
    pub(crate) fn board(&self) -> &Board {
        &self.board
    }

    /// As of when.
    pub(crate) fn at(&self) -> DateTime<Utc> {
        self.at
    }
}

impl Place {
    fn newest(&self) -> Option<&Arc<Page>> {
        self.page.get().or(self.before.as_ref())
    }
}

/// Two names of the same page.
fn one_name(path: &SitePath) -> &SitePath {
    if *path == SitePath::OldBoard { &SitePath::Board } else { path }
}

fn time(at: DateTime<Utc>) -> SystemTime {
    at.into()
}
