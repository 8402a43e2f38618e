//! Who may read and write: the modes and owners of files on Unix. Elsewhere (Windows) a file has the rights that its folder
//! gives, and whoever runs a bot sees to those: nothing is set here and nothing is found.

#[cfg(feature = "sqlite")]
pub(crate) use here::{close_to_others, give_to_owner_of};
pub(crate) use here::{of_others, owner_alone, try_to_write_in};

#[cfg(unix)]
mod here {
    use rustix::fs::{Access, access};
    use std::fs::{Metadata, OpenOptions};
    use std::io;
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
    use std::path::Path;

    /// A file that is made is its owner's alone.
    pub(crate) fn owner_alone(options: &mut OpenOptions) -> &mut OpenOptions {
        options.mode(0o600)
    }

    /// What others than its owner may do with a file: the bits of its mode for the group (0o070) and for everybody (0o007).
    pub(crate) fn of_others(file: &Metadata) -> u32 {
        file.mode() & OTHERS
    }

    /// Whether files can be made in a folder, as far as can be said without making one.
    pub(crate) fn try_to_write_in(folder: &Path) -> io::Result<()> {
        Ok(access(folder, Access::WRITE_OK | Access::EXEC_OK)?)
    }

    /// Takes from everybody but its owner what they may do with a file.
    #[cfg(feature = "sqlite")]
    pub(crate) fn close_to_others(file: &Path) -> io::Result<()> {
        use std::fs::{self, Permissions};
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(file)?.permissions().mode();
        if mode & OTHERS == 0 { Ok(()) } else { fs::set_permissions(file, Permissions::from_mode(mode & !OTHERS)) }
    }

    /// Gives a new file to whom something else belongs. Only for root are these two: who sets a store up as root sets it up
    /// for the bot, which could not open it otherwise. With what it puts beside a database SQLite does the same.
    #[cfg(feature = "sqlite")]
    pub(crate) fn give_to_owner_of(other: &Path, file: &std::fs::File) -> io::Result<()> {
        let (wanted, made) = (std::fs::metadata(other)?, file.metadata()?);
        if made.uid() != ROOT || wanted.uid() == ROOT {
            return Ok(());
        }
        std::os::unix::fs::fchown(file, Some(wanted.uid()), Some(wanted.gid()))
    }

    const OTHERS: u32 = 0o077;
    #[cfg(feature = "sqlite")]
    const ROOT: u32 = 0;
}

#[cfg(not(unix))]
mod here {
    use std::fs::{Metadata, OpenOptions};
    use std::io;
    use std::path::Path;

    pub(crate) fn owner_alone(options: &mut OpenOptions) -> &mut OpenOptions {
        options
    }

    pub(crate) fn of_others(_: &Metadata) -> u32 {
        0
    }

    pub(crate) fn try_to_write_in(_: &Path) -> io::Result<()> {
        Ok(())
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn close_to_others(_: &Path) -> io::Result<()> {
        Ok(())
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn give_to_owner_of(_: &Path, _: &std::fs::File) -> io::Result<()> {
        Ok(())
    }
}
