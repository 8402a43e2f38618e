//! What people see on the pages.
#![allow(clippy::unwrap_used)]

mod sample;

use ptgbot_core::{Board, Event, TrackEvent};
use ptgbot_render::{ASSET_VERSION, CONTENT_SECURITY_POLICY, Host, Site, SiteOptions, SitePath, View};
use sample::{MORNING, between, happen, monday, page, page_at, time, viewed};

const PAGES: [&str; 7] = [
    "index.html",
    "ptg.html",
    "etherpads.html",
    "links.html",
    "signage.html",
    "record/index.html",
    "record/2026-10-19.html",
];

#[test]
fn both_names_of_the_board_show_the_same() {
    assert_eq!(page(&monday(), MORNING, "index.html"), page(&monday(), MORNING, "ptg.html"));
}

#[test]
fn pages_say_since_when_they_may_be_out_of_date_and_data_stay_as_they_are() {
    let (board, options) = (monday(), SiteOptions::default().with_host(Host::Live));
    let site = Site::new(&board, time(MORNING), &options);
    let away = site.clone().out_of_date(Some(time("2026-10-19T09:12:00Z")));
    for path in site.paths() {
        let [usual, told] = [&site, &away].map(|site| String::from_utf8(site.render(&path).unwrap().body).unwrap());
        if path.content_type().starts_with("text/html") {
            assert!(usual.contains("<p id=\"_stale\" class=\"status\" role=\"status\"></p>"), "{path}");
            let notice = between(&told, "<p id=\"_stale\"", "</p>");
            assert!(notice.contains("role=\"status\"") && notice.contains("2026-10-19T09:12:00Z"), "{notice}");
            assert!(notice.contains("may be out of date"), "{notice}");
            assert_eq!(told.replace(notice, "<p id=\"_stale\" class=\"status\" role=\"status\">"), usual, "{path}");
        } else {
            assert_eq!(told, usual, "{path}");
        }
    }
}

#[test]
fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
    assert!(!CONTENT_SECURITY_POLICY.contains("unsafe") && !CONTENT_SECURITY_POLICY.contains('*'));
    for path in PAGES {
        let page = page(&monday(), MORNING, path);
        assert!(!page.contains(" style=") && !page.contains("<style"), "{path}");
        let scripts: Vec<_> = page.split("<script").skip(1).filter_map(|tag| tag.split('>').next()).collect();
        let root = if path.starts_with("record/") { "../" } else { "" };
        let ours = ["board.js", "wall.js"].map(|name| format!(" src=\"{root}{name}?{ASSET_VERSION}\" defer"));
        assert_eq!(scripts, ours[..if path == "signage.html" { 2 } else { 1 }], "{path}");
        for tag in page.split('<').filter(|tag| tag.starts_with("link ") || tag.starts_with("img ")) {
            assert!(!tag.contains("://") && !tag.contains("=\"/"), "{path}: <{tag}");
        }
    }
}

#[test]
fn today_is_shown_first_and_other_days_are_one_tap_away() {
    let page = page(&monday(), MORNING, "index.html");
    assert!(page.contains("href=\"#_day1\" aria-current=\"date\"><bdi>Monday</bdi> <small>19 Oct</small></a>"));
    assert!(page.contains("href=\"#_day2\"><bdi>Tuesday</bdi>"));
    assert!(page.contains("<section class=\"day first\" id=\"_day1\""));
    assert!(page.contains("<section class=\"day\" id=\"_day2\""));
}

#[test]
fn before_the_event_its_first_day_is_shown_first() {
    let page = page(&monday(), "2026-10-01T09:30:00Z", "index.html");
    assert!(page.contains("<section class=\"day first\" id=\"_day1\"") && !page.contains("aria-current=\"date\""));
}

