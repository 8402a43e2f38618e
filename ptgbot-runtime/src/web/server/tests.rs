//! The server over real sockets: what browsers, calendars and scripts get, and what nobody gets.

mod listeners;
mod malformed;
mod record;

use super::*;
use crate::clock::SystemClock;
use crate::metrics::Metrics;
use crate::publish::Publisher;
use crate::setup::PublishOptions;
use chrono::{DateTime, Utc};
use ptgbot_core::{Board, BoardEvent, Event, Record, Text, TrackEvent, TrackName};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

struct Served {
    at: SocketAddr,
    board: Board,
    publisher: Publisher,
    stop: CancellationToken,
    serving: JoinHandle<Result<(), ServeError>>,
}

/// What a client does after its last byte.
enum End {
    Open,
    Shut,
}

struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

fn change(board: &mut Board, event: Event) {
    let at: DateTime<Utc> = "2026-10-19T09:00:00Z".parse().expect("a time");
    board.apply(&Record::new(board.revision() + 1, at, event));
}

fn track(name: &str) -> TrackName {
    TrackName::parse(name).expect("a name")
}

fn topic(topic: &str) -> Event {
    Event::Track(TrackEvent::TopicSet { track: track("swift"), topic: Text::new(topic) })
}

impl Served {
    async fn start() -> Self {
        let mut board = Board::default();
        change(&mut board, Event::Board(BoardEvent::TracksAdded { tracks: ["swift", "c++"].map(track).into() }));
        let (publisher, site) =
            Publisher::start(board.clone(), PublishOptions::default(), Metrics::default(), Arc::new(SystemClock)).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, site, stop.clone()));
        Self { at, board, publisher, stop, serving }
    }

    async fn change(&mut self, event: Event) {
        change(&mut self.board, event);
        self.publisher.publish(self.board.clone()).await;
    }

    /// Sends raw bytes and reads all that comes back.
    async fn raw(&self, bytes: &[u8], end: End) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.at).await.expect("a connection");
        // The server may be fed up before the end.
        stream.write_all(bytes).await.ok();
        match end {
            End::Open => {}
            End::Shut => stream.shutdown().await.unwrap_or_default(),
        }
        let mut all = Vec::new();
        let read = timeout(DEADLINE, stream.read_to_end(&mut all)).await;
        drop(read.expect("an answer in time"));
        all
    }

    async fn ask(&self, method: &str, path: &str, headers: &str) -> Reply {
        let request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        let all = self.raw(request.as_bytes(), End::Open).await;
        let end = all.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8(all[..end].to_vec()).expect("text");
        let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
        Reply { status, head, body: all[end + 4..].to_vec() }
    }

    async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, "").await
    }
}

const DEADLINE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn every_file_is_served_under_its_type() {
    let site = Served::start().await;
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/ptg.html", "text/html; charset=utf-8"),
        ("/signage.html?x=/../y&%00", "text/html; charset=utf-8"),
        ("/ptg.json", "application/json"),
        ("/ptg.ics", "text/calendar; charset=utf-8"),
        ("/swift.ics", "text/calendar; charset=utf-8"),
        ("/SWIFT.ics", "text/calendar; charset=utf-8"),
        ("/%73wift%2Eics", "text/calendar; charset=utf-8"),
        ("/c++.ics", "text/calendar; charset=utf-8"),
        ("/c%2B%2b.ics", "text/calendar; charset=utf-8"),
        ("http://elsewhere.example/feed.atom", "application/atom+xml; charset=utf-8"),
        ("/feed.atom?track=swift", "application/atom+xml; charset=utf-8"),
        ("/ptg.schema.json", "application/schema+json"),
        ("/schedule.json", "application/json"),
        ("/schedule.xml", "application/xml; charset=utf-8"),
        ("/healthz", "text/plain; charset=utf-8"),
        ("/metrics", "application/openmetrics-text; version=1.0.0; charset=utf-8"),
    ] {
        let reply = site.get(path).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, Some(kind)), "{path}");
        for name in ["content-security-policy", "x-content-type-options", "referrer-policy", "permissions-policy"] {
            assert!(reply.header(name).is_some(), "{path} {name}");
        }
        let shared = ["calendar", "json", "atom", "xml;"].iter().any(|word| kind.contains(word));
        assert_eq!(reply.header("access-control-allow-origin").is_some(), shared, "{path}");
    }
}

