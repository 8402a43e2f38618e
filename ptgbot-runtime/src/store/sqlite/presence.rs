//! Whether the file that was opened is still the one at its path. SQLite would go on with a file that nobody will find
//! again.

use super::file::File;
use super::found::Found;
use crate::store::StoreError;
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::Path;

/// Which file was opened, and whether it has always been there since.
pub(super) struct Presence {
    file: Identity,
    /// Once it was not there it may have become anything: it is to be opened anew.
    lost: bool,
}

impl Presence {
    /// Of the file that was just opened.
    pub(super) fn at(path: &Path) -> Result<Self, StoreError> {
        let found = fs::metadata(path).map_err(|error| StoreError::io(path, "open", error))?;
        Ok(Self { file: identity(&found), lost: false })
    }

    fn is_of(&self, found: &Metadata) -> bool {
        !self.lost && identity(found) == self.file
    }
}

impl File {
    /// Makes sure that the file is still there, before anything is read or written.
    pub(super) fn is_there(&mut self) -> Result<(), StoreError> {
        let path = || self.path.clone();
        let gone = match fs::metadata(&self.path) {
            Ok(found) if found.len() == 0 => StoreError::Emptied { path: path() },
            Ok(found) if self.presence.is_of(&found) => return Ok(()),
            Ok(_) => StoreError::Replaced { path: path() },
            Err(error) if error.kind() == ErrorKind::NotFound => StoreError::Gone { path: path() },
            Err(error) => return Err(StoreError::io(&self.path, "find", error)),
        };
        self.presence.lost = true;
        Err(gone)
    }

    /// Before the whole store is read: takes what is at the path now, if that is another file than before. Nothing new
    /// is made.
    pub(super) fn find_again(&mut self) -> Result<(), StoreError> {
        match self.is_there() {
            Err(StoreError::Replaced { path }) => match Found::at(&path)? {
                Found::Ours | Found::Unfinished => {
                    *self = Self::open_found(&path, self.access)?;
                    tracing::warn!(store = %path.display(), "the store is back, perhaps as another one");
                    Ok(())
                }
                Found::Nothing | Found::Lost => Err(StoreError::Gone { path }),
                Found::Foreign => Err(StoreError::Foreign { path }),
                Found::NoDatabase => Err(StoreError::NotADatabase { path }),
            },
            there => there,
        }
    }
}

/// Device and inode.
#[cfg(unix)]
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(file: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (file.dev(), file.ino())
}

/// Windows lets nobody remove or replace a file that SQLite has open: what is at the path is what was opened.
#[cfg(not(unix))]
type Identity = ();

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Identity {}
