//! The record: its days, and what their files tell.
#![allow(clippy::unwrap_used)]

mod sample;

use boon::{Compiler, Schemas};
use proptest::prelude::*;
use ptgbot_core::{Board, BoardEvent, Event, Text, TrackEvent};
use ptgbot_render::{ReportForm, Site, SiteOptions, SitePath, View};
use pulldown_cmark::{Event as Markdown, LinkType, Options, Parser, Tag};
use sample::{happen, loaded, time, track, tuesday};
use serde_json::{Value, json};

const TUESDAY: &str = "2026-10-20T08:00:00Z";

fn with_site<T>(board: &Board, see: impl FnOnce(Site) -> T) -> T {
    see(Site::new(board, time(TUESDAY), &SiteOptions::default()))
}

fn told(board: &Board, path: &str) -> Option<String> {
    with_site(board, |site| {
        let file = site.render(&SitePath::parse(path).unwrap())?;
        Some(String::from_utf8(file.body).unwrap())
    })
}

/// Track, topic, from and until of each discussion.
fn discussions(json: &str) -> Vec<String> {
    let file: Value = serde_json::from_str(json).unwrap();
    let all = file["discussions"].as_array().unwrap().iter();
    all.map(|one| {
        let word = |key: &str| one[key].as_str().unwrap_or("-").to_owned();
        format!("{} {} {} {}", word("day"), word("track"), word("from"), word("until"))
    })
    .collect()
}