#[tokio::test]
async fn a_query_shows_some_tracks_and_many_spellings_are_one_page() {
    let site = Served::start().await;
    let one = site.get("/ptg.ics?track=swift").await;
    assert_eq!((one.status, one.header("content-type")), (200, Some("text/calendar; charset=utf-8")));
    assert_eq!(one.header("access-control-allow-origin"), Some("*"));
    assert!(String::from_utf8_lossy(&one.body).contains("NAME:#swift"));
    let tag = one.header("etag").expect("a tag");
    for query in ["track=%53wift", "x=1&track=swift,&track=swift", "track=%23swift"] {
        let again = site.ask("HEAD", &format!("/ptg.ics?{query}"), &format!("If-None-Match: {tag}\r\n")).await;
        assert_eq!((again.status, again.header("etag")), (304, Some(tag)), "{query}");
    }
    let both = site.get("/ptg.ics?track=c%2B%2B,swift").await;
    assert!(String::from_utf8_lossy(&both.body).contains("NAME:#c++\\, #swift"));
    let all = site.get("/ptg.ics").await;
    for query in ["", "track=", "cache=1", "&&"] {
        assert_eq!(site.get(&format!("/ptg.ics?{query}")).await.body, all.body, "{query}");
    }
    let packed = site.ask("GET", "/?track=swift", "Accept-Encoding: br, gzip\r\n").await;
    assert_eq!((packed.status, packed.header("content-encoding")), (200, Some("br")));
}

#[tokio::test]
async fn a_query_for_what_is_unknown_is_no_calendar_but_a_page() {
    let site = Served::start().await;
    for query in ["track=nova", "track=swift,nova", "track=%ff", "room=ballroom-a"] {
        for path in ["ptg.ics", "feed.atom"] {
            assert_eq!(site.get(&format!("/{path}?{query}")).await.status, 404, "{path}?{query}");
        }
        for path in ["", "index.html", "ptg.html", "signage.html", "ptg.json", "links.html"] {
            let reply = site.get(&format!("/{path}?{query}")).await;
            assert_eq!(reply.status, 200, "{path}?{query}");
        }
    }
    let many: Vec<_> = (0..200).map(|number| format!("t{number}")).collect();
    for (query, status) in [(many.join(","), 400), ("x".repeat(5000), 414)] {
        let reply = site.get(&format!("/ptg.ics?track={query}")).await;
        assert_eq!((reply.status, reply.header("cache-control")), (status, Some("no-store")));
        assert!(reply.header("content-security-policy").is_some());
        assert_eq!(site.get(&format!("/ptg.json?track={query}")).await.status, 200);
    }
}

#[tokio::test]
async fn a_view_changes_with_the_board() {
    let mut site = Served::start().await;
    let before = site.get("/feed.atom?track=swift").await;
    site.change(topic("rings")).await;
    let tag = before.header("etag").expect("a tag");
    let after = site.ask("GET", "/feed.atom?track=swift", &format!("If-None-Match: {tag}\r\n")).await;
    assert_eq!(after.status, 200);
    assert!(String::from_utf8_lossy(&after.body).contains("rings"));
    assert!(!String::from_utf8_lossy(&site.get("/feed.atom?track=c%2B%2B").await.body).contains("rings"));
}

#[tokio::test]
async fn what_is_not_there_is_told_so() {
    let site = Served::start().await;
    for path in ["/nova.ics", "/.ics", "/../ptg.json", "/%2e%2e/x", "/%ff", "/%00", "/x/", "//", "/ptg.json//"] {
        let reply = site.get(path).await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(reply.header("content-security-policy").is_some());
    }
    let reply = site.get("/swift.ics/").await;
    assert_eq!((reply.status, reply.header("location")), (308, Some("../swift.ics")));
    assert_eq!(site.get("//swift.ics/").await.status, 404);
}

#[tokio::test]
async fn other_methods_are_refused_with_those_that_work() {
    let site = Served::start().await;
    for path in ["/", "/ptg.json", "/swift.ics", "/events", "/healthz"] {
        for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"] {
            let reply = site.ask(method, path, "Content-Length: 0\r\n").await;
            assert_eq!(reply.status, 405, "{method} {path}");
            assert!(reply.header("allow").is_some_and(|allow| allow.contains("GET")), "{method} {path}");
        }
    }
    for path in ["/ptg.json", "/swift.ics", "/ptg.ics?track=swift", "/feed.atom", "/schedule.xml"] {
        let reply = site.ask("OPTIONS", path, "Origin: https://x.example\r\n").await;
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (204, Some("*")), "{path}");
        assert_eq!(reply.header("access-control-allow-methods"), Some("GET, HEAD, OPTIONS"), "{path}");
    }
    for path in ["/", "/?track=swift", "/style.css"] {
        let reply = site.ask("OPTIONS", path, "Origin: https://x.example\r\n").await;
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (204, None), "{path}");
    }
}

#[tokio::test]
async fn a_head_has_the_length_and_no_body() {
    let site = Served::start().await;
    for path in ["/", "/ptg.json", "/swift.ics"] {
        let (get, head) = (site.get(path).await, site.ask("HEAD", path, "").await);
        assert_eq!(head.header("content-length"), Some(get.body.len().to_string().as_str()), "{path}");
        assert_eq!((head.header("etag"), head.body.len()), (get.header("etag"), 0), "{path}");
    }
}

