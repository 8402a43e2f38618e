//! The site as it is served until the next change.

use super::page::Page;
use chrono::{DateTime, Utc};
use ptgbot_core::{Board, Revision};
use ptgbot_render::{Site, SiteOptions};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

/// The site at one moment. Files that everybody asks for are ready; a track's calendar is made when somebody
/// asks for it, from the board that is kept here.
#[derive(Debug)]
pub(crate) struct Snapshot {
    board: Board,
    at: DateTime<Utc>,
    options: Arc<SiteOptions>,
    pages: HashMap<String, Arc<Page>>,
    generation: u64,
}

impl Snapshot {
    /// Renders the site. A file whose bytes are those of `before` keeps its tag, its date and its packed bytes.
    /// Takes a while: not for a thread that others wait for.
    pub(crate) fn render(board: Board, at: DateTime<Utc>, options: Arc<SiteOptions>, before: Option<&Self>) -> Self {
        let mut pages = HashMap::<String, Arc<Page>>::new();
        let site = Site::new(&board, at, &options);
        for path in site.paths().into_iter().filter(|path| !is_lazy(path)) {
            let Some(file) = site.render(&path) else { continue };
            let hash = Page::hash(&file);
            let before = before.and_then(|before| before.page(&path));
            let page = match before {
                Some(before) if before.is(&hash) => before.clone(),
                _ => match pages.values().find(|page| page.is(&hash)) {
                    Some(twin) => twin.clone(),
                    None => Arc::new(Page::new(file, hash, time(at), before.map(Arc::as_ref))),
                },
            };
            pages.insert(path, page);
        }
        let generation = before.map_or(0, |before| before.generation + 1);
        Self { board, at, options, pages, generation }
    }

    /// A file that is ready.
    pub(crate) fn page(&self, path: &str) -> Option<&Arc<Page>> {
        self.pages.get(path)
    }

    /// A file that is made on demand, or `before` if its bytes are still the same. Takes a while.
    pub(super) fn make(&self, path: &str, before: Option<&Arc<Page>>) -> Option<Arc<Page>> {
        let file = Site::new(&self.board, self.at, &self.options).render(path)?;
        let hash = Page::hash(&file);
        match before {
            Some(before) if before.is(&hash) => Some(before.clone()),
            _ => Some(Arc::new(Page::new(file, hash, time(self.at), before.map(Arc::as_ref)))),
        }
    }

    /// True when some file that is ready has other bytes than in `other`.
    pub(crate) fn differs(&self, other: &Self) -> bool {
        self.pages.len() != other.pages.len()
            || self.pages.iter().any(|(path, page)| other.page(path).is_none_or(|there| !Arc::ptr_eq(page, there)))
    }

    /// Counts the snapshots of this process.
    pub(super) fn generation(&self) -> u64 {
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

/// True for files of which there is one for each track.
pub(super) fn is_lazy(path: &str) -> bool {
    path.ends_with(".ics") && path != "ptg.ics"
}

fn time(at: DateTime<Utc>) -> SystemTime {
    at.into()
}
