//! What people see on the pages (SPEC section 7).
#![allow(clippy::unwrap_used)]

mod sample;

use ptgbot_core::{Board, Event};
use ptgbot_render::{CONTENT_SECURITY_POLICY, Host, Site, SiteOptions};
use sample::{happen, monday, time};

fn page(board: &Board, at: &str, path: &str) -> String {
    let options = SiteOptions { host: Host::Live, ..SiteOptions::default() };
    String::from_utf8(Site::new(board, time(at), &options).render(path).unwrap().body).unwrap()
}

const PAGES: [&str; 5] = ["index.html", "ptg.html", "etherpads.html", "links.html", "signage.html"];
const MORNING: &str = "2026-10-19T09:30:00Z";

/// The part of a page from one words to others.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let rest = &page[page.find(from).unwrap_or_else(|| panic!("{from} is missing"))..];
    &rest[..rest.find(to).unwrap_or(rest.len())]
}

#[test]
fn both_names_of_the_board_show_the_same() {
    assert_eq!(page(&monday(), MORNING, "index.html"), page(&monday(), MORNING, "ptg.html"));
}

#[test]
fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
    assert!(!CONTENT_SECURITY_POLICY.contains("unsafe") && !CONTENT_SECURITY_POLICY.contains('*'));
    for path in PAGES {
        let page = page(&monday(), MORNING, path);
        assert!(!page.contains(" style=") && !page.contains("<style"), "{path}");
        assert!(
            page.matches("<script").count() == 1 && page.contains("<script src=\"board.js\" defer></script>"),
            "{path}"
        );
        for tag in page.split('<').filter(|tag| tag.starts_with("link ") || tag.starts_with("img ")) {
            assert!(!tag.contains("://") && !tag.contains("=\"/"), "{path}: <{tag}");
        }
    }
}

#[test]
fn today_is_open_and_other_days_are_one_tap_away() {
    let page = page(&monday(), MORNING, "index.html");
    assert!(page.contains("<details class=\"day today\" id=\"_day1\" open>"));
    assert!(page.contains("<details class=\"day\" id=\"_day2\">"));
}

#[test]
fn before_the_event_its_first_day_is_open() {
    let page = page(&monday(), "2026-10-01T09:30:00Z", "index.html");
    assert!(page.contains("<details class=\"day\" id=\"_day1\" open>"));
}

#[test]
fn a_free_slot_shows_the_code_that_books_it() {
    let page = page(&monday(), MORNING, "index.html");
    assert!(page.contains("<code>Pike&#39;s Peak-MonA2</code>"));
}

#[test]
fn a_topic_whose_slot_is_over_says_so() {
    let page = page(&monday(), MORNING, "index.html");
    let cinder = between(&page, "<li class=\"card t-cinder", "</li>");
    assert!(cinder.contains("card t-cinder over") && cinder.contains(">Mon 10:45 CEST</time>"), "{cinder}");
    let swift = between(&page, "<li class=\"card t-swift", "</li>");
    assert!(!swift.contains("over") && swift.contains(">Mon 11:05 CEST</time>"), "{swift}");
}

#[test]
fn a_card_shows_place_meeting_pad_and_people() {
    let page = page(&monday(), MORNING, "index.html");
    let swift = between(&page, "<li class=\"card t-swift", "</li>");
    for part in [
        "<bdi>Ballroom A</bdi>",
        "href=\"https://meet.example.org/ballroom-a\"",
        "href=\"https://etherpad.opendev.org/p/oct2026-ptg-swift\"",
        "<bdi>Jane</bdi>, <bdi>john&#60;&#38;&#62;</bdi>",
    ] {
        assert!(swift.contains(part), "{part} is missing in {swift}");
    }
}

#[test]
fn only_open_check_ins_and_no_subscriptions_are_shown() {
    let board = monday();
    for path in ["index.html", "ptg.json"] {
        let page = page(&board, MORNING, path);
        assert!(!page.contains("secret-pattern") && !page.contains("\"gone\"") && !page.contains(">gone<"), "{path}");
    }
}

#[test]
fn what_is_no_link_is_shown_as_words() {
    let page = page(&monday(), MORNING, "links.html");
    assert!(page.contains("<a href=\"mailto:help@example.org\">"));
    assert!(!page.contains("\"javascript") && page.contains("javascript:alert(3)"));
}

#[test]
fn the_command_table_stands_on_the_page() {
    let page = page(&Board::default(), MORNING, "index.html");
    for spec in ptgbot_core::command::TABLE {
        for form in spec.forms() {
            let form = form.replace('&', "&#38;");
            assert!(page.contains(&format!("<code>{form}</code>")), "{form}");
        }
    }
}

#[test]
fn a_page_says_nothing_yet_for_each_empty_part() {
    let page = page(&Board::default(), MORNING, "index.html");
    assert_eq!(page.matches("class=\"nothing\"").count(), 5);
}

#[test]
fn the_screen_shows_todays_rooms_and_what_is_on() {
    let page = page(&monday(), MORNING, "signage.html");
    let room = between(&page, "<bdi>Ballroom A</bdi>", "</ol>");
    let running = between(room, "<li class=\"running\">", "</li>");
    assert!(running.contains("#swift") && running.contains("<bdi>Ring placement"), "{running}");
    assert!(!page.contains("TueA1"));
}

#[test]
fn the_feed_keeps_its_identities_when_more_happens() {
    let mut board = monday();
    let ids = |board: &Board| {
        let feed = page(board, MORNING, "feed.atom");
        feed.lines().filter(|line| line.starts_with("<id>")).map(str::to_owned).collect::<Vec<_>>()
    };
    let before = ids(&board);
    assert_eq!(before.len(), 3);
    let event = Event::TopicSet { track: sample::track("nova"), topic: "cells".into() };
    happen(&mut board, time("2026-10-19T10:00:00Z"), event);
    let after = ids(&board);
    assert!(after.len() == 4 && after.ends_with(&before[1..]));
}

#[test]
fn the_sample_event_weighs_less_than_60_kilobytes() {
    let files = ["index.html", "style.css", "colors.css", "board.js"];
    let weight: usize = files.iter().map(|path| page(&monday(), MORNING, path).len()).sum();
    assert!(weight < 60_000, "{weight}");
}

#[test]
fn a_slot_that_runs_past_midnight_is_still_on() {
    let file = serde_json::json!({
        "slots": {
            "Mon": [{"name": "MonN", "realtime": "2026-10-19T23:00:00Z", "duration": 120}],
            "Tue": [{"name": "TueA", "realtime": "2026-10-20T09:00:00Z"}],
        },
        "schedule": {"Bar": {"MonN": "swift", "TueA": ""}},
    });
    let board = sample::loaded(&file, time(MORNING));
    let at = "2026-10-20T00:30:00Z";
    assert!(page(&board, at, "index.html").contains("<bdi>MonN</bdi> is on"));
    assert!(page(&board, at, "index.html").contains("<details class=\"day\" id=\"_day1\" open>"));
    assert!(page(&board, at, "signage.html").contains("<li class=\"running\">"));
}
