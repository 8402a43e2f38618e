//! The static folder is complete: whatever a page refers to within the site is there, and each topic and track to which
//! another page leads.
#![allow(clippy::unwrap_used)]

mod sample;

use ptgbot_core::{Board, HttpUrl};
use ptgbot_render::{Host, Site, SiteOptions, SitePath};
use std::collections::{BTreeMap, BTreeSet};

/// What a page refers to: `href` and `src`.
fn references(page: &str) -> impl Iterator<Item = &str> {
    let starts = page.match_indices(" href=\"").map(|(at, key)| at + key.len());
    let starts = starts.chain(page.match_indices(" src=\"").map(|(at, key)| at + key.len()));
    starts.map(|at| page[at..].split('"').next().unwrap())
}

/// The path from the site's root of what a file refers to.
fn resolved(from: &str, reference: &str) -> String {
    let mut folders: Vec<&str> = from.split('/').collect();
    folders.pop();
    for part in reference.split('/') {
        match part {
            ".." => assert!(folders.pop().is_some(), "{reference} of {from} leads out of the site"),
            "." => {}
            part => folders.push(part),
        }
    }
    folders.join("/")
}

fn crawl(board: &Board, at: &str, options: &SiteOptions) {
    let site = Site::new(board, sample::time(at), options);
    let paths: BTreeMap<String, SitePath> = site.paths().into_iter().map(|path| (path.to_string(), path)).collect();
    let text = |path: &SitePath| String::from_utf8(site.render(path).unwrap().body).unwrap();
    let mut ids: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (name, path) in paths.iter().filter(|(name, _)| name.ends_with(".html")) {
        let page = text(path);
        let found = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        ids.insert(name, found.collect());
    }
    for (name, path) in &paths {
        if ![".html", ".svg", ".atom"].iter().any(|ending| name.ends_with(ending)) {
            continue;
        }
        let page = text(path);
        for reference in references(&page) {
            let (address, fragment) = reference.split_once('#').unwrap_or((reference, ""));
            if address.contains(':') {
                continue;
            }
            let (address, _) = address.split_once('?').unwrap_or((address, ""));
            let address = percent_encoding::percent_decode_str(address).decode_utf8().unwrap();
            let target = if address.is_empty() { name.clone() } else { resolved(name, &address) };
            assert!(paths.contains_key(&target), "{name} refers to {reference}");
            let known = || ids.get(target.as_str()).is_some_and(|ids| ids.contains(fragment));
            // Within itself a page may lead to what it has only at times.
            assert!(fragment.is_empty() || address.is_empty() || known(), "{name} refers to {reference}");
        }
    }
}

#[test]
fn whatever_a_page_refers_to_is_there() {
    let base_url = Some(HttpUrl::parse("https://ptg.example.org/oct").unwrap());
    for host in [Host::Static, Host::Live] {
        for base_url in [None, base_url.clone()] {
            let mut options = SiteOptions::default().with_host(host);
            options.base_url = base_url;
            crawl(&sample::monday(), "2026-10-19T09:30:00Z", &options);
            crawl(&sample::tuesday(), "2026-10-20T08:00:00Z", &options);
            crawl(&sample::tuesday(), "2026-12-24T08:00:00Z", &options);
            crawl(&Board::default(), "2026-10-19T09:30:00Z", &options);
        }
    }
}