#[tokio::test]
async fn bytes_are_packed_as_the_client_likes() {
    let site = Served::start().await;
    let plain = site.get("/").await;
    assert_eq!(plain.header("content-encoding"), None);
    for (wish, encoding) in [("br, gzip", "br"), ("gzip", "gzip"), ("br;q=0, *", "gzip")] {
        let reply = site.ask("GET", "/", &format!("Accept-Encoding: {wish}\r\n")).await;
        assert_eq!(reply.header("content-encoding"), Some(encoding));
        assert_eq!(reply.header("vary"), Some("accept-encoding"));
        let mut unpacked = Vec::new();
        if encoding == "br" {
            brotli::BrotliDecompress(&mut reply.body.as_slice(), &mut unpacked).expect("brotli");
        } else {
            let mut reader = flate2::read::GzDecoder::new(reply.body.as_slice());
            std::io::Read::read_to_end(&mut reader, &mut unpacked).expect("gzip");
        }
        assert_eq!(unpacked, plain.body);
        assert_ne!(reply.header("etag"), plain.header("etag"));
    }
}

#[tokio::test]
async fn a_change_gives_new_tags_only_to_what_changed() {
    let mut site = Served::start().await;
    let tag = |reply: &Reply| reply.header("etag").expect("a tag").to_owned();
    let pages = ["/ptg.json", "/swift.ics", "/c++.ics"];
    let mut before = Vec::new();
    for path in pages {
        before.push(site.get(path).await);
    }
    site.change(topic("rings")).await;
    for (path, before) in pages.into_iter().zip(&before) {
        let tag = tag(before);
        let reply = site.ask("GET", path, &format!("If-None-Match: \"x\", W/{tag}\r\n")).await;
        let status = if path == "/ptg.json" { 200 } else { 304 };
        assert_eq!(reply.status, status, "{path}");
        if status == 304 {
            assert_eq!(reply.header("last-modified"), before.header("last-modified"), "{path}");
            assert_eq!((reply.header("etag"), reply.body.len()), (Some(tag.as_str()), 0), "{path}");
            // A date says only what every replica says.
            let Some(date) = before.header("last-modified") else { continue };
            let since = format!("If-Modified-Since: {date}\r\n");
            assert_eq!(site.ask("GET", path, &since).await.status, 304, "{path}");
        }
    }
    assert_eq!(site.ask("HEAD", "/swift.ics", "If-None-Match: *\r\n").await.status, 304);
}

#[tokio::test]
async fn a_calendar_has_the_date_of_its_last_change_whenever_it_is_first_asked_for() {
    let mut site = Served::start().await;
    let file = serde_json::json!({
        "slots": {"Mon": [{"name": "A1", "realtime": "2026-10-19T10:00:00Z"}]}, "schedule": {"Saal": {"A1": "c++"}},
    });
    let document = ptgbot_core::Document::check(&file, &site.board, ptgbot_core::Folding::Lowercase);
    let document = Box::new(document.expect("a data file"));
    site.change(Event::Board(BoardEvent::DocumentLoaded { document, source: None })).await;
    site.change(topic("rings")).await;
    assert_eq!(site.get("/c++.ics").await.header("last-modified"), Some("Mon, 19 Oct 2026 09:00:00 GMT"));
}

#[tokio::test]
async fn each_kind_of_answer_says_how_long_it_may_be_kept() {
    let site = Served::start().await;
    let style = format!("/style.css?{}", ptgbot_render::ASSET_VERSION);
    for (path, status, keep) in [
        ("/", 200, "public, max-age=1, stale-if-error=3600"),
        ("/?track=swift", 200, "public, max-age=1, stale-if-error=3600"),
        ("/ptg.json", 200, "public, max-age=1, stale-if-error=3600"),
        ("/swift.ics", 200, "public, max-age=1, stale-if-error=3600"),
        ("/colors.css?7", 200, "public, max-age=1, stale-if-error=3600"),
        (&style, 200, "public, max-age=31536000, immutable"),
        ("/style.css", 200, "public, max-age=1, stale-if-error=3600"),
        ("/style.css?0123456789abcdef", 200, "public, max-age=1, stale-if-error=3600"),
        ("/nova.ics", 404, "public, max-age=1"),
        ("/healthz", 200, "no-store"),
        ("/readyz", 200, "no-store"),
        ("/metrics", 200, "no-store"),
    ] {
        let reply = site.get(path).await;
        assert_eq!((reply.status, reply.header("cache-control")), (status, Some(keep)), "{path}");
        // What is not modified is kept on just the same.
        let Some(tag) = reply.header("etag") else { continue };
        assert_eq!(reply.header("vary"), Some("accept-encoding"), "{path}");
        let again = site.ask("GET", path, &format!("If-None-Match: {tag}\r\n")).await;
        assert_eq!((again.status, again.header("cache-control")), (304, Some(keep)), "{path}");
        assert_eq!(again.header("vary"), Some("accept-encoding"), "{path}");
    }
}

