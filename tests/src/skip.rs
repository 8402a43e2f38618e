//! What a test needs of this machine, and what happens when it is not there.

use std::env;
use std::path::{Path, PathBuf};

/// The program of a server package, or `None` after saying that the test is
/// skipped. With `CI=true` in the environment a missing program fails the test.
pub fn needs(package: &str) -> Option<PathBuf> {
    let found = program(package);
    if found.is_none() {
        missing(package);
    }
    found
}

/// Says that a test is skipped because a package is not installed, or fails.
pub fn missing(package: &str) {
    because(&format!("{package} is not installed (.ci/install-test-servers installs it)"));
}

/// Says why a test is skipped. With `CI=true` in the environment it fails.
pub fn because(reason: &str) {
    let said = format!("skipped: {reason}");
    assert!(env::var("CI").as_deref() != Ok("true"), "{said}; CI=true allows no skips");
    #[expect(clippy::print_stderr, reason = "the test's reader wants to know")]
    {
        eprintln!("{said}");
    }
}

/// Where a program is, on the search path, in a folder of system programs, or
/// unpacked by `.ci/install-test-servers`.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let unpacked = unpacked();
    let folders = env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/bin"].map(PathBuf::from))
        .chain([unpacked.join("usr/sbin"), unpacked.join("usr/bin")]);
    folders.map(|folder| folder.join(name)).find(|candidate| candidate.is_file())
}

/// A file or folder of a server package by its absolute path when installed.
pub fn installed(path: &str) -> PathBuf {
    let here = PathBuf::from(path);
    let unpacked = unpacked().join(path.trim_start_matches('/'));
    if !here.exists() && unpacked.exists() { unpacked } else { here }
}

/// Where packages are unpacked that could not be installed.
pub fn unpacked() -> PathBuf {
    place("PTGBOT_TEST_SERVERS", "test-servers")
}

/// Where `.ci/install-test-readers` puts what reads calendars.
pub fn readers() -> PathBuf {
    place("PTGBOT_TEST_READERS", "test-readers")
}

fn place(variable: &str, name: &str) -> PathBuf {
    if let Some(folder) = env::var_os(variable) {
        return folder.into();
    }
    let target = env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from);
    target.join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_on_the_search_path() {
        assert!(program("sh").is_some());
        assert_eq!(program("no-such-program-anywhere"), None);
    }

    #[test]
    fn what_is_installed_nowhere_keeps_its_name() {
        assert_eq!(installed("/no/such/folder"), PathBuf::from("/no/such/folder"));
    }
}
