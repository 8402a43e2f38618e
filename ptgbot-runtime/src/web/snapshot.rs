//! The site as it is served until the next change.

use super::cached_file::CachedFile;
use super::caching;
use chrono::{DateTime, Utc};
use ptgbot_core::{Board, Revision};
use ptgbot_render::{Site, SiteOptions, SitePath, View};
use std::collections::HashMap;
use std::sync::Arc;

/// The site at one moment: every file that there is only one of, ready to be sent, and the board that the rest is
/// rendered of on demand.
#[derive(Debug)]
pub(crate) struct Snapshot {
    board: Board,
    at: DateTime<Utc>,
    options: Arc<SiteOptions>,
    away_since: Option<DateTime<Utc>>,
    files: HashMap<SitePath, Arc<CachedFile>>,
    generation: u64,
}

impl Snapshot {
    /// Renders and compresses the site. A file whose bytes are those of `before` stays as it is. Takes a while: not for
    /// a thread that others wait for.
    pub(crate) fn render(
        board: Board,
        at: DateTime<Utc>,
        options: Arc<SiteOptions>,
        away_since: Option<DateTime<Utc>>,
        before: Option<&Self>,
    ) -> Self {
        let generation = before.map_or(0, |before| before.generation + 1);
        let mut snapshot = Self { board, at, options, away_since, files: HashMap::new(), generation };
        for path in SitePath::fixed() {
            let before = before.and_then(|before| before.files.get(&path));
            let file = match (&path, before) {
                (SitePath::OldBoard, _) => snapshot.files.get(&SitePath::Board).cloned(),
                (path, Some(same)) if path.is_asset() => Some(same.clone()),
                (path, before) => snapshot.file_of(path, &View::default(), before),
            };
            snapshot.files.extend(file.map(|file| (path, file)));
        }
        snapshot
    }

    /// A file that there is only one of.
    pub(crate) fn file(&self, path: &SitePath) -> Option<&Arc<CachedFile>> {
        self.files.get(path)
    }

    /// Renders any file in a view; gives `before` if its bytes are still the same. Takes a while.
    pub(super) fn file_of(
        &self,
        path: &SitePath,
        view: &View,
        before: Option<&Arc<CachedFile>>,
    ) -> Option<Arc<CachedFile>> {
        let site = Site::new(&self.board, self.at, &self.options).view(view.clone()).out_of_date(self.away_since);
        let file = site.render(path)?;
        if self.options.rehearsal.is_some() {
            // Its dates are not those of the wire.
            return Some(CachedFile::kept(file, None, caching::NEVER, before));
        }
        Some(CachedFile::new(file, site.modified(path).map(Into::into), before))
    }

    /// True when some file has other bytes than in `other`.
    pub(crate) fn differs(&self, other: &Self) -> bool {
        let same = |(path, file)| other.files.get(path).is_some_and(|there| Arc::ptr_eq(file, there));
        !self.files.iter().all(same)
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

    /// Since when the store has been away, if it is.
    pub(crate) fn away_since(&self) -> Option<DateTime<Utc>> {
        self.away_since
    }

    /// As of when.
    pub(crate) fn at(&self) -> DateTime<Utc> {
        self.at
    }
}
