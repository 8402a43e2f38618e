//! A store of a test, and what is imported into it.

use crate::common::{ptgbot, run, store_in};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

/// A folder with a store.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) store: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store_in(folder.path());
        Self { folder, store }
    }

    /// With a board in it.
    pub(crate) fn with(board: &Value) -> Self {
        let place = Self::new();
        assert_eq!(run(&["import", "--store", &place.store, "-"], &board.to_string()).status.code(), Some(0));
        place
    }

    pub(crate) fn import(&self, arguments: &[&str]) -> Output {
        ptgbot(&[&["import", "--store", &self.store], arguments].concat()).output().expect("the program ends")
    }

    /// Imports a text, and gives what is said of it.
    pub(crate) fn said(&self, format: &str, text: impl AsRef<[u8]>) -> (Option<i32>, String) {
        let file = self.folder.path().join("programme");
        fs::write(&file, text).expect("written");
        let file = file.to_str().expect("a path");
        let output = self.import(&["--timezone", "Europe/Berlin", "--from", format, file]);
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).replace(file, "FILE"))
    }

    pub(crate) fn export(&self) -> Value {
        let output = run(&["export", "--store", &self.store], "");
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    /// A file of the site.
    pub(crate) fn rendered(&self, name: &str) -> PathBuf {
        let out = self.folder.path().join("site");
        let at = ["render", "--store", &self.store, "--at", "2026-10-19T09:30:00Z", "--out"];
        let output = run(&[&at[..], &[out.to_str().expect("a path")]].concat(), "");
        assert_eq!(output.status.code(), Some(0), "{}", text_of(&output.stderr));
        out.join(name)
    }
}

pub(crate) fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import").join(name).display().to_string()
}
