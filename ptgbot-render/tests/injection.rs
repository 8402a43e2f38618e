//! Whatever people type: the structure of every file stays, and no link leads anywhere but to the web.
#![allow(clippy::unwrap_used)]

mod sample;

use calcard::icalendar::ICalendar;
use proptest::prelude::*;
use ptgbot_core::{Board, Event, Text, TrackEvent, isolated};
use ptgbot_render::{Site, SiteOptions, SitePath, View};
use serde_json::{Value, json};

/// Nasty on purpose, or anything at all.
fn typed() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(
        &[
            "<script>alert(1)</script>",
            "\"><img src=x onerror=alert(1)>",
            "' onclick='x",
            "]]>",
            "<!--",
            "-->",
            "&lt;",
            "&#0;",
            "</title>",
            "</style><style>*{}",
            "\r\nEND:VEVENT\r\nBEGIN:VEVENT",
            "\\n",
            ";,:\\",
            "\u{202e}",
            "\u{2028}",
            "\u{0}",
            "{{ x }}",
            "{% if %}",
            "}",
            "url(//evil)",
            "\u{fffe}",
            "日本語",
            "👩\u{200d}🚀",
            "%0d%0a",
            "=",
            "`",
            "^n",
            "\u{1b}[31m",
            " https://example.org/?a=\"b\"&c='d'",
            " http://x<y>z",
            " mailto:a@b.example?subject=\"><x>",
            " #swift ",
            " javascript:alert(1)",
        ][..],
    );
    let piece = prop_oneof![3 => nasty.prop_map(str::to_owned), 1 => any::<String>(), 1 => "[ -~]{0,90}"];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

/// A board with `text` in every field that holds words, and one with it in every field that should hold a link
/// or a colour. Each begins with a letter so that none is empty.
fn board(text: &str) -> Board {
    let text = format!("a{text}");
    let link = format!("javascript:{text}");
    let file = json!({
        "eventid": text,
        "tracks": ["swift", "nova"],
        "slots": {&text: [
            {"name": text, "desc": text, "realtime": "2026-10-19T09:00:00Z", "duration": 60},
            {"name": "two", "desc": text},
        ]},
        "schedule": {&text: {"url": link, "desc": text, "cap_icon": text, "cap_desc": text, &text: "swift", "two": ""}},
        "now": {"swift": text},
        "now_since": {"swift": "2026-10-19T09:00:00Z"},
        "next": {"swift": [text, text]},
        "etherpads": {"swift": link},
        "urls": {"swift": link},
        "colors": {"swift": text, "nova": format!("red{text}")},
        "location": {"nova": text},
        "links": {&text: link},
        "motd": [{"level": "danger", "message": text}],
        "last_check_in": {
            "jane": {"nick": text, "location": "#swift", "in": "2026-10-19T09:00:00Z", "out": null},
            "john": {"nick": text, "location": text, "in": "2026-10-19T09:00:00Z", "out": null},
        },
    });
    let mut board = sample::loaded(&file, sample::time("2026-10-12T08:00:00Z"));
    let topic = Text::new(&text);
    sample::happen(
        &mut board,
        sample::time("2026-10-19T09:05:00Z"),
        Event::Track(TrackEvent::TopicPlanned { track: sample::track("swift"), topic: topic.clone() }),
    );
    // What the one says is shown at the other, too.
    for (name, topic) in [("swift", topic), ("nova", Text::new(&format!("{text} with #swift")))] {
        sample::happen(
            &mut board,
            sample::time("2026-10-19T09:20:00Z"),
            Event::Track(TrackEvent::TopicSet { track: sample::track(name), topic }),
        );
    }
    board
}

fn options(text: &str) -> SiteOptions {
    let mut options = SiteOptions::default().with_channel(format!("a{text}"));
    options.bot = format!("a{text}");
    options
}

fn rendered(text: &str, path: &str) -> String {
    let (board, options) = (board(text), options(text));
    let site = Site::new(&board, sample::time("2026-10-19T09:30:00Z"), &options);
    String::from_utf8(site.render(&SitePath::parse(path).unwrap()).unwrap().body).unwrap()
}

const MARKUP: [&str; 11] = [
    "index.html",
    "etherpads.html",
    "links.html",
    "signage.html",
    "feed.atom",
    "schedule.xml",
    "record/index.html",
    "record/2026-10-12.html",
    "record/2026-10-19.html",
    "record/2026-10-12.svg",
    "record/2026-10-19.svg",
];