#[test]
fn a_running_slot_says_until_when_and_between_slots_stands_what_comes() {
    let running = page(&monday(), MORNING, "index.html");
    let strip = between(&running, "<div class=\"strip\">", "</div>");
    assert!(strip.contains("<bdi>MonA2</bdi></b> is on until") && strip.contains("12:30 CEST"), "{strip}");
    let pause = page(&monday(), "2026-10-19T11:00:00Z", "index.html");
    let strip = between(&pause, "<div class=\"strip\">", "</div>");
    assert!(
        strip.contains("Between sessions. The next is <b><bdi>MonP1</bdi></b> at") && strip.contains("13:30 CEST"),
        "{strip}"
    );
    assert!(!strip.contains("is on until"), "{strip}");
    let next = between(&pause, "id=\"_next\"", "</details>");
    assert!(next.contains(">#keystone</a> <bdi>Ballroom A</bdi>"), "{next}");
    let evening = page(&monday(), "2026-10-19T18:00:00Z", "index.html");
    let strip = between(&evening, "<div class=\"strip\">", "</div>");
    assert!(strip.contains("The next session is") && strip.contains("Tue 20 Oct, 09:00 CEST"), "{strip}");
}

#[test]
fn a_topic_whose_slot_is_over_says_so() {
    let page = page(&monday(), MORNING, "index.html");
    let cinder = between(&page, "<li class=\"card t-cinder", "</li>");
    assert!(cinder.contains("card t-cinder over") && cinder.contains(">Mon 10:45 CEST</time>"), "{cinder}");
    let swift = between(&page, "<li class=\"card t-swift", "</li>");
    assert!(!swift.contains("over") && swift.contains(">11:05 CEST</time>"), "{swift}");
    let tuesday = page_at(&monday(), "2026-10-20T06:00:00Z");
    let nova = between(&tuesday, "<li class=\"card t-nova", "</li>");
    assert!(nova.contains("card t-nova over") && nova.contains("slot ended"), "{nova}");
    let i18n = between(&tuesday, "<li class=\"card t-i18n", "</li>");
    assert!(i18n.contains("slot ended") && i18n.contains(">Mon 12:30 CEST</time>"), "{i18n}");
}

#[test]
fn a_topic_without_a_slot_is_of_the_past_on_the_next_day() {
    let file = serde_json::json!({
        "tracks": ["swift"], "now": {"swift": "rings"}, "now_since": {"swift": "2026-10-19T15:00:00Z"},
    });
    let board = sample::loaded(&file, time(MORNING));
    assert!(!page_at(&board, "2026-10-19T23:59:59Z").contains("t-swift over"));
    let card = page_at(&board, "2026-10-20T00:00:00Z");
    assert!(card.contains("t-swift over") && card.contains("Mon 15:00 UTC</time>, not today"));
}

#[test]
fn a_view_shows_its_tracks_and_says_so() {
    let page = viewed(&monday(), "track=swift,keystone", "index.html");
    for shown in ["<li class=\"card t-swift", "<li id=\"keystone\"", "popovertarget=\"_ballroom-a/keystone\""] {
        assert!(page.contains(shown), "{shown}");
    }
    for left_out in
        ["<li class=\"card t-nova", "<li id=\"nova\"", "href=\"#nova\"", "/nova\"", "class=\"book\"", "mira"]
    {
        assert!(!page.contains(left_out), "{left_out}");
    }
    let note = between(&page, "<p class=\"filtered\"", "</p>");
    assert!(note.contains("<b>#keystone</b>, <b>#swift</b>. <a href=\"index.html\">Show everything</a>"), "{note}");
    for (track, query) in [("swift", "?track=keystone"), ("nova", "?track=keystone,nova,swift")] {
        assert!(page.contains(&format!("<a class=\"t-{track}\" href=\"{query}\"")), "{query}");
    }
    for link in ["href=\"ptg.ics?track=keystone,swift\"", "href=\"feed.atom?track=keystone,swift\""] {
        assert!(page.contains(link), "{link}");
    }
}

