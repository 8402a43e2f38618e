//! Who may read a store: its owner alone.

use super::found::{BESIDE, beside};
use super::turns::TURN;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;

/// Makes an empty file that nobody else can read, where none is. SQLite gives what it puts beside a database the same
/// permissions.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(OWNER_ALONE).open(path) {
        Ok(file) => {
            // A path without a folder names a file of the current one.
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            give_to_owner_of(folder, &file)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Gives a new file to whom something else belongs. Only for root are these two: who sets a store up as root sets it up for
/// the bot, which could not open it otherwise. With what it puts beside a database SQLite does the same.
pub(super) fn give_to_owner_of(other: &Path, file: &File) -> io::Result<()> {
    let (wanted, made) = (fs::metadata(other)?, file.metadata()?);
    if made.uid() != ROOT || wanted.uid() == ROOT {
        return Ok(());
    }
    fchown(file, Some(wanted.uid()), Some(wanted.gid()))
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
const ROOT: u32 = 0;