#[test]
fn letters_that_turn_a_line_end_with_what_was_typed() {
    let topic = "\u{2068}arings\u{202e}sgnir\u{2069}";
    for path in ["ptg.ics", "feed.atom"] {
        let text = rendered("rings\u{202e}sgnir", path).replace("\r\n ", "");
        assert!(text.contains(topic), "{path}: {text}");
    }
    let room = "\u{2068}aroom\u{202e}moor\u{2069}";
    for path in ["schedule.json", "schedule.xml"] {
        assert!(rendered("room\u{202e}moor", path).contains(room), "{path}");
    }
}

proptest! {
    #[test]
    fn no_text_changes_the_tags_of_a_page(text in typed()) {
        for path in MARKUP {
            let page = rendered(&text, path);
            prop_assert_eq!(tags(&without_links(&page)), tags(&without_links(&rendered("", path))), "{}", path);
        }
    }

    #[test]
    fn no_query_changes_the_tags_of_a_page(text in typed()) {
        let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let (board, options) = (board("x"), options("x"));
        let viewed = |query: &str| {
            let site = Site::new(&board, sample::time("2026-10-19T09:30:00Z"), &options);
            let site = site.view(View::parse(query).unwrap());
            [SitePath::Board, SitePath::Signage].map(|path| String::from_utf8(site.render(&path).unwrap().body).unwrap())
        };
        // A comma would make several names of it.
        let query = format!("track=!{}&room=!{}", encoded.replace("%2c", ""), encoded);
        for (page, plain) in viewed(&query).iter().zip(&viewed("track=!x&room=!x")) {
            prop_assert_eq!(tags(page), tags(plain));
        }
    }

    #[test]
    fn no_text_changes_the_lines_of_a_calendar(text in typed()) {
        for path in ["ptg.ics", "swift.ics", "nova.ics"] {
            let calendar = rendered(&text, path);
            prop_assert_eq!(properties(&calendar), properties(&rendered("", path)), "{}", path);
            let read = ICalendar::parse(&calendar);
            prop_assert!(read.is_ok(), "{:?}", read);
        }
    }

    #[test]
    fn a_room_of_any_name_has_a_calendar_and_a_plain_path(text in typed()) {
        let (board, options) = (board(&text), options(&text));
        let site = Site::new(&board, sample::time("2026-10-19T09:30:00Z"), &options);
        for (_, path) in site.room_calendars() {
            let SitePath::RoomCalendar(slug) = &path else { panic!("{path} is no room's") };
            prop_assert!(slug.chars().all(|c| c.is_alphanumeric() || c == '-') && slug.len() <= 240, "{}", path);
            let calendar = String::from_utf8(site.render(&path).unwrap().body).unwrap();
            prop_assert!(ICalendar::parse(&calendar).is_ok());
            let view = site.clone().view(View::parse(&format!("room={slug}")).unwrap());
            let same = String::from_utf8(view.render(&SitePath::Calendar).unwrap().body).unwrap();
            prop_assert_eq!(properties(&same), properties(&calendar));
        }
    }

    #[test]
    fn the_programme_is_read_back_with_the_names_as_they_are(text in typed()) {
        let (board, options) = (board(&text), options(&text));
        let site = Site::new(&board, sample::time("2026-10-19T09:30:00Z"), &options);
        let file: Value = serde_json::from_slice(&site.render(&SitePath::ScheduleJson).unwrap().body).unwrap();
        let conference = &file["schedule"]["conference"];
        prop_assert_eq!(&conference["title"], &json!(board.contents().event_id));
        for (room, told) in board.contents().rooms.keys().zip(conference["rooms"].as_array().unwrap()) {
            prop_assert_eq!(&told["name"], &json!(room.as_str()));
            prop_assert!(told.get("url").is_none(), "{}", told);
        }
    }

    #[test]
    fn no_text_writes_a_style_rule(text in typed()) {
        for line in rendered(&text, "colors.css").lines() {
            let rule = line.strip_prefix(".t-swift{--edge:#").or(line.strip_prefix(".t-nova{--edge:#"));
            let rest = rule.and_then(|rest| rest.strip_suffix('}')).unwrap();
            prop_assert!(rest.len() == 6 + ";--badge:#".len() + 6 && !rest.contains(['{', '}', '/']), "{}", line);
        }
    }

    #[test]
    fn xml_holds_only_legal_characters(text in typed()) {
        for path in ["feed.atom", "schedule.xml", "record/2026-10-12.svg", "record/2026-10-19.svg"] {
            let file = rendered(&text, path);
            let illegal = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{fffe}' | '\u{ffff}');
            prop_assert!(!file.contains(illegal), "{}", file);
        }
    }

    #[test]
    fn a_topic_is_read_back_from_the_calendar_as_it_was_typed(text in typed()) {
        let calendar = rendered(&text, "swift.ics");
        let unfolded = calendar.replace("\r\n ", "");
        let line = unfolded.split("\r\n").find_map(|line| line.strip_prefix("DESCRIPTION:Topic: ")).unwrap();
        let expected = Text::new(&format!("a{text}"));
        prop_assert_eq!(unescape(line), isolated(expected.as_str()));
    }
}