#[tokio::test]
async fn what_is_missing_leads_back_from_any_depth() {
    let site = Served::start().await;
    for (path, root) in [("/none", "./"), ("/room/none.ics", "../"), ("/a/b/c", "../../")] {
        let body = String::from_utf8(site.get(path).await.body).expect("text");
        assert!(
            body.contains(&format!("<a href=\"{root}\">")) && body.contains(&format!("\"{root}style.css\"")),
            "{body}"
        );
    }
}

#[tokio::test]
async fn requests_on_one_connection_are_answered_in_order() {
    let site = Served::start().await;
    let all = site
        .raw(
            b"GET /ptg.json HTTP/1.1\r\nHost: x\r\n\r\nGET /swift.ics HTTP/1.1\r\nHost: x\r\n\r\n\
              GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            End::Open,
        )
        .await;
    let text = String::from_utf8_lossy(&all);
    let places = ["\"tracks\"", "BEGIN:VCALENDAR", "404 Not Found"].map(|words| text.find(words).expect("there"));
    assert!(places.is_sorted());
}

#[tokio::test]
async fn a_request_is_answered_although_another_has_begun() {
    let site = Served::start().await;
    let mut stream = TcpStream::connect(site.at).await.expect("a connection");
    stream.write_all(b"GET /ptg.json HTTP/1.1\r\nHost: x\r\n\r\nGET /swift.ics HTT").await.expect("sent");
    let mut heard = String::new();
    read_until(&mut stream, &mut heard, "\"tracks\"").await;
    stream.write_all(b"P/1.1\r\nHost: x\r\n\r\n").await.expect("sent");
    read_until(&mut stream, &mut heard, "END:VCALENDAR").await;
}

#[tokio::test]
async fn whoever_listens_hears_each_of_many_changes() {
    let mut site = Served::start().await;
    let mut stream = TcpStream::connect(site.at).await.expect("a connection");
    stream.write_all(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sent");
    let mut heard = String::new();
    read_until(&mut stream, &mut heard, "retry: 3000").await;
    for number in 0..100 {
        change(&mut site.board, topic(&number.to_string()));
    }
    site.publisher.publish(site.board.clone()).await;
    read_until(&mut stream, &mut heard, "data: 101\n").await;
    for revision in 2..=101 {
        assert!(
            heard.contains(&format!("event: revision\nid: {revision}\ndata: {revision}\n\n")),
            "{revision} {heard}"
        );
    }
}

#[tokio::test]
async fn views_that_nobody_waits_for_any_more_do_no_harm() {
    let site = Served::start().await;
    for number in 0..200 {
        let mut stream = TcpStream::connect(site.at).await.expect("a connection");
        let request = format!("GET /?track=t{number} HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
    }
    let answered = async {
        while site.get("/?track=swift").await.status != 200 {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, answered).await.expect("the queue is empty again");
}

#[tokio::test]
async fn a_large_file_asked_for_again_and_again_is_always_whole() {
    let mut site = Served::start().await;
    let topics = (0..400).map(|number| topic(&format!("a topic of some length, number {number}")));
    for event in topics.chain((0..400).map(|n| {
        Event::Track(TrackEvent::TopicPlanned {
            track: track("swift"),
            topic: Text::new(&format!("plan {n} {}", "of some length ".repeat(4))),
        })
    })) {
        change(&mut site.board, event);
    }
    site.publisher.publish(site.board.clone()).await;
    let alone = site.get("/ptg.json").await;
    assert!(alone.body.len() > 20_000);
    let asked = "GET /ptg.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(30);
    let last = "GET /ptg.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let all = site.raw(format!("{asked}{last}").as_bytes(), End::Open).await;
    let text = String::from_utf8(all).expect("text");
    let answers: Vec<_> = text.split("HTTP/1.1 200 OK\r\n").skip(1).collect();
    assert_eq!(answers.len(), 31);
    for answer in answers {
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.contains("\r\ndate: ") || head.starts_with("date: "), "{head}");
        assert!(body.as_bytes() == alone.body);
    }
}

async fn read_until(stream: &mut TcpStream, heard: &mut String, wanted: &str) {
    let mut buffer = [0; 4096];
    while !heard.contains(wanted) {
        let read = timeout(DEADLINE, stream.read(&mut buffer)).await.expect("in time").expect("a read");
        assert_ne!(read, 0, "the stream ended: {heard}");
        heard.push_str(std::str::from_utf8(&buffer[..read]).expect("text"));
    }
}
