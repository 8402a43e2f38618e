//! How long a change takes to be seen on a board with 1,000 tracks: from the line in the chat until a browser's
//! connection has the new page, packed, byte for byte.
//!
//! Two ways: said on a real ircd to `ptgbot-irc`, which serves the page itself; and said to `ptgbot stdio`, with
//! `ptgbot serve` beside it, which looks at the store from time to time.

use super::wire::Client;
use super::{Server, Threads};
use crate::Row;
use crate::bot::{Bot, Programs, event, path};
use crate::durable::median;
use ptgbot_tests::process::free_port;
use ptgbot_tests::{Ircd, RawClient};
use serde_json::{Map, Value};
use std::error::Error;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

pub(super) async fn measure(programs: &Programs) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut rows = Vec::new();
    if let Some(ircd) = Ircd::hybrid().await {
        rows.push(on_irc(programs, &ircd).await?);
    }
    rows.push(beside(programs).await?);
    Ok(rows)
}

async fn on_irc(programs: &Programs, ircd: &Ircd) -> Result<Row, Box<dyn Error>> {
    let store = programs.store("change-irc.sqlite");
    programs.import(&store, &board())?;
    let mut jane = RawClient::register(ircd, "jane").await;
    jane.join("#ptg").await;
    let address = format!("127.0.0.1:{}", free_port());
    let mut command = Command::new(path(&programs.irc)?);
    command.args(["--server", "127.0.0.1", "--port", &ircd.port().to_string(), "--no-tls", "--nick", "ptgbot"]);
    command.args(["--channel", "#ptg", "--store", &store, "--listen", &address]);
    let server = Server::start("ptgbot-irc", command, address).await?;
    jane.expect("the bot", |line| line.starts_with(":ptgbot!") && line.contains(" JOIN ")).await;
    let mut viewer = Viewer::open(&server.address).await?;
    let mut times = Vec::new();
    for round in 0..CHANGES {
        let begin = Instant::now();
        jane.say("#ptg", &format!("#track{round} now subject {round}"));
        times.push(viewer.sees(begin).await?);
    }
    viewer.shows("subject 1").await?;
    Ok(row("a change on IRC, 1,000 tracks, until the new page is served", &times))
}

async fn beside(programs: &Programs) -> Result<Row, Box<dyn Error>> {
    let store = programs.store("change.sqlite");
    programs.import(&store, &board())?;
    let server = Server::of(programs, &store, Threads::AsManyAsCores).await?;
    let mut bot = Bot::start(programs, &store)?;
    bot.say("~list")?;
    let mut viewer = Viewer::open(&server.address).await?;
    let mut times = Vec::new();
    for round in 0..CHANGES {
        let begin = Instant::now();
        tokio::task::block_in_place(|| bot.say(&format!("#track{round} now subject {round}")))?;
        times.push(viewer.sees(begin).await?);
    }
    viewer.shows("subject 1").await?;
    bot.end()?;
    Ok(row("the same by another process on the same store, which looks every 75 ms", &times))
}

fn row(what: &str, times: &[f64]) -> Row {
    let worst = times.iter().copied().fold(0.0, f64::max);
    let goal = if what.starts_with("the same") { "" } else { "20 ms" };
    Row { what: what.into(), figure: format!("{:.1} ms, at worst {worst:.1} ms", median(times)), goal }
}

/// A thousand tracks, a room for each, and something on in every second.
fn board() -> Value {
    let mut board = event(1_000);
    let topics = (0..1_000).step_by(2).map(|number| (format!("track{number}"), format!("topic {number}").into()));
    board["now"] = topics.collect::<Map<_, _>>().into();
    board
}

/// An open page: listens, and loads what is new.
struct Viewer {
    events: BufReader<TcpStream>,
    page: Client,
    tag: String,
}

impl Viewer {
    async fn open(address: &str) -> Result<Self, Box<dyn Error>> {
        let mut events = TcpStream::connect(address).await?;
        events.write_all(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n").await?;
        let mut page = Client::connect(address).await?;
        let tag = page.get("/", &PACKED).await?.header("etag").ok_or("no tag")?.to_owned();
        Ok(Self { events: BufReader::new(events), page, tag })
    }

    /// Milliseconds since `begin` until the changed page is here.
    async fn sees(&mut self, begin: Instant) -> Result<f64, Box<dyn Error>> {
        let mut line = String::new();
        while !(line.starts_with("event:") && line.contains("revision")) {
            line.clear();
            let read = tokio::time::timeout(PATIENCE, self.events.read_line(&mut line)).await;
            if read.map_err(|_| "no change was told")?? == 0 {
                return Err("the event stream ended".into());
            }
        }
        let answer = self.page.get("/", &[PACKED[0], ("If-None-Match", &self.tag)]).await?;
        let taken = begin.elapsed().as_secs_f64() * 1_000.0;
        let tag = answer.header("etag").ok_or("no tag")?;
        if answer.status != 200 || tag == self.tag {
            return Err(format!("a change was told, but the page is the old one ({})", answer.status).into());
        }
        self.tag = tag.to_owned();
        // Changes come one by one: the server may rest between two.
        tokio::time::sleep(BETWEEN).await;
        Ok(taken)
    }

    /// The page holds these words.
    async fn shows(&mut self, words: &str) -> Result<(), Box<dyn Error>> {
        let page = String::from_utf8(self.page.get("/", &[]).await?.body)?;
        if page.contains(words) { Ok(()) } else { Err(format!("the page does not show {words:?}").into()) }
    }
}

const PACKED: [(&str, &str); 1] = [("Accept-Encoding", "gzip, deflate, br, zstd")];
const CHANGES: usize = 20;
const BETWEEN: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(10);
