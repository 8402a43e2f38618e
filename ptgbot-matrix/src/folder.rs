//! The data folder: the session, the keys and the place in the stream of messages, kept together.
//!
//! What is in it is the account: it is made for its owner's eyes alone, and one process uses it at a time. Where files have no
//! modes (Windows), it has the rights of the folder that it lies in.

use crate::error::MatrixError;
use private::{make_folder, owner_only};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The data folder, held until this is dropped.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Locked while we live; the system unlocks it, also after a kill.
    _lock: File,
}

impl Folder {
    /// Makes the folder where it is missing, closes it to others, and takes it for this process.
    ///
    /// # Errors
    /// When it cannot be made or written, or another process has it.
    pub(crate) fn open(path: &Path) -> Result<Self, MatrixError> {
        let failed = |source| MatrixError::Folder { path: path.to_owned(), source };
        // The library makes its files as the system's mask says, so their folder is closed, too.
        for folder in [path, &path.join(STORE)] {
            make_folder(folder).map_err(failed)?;
        }
        let lock = owner_only().create(true).truncate(false).open(path.join(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(MatrixError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Where the folder is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the library keeps its state and the keys.
    pub(crate) fn store(&self) -> PathBuf {
        self.path.join(STORE)
    }

    /// A file that we wrote; `None` where there is none yet.
    ///
    /// # Errors
    /// When it cannot be read or is no longer what we wrote.
    pub(crate) fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, MatrixError> {
        read(&self.path, name)
    }

    /// Writes a file whole or not at all. It survives the end of the process at once; [`keep`](Self::keep) also
    /// survives the end of the machine.
    ///
    /// # Errors
    /// When it cannot be written; the file is as it was then.
    pub(crate) fn write(&self, name: &str, value: &impl Serialize) -> Result<(), MatrixError> {
        self.replace(name, value, Durability::Process)
    }

    /// As [`write`](Self::write), and waits until the disk has it.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub(crate) fn keep(&self, name: &str, value: &impl Serialize) -> Result<(), MatrixError> {
        self.replace(name, value, Durability::Disk)
    }

    fn replace(&self, name: &str, value: &impl Serialize, durability: Durability) -> Result<(), MatrixError> {
        let path = self.path.join(name);
        let fresh = self.path.join(format!("{name}.new"));
        let written = (|| {
            let mut text = serde_json::to_vec(value)?;
            text.push(b'\n');
            let mut file = owner_only().create(true).truncate(true).open(&fresh)?;
            file.write_all(&text)?;
            match durability {
                Durability::Process => {}
                Durability::Disk => file.sync_all()?,
            }
            fs::rename(&fresh, &path)
        })();
        written.map_err(|source| MatrixError::Folder { path, source })
    }
}

/// A file that we wrote into a folder, whoever has the folder now; `None` where there is none.
///
/// # Errors
/// When it cannot be read or is no longer what we wrote.
pub(crate) fn read<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<Option<T>, MatrixError> {
    let path = folder.join(name);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(MatrixError::Folder { path, source }),
    };
    serde_json::from_slice(&text).map(Some).map_err(|error| MatrixError::Damaged { path, source: error.into() })
}

/// Whether a process has the folder now.
#[cfg(feature = "bot")]
pub(crate) fn is_taken(folder: &Path) -> bool {
    let lock = File::open(folder.join(LOCK));
    // A shared lock is given back at once.
    lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Writes a new file that only its owner may read. An existing one is never overwritten.
///
/// # Errors
/// When it is there already or cannot be written.
pub(crate) fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    let mut file = owner_only().create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

enum Durability {
    Process,
    Disk,
}

const LOCK: &str = "lock";
const STORE: &str = "store";

#[cfg(unix)]
mod private {
    use std::fs::{DirBuilder, OpenOptions, Permissions, set_permissions};
    use std::io;
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
    use std::path::Path;

    /// Makes a folder where it is missing, and closes it to others.
    pub(super) fn make_folder(path: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(FOLDER).create(path)?;
        set_permissions(path, Permissions::from_mode(FOLDER))
    }

    /// To write a file, which is its owner's alone if it is made.
    pub(super) fn owner_only() -> OpenOptions {
        let mut options = OpenOptions::new();
        options.write(true).mode(FILE);
        options
    }

    const FOLDER: u32 = 0o700;
    const FILE: u32 = 0o600;
}

#[cfg(not(unix))]
mod private {
    use std::fs::{OpenOptions, create_dir_all};
    use std::io;
    use std::path::Path;

    pub(super) fn make_folder(path: &Path) -> io::Result<()> {
        create_dir_all(path)
    }

    pub(super) fn owner_only() -> OpenOptions {
        let mut options = OpenOptions::new();
        options.write(true);
        options
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_look_inside() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let mode = |path: &Path| fs::metadata(path).expect("a file").mode() & 0o777;
        let outside = tempfile::tempdir().expect("a folder");
        let path = outside.path().join("deep/data");
        fs::create_dir_all(&path).expect("a folder");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("permissions");
        let folder = Folder::open(&path).expect("the folder");
        folder.keep("session.json", &"secret").expect("written");
        assert_eq!((mode(&path), mode(&path.join("session.json")), mode(&folder.store())), (0o700, 0o600, 0o700));
    }

    #[test]
    fn one_process_at_a_time() {
        let outside = tempfile::tempdir().expect("a folder");
        let first = Folder::open(outside.path()).expect("the folder");
        let second = Folder::open(outside.path()).expect_err("taken").to_string();
        assert!(second.contains("in use by another"), "{second}");
        drop(first);
        Folder::open(outside.path()).expect("free again");
    }

    #[test]
    fn what_was_written_is_read_and_damage_is_told() {
        let outside = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(outside.path()).expect("the folder");
        assert_eq!(folder.read::<Vec<u8>>("a.json").expect("no file"), None);
        folder.write("a.json", &vec![1, 2]).expect("written");
        assert_eq!(folder.read("a.json").expect("a file"), Some(vec![1, 2]));
        fs::write(outside.path().join("a.json"), "[1,").expect("damaged");
        let error = folder.read::<Vec<u8>>("a.json").expect_err("damaged").to_string();
        assert!(error.contains("a.json") && error.contains("move it away"), "{error}");
    }

    #[test]
    fn a_secret_never_replaces_another() {
        let outside = tempfile::tempdir().expect("a folder");
        let path = outside.path().join("key");
        write_secret(&path, "first").expect("written");
        assert!(write_secret(&path, "second").is_err());
        assert_eq!(fs::read_to_string(&path).expect("a file"), "first");
    }
}
