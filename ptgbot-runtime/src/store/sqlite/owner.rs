//! Who may read a store: its owner alone.

use super::found::{BESIDE, beside};
use super::turns::TURN;
use crate::system::permissions::{close_to_others, give_to_owner_of, owner_alone};
use std::fs::OpenOptions;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Makes an empty file that nobody else can read, where none is. SQLite gives what it puts beside a database the same
/// permissions.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    match owner_alone(OpenOptions::new().write(true).create_new(true)).open(path) {
        Ok(file) => {
            // A path without a folder names a file of the current one.
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            give_to_owner_of(folder, &file)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Keeps everybody else from reading a store that is there.
pub(super) fn keep_private(path: &Path) {
    let beside = BESIDE.into_iter().chain([TURN]).map(|ending| beside(path, ending));
    for file in beside.chain([path.to_owned()]) {
        if let Err(error) = close_to_others(&file)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(file = %file.display(), %error, "others may be able to read the store");
        }
    }
}
