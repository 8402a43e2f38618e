//! Ten thousand open pages: how long until all have heard of each of many changes, and what each costs in memory. A
//! viewer that is cut off hears no more, and the measure fails.
//!
//! `ptgbot stdio` makes the change, `ptgbot serve` on the same store tells it: the time runs from the command on the
//! pipe until the last viewer has the event, with the commit, the other process's look at the store and the rendering
//! in between.

use super::{Server, Threads};
use crate::Row;
use crate::bot::{Bot, Programs, event};
use crate::stdio::median;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::error::Error;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

pub(super) async fn measure(programs: &Programs) -> Result<Vec<Row>, Box<dyn Error>> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })?;
    let store = programs.store("viewers.sqlite");
    programs.import(&store, &event(50))?;
    let server = Server::of(programs, &store, Threads::AsManyAsCores).await?;
    let mut bot = Bot::start(programs, &store)?;
    bot.say("~list")?;
    let (heard, mut told) = unbounded_channel();
    let empty = server.memory()?;
    let mut open = 0;
    let mut refusal = None;
    let mut number = 0;
    while number < VIEWERS && refusal.is_none() {
        let opening: Vec<_> = (number..(number + BATCH).min(VIEWERS))
            .map(|number| tokio::spawn(viewer(number, server.address.clone(), heard.clone())))
            .collect();
        number += BATCH;
        for viewer in opening {
            match viewer.await? {
                Ok(()) => open += 1,
                Err(fault) => refusal = Some(fault),
            }
        }
    }
    let mut all = Vec::new();
    for round in 0..CHANGES {
        all.push(tell_all(&mut bot, round, open, &mut told).await?);
    }
    let each = (server.memory()? - empty) / f64::from(open);
    bot.end()?;
    let what = match refusal {
        None => format!("{open} viewers of /events, {CHANGES} changes in a row: each has reached all"),
        Some(fault) => {
            format!("only {open} viewers of {VIEWERS} ({fault}), {CHANGES} changes in a row: each has reached all")
        }
    };
    let worst = all.iter().copied().fold(0.0, f64::max);
    Ok(vec![
        Row { what, figure: format!("at worst after {worst:.0} ms, median {:.0} ms", median(&all)), goal: "300 ms" },
        Row { what: "memory of a viewer".into(), figure: format!("{:.1} KB", each / 1_024.0), goal: "12 KB" },
    ])
}

/// Milliseconds from a command until the last of the viewers has heard of it.
async fn tell_all(
    bot: &mut Bot,
    round: usize,
    open: u32,
    told: &mut UnboundedReceiver<Heard>,
) -> Result<f64, Box<dyn Error>> {
    let begin = Instant::now();
    let done = tokio::task::block_in_place(|| bot.say(&format!("#track1 now round {round}")))?;
    let revision = done["revision"].as_u64().ok_or("no revision")?;
    let mut last = begin;
    let mut heard = 0;
    while heard < open {
        let next = tokio::time::timeout(PATIENCE, told.recv()).await;
        let news = next.map_err(|_| format!("only {heard} of {open} heard of it"))?.ok_or("nobody listens")?;
        if news.revision == revision {
            heard += 1;
            last = last.max(news.at);
        }
    }
    Ok((last - begin).as_secs_f64() * 1_000.0)
}

/// A viewer heard of a revision.
struct Heard {
    revision: u64,
    at: Instant,
}

/// Opens an event stream; from then on says when it hears of a revision.
async fn viewer(number: u32, address: String, heard: UnboundedSender<Heard>) -> Result<(), String> {
    let mut stream = connect(number, &address).await.map_err(|error| error.to_string())?;
    let ask = b"GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";
    stream.write_all(ask).await.map_err(|error| error.to_string())?;
    let mut got = Vec::with_capacity(1_024);
    // The head, and the first words after it.
    while !has_greeting(&got) {
        if stream.read_buf(&mut got).await.map_err(|error| error.to_string())? == 0 {
            return Err("closed".into());
        }
        if got.starts_with(b"HTTP/1.1 ") && !got.starts_with(b"HTTP/1.1 200") && got.len() > 12 {
            return Err(format!("status {}", String::from_utf8_lossy(&got[9..12])));
        }
    }
    tokio::spawn(async move {
        let mut tail = String::new();
        got.clear();
        while let Ok(1..) = stream.read_buf(&mut got).await {
            let at = Instant::now();
            tail.push_str(&String::from_utf8_lossy(&got));
            got.clear();
            while let Some((event, rest)) = tail.split_once("\n\n") {
                if let Some(revision) = revision(event) {
                    drop(heard.send(Heard { revision, at }));
                }
                tail = rest.to_owned();
            }
        }
    });
    Ok(())
}

/// From several addresses of this machine, for each has only some 28,000 ports.
async fn connect(number: u32, address: &str) -> Result<TcpStream, Box<dyn Error + Send + Sync>> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(format!("127.0.0.{}:0", 2 + number % 4).parse()?)?;
    Ok(socket.connect(address.parse()?).await?)
}

fn has_greeting(got: &[u8]) -> bool {
    let head = got.windows(4).position(|four| four == b"\r\n\r\n");
    head.is_some_and(|head| got[head + 4..].windows(2).any(|two| two == b"\n\n"))
}

/// The number in an event's `data:` line.
fn revision(event: &str) -> Option<u64> {
    event.lines().find_map(|line| line.strip_prefix("data:"))?.trim().parse().ok()
}

const VIEWERS: u32 = 10_000;
const CHANGES: usize = 100;
const BATCH: u32 = 200;
const PATIENCE: Duration = Duration::from_secs(10);
