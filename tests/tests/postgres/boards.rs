//! All boards of a database on one web server.

use ptgbot_core::{Board, BoardEvent, Document, Event, Folding, Journal, Record, Text, TrackEvent, TrackName};
use ptgbot_render::SiteOptions;
use ptgbot_runtime::store::{Access, PostgresJournal, StoreAddress};
use ptgbot_runtime::{CancellationToken, Supervision, serve_boards};
use ptgbot_tests::Database;
use ptgbot_tests::deadline::{PATIENCE, wait_until};
use serde_json::json;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::DropGuard;

/// A board with a track of its own.
async fn begin(database: &Database, name: &str, track: &str) -> (PostgresJournal, Board) {
    let mut journal = PostgresJournal::open(&database.board(&encoded(name)), Access::ReadWrite).await.expect("a store");
    let mut board = Board::default();
    let document = json!({"eventid": name, "tracks": [track]});
    let document = Document::check(&document, &board, Folding::Ascii).unwrap_or_else(|error| panic!("{error}"));
    let event = BoardEvent::DocumentLoaded { document: Box::new(document), source: None };
    change(&mut journal, &mut board, event.into()).await;
    (journal, board)
}

async fn change(journal: &mut PostgresJournal, board: &mut Board, event: Event) {
    let (before, at) = (board.revision(), "2026-10-19T09:30:00Z".parse().expect("a time"));
    let record = Record::new(before + 1, at, event);
    board.apply(&record);
    journal.append(before, &[record], board, None).await.expect("it is written");
}

fn topic(track: &str, words: &str) -> Event {
    let track = TrackName::parse(track).expect("a name");
    TrackEvent::TopicSet { track, topic: Text::new(words) }.into()
}

fn encoded(name: &str) -> String {
    name.replace('/', "%2F").replace(' ', "%20")
}

/// A running server; it ends with the test.
struct Boards {
    at: SocketAddr,
    _stop: DropGuard,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Boards {
    async fn start(database: &Database, most: usize) -> Self {
        let store: StoreAddress = database.board("any").parse().expect("an address");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let (at, stop) = (listener.local_addr().expect("an address"), CancellationToken::new());
        let stopped = stop.clone();
        tokio::spawn(async move {
            let served = serve_boards(listener, &store, SiteOptions::default(), most, Supervision::None, stopped).await;
            served.unwrap_or_else(|error| panic!("{error}"));
        });
        Self { at, _stop: stop.drop_guard() }
    }

    async fn connect(&self, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.at).await.expect("it listens");
        let ask = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).await.expect("it listens");
        stream
    }

    async fn get(&self, path: &str) -> Answer {
        let mut answer = String::new();
        let read = timeout(PATIENCE, async { self.connect(path).await.read_to_string(&mut answer).await });
        read.await.expect("an answer in time").expect("text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        // When it was sent is each server's own.
        let head = head.lines().filter(|line| !line.starts_with("date: ")).collect::<Vec<_>>().join("\n");
        Answer { status, head, body: body.to_owned() }
    }

    /// Waits until an answer is as meant.
    async fn answers(&self, path: &str, is_meant: impl Fn(&Answer) -> bool) -> Answer {
        let asked = wait_until(path, PATIENCE, || async { Some(self.get(path).await).filter(&is_meant) });
        asked.await.unwrap_or_else(|late| panic!("{late}"))
    }
}