#[test]
fn a_view_of_what_nobody_knows_says_so() {
    let page = viewed(&monday(), "track=swfit", "index.html");
    assert!(page.contains("Nothing here is called <b><bdi>#swfit</bdi></b>. <a href=\"index.html\">"));
}

#[test]
fn subscribing_goes_by_webcal_google_and_the_file() {
    let options =
        SiteOptions::default().with_base_url(ptgbot_core::HttpUrl::parse("https://ptg.example.org/oct").unwrap());
    let board = monday();
    let site = Site::new(&board, time(MORNING), &options).view(View::parse("track=c%2B%2B").unwrap());
    let page = String::from_utf8(site.render(&SitePath::Board).unwrap().body).unwrap();
    for href in [
        "webcal://ptg.example.org/oct/ptg.ics?track=c%2B%2B",
        "https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2Fptg.example.org%2Foct%2Fptg.ics%3Ftrack%3Dc%252B%252B",
        "ptg.ics?track=c%2B%2B",
    ] {
        assert!(page.contains(&format!("href=\"{href}\"")), "{href}");
    }
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
    let running = between(room, "<li class=\"running\" data-key=\"MonA2\">", "</li>");
    assert!(running.contains("#swift") && running.contains("<bdi>Ring placement"), "{running}");
    assert!(!page.contains("data-key=\"TueA1\""));
    let moved = between(&page, "data-key=\"MonP2\"", "</li>");
    assert!(moved.contains("#nova") && moved.contains("<span class=\"instead\">in <bdi>Lobby"), "{moved}");
    let place = between(&page, "data-key=\"place nova\"", "</ol>");
    assert!(place.contains("<bdi>Lobby") && place.contains("live migration"), "{place}");
}

#[test]
fn a_screen_says_who_meets_in_a_room_on_the_next_day() {
    let page = page(&monday(), "2026-10-19T18:00:00Z", "signage.html");
    let room = between(&page, "<bdi>Ballroom A</bdi>", "</ol>");
    let later = between(room, "<li class=\"later\">", "</li>");
    assert!(later.contains("Tue 09:00 CEST") && later.contains("#nova"), "{later}");
}

#[test]
fn a_room_keeps_its_row_on_the_screen_all_day_and_those_that_nobody_has_come_last() {
    let slot = |hour: u32| {
        let start = format!("2026-10-19T{hour:02}:00:00Z");
        serde_json::json!({"name": format!("Mon{hour}"), "realtime": start, "duration": 60})
    };
    let file = serde_json::json!({
        "tracks": ["swift", "nova", "cinder"], "location": {"cinder": "Lobby"}, "now": {"cinder": "volumes"},
        "slots": {"Mon": [slot(9), slot(11), slot(14)]},
        "schedule": {
            "Attic": {"Mon9": "", "Mon11": "", "Mon14": ""},
            "Barn": {"Mon9": "", "Mon11": "", "Mon14": "nova"},
            "Cellar": {"Mon9": "swift", "Mon11": "", "Mon14": ""},
        },
    });
    let board = sample::loaded(&file, time("2026-10-19T08:00:00Z"));
    for at in ["08:30", "09:30", "11:30", "14:30", "18:00"] {
        let page = page(&board, &format!("2026-10-19T{at}:00Z"), "signage.html");
        let rows: Vec<_> =
            page.split("data-key=\"").filter_map(|part| part.split_once('"')).map(|(key, _)| key).collect();
        let rows: Vec<_> = rows.into_iter().filter(|key| key.starts_with("room") || key.starts_with("place")).collect();
        assert_eq!(rows, ["room barn", "room cellar", "place cinder", "room attic"], "{at}");
    }
}

