//! The site that mdBook makes of `docs/`.

use crate::document::root;
use ptgbot_tests::skip;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn every_page_of_the_book_is_in_its_summary() {
    let source = root().join("docs/src");
    let summary = fs::read_to_string(source.join("SUMMARY.md")).expect("a summary");
    let links = Regex::new(r"\]\(([^)#]+\.md)\)").expect("a valid pattern");
    let named: BTreeSet<PathBuf> = links.captures_iter(&summary).map(|found| source.join(&found[1])).collect();
    let mut pages = BTreeSet::new();
    files(&source, &mut pages);
    pages.retain(|page| page.extension().is_some_and(|name| name == "md") && !page.ends_with("SUMMARY.md"));
    assert_eq!(named, pages);
}

#[test]
fn the_site_is_built_without_a_word_and_its_links_lead_somewhere() {
    let mdbook = skip::readers().join("mdbook/bin/mdbook");
    if !mdbook.is_file() {
        return skip::because("mdbook is not installed (.ci/install-test-readers installs it)");
    }
    let site = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(mdbook);
    command.arg("build").arg(root().join("docs")).arg("--dest-dir").arg(site.path());
    let output = command.output().expect("mdbook runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && !said.contains("WARN") && !said.contains("ERROR"), "{said}");

    let mut built = BTreeSet::new();
    files(site.path(), &mut built);
    // The page for addresses that are none links from the root of a host.
    let is_page = |path: &&PathBuf| path.extension().is_some_and(|name| name == "html") && !path.ends_with("404.html");
    let pages: BTreeMap<&PathBuf, String> =
        built.iter().filter(is_page).map(|path| (path, fs::read_to_string(path).expect("a page"))).collect();
    assert!(pages.keys().any(|page| page.ends_with("index.html")), "{built:?}");
    let attributes = Regex::new(r#"(?:href|src)="([^"]*)""#).expect("a valid pattern");
    for (page, html) in &pages {
        for found in attributes.captures_iter(html) {
            let link = found[1].split('?').next().unwrap_or_default();
            if link.contains(':') {
                continue;
            }
            let (file, anchor) = link.split_once('#').map_or((link, ""), |(file, anchor)| (file, anchor));
            let folder = page.parent().unwrap_or(Path::new("/"));
            let target = if file.is_empty() { (*page).clone() } else { folder.join(file) };
            let target = target.canonicalize().unwrap_or(target);
            assert!(target.exists(), "{}: {link}", page.display());
            let is_there = |html: &String| html.contains(&format!("id=\"{anchor}\""));
            let leads = anchor.is_empty() || pages.get(&target).is_some_and(is_there);
            assert!(leads, "{}: {link}", page.display());
        }
    }
}

fn files(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    let folder = folder.canonicalize().expect("a folder");
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("a folder can be read").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.insert(path);
        }
    }
}
