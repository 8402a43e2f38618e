//! The static folder: the whole site on disk, replaced in one step.
//!
//! A list of our files lies beside them (`.ptgbot-files`). What is not on it is somebody else's: it is never
//! changed or removed, and where it stands in the way, nothing is written at all. A folder that holds only our
//! files is built anew beside the old one and the two change places. A folder that holds anything else, or that
//! cannot change places (a mount point, a parent that is not ours to write), is updated file by file, each file in
//! one step.

use crate::clock::{Clock, SystemClock};
use crate::system;
use crate::web::Encoding;
use bytes::Bytes;
use ptgbot_render::{Site, SitePath};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::iter;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes every file of a site to a folder, beside it its compressed bytes for web servers that take those, and removes
/// those of ours that the site has no more.
///
/// ```
/// use ptgbot_runtime::ptgbot_core::Board;
/// use ptgbot_runtime::ptgbot_render::{Site, SiteOptions};
/// use ptgbot_runtime::write_folder;
///
/// let folder = tempfile::tempdir()?;
/// let (board, options) = (Board::default(), SiteOptions::default());
/// let site = Site::new(&board, "2026-10-19T09:00:00Z".parse()?, &options);
/// write_folder(&site, folder.path())?;
/// assert!(folder.path().join("ptg.json").is_file());
///
/// // A file of somebody else's is never written over.
/// let others = tempfile::tempdir()?;
/// std::fs::write(others.path().join("index.html"), "a page")?;
/// assert!(write_folder(&site, others.path()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Names the path. A fault on the way leaves the old files, the new ones, or in a shared folder some of each; never half
/// a file.
pub fn write_folder(site: &Site, out: &Path) -> Result<(), FolderError> {
    let file = |path: &SitePath| Some(FolderFile { path: path.to_string(), body: site.render(path)?.body.into() });
    let files: Vec<FolderFile> = site.paths().iter().filter_map(file).flat_map(FolderFile::with_gzip).collect();
    if let Some(file) = files.iter().find(|file| !is_plain(&file.path)) {
        return Err(FolderError::Write { path: out.join(&file.path), source: ErrorKind::InvalidFilename.into() });
    }
    match fs::metadata(out) {
        Ok(there) if there.is_dir() => update(&out.canonicalize().map_err(at(out))?, &files),
        Ok(_) => Err(FolderError::NotAFolder(out.to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => create(out, &files),
        Err(error) => Err(at(out)(error)),
    }
}

/// Replaces one file in one step; does nothing where it holds these bytes already. A symbolic link stays one.
///
/// # Errors
/// Names the path.
pub(crate) fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if fs::read(&path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    let new = folder.join(fresh_name());
    let written = write_file(&new, bytes, true).and_then(|()| {
        if let Ok(old) = fs::metadata(&path) {
            fs::set_permissions(&new, old.permissions())?;
        }
        fs::rename(&new, &path)
    });
    written.map_err(|error| {
        drop(fs::remove_file(&new));
        at(&path)(error)
    })
}

/// Why a folder does not hold the site.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// There is a file where the folder should be.
    #[error("{} is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// A file of the same name is not on our list.
    #[error("{} was not written by ptgbot: move it away, or choose another folder", .0.display())]
    Foreign(PathBuf),
    /// The system refuses.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A file to be written; its path is relative to the folder.
struct FolderFile {
    path: String,
    body: Bytes,
}

impl FolderFile {
    /// The file, and where that gains something its compressed bytes beside it, as `index.html.gz`: web servers that find
    /// those need not compress.
    fn with_gzip(self) -> impl Iterator<Item = Self> {
        let path = format!("{}{GZIP}", self.path);
        let compressed = Encoding::Gzip.compress(&self.body).map(|body| Self { path, body });
        iter::once(self).chain(compressed)
    }

    /// True for pages: what they refer to is there before them.
    fn is_page(&self) -> bool {
        self.path.trim_end_matches(GZIP).ends_with(".html")
    }
}

fn create(out: &Path, files: &[FolderFile]) -> Result<(), FolderError> {
    let parent = match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(at(parent))?;
    let new = build(parent, None, files).map_err(at(out))?;
    fs::rename(&new, out).map_err(|error| {
        drop(fs::remove_dir_all(&new));
        at(out)(error)
    })
}

fn update(out: &Path, files: &[FolderFile]) -> Result<(), FolderError> {
    let ours = listed(out).map_err(at(out))?;
    let folders = folders(files.iter().map(|file| file.path.as_str()).chain(ours.iter().map(String::as_str)));
    let mut there = names(out, "").map_err(at(out))?;
    for folder in &folders {
        let path = out.join(folder);
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => there.extend(names(&path, folder).map_err(at(&path))?),
            // A file of others, or a link that leads elsewhere.
            Ok(_) => return Err(FolderError::Foreign(path)),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(at(&path)(error)),
        }
    }
    let mut shared = false;
    for name in there {
        let is_ours = name == LIST || name.to_str().is_some_and(|name| ours.contains(name) || folders.contains(name));
        if is_ours || is_leftover(&name) {
            continue;
        }
        shared = true;
        if let Some(file) = files.iter().find(|file| name == *file.path) {
            // The same bytes may as well be ours: no one loses anything.
            if !holds(&out.join(&file.path), &file.body) {
                return Err(FolderError::Foreign(out.join(&file.path)));
            }
        }
    }
    let current = files.len() == ours.len()
        && files.iter().all(|file| ours.contains(&file.path) && holds(&out.join(&file.path), &file.body));
    if current {
        return Ok(());
    }
    if shared || !exchange(out, &ours, files) { one_by_one(out, &ours, files) } else { Ok(()) }
}

/// Builds the folder anew beside `out` and lets the two change places; false when that cannot be done here.
fn exchange(out: &Path, ours: &BTreeSet<String>, files: &[FolderFile]) -> bool {
    let Some(parent) = out.parent().filter(|_| system::folder::EXCHANGES) else { return false };
    let Ok(new) = build(parent, Some(out), files) else { return false };
    if system::folder::exchange(&new, out).is_err() {
        drop(fs::remove_dir_all(&new));
        return false;
    }
    // `new` is now the old folder. What somebody else put there in the meantime goes to the new one.
    for name in ours.iter().map(String::as_str).chain([LIST]) {
        drop(fs::remove_file(new.join(name)));
    }
    for folder in folders(ours.iter().map(String::as_str)) {
        drop(fs::remove_dir(new.join(folder)));
    }
    if fs::remove_dir(&new).is_err() {
        for entry in fs::read_dir(&new).into_iter().flatten().flatten() {
            system::folder::rename_new(&entry.path(), &out.join(entry.file_name())).ok();
        }
        drop(fs::remove_dir(&new));
    }
    true
}

/// A complete folder under a passing name. Files that did not change are taken over from `old` as they are, so that
/// they keep their time.
fn build(parent: &Path, old: Option<&Path>, files: &[FolderFile]) -> io::Result<PathBuf> {
    let new = parent.join(fresh_name());
    fs::create_dir(&new)?;
    // After a power cut there is the old folder or the new one, not one of empty files.
    let durable = !system::folder::SYNCS;
    let built = (|| {
        for folder in folders(files.iter().map(|file| file.path.as_str())) {
            fs::create_dir(new.join(&folder))?;
            if let Some(old) = old.and_then(|old| fs::metadata(old.join(&folder)).ok()) {
                fs::set_permissions(new.join(&folder), old.permissions())?;
            }
        }
        for file in files {
            let target = new.join(&file.path);
            let unchanged = old.map(|old| old.join(&file.path)).filter(|old| holds(old, &file.body));
            if unchanged.is_none_or(|old| fs::hard_link(old, &target).is_err()) {
                write_file(&target, &file.body, durable)?;
            }
        }
        write_file(&new.join(LIST), list(files.iter().map(|file| file.path.as_str())).as_bytes(), durable)?;
        if let Some(old) = old {
            fs::set_permissions(&new, fs::metadata(old)?.permissions())?;
        }
        if !durable {
            system::folder::sync(&new).ok();
        }
        Ok(())
    })();
    match built {
        Ok(()) => Ok(new),
        Err(error) => {
            drop(fs::remove_dir_all(&new));
            Err(error)
        }
    }
}

/// The list always names at least what is there: after a fault nothing of ours looks like somebody else's.
fn one_by_one(out: &Path, ours: &BTreeSet<String>, files: &[FolderFile]) -> Result<(), FolderError> {
    let wanted: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let all = wanted.iter().copied().chain(ours.iter().map(String::as_str)).collect::<BTreeSet<_>>();
    replace_file(&out.join(LIST), list(all.into_iter()).as_bytes())?;
    for folder in folders(wanted.iter().copied()) {
        let folder = out.join(folder);
        fs::create_dir_all(&folder).map_err(at(&folder))?;
    }
    let (pages, others): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.is_page());
    for file in others.into_iter().chain(pages) {
        replace_file(&out.join(&file.path), &file.body)?;
    }
    for stale in ours.iter().filter(|name| !wanted.contains(name.as_str())) {
        let path = out.join(stale);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(at(&path)(error)),
        }
    }
    for folder in folders(ours.iter().map(String::as_str)) {
        // Stays while there is anything in it.
        drop(fs::remove_dir(out.join(folder)));
    }
    replace_file(&out.join(LIST), list(wanted.into_iter()).as_bytes())
}

