//! Whole folders at once: exchanged in one step on Linux and macOS, and on the disk in one step on Linux. Where a system has
//! neither, the same is done file by file.

pub(crate) use here::{exchange, rename_new, sync};

/// Whether folders can [change places](exchange) here at all.
pub(crate) const EXCHANGES: bool = cfg!(any(target_os = "linux", target_vendor = "apple"));

/// Whether there is a [`sync`] for all of a folder; else each file is to be synchronised by itself.
pub(crate) const SYNCS: bool = cfg!(target_os = "linux");

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
mod here {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use std::io;
    use std::path::Path;

    /// Lets two folders change places in one step; not every file system can.
    pub(crate) fn exchange(one: &Path, other: &Path) -> io::Result<()> {
        Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
    }

    /// Gives a file another name, unless there is a file of that name.
    pub(crate) fn rename_new(old: &Path, new: &Path) -> io::Result<()> {
        Ok(renameat_with(CWD, old, CWD, new, RenameFlags::NOREPLACE)?)
    }

    /// Waits until the disk has all that was written to the file system of a folder.
    #[cfg(target_os = "linux")]
    pub(crate) fn sync(folder: &Path) -> io::Result<()> {
        Ok(rustix::fs::syncfs(std::fs::File::open(folder)?)?)
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn sync(_: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
mod here {
    use std::io::{self, ErrorKind};
    use std::path::Path;

    pub(crate) fn exchange(_: &Path, _: &Path) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    pub(crate) fn rename_new(_: &Path, _: &Path) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    pub(crate) fn sync(_: &Path) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }
}
