//! Every file of the site, byte for byte: of a sample event and of an empty board.
//!
//! Run with `UPDATE_GOLDEN=1` to write what is rendered now, and read the difference.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "a test may touch the world")]

mod sample;

use ptgbot_core::{Board, HttpUrl};
use ptgbot_render::{ASSET_VERSION, Host, Site, SiteOptions, SitePath};
use std::fs;
use std::path::Path;

#[test]
fn the_sample_event_looks_as_it_did() {
    let options = SiteOptions::default()
        .with_base_url(HttpUrl::parse("https://ptg.example.org/oct").expect("an address"))
        .with_host(Host::Live)
        .with_channel("#openinfra-events");
    compare("event", &Site::new(&sample::monday(), sample::time("2026-10-19T09:30:00Z"), &options));
}

#[test]
fn an_empty_board_looks_as_it_did() {
    let options = SiteOptions::default();
    compare("empty", &Site::new(&Board::default(), sample::time("2026-10-19T09:30:00Z"), &options));
}

#[test]
fn the_record_of_a_day_and_a_half_looks_as_it_did() {
    let options = SiteOptions::default().with_host(Host::Live);
    compare_some("record", &Site::new(&sample::tuesday(), sample::time("2026-10-20T08:00:00Z"), &options), |path| {
        matches!(path, SitePath::Record | SitePath::RecordDay(..))
    });
}

fn compare(name: &str, site: &Site) {
    compare_some(name, site, |path| !path.is_asset() && *path != SitePath::OldBoard);
}

fn compare_some(name: &str, site: &Site, is_compared: impl Fn(&SitePath) -> bool) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut changed = Vec::new();
    for path in site.paths().iter().filter(|path| is_compared(path)) {
        let rendered = site.render(path).expect("every path has a file").body;
        let rendered = String::from_utf8(rendered).expect("text").replace(ASSET_VERSION, "VERSION").into_bytes();
        let golden = folder.join(&*path.name());
        if update {
            fs::create_dir_all(golden.parent().expect("a folder holds it")).expect("a folder");
            fs::write(&golden, &rendered).expect("a file");
        } else if fs::read(&golden).ok().as_ref() != Some(&rendered) {
            changed.push(path.clone());
        }
    }
    assert!(changed.is_empty(), "{name}: {changed:?} differ; see the top of this file");
}