#[test]
fn a_day_is_one_of_the_events_zone_and_what_goes_on_after_midnight_is_of_the_day_before() {
    let board = tuesday();
    let days = with_site(&board, |site| site.recorded_days());
    assert_eq!(days.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2026-10-19", "2026-10-20"]);
    let monday = discussions(&told(&board, "record/2026-10-19.json").unwrap());
    assert_eq!(monday.last().unwrap(), "2026-10-19 neutron 2026-10-19T21:30:00Z 2026-10-19T22:30:00Z");
    assert_eq!(
        discussions(&told(&board, "record/2026-10-20.json").unwrap()),
        ["2026-10-20 neutron 2026-10-19T22:30:00Z 2026-10-19T23:00:00Z", "2026-10-20 nova 2026-10-20T07:30:00Z -",]
    );
    for path in ["record/2026-10-18.html", "record/2026-10-21.md", "record/2026-10-12.json"] {
        assert_eq!(told(&board, path), None, "{path}");
    }
}

#[test]
fn what_was_taken_back_is_no_part_of_the_record_and_what_goes_on_says_since_when() {
    let board = tuesday();
    assert!(!told(&board, "record/2026-10-19.html").unwrap().contains("a mistake"));
    let page = told(&board, "record/2026-10-20.html").unwrap();
    assert!(page.contains("since <time datetime=\"2026-10-20T07:30:00Z\">09:30 CEST</time>"), "{page}");
    assert!(told(&board, "record/2026-10-20.md").unwrap().contains("- **since 09:30 CEST, goes on** Cells"));
}

#[test]
fn a_page_leads_to_the_days_beside_it_and_to_its_tracks_and_topics() {
    let board = tuesday();
    let [monday, tuesday] = ["19", "20"].map(|day| told(&board, &format!("record/2026-10-{day}.html")).unwrap());
    assert!(monday.contains("<link rel=\"next\" href=\"2026-10-20.html\">") && !monday.contains("rel=\"prev\""));
    assert!(tuesday.contains("<link rel=\"prev\" href=\"2026-10-19.html\">") && !tuesday.contains("rel=\"next\""));
    for id in ["swift", "swift:2", "oslo.config"] {
        assert_eq!(monday.contains(&format!(" id=\"{id}\"")), id != "oslo.config", "{id}");
    }
    // A mention of a track leads to its part of the day, and to the board where it has none.
    assert!(monday.contains("dir=\"ltr\" href=\"#nova\">#nova</a>"), "{monday}");
    let mut other = loaded(&json!({"tracks": ["swift", "nova"]}), time("2026-10-19T08:00:00Z"));
    let topic = Text::new("with #nova");
    happen(
        &mut other,
        time("2026-10-19T09:00:00Z"),
        Event::Track(TrackEvent::TopicSet { track: track("swift"), topic }),
    );
    let page = told(&other, "record/2026-10-19.html").unwrap();
    assert!(page.contains("href=\"../index.html#nova\">#nova</a>"), "{page}");
}

#[test]
fn a_view_leaves_some_tracks_or_a_room_in_and_its_links_keep_it() {
    let board = tuesday();
    let (options, path) = (SiteOptions::default(), SitePath::parse("record/2026-10-19.html").unwrap());
    let page = |query: &str| {
        let site = Site::new(&board, time(TUESDAY), &options).view(View::parse(query).unwrap());
        String::from_utf8(site.render(&path).unwrap().body).unwrap()
    };
    let swift = page("track=swift");
    assert!(swift.contains("Only <b><bdi>#swift</bdi></b>") && swift.contains(" id=\"swift\""), "{swift}");
    assert!(!swift.contains(" id=\"cinder\"") && swift.contains("href=\"2026-10-20.html?track=swift\""), "{swift}");
    let peak = page("room=pike-s-peak");
    assert!(peak.contains(" id=\"cinder\"") && !peak.contains(" id=\"swift\"") && !peak.contains(" id=\"interop\""));
    assert!(page("track=keystone").contains("Nothing of that was discussed on this day."));
}

#[test]
fn the_data_are_as_their_schema_says() {
    let board = tuesday();
    let schema: Value = serde_json::from_str(&told(&board, "record.schema.json").unwrap()).unwrap();
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.enable_format_assertions();
    compiler.add_resource("record.schema.json", schema).unwrap();
    let index = compiler.compile("record.schema.json", &mut schemas).unwrap();
    let all = with_site(&board, |site| site.report(&site.recorded_days(), ReportForm::Json));
    let none = with_site(&Board::default(), |site| site.report(&[], ReportForm::Json));
    for file in [all, none, told(&board, "record/2026-10-20.json").unwrap()] {
        let file: Value = serde_json::from_str(&file).unwrap();
        schemas.validate(&file, index).unwrap_or_else(|error| panic!("{error:#} in {file:#}"));
    }
    let wrong = json!({"event": "", "timezone": "UTC", "days": ["Monday"], "discussions": []});
    assert!(schemas.validate(&wrong, index).is_err());
}

#[test]
fn a_picture_has_a_row_for_each_room_in_the_programmes_order_and_a_lane_for_each_who_meets_there_at_once() {
    let svg = told(&tuesday(), "record/2026-10-19.svg").unwrap();
    let rows: Vec<_> =
        svg.split("font-weight=\"700\"><title>").skip(1).map(|row| row.split('<').next().unwrap()).collect();
    let expected = ["Ballroom A", "Pike&#39;s Peak", "חדר &#60;b&#62;3&#60;/b&#62;", "Café &#34;Zum Löwen&#34;"];
    assert_eq!(rows[..4], expected, "{svg}");
    assert!(rows[4].starts_with("Lobby"), "{rows:?}");
    assert!(
        svg.contains("role=\"img\"") && svg.contains(">#swift, 09:02\u{2013}09:50 CEST, Ballroom A: Ring placement")
    );
    for word in ["<script", "<style", "<a ", "href", "<image", "<foreignObject", "url("] {
        assert!(!svg.contains(word), "{word}");
    }
    let discussed = svg.matches("<svg x=").count();
    assert_eq!(discussed, discussions(&told(&tuesday(), "record/2026-10-19.json").unwrap()).len());
    let goes_on = told(&tuesday(), "record/2026-10-20.svg").unwrap();
    assert_eq!(goes_on.matches("stroke-dasharray").count(), 1);
}

#[test]
fn a_picture_keeps_its_size_whatever_times_a_programme_has() {
    let night = json!({"name": "N", "realtime": "2026-10-19T09:00:00Z", "duration": 40_320});
    let file = json!({"tracks": ["swift"], "slots": {"Monday": [night]}, "schedule": {"A": {"N": "swift"}}});
    let mut board = loaded(&file, time("2026-10-19T08:00:00Z"));
    for at in ["2026-10-19T09:00:00Z", "2026-10-19T09:00:00Z", "2026-10-19T23:59:59Z"] {
        let topic = Text::new(&format!("{}", board.revision()));
        happen(&mut board, time(at), Event::Track(TrackEvent::TopicSet { track: track("swift"), topic }));
    }
    let svg = told(&board, "record/2026-10-19.svg").unwrap();
    let width: u32 = svg.split("width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    assert!((1000..6000).contains(&width) && svg.len() < 20_000, "{width}");
}

#[test]
fn a_report_of_one_day_is_the_file_of_that_day_and_one_of_several_has_them_in_order() {
    let board = tuesday();
    with_site(&board, |site| {
        let days = site.recorded_days();
        for (form, ending) in [(ReportForm::Markdown, "md"), (ReportForm::Json, "json")] {
            let file = told(&board, &format!("record/2026-10-19.{ending}"));
            assert_eq!(Some(site.report(&days[..1], form)), file);
        }
        let all = site.report(&days, ReportForm::Markdown);
        let places = ["# oct2026-ptg: what", "## Monday, 19", "### cinder", "## Tuesday, 20", "### neutron"];
        let places = places.map(|words| all.rfind(&format!("\n{words}")).or_else(|| all.find(words)).unwrap());
        assert!(places.is_sorted(), "{all}");
        let page = site.report(&days, ReportForm::Html);
        for words in ["<h2>Tuesday, 20 October 2026</h2>", "<h3>#cinder</h3>", "since <time", "&#60;b&#62;what"] {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(!page.contains("<link") && !page.contains("<script") && !page.contains("style"), "{page}");
    });
    with_site(&Board::default(), |site| {
        assert!(site.report(&[], ReportForm::Markdown).ends_with("\nNothing was discussed.\n"));
        assert!(site.report(&[], ReportForm::Html).contains("<p>Nothing was discussed.</p>"));
    });
}

#[test]
fn a_day_is_found_as_people_type_it() {
    let board = tuesday();
    with_site(&board, |site| {
        for (typed, day) in [
            ("2026-10-19", "2026-10-19"),
            ("monday", "2026-10-19"),
            (" Mon", "2026-10-19"),
            ("TUESDAY", "2026-10-20"),
            ("tues", "2026-10-20"),
        ] {
            let found = site.days_named(typed).unwrap();
            assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), [day], "{typed}");
        }
        for (typed, said) in [
            ("Mondy", "the record has no day \"Mondy\": did you mean Monday?"),
            ("2026-10-18", "the record has no day \"2026-10-18\": did you mean 2026-10-19?"),
            ("Wednesday", "the record has no day \"Wednesday\": it has 2026-10-19, 2026-10-20"),
        ] {
            assert_eq!(site.days_named(typed).unwrap_err().to_string(), said);
        }
    });
    let refused = with_site(&Board::default(), |site| site.days_named("Monday").unwrap_err().to_string());
    assert_eq!(refused, "the record has no day \"Monday\": nothing was discussed yet");
}

#[test]
fn an_event_without_times_is_asked_by_weekday_and_one_with_days_of_its_own_by_their_names() {
    let topic = |board: &mut Board, at: &str| {
        let topic = Text::new("rings");
        happen(board, time(at), Event::Track(TrackEvent::TopicSet { track: track("swift"), topic }));
    };
    let mut plain = loaded(&json!({"tracks": ["swift"]}), time("2026-10-19T08:00:00Z"));
    topic(&mut plain, "2026-10-19T09:00:00Z");
    assert_eq!(with_site(&plain, |site| site.days_named("monday").unwrap().len()), 1);
    let days = json!({
        "Day 1": [{"name": "A", "realtime": "2026-10-19T09:00:00Z"}, {"name": "B", "realtime": "2026-10-19T23:30:00Z"}],
        "Day 2": [{"name": "C", "realtime": "2026-10-20T09:00:00Z"}],
        "Day 3": [{"name": "D"}],
    });
    let mut own = loaded(&json!({"tracks": ["swift"], "slots": days}), time("2026-10-19T08:00:00Z"));
    topic(&mut own, "2026-10-20T09:00:00Z");
    let found = with_site(&own, |site| site.days_named("day 2").unwrap());
    assert_eq!(found[0].to_string(), "2026-10-20");
    assert!(with_site(&own, |site| site.days_named("day 1").is_err()));
}

#[test]
fn a_track_that_was_removed_is_still_in_the_record() {
    let mut board = tuesday();
    let removed = Event::Board(BoardEvent::TracksDeleted { tracks: vec![track("neutron")] });
    happen(&mut board, time("2026-10-20T07:45:00Z"), removed);
    with_site(&board, |site| {
        assert!(site.known_or_recorded(track("neutron")).is_ok() && site.known_or_recorded(track("keystone")).is_ok());
        let refused = site.known_or_recorded(track("neutorn")).unwrap_err().to_string();
        assert_eq!(refused, "there is no track #neutorn: did you mean #neutron?");
        let mut view = View::default();
        view.tracks.insert(track("neutron"));
        let told = site.clone().view(view).report(&site.recorded_days(), ReportForm::Json);
        assert_eq!(discussions(&told).len(), 2);
    });
}

/// What is read of a day's Markdown: the words of its lines, and all that is no words, which only we may write.
fn read(markdown: &str) -> (Vec<String>, Vec<String>) {
    let (mut lines, mut marks) = (vec![String::new()], Vec::new());
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_MATH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_WIKILINKS;
    for event in Parser::new_ext(markdown, options) {
        match event {
            Markdown::Text(words) => lines.last_mut().unwrap().push_str(&words),
            Markdown::Start(Tag::Link { link_type: LinkType::Autolink, dest_url, .. }) => {
                assert!(["https://", "http://", "mailto:"].iter().any(|scheme| dest_url.starts_with(scheme)));
            }
            Markdown::Start(tag) => marks.push(format!("{tag:?}")),
            Markdown::End(tag) => {
                if !matches!(tag, pulldown_cmark::TagEnd::Link | pulldown_cmark::TagEnd::Strong) {
                    lines.push(String::new());
                }
            }
            other => marks.push(format!("{other:?}")),
        }
    }
    lines.retain(|line| !line.is_empty());
    (lines, marks)
}

fn with_topic(topic: &str, place: &str) -> Board {
    let file = json!({"tracks": ["swift"], "eventid": place, "location": {"swift": place}});
    let mut board = loaded(&file, time("2026-10-19T08:00:00Z"));
    let topic = Text::new(topic);
    happen(
        &mut board,
        time("2026-10-19T09:00:00Z"),
        Event::Track(TrackEvent::TopicSet { track: track("swift"), topic }),
    );
    board
}

proptest! {
    #[test]
    fn markdown_is_read_back_as_the_words_that_were_typed(
        pieces in prop::collection::vec(prop_oneof![
            prop::sample::select(&[
                "*a*", "_b_", "**", "`c`", "``", "[d](e)", "![f](g)", "[h]", "[^1]", "[[i]]", "<j>", "<!-- k", "&amp;", "&#60;", "|", "~~l~~", "# m",
                "- n", "1. o", "> p", "---", "===", "\\", "\\*", "$q$", "@r", "www.s.example", "ftp://t.example", "u@v.example", "{#w}", "^x^", "- [ ] y",
                "+", "javascript:z", "<https://evil.example/>", ":smile:", "#1", "\u{2066}",
            ][..]).prop_map(str::to_owned),
            "[ -~]{0,20}",
            "\\PC{0,10}",
        ], 0..6),
        place in "a[ -~]{0,20}",
    ) {
        let topic = format!("a {}", pieces.concat());
        // Addresses are links, tried elsewhere; letters that turn a line are closed in.
        prop_assume!(!topic.contains("http") && !topic.contains("mailto") && !place.contains("http"));
        let text = Text::new(&topic);
        prop_assume!(ptgbot_core::isolated(text.as_str()) == text.as_str());
        let board = with_topic(&topic, &place);
        let (lines, marks) = read(&told(&board, "record/2026-10-19.md").unwrap());
        let (_, plain) = read(&told(&with_topic("a", "a"), "record/2026-10-19.md").unwrap());
        prop_assert_eq!(marks.len(), plain.len(), "{:?}", marks);
        let place = board.contents().locations[&track("swift")].as_str();
        let line = lines.iter().find(|line| line.starts_with("09:00")).unwrap();
        prop_assert_eq!(line, &format!("09:00\u{2013}00:00 UTC {text} ({place})"));
    }
}
