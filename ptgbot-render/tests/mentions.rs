//! Topics that name other tracks: shown at those tracks, too, and never more than fits.
#![allow(clippy::unwrap_used)]

mod sample;

use ptgbot_core::Board;
use sample::{MORNING, between, loaded, page, time, viewed};
use serde_json::{Value, json};

/// Swift meets in the hall and names nova, which says nothing itself, and cinder, which has a topic and names nova, too.
fn board() -> Board {
    let slot = json!({"name": "A", "realtime": "2026-10-19T09:00:00Z", "duration": 90});
    loaded(
        &json!({
            "tracks": ["swift", "nova", "cinder", "quiet"],
            "slots": {"Monday": [slot]},
            "schedule": {"Hall <1>": {"A": "swift"}, "Attic": {"A": "cinder"}},
            "now": {"swift": "<b>rings</b> with #nova and #cinder", "cinder": "disks with #Nova"},
            "now_since": {"swift": "2026-10-19T09:10:00Z", "cinder": "2026-10-19T09:15:00Z"},
            "location": {"cinder": "Lobby"},
        }),
        time(MORNING),
    )
}

const RINGS: &str = "&#60;b&#62;rings&#60;/b&#62; with";

#[test]
fn a_card_tells_the_topics_of_others_and_where_they_are() {
    let page = page(&board(), MORNING, "index.html");
    let cinder = between(&page, "<li class=\"card t-cinder\"", "</details>");
    let also = between(cinder, "<ul class=\"also\">", "</ul>");
    for part in [
        "also at <a class=\"mention t-swift\" dir=\"ltr\" href=\"#swift\">#swift</a>",
        "<bdi>Hall &#60;1&#62;</bdi>",
        RINGS,
    ] {
        assert!(also.contains(part), "{part} is missing in {also}");
    }
    assert!(!between(&page, "<li class=\"card t-swift\"", "</details>").contains("class=\"also\""));
}

#[test]
fn a_track_without_a_topic_of_its_own_is_named_among_what_is_on_and_has_no_card() {
    let page = page(&board(), MORNING, "index.html");
    let now = between(&page, "id=\"_now\"", "</section>");
    let named = between(now, "<ul class=\"named\"", "</section>");
    let nova = between(named, "<li data-key=\"nova\">", "</ul>");
    assert!(nova.contains("#cinder</a>, <b><bdi>Lobby</bdi></b>: <bdi>disks with"), "{nova}");
    assert!(nova.contains("#swift</a>, <b><bdi>Hall &#60;1&#62;</bdi></b>: <bdi>") && nova.contains(RINGS), "{nova}");
    assert!(!now.contains("card t-nova") && !named.contains("data-key=\"cinder\""));
    let row = between(&page, "<li id=\"nova\">", "</li>");
    assert!(row.contains("also at <a class=\"mention t-swift\" dir=\"ltr\" href=\"#swift\">#swift</a>"), "{row}");
}

#[test]
fn the_page_of_one_track_tells_them_and_leads_to_the_board() {
    let page = viewed(&board(), "track=nova", "index.html");
    let card = between(&page, "<section id=\"_now\"", "</section>");
    assert!(card.contains("Nothing has been announced.") && card.contains(RINGS));
    assert!(card.contains("href=\"index.html#swift\">#swift</a>"), "{card}");
    assert!(!viewed(&board(), "track=quiet", "index.html").contains("class=\"also\""));
}

#[test]
fn the_wall_tells_the_first_of_them_beside_what_is_on() {
    let wall = page(&board(), MORNING, "signage.html");
    let attic = between(&wall, "data-room=\"attic\"", "</ol>");
    let also = between(attic, "<span class=\"also\">", "</li>");
    for part in ["also at <b class=\"mention t-swift\">#swift</b>, <bdi>Hall &#60;1&#62;</bdi>:", RINGS] {
        assert!(also.contains(part), "{part} is missing in {also}");
    }
    assert!(!between(&wall, "data-room=\"hall-1\"", "</ol>").contains("class=\"also\""));
}

#[test]
fn public_data_names_who_mentions_whom_while_that_is_meant() {
    let mentions =
        |at: &str| serde_json::from_str::<Value>(&page(&board(), at, "ptg.json")).unwrap()["mentions"].clone();
    assert_eq!(mentions(MORNING), json!({"cinder": ["swift"], "nova": ["cinder", "swift"]}));
    // Half an hour after the slot nobody means what was announced in it.
    assert_eq!(mentions("2026-10-19T11:00:00Z"), json!({}));
    assert!(!page(&board(), "2026-10-19T11:00:00Z", "index.html").contains("class=\"also\""));
}

#[test]
fn two_thousand_tracks_that_name_each_other_leave_the_pages_small() {
    let tracks: Vec<_> = (0..2_000).map(|number| format!("t{number}")).collect();
    let topic =
        |number: usize| (1..=140).map(|step| format!("#t{}", (number + step) % 2_000)).collect::<Vec<_>>().join(" ");
    let now: serde_json::Map<_, _> =
        tracks.iter().enumerate().map(|(number, name)| (name.clone(), topic(number).into())).collect();
    let board = loaded(&json!({"tracks": tracks, "now": now}), time(MORNING));
    for (path, most) in [("index.html", 9_000_000), ("signage.html", 100_000), ("ptg.json", 3_500_000)] {
        let length = page(&board, MORNING, path).len();
        assert!(length < most, "{path}: {length}");
    }
}
