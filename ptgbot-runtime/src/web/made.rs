//! Files that were made because somebody asked for them: calendars of a track or room, and views.

use super::page::Page;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Keeps what was made, with the snapshot it was last made for. Older ones stay for comparison. Nobody fills the memory
/// by inventing queries: past a number of files or of bytes, the old ones go, and if that is not enough, all.
#[derive(Debug, Default)]
pub(super) struct Made(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    pages: HashMap<String, (u64, Arc<Page>)>,
    bytes: usize,
}

impl Made {
    /// The file as it is in that snapshot.
    pub(super) fn current(&self, name: &str, generation: u64) -> Option<Arc<Page>> {
        let kept = self.kept();
        kept.pages.get(name).filter(|(made_for, _)| *made_for == generation).map(|(_, page)| page.clone())
    }

    /// The file as it was last made.
    pub(super) fn newest(&self, name: &str) -> Option<Arc<Page>> {
        self.kept().pages.get(name).map(|(_, page)| page.clone())
    }

    pub(super) fn keep(&self, name: String, generation: u64, page: Arc<Page>) {
        let size = page.size() + name.len();
        let mut kept = self.kept();
        kept.remove(&name);
        let is_full = |kept: &Kept| kept.pages.len() >= MOST_FILES || kept.bytes + size > MOST_BYTES;
        if is_full(&kept) {
            let old: Vec<_> = kept.pages.iter().filter(|(_, (made_for, _))| *made_for != generation).collect();
            let old: Vec<_> = old.into_iter().map(|(name, _)| name.clone()).collect();
            old.iter().for_each(|name| kept.remove(name));
        }
        if is_full(&kept) {
            *kept = Kept::default();
        }
        kept.bytes += size;
        kept.pages.insert(name, (generation, page));
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn remove(&mut self, name: &str) {
        if let Some((_, page)) = self.pages.remove(name) {
            self.bytes -= page.size() + name.len();
        }
    }
}

const MOST_FILES: usize = 2048;
const MOST_BYTES: usize = 32 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use ptgbot_render::{File, SitePath};
    use std::time::SystemTime;

    fn page(size: usize) -> Arc<Page> {
        // Bytes that cannot be packed.
        let next = |last: &u32| {
            let mixed = last ^ (last << 13);
            let mixed = mixed ^ (mixed >> 17);
            Some(mixed ^ (mixed << 5))
        };
        let body = std::iter::successors(Some(1), next).map(|number| (number >> 11) as u8).take(size).collect();
        let file = File { path: SitePath::Data, body };
        Page::new(file, SystemTime::UNIX_EPOCH, None)
    }

    #[test]
    fn no_number_of_names_fills_the_memory() {
        let made = Made::default();
        let (small, large) = (page(10), page(3 << 20));
        for number in 0..3 * MOST_FILES {
            made.keep(format!("name {number}"), 1, small.clone());
        }
        assert!(made.kept().pages.len() <= MOST_FILES);
        for number in 0..100 {
            made.keep(format!("large {number}"), 1, large.clone());
            assert!(made.kept().bytes <= MOST_BYTES);
        }
    }

    #[test]
    fn what_was_made_for_older_snapshots_goes_first() {
        let made = Made::default();
        let large = page(15 << 20);
        made.keep("old".into(), 1, large.clone());
        made.keep("new".into(), 2, large.clone());
        assert!(made.newest("old").is_some() && made.current("old", 2).is_none());
        made.keep("newer".into(), 2, page(4 << 20));
        assert!(made.newest("old").is_none());
        assert!(made.current("new", 2).is_some() && made.current("newer", 2).is_some());
        for name in ["new", "newer"] {
            made.kept().remove(name);
        }
        assert_eq!(made.kept().bytes, 0);
    }
}
