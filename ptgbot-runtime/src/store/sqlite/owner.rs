//! Who may read a store: its owner alone.

use super::found::{BESIDE, beside};
use super::turns::TURN;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Makes an empty file that nobody else can read, where none is. SQLite gives what it puts beside a database the same
/// permissions.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(OWNER_ALONE).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Keeps everybody else from reading a store that is there.
pub(super) fn keep_private(path: &Path) {
    let beside = BESIDE.into_iter().chain([TURN]).map(|ending| beside(path, ending));
    for file in beside.chain([path.to_owned()]) {
        let kept = fs::metadata(&file).and_then(|found| {
            let mode = found.permissions().mode();
            if mode & OTHERS == 0 { Ok(()) } else { fs::set_permissions(&file, Permissions::from_mode(mode & !OTHERS)) }
        });
        if let Err(error) = kept
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(file = %file.display(), %error, "others may be able to read the store");
        }
    }
}

pub(super) const OWNER_ALONE: u32 = 0o600;
const OTHERS: u32 = 0o077;
