//! Where links lead.

use crate::document::{Document, Link, root};
use ptgbot_core::HttpUrl;
use std::path::{Component, Path, PathBuf};

/// The links of a document that lead nowhere.
pub(crate) fn faults(document: &Document, all: &[Document]) -> Vec<String> {
    let wrong = |link: &Link| {
        let reason = leads_somewhere(&link.to, document, all).err()?;
        Some(format!("{}:{}: {}: {reason}", document.name(), link.line, link.to))
    };
    document.links.iter().filter_map(wrong).collect()
}

fn leads_somewhere(to: &str, document: &Document, all: &[Document]) -> Result<(), String> {
    if to.contains(':') {
        return is_an_address(to);
    }
    let (file, anchor) = to.split_once('#').map_or((to, None), |(file, anchor)| (file, Some(anchor)));
    let folder = document.path.parent().unwrap_or(Path::new(""));
    let path = if file.is_empty() { document.path.clone() } else { plain(&folder.join(file))? };
    if document.path.starts_with(BOOK) && !path.starts_with(BOOK) {
        return Err("the site has no such page: it lies outside of docs/src".into());
    }
    if !root().join(&path).exists() {
        return Err("there is no such file".into());
    }
    let Some(anchor) = anchor else { return Ok(()) };
    let target = all.iter().find(|document| document.path == path).ok_or("anchors are those of documents")?;
    if target.anchors.iter().any(|name| name == anchor) { Ok(()) } else { Err("there is no such heading".into()) }
}

/// Addresses are looked at and not opened.
fn is_an_address(to: &str) -> Result<(), String> {
    if !to.starts_with("https://") {
        return Err("links lead to https addresses; what is on this machine is code".into());
    }
    HttpUrl::parse(to).map(|_| ()).map_err(|error| error.to_string())
}

/// Without `..`.
fn plain(path: &Path) -> Result<PathBuf, String> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if !plain.pop() => return Err("it leads out of the repository".into()),
            Component::ParentDir | Component::CurDir => {}
            part => plain.push(part),
        }
    }
    Ok(plain)
}

const BOOK: &str = "docs/src";