#[test]
fn each_row_of_the_screen_says_until_when_and_what_comes_next() {
    let page = page(&monday(), MORNING, "signage.html");
    let room = between(&page, "data-key=\"room ballroom-a\"", "</ol>");
    let running = between(room, "<li class=\"running\"", "</li>");
    let next = between(room, "<li class=\"ahead\"", "</li>");
    assert!(between(running, "<span class=\"until\">", "</span>").contains(">12:30 CEST<"), "{running}");
    assert!(between(next, "<span class=\"from\">", "</span>").contains(">13:30 CEST<") && next.contains("#keystone"));
}

#[test]
fn the_feed_keeps_its_identities_when_more_happens() {
    let mut board = monday();
    let ids = |board: &Board| {
        let feed = page(board, MORNING, "feed.atom");
        feed.lines().filter(|line| line.starts_with("<id>")).map(str::to_owned).collect::<Vec<_>>()
    };
    let before = ids(&board);
    assert_eq!(before.len(), 6);
    let event = Event::Track(TrackEvent::TopicSet { track: sample::track("nova"), topic: "cells".into() });
    happen(&mut board, time("2026-10-19T10:00:00Z"), event);
    let after = ids(&board);
    assert!(after.len() == 7 && after.ends_with(&before[1..]));
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
    assert!(page(&board, at, "index.html").contains("<bdi>MonN</bdi></b> is on until"));
    assert!(page(&board, at, "index.html").contains("<section class=\"day first\" id=\"_day1\""));
    assert!(page(&board, at, "signage.html").contains("<li class=\"running\" data-key=\"MonN\">"));
}

#[test]
fn a_track_that_meets_says_until_when_before_it_says_when_it_meets_next() {
    let row = |at: &str| {
        let page = page_at(&monday(), at);
        between(&page, "<li id=\"swift\"", "</li>").to_owned()
    };
    assert!(row(MORNING).contains("meets now, until <time datetime=\"2026-10-19T10:30:00Z\">12:30 CEST</time>"));
    assert!(row("2026-10-19T08:50:00Z").contains("meets <time datetime=\"2026-10-19T09:00:00Z\""));
}

#[test]
fn the_board_says_what_is_true_before_amid_and_after_the_event() {
    let file = serde_json::json!({
        "slots": {"Mon": [
            {"name": "A", "realtime": "2026-10-19T09:00:00Z"}, {"name": "B", "realtime": "2026-10-19T11:00:00Z"},
        ]},
        "schedule": {"Saal": {"A": "swift", "B": "swift"}},
    });
    let board = sample::loaded(&file, time(MORNING));
    let now = |at: &str| {
        let page = page_at(&board, at);
        between(&page, "id=\"_now\"", "id=\"_next\"").to_owned()
    };
    let before = now("2026-10-18T09:00:00Z");
    assert!(
        before.contains("The event starts with <b><bdi>A</bdi></b>, <time") && before.contains("Mon 19 Oct, 09:00 UTC")
    );
    assert!(before.contains("Nothing has been announced yet."));
    assert!(now("2026-10-19T10:30:00Z").contains("Nothing has been announced at the moment."));
    let over = now("2026-10-19T12:00:00Z");
    assert!(over.contains("The event ended on <time") && over.contains("Mon 19 Oct, 12:00 UTC"), "{over}");
    assert!(!over.contains("yet") && !over.contains("Nothing"), "{over}");
}

#[test]
fn topics_whose_slot_or_day_is_over_are_folded_as_what_they_were() {
    for at in ["2026-10-19T20:00:00Z", "2026-10-20T06:00:00Z"] {
        let page = page_at(&monday(), at);
        let earlier = between(&page, "id=\"_earlier\"", "</section>");
        for track in ["swift", "cinder"] {
            assert!(earlier.contains(&format!("<li class=\"card t-{track} over\"")), "{track} at {at}");
            assert_eq!(page.matches(&format!("<li class=\"card t-{track}")).count(), 1, "{track} at {at}");
        }
    }
}