/// What is in a folder, as paths below the site's root, in the form of the site's own.
fn names(folder: &Path, prefix: &str) -> io::Result<Vec<OsString>> {
    let start = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
    let path = |name: &OsStr| {
        let mut path = OsString::from(&start);
        path.push(name);
        path
    };
    fs::read_dir(folder)?.map(|entry| Ok(path(&entry?.file_name()))).collect()
}

/// The folders in which these files lie.
fn folders<'a>(names: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    names.filter_map(|name| Some(name.split_once('/')?.0.to_owned())).collect()
}

/// The names on the list; names that lead out of the folder are nobody's.
fn listed(out: &Path) -> io::Result<BTreeSet<String>> {
    match fs::read_to_string(out.join(LIST)) {
        Ok(text) => Ok(text.lines().filter(|name| is_plain(name)).map(str::to_owned).collect()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(error) => Err(error),
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.flat_map(|name| [name, "\n"]).collect()
}

/// A file of the site, or of a folder directly below it.
fn is_plain(path: &str) -> bool {
    let name = |name: &str| {
        let mut parts = Path::new(name).components();
        // On Windows more than a slash leads elsewhere.
        let is_one = matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name);
        is_one && name != LIST && !name.contains('\0')
    };
    match path.split_once('/') {
        Some((folder, file)) => name(folder) && name(file),
        None => name(path),
    }
}

fn holds(path: &Path, bytes: &[u8]) -> bool {
    fs::symlink_metadata(path).is_ok_and(|there| there.is_file() && there.len() == bytes.len() as u64)
        && fs::read(path).is_ok_and(|there| there == bytes)
}

fn write_file(path: &Path, bytes: &[u8], durable: bool) -> io::Result<()> {
    let mut file = fs::File::create_new(path)?;
    file.write_all(bytes)?;
    if durable { file.sync_all() } else { Ok(()) }
}

/// A passing name that no other process uses at the same time.
fn fresh_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let time = SystemClock.now().timestamp_nanos_opt().unwrap_or_default();
    // The time as well, for in a container the number of the process is always the same.
    format!("{PASSING}{}-{time:x}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Passing names that a killed process left behind.
fn is_leftover(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(PASSING.as_bytes())
}

fn at(path: &Path) -> impl Fn(io::Error) -> FolderError {
    move |source| FolderError::Write { path: path.to_owned(), source }
}

/// How the name of a compressed file ends.
const GZIP: &str = ".gz";
const LIST: &str = ".ptgbot-files";
const PASSING: &str = ".ptgbot-new-";

#[cfg(all(test, unix))]
mod tests;