#[tokio::test]
async fn each_board_is_served_under_its_name_and_a_new_one_at_once() {
    let Some(database) = Database::start().await else { return };
    let (mut journal, mut board) = begin(&database, "spring", "swift").await;
    begin(&database, "autumn 2026/Ü", "nova").await;
    let (one, other) = (Boards::start(&database, 10).await, Boards::start(&database, 10).await);
    let index = one.get("/").await;
    assert_eq!(index.status, 200);
    for link in ["href=\"spring/\"", "href=\"autumn%202026%2F%C3%9C/\"", "2 boards."] {
        assert!(index.body.contains(link), "{}", index.body);
    }
    assert!(one.get("/autumn%202026%2F%C3%9C/ptg.json").await.body.contains("nova"));
    let page = one.get("/spring/").await;
    assert!(page.status == 200 && page.body.contains("swift") && !page.body.contains("nova"), "{}", page.body);
    // What a page refers to is there, too.
    for link in page.body.split(" href=\"").skip(1).chain(page.body.split(" src=\"").skip(1)) {
        let link = link.split('"').next().unwrap_or_default();
        if !link.starts_with('#') && !link.contains("://") {
            assert_eq!(one.get(&format!("/spring/{link}")).await.status, 200, "{link}");
        }
    }
    for (path, status, words) in [
        ("/spring", 308, "location: spring/"),
        ("/winter/", 404, "href=\"../\""),
        ("/winter/a/b", 404, "href=\"../../\""),
        ("/winter", 404, "No board has this name."),
        ("/spring/nova.ics", 404, "No track has this name"),
        ("/%ff/", 404, ""),
        ("/..%2Fspring/", 404, ""),
        ("/healthz", 200, "ok"),
        ("/readyz", 200, "ok"),
        ("/spring/readyz", 200, "ok"),
        ("/metrics", 200, "ptgbot_boards_loaded 2"),
        ("/spring/metrics", 200, "ptgbot_board_revision 1"),
    ] {
        let answer = one.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.head.contains(words) || answer.body.contains(words), "{path}: {} {}", answer.head, answer.body);
    }
    let mut events = one.connect("/spring/events").await;
    let mut heard = String::new();
    hear(&mut events, &mut heard, "retry:").await;
    change(&mut journal, &mut board, topic("swift", "rings")).await;
    hear(&mut events, &mut heard, "data: 2").await;
    // Whoever is asked, the answer is the same.
    other.answers("/spring/ptg.json", |answer| answer.body.contains("rings")).await;
    for path in ["/spring/", "/spring/?track=swift", "/spring/ptg.json", "/spring/feed.atom", "/spring/style.css"] {
        let (one, other) = (one.get(path).await, other.get(path).await);
        assert_eq!((one.status, one.head, one.body), (other.status, other.head, other.body), "{path}");
    }
    begin(&database, "winter", "cinder").await;
    assert!(one.get("/winter/").await.body.contains("cinder"));
    assert!(one.get("/").await.body.contains("href=\"winter/\""));
}

#[tokio::test]
async fn a_board_that_makes_room_for_another_ends_its_streams_and_comes_back() {
    let Some(database) = Database::start().await else { return };
    begin(&database, "spring", "swift").await;
    begin(&database, "autumn", "nova").await;
    let boards = Boards::start(&database, 1).await;
    let mut events = boards.connect("/spring/events").await;
    hear(&mut events, &mut String::new(), "retry:").await;
    assert!(boards.get("/autumn/").await.body.contains("nova"));
    timeout(PATIENCE, events.read_to_end(&mut Vec::new())).await.expect("it ends").expect("cleanly");
    assert!(boards.get("/metrics").await.body.contains("ptgbot_boards_loaded 1"));
    assert!(boards.get("/spring/").await.body.contains("swift"));
}

#[tokio::test]
async fn while_the_database_is_away_every_page_says_so() {
    let Some(mut database) = Database::start().await else { return };
    begin(&database, "spring", "swift").await;
    begin(&database, "autumn", "nova").await;
    let boards = Boards::start(&database, 10).await;
    let page = boards.get("/spring/").await;
    database.kill().await;
    for path in ["/readyz", "/spring/readyz"] {
        boards.answers(path, |answer| answer.status == 503).await;
    }
    for (path, words) in [("/", "autumn"), ("/spring/", "swift")] {
        let told = boards.answers(path, |answer| answer.body.contains("may be out of date")).await;
        assert!(told.status == 200 && told.body.contains(words), "{}", told.body);
    }
    // Of what nobody has asked for there is nothing to show.
    assert_eq!(boards.get("/autumn/").await.status, 503);
    database.start_again().await;
    for path in ["/readyz", "/spring/readyz"] {
        boards.answers(path, |answer| answer.status == 200).await;
    }
    let again = boards.answers("/spring/", |answer| !answer.body.contains("out of date")).await;
    assert_eq!((again.head, again.body), (page.head, page.body));
    assert!(boards.get("/autumn/").await.body.contains("nova"));
}

#[tokio::test]
async fn a_store_of_one_board_is_refused_in_words() {
    for (store, words) in [
        (
            "sqlite:board.sqlite",
            "sqlite:board.sqlite holds one board: --boards serves those of a database, postgres://…",
        ),
        ("memory:", "memory: holds one board: --boards serves those of a database, postgres://…"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let store = store.parse().expect("an address");
        let served =
            serve_boards(listener, &store, SiteOptions::default(), 1, Supervision::None, CancellationToken::new())
                .await;
        assert_eq!(served.expect_err("it is refused").to_string(), words);
    }
}

async fn hear(stream: &mut TcpStream, heard: &mut String, wanted: &str) {
    let mut buffer = [0; 4096];
    while !heard.contains(wanted) {
        let read = timeout(PATIENCE, stream.read(&mut buffer)).await.expect("in time").expect("a read");
        assert_ne!(read, 0, "the stream ended: {heard}");
        heard.push_str(std::str::from_utf8(&buffer[..read]).expect("text"));
    }
}
