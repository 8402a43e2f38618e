//! The board in a real browser: `tests/browser/*.test.mjs`, run by node's own test runner.

use ptgbot_tests::{built, skip};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// The facts in a file hold.
fn hold(file: &str) {
    let (Some(chromium), Some(node)) = (skip::needs("chromium"), skip::needs("node")) else { return };
    let folder = folder();
    if !folder.join("../node_modules/playwright-core").is_dir() {
        return skip::missing("playwright-core");
    }
    let program = built("ptgbot");
    // Some facts are about time: one browser at a time.
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut command = Command::new(node);
    command.args(["--test", "--test-reporter=spec"]).arg(folder.join(file)).current_dir(&folder);
    command
        .env("PTGBOT", program)
        .env("CHROMIUM", chromium)
        .env("MDBOOK", mdbook())
        .env_remove("NODE_OPTIONS")
        .env_remove("NODE_TEST_CONTEXT");
    let output = command.output().expect("node runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    #[expect(clippy::print_stdout, reason = "weights and times, for whoever asks with --nocapture")]
    {
        println!("{said}");
    }
}

/// What makes the site of the documents, where it is installed.
fn mdbook() -> PathBuf {
    skip::readers().join("mdbook/bin/mdbook")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("browser")
}

static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn an_open_page_follows_the_board() {
    hold("live.test.mjs");
}

#[test]
fn every_page_is_readable_however_it_is_looked_at() {
    hold("pages.test.mjs");
}

#[test]
fn forty_tracks_are_seen_at_a_glance() {
    hold("board.test.mjs");
}

#[test]
fn a_reader_chooses_tracks_days_and_time_zone() {
    hold("views.test.mjs");
}

#[test]
fn the_schedule_shows_all_rooms_at_once() {
    hold("schedule.test.mjs");
}

#[test]
fn a_screen_on_the_wall_needs_nobody() {
    hold("signage.test.mjs");
}

#[test]
fn a_hall_without_a_network_keeps_its_last_board() {
    hold("offline.test.mjs");
}

#[test]
fn a_reader_has_tracks_of_their_own() {
    hold("mine.test.mjs");
}

#[test]
fn nothing_that_people_type_becomes_part_of_a_page() {
    hold("injection.test.mjs");
}

#[test]
fn what_is_to_be_printed_fits_its_paper() {
    if !mdbook().is_file() {
        return skip::because("mdbook is not installed (.ci/install-test-readers installs it)");
    }
    hold("paper.test.mjs");
}

#[test]
fn every_file_of_facts_is_run() {
    let this =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser.rs")).expect("this file");
    for entry in std::fs::read_dir(folder()).expect("the folder of the facts") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name of ours");
        assert!(!name.ends_with(".test.mjs") || this.contains(&format!("hold(\"{name}\")")), "nobody runs {name}");
    }
}

#[test]
fn an_open_page_goes_by_the_clock_of_a_rehearsal() {
    hold("rehearsal.test.mjs");
}