#[test]
fn a_check_in_is_at_its_track_however_a_data_file_spells_it() {
    let person = |location: &str| serde_json::json!({"nick": "Ada", "location": location, "in": "2026-10-19T09:00:00Z", "out": null});
    let file = serde_json::json!({
        "tracks": ["swift"], "now": {"swift": "rings"}, "last_check_in": {"ada": person("#Swift"), "bob": person("#swift")},
    });
    let board = sample::loaded(&file, time(MORNING));
    assert_eq!(board.people_in(&sample::track("swift")).count(), 2);
    let page = page_at(&board, MORNING);
    assert!(between(&page, "<li class=\"card t-swift", "</li>").contains("Here:"));
    assert!(page.contains("<bdi>#swift</bdi></dt>") && !page.contains("#Swift"), "one place");
    assert!(between(&page, "<li id=\"swift\"", "</li>").contains("2 here"));
}

#[test]
fn addresses_and_known_tracks_in_topics_and_messages_are_links() {
    let file = serde_json::json!({
        "tracks": ["swift", "nova"],
        "now": {"swift": "with #Nova: https://example.org/a?b=1&c=2."}, "next": {"swift": ["mailto:a@example.org, #nobody"]},
        "motd": [{"level": "info", "message": "See http://example.org/"}],
    });
    let board = sample::loaded(&file, time(MORNING));
    let page = page_at(&board, MORNING);
    for part in [
        "with <a class=\"mention t-nova\" dir=\"ltr\" href=\"#nova\">#Nova</a>: ",
        "<a class=\"out\" dir=\"ltr\" href=\"https://example.org/a?b=1&#38;c=2\">https://example.org/a?b=1&#38;c=2</a>.</bdi>",
        "<a class=\"out\" dir=\"ltr\" href=\"mailto:a@example.org\">mailto:a@example.org</a>, #nobody</bdi>",
        "<bdi>See <a class=\"out\" dir=\"ltr\" href=\"http://example.org/\">http://example.org/</a></bdi>",
    ] {
        assert!(page.contains(part), "{part}");
    }
    // Where the row of the track is elsewhere, the link leads there.
    assert!(viewed(&board, "track=swift", "index.html").contains("href=\"index.html#nova\">#Nova</a>"));
}

#[test]
fn long_lists_fold_and_a_page_stays_within_reason() {
    let person = |number: usize| {
        let location = if number.is_multiple_of(2) { "#track0001".to_owned() } else { format!("place {number}") };
        (
            format!("person{number}"),
            serde_json::json!({"nick": format!("person{number}"), "location": location, "in": null, "out": null}),
        )
    };
    let tracks: Vec<_> = (0..1000).map(|number| format!("track{number:04}")).collect();
    let topics: serde_json::Map<_, _> = tracks.iter().map(|track| (track.clone(), "a topic".into())).collect();
    let next: serde_json::Map<_, _> = tracks.iter().map(|track| (track.clone(), vec!["one"; 50].into())).collect();
    let file = serde_json::json!({
        "tracks": tracks, "now": topics, "next": next, "last_check_in": (0..20_000).map(person).collect::<serde_json::Map<_, _>>(),
    });
    let board = sample::loaded(&file, time(MORNING));
    let page = page_at(&board, MORNING);
    assert!(page.contains(" and 9980 more</p>"), "people of a track");
    assert!(page.contains("And 9901 more places."));
    assert!(page.contains("and 40 more</p>"), "topics of a track");
    assert!(page.contains("There are 900 more: "));
    for track in ["track0000", "track0001", "track0999"] {
        assert_eq!(page.matches(&format!("id=\"{track}\"")).count(), 1, "{track} has a place to lead to");
    }
    let view = format!("track={}", tracks[..50].join(","));
    let view = viewed(&board, &view, "index.html");
    for track in ["track0000", "track0049"] {
        assert!(view.contains(&format!("<li id=\"{track}\"")));
    }
    assert!(page.len() < 300_000 && view.len() < 100_000, "{} and {}", page.len(), view.len());
}