#[test]
fn links_lead_only_to_the_web() {
    for path in MARKUP {
        for href in rendered("", path).split("href=\"").skip(1) {
            let href = href.split('"').next().unwrap();
            let (address, _) = href.split_once('#').unwrap_or((href, ""));
            let relative = !address.contains(':') && !address.starts_with("//");
            assert!(relative || href.starts_with("https://etherpad.opendev.org/p/a-"), "{path}: {href}");
        }
    }
}

/// A page without the links and mentions that were found in topics and messages: each is `a` with a class of its own,
/// leads where such a link may lead, and holds nothing but words.
fn without_links(page: &str) -> String {
    let mut out = String::new();
    let mut rest = page;
    while let Some(from) = ["<a class=\"out\"", "<a class=\"mention"].iter().filter_map(|tag| rest.find(tag)).min() {
        let (before, link) = rest.split_at(from);
        let (tag, after) = link.split_once('>').unwrap();
        let (words, after) = after.split_once("</a>").unwrap();
        let (class, href) = tag.split_once(" dir=\"ltr\" href=\"").unwrap();
        let leads = match class {
            "<a class=\"out\"" => ["http://", "https://", "mailto:"].iter().any(|scheme| href.starts_with(scheme)),
            class => ["swift", "nova"].iter().any(|track| {
                class == format!("<a class=\"mention t-{track}\"")
                    && [format!("#{track}\""), format!("index.html#{track}\"")].iter().any(|address| address == href)
            }),
        };
        assert!(leads && href.matches('"').count() == 1 && href.ends_with('"') && !words.contains('<'), "{tag}");
        out.push_str(before);
        out.push_str(words);
        rest = after;
    }
    out + rest
}

/// The tags of a page with the names of their attributes, in order. Knows what a browser knows: quotes may hold
/// a `>`; a `<` before a letter, `/`, `!` or `?` opens a tag.
fn tags(page: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(from) = rest.find('<') {
        rest = &rest[from + 1..];
        assert!(rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')), "a stray <");
        let (mut tag, mut quote) = (String::new(), None);
        let mut end = rest.len();
        for (place, c) in rest.char_indices() {
            match quote {
                Some(open) if c == open => quote = None,
                Some(_) => {}
                None if matches!(c, '"' | '\'') => quote = Some(c),
                None if c == '>' => {
                    end = place;
                    break;
                }
                None => tag.push(c),
            }
        }
        rest = &rest[end..];
        tags.push(tag);
    }
    tags
}

/// The names of a calendar's properties, in order, with the values that only we write.
fn properties(calendar: &str) -> Vec<String> {
    let unfolded = calendar.replace("\r\n ", "");
    assert!(unfolded.ends_with("\r\n") && !unfolded.replace("\r\n", "").contains(['\r', '\n']));
    assert!(calendar.split("\r\n").all(|line| line.len() <= 75));
    let fixed = |name: &str| matches!(name, "BEGIN" | "END" | "DTSTART" | "DTEND" | "DTSTAMP" | "SEQUENCE" | "STATUS");
    let lines = unfolded.split_terminator("\r\n").map(|line| line.split_once(':').unwrap());
    lines.map(|(name, value)| if fixed(name) { format!("{name}:{value}") } else { name.to_owned() }).collect()
}

/// The first line of an escaped text.
fn unescape(value: &str) -> String {
    let mut out = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => break,
            ('\\', Some(escaped)) => out.push(escaped),
            (c, _) => out.push(c),
        }
    }
    out
}
