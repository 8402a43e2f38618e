//! A rehearsal: whoever comes to one of its pages by chance sees that it is none of the event.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "a test may touch the world")]

mod sample;

use ptgbot_render::{Host, Rehearsal, Site, SiteOptions, SitePath};

fn rehearsal(speed: f64) -> SiteOptions {
    let (begun, start) = (sample::time("2026-10-01T20:00:00Z"), sample::time("2026-10-19T08:45:00Z"));
    SiteOptions::default().with_host(Host::Live).with_rehearsal(Rehearsal::new(begun, start, speed))
}

fn text(site: &Site, path: &SitePath) -> String {
    String::from_utf8(site.render(path).expect("a file").body).expect("text")
}

#[test]
fn every_page_of_a_rehearsal_says_so_and_tells_its_script_how_the_clock_goes() {
    let (board, options) = (sample::tuesday(), rehearsal(600.0));
    let site = Site::new(&board, sample::time("2026-10-20T08:00:00Z"), &options);
    let is_page = |path: &&SitePath| path.content_type().starts_with("text/html");
    let paths = site.paths();
    let pages: Vec<_> = paths.iter().filter(is_page).collect();
    assert!(pages.len() > 6 && pages.iter().any(|path| matches!(path, SitePath::RecordDay(..))), "{pages:?}");
    for path in pages {
        let page = text(&site, path);
        assert!(page.contains("<title>Rehearsal · "), "{path}");
        assert!(page.contains("<b>Rehearsal</b>") && page.contains("and goes 600 times as fast."), "{path}");
        let clock =
            "data-begun=\"2026-10-01T20:00:00.000Z\" data-start=\"2026-10-19T08:45:00.000Z\" data-speed=\"600\"";
        assert!(page.contains(clock) && !page.contains(" style=\""), "{path}");
    }
}

#[test]
fn what_is_taken_into_other_programs_is_called_a_rehearsal() {
    let (board, options) = (sample::tuesday(), rehearsal(600.0));
    let site = Site::new(&board, sample::time("2026-10-20T08:00:00Z"), &options);
    for path in site.paths().iter().filter(|path| path.is_calendar()) {
        let calendar = text(&site, path);
        assert!(
            calendar.contains("\r\nNAME:Rehearsal: ") && calendar.contains("\r\nX-WR-CALNAME:Rehearsal: "),
            "{path}"
        );
    }
    assert!(text(&site, &SitePath::Feed).contains("<title>Rehearsal: "));
    assert!(text(&site, &SitePath::ScheduleXml).contains("<title>Rehearsal: "));
    assert!(text(&site, &SitePath::ScheduleJson).contains("\"title\": \"Rehearsal: "));
    assert!(text(&site, &SitePath::Manifest).contains("\"name\": \"Rehearsal: "));
}

#[test]
fn the_event_itself_says_nothing_of_a_rehearsal() {
    let (board, options) = (sample::tuesday(), SiteOptions::default().with_host(Host::Live));
    let site = Site::new(&board, sample::time("2026-10-20T08:00:00Z"), &options);
    for path in site.paths().iter().filter(|path| !path.is_asset()) {
        assert!(!text(&site, path).contains("ehearsal"), "{path}");
    }
}

#[test]
fn a_big_screen_without_scripts_asks_as_often_as_the_clock_goes() {
    let board = sample::monday();
    for (speed, seconds) in [(1.0, 60), (60.0, 1), (20.0, 3), (100_000.0, 1)] {
        let options = rehearsal(speed);
        let page = text(&Site::new(&board, sample::time("2026-10-19T09:30:00Z"), &options), &SitePath::Signage);
        assert!(page.contains(&format!("http-equiv=\"refresh\" content=\"{seconds}\"")), "{speed}");
    }
}
