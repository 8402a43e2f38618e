//! How many changes a second one process records in a SQLite store, and four together; and how long one of them waits.
//!
//!     cargo bench -p ptgbot-runtime --bench writers
//!
//! A change counts once it is durable: decided on the newest board, appended, applied. Whoever comes second reads what the
//! first has changed and decides again, as the bots do.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a measurement")]

use ptgbot_core::{Board, Event, Journal, JournalError, Record, Text, TrackEvent, TrackName};
use ptgbot_runtime::store::{Access, Blocking, SqliteJournal};
use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn main() {
    let arguments: Vec<String> = env::args().collect();
    match arguments.iter().position(|argument| argument == WRITER) {
        Some(place) => write(Path::new(&arguments[place + 1])),
        None => compare(),
    }
}

fn compare() {
    let one = run(1);
    let four = run(4);
    println!("four together record {:.2} times as many", four / one);
}

/// Lets some processes write at once; gives their changes a second.
fn run(count: usize) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("board.db");
    let writer = |_| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.arg(WRITER).arg(&path).stdout(Stdio::piped()).spawn().unwrap()
    };
    let writers: Vec<_> = (0..count).map(writer).collect();
    let written: Vec<(f64, f64)> = writers
        .into_iter()
        .map(|writer| {
            let output = String::from_utf8(writer.wait_with_output().unwrap().stdout).unwrap();
            let (rate, longest) = output.trim().split_once(' ').unwrap();
            (rate.parse().unwrap(), longest.parse().unwrap())
        })
        .collect();
    let rate = written.iter().map(|(rate, _)| rate).sum();
    let longest = written.iter().map(|(_, longest)| *longest).fold(0.0, f64::max);
    println!("{count} at once: {rate:.0} changes a second, the longest wait {:.0} ms", longest * 1000.0);
    println!("    each: {:?}", written.iter().map(|(rate, _)| rate.round()).collect::<Vec<_>>());
    rate
}

/// One process: as many changes as it can.
fn write(path: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut journal = SqliteJournal::open(path, Access::ReadWrite, Blocking::Thread).await.unwrap();
        let mut board = journal.load().await.unwrap();
        let started = Instant::now();
        let (mut written, mut longest) = (0, Duration::ZERO);
        while started.elapsed() < LONG {
            let asked = Instant::now();
            record(&mut journal, &mut board).await;
            longest = longest.max(asked.elapsed());
            written += 1;
        }
        println!("{} {}", f64::from(written) / started.elapsed().as_secs_f64(), longest.as_secs_f64());
    });
}

async fn record(journal: &mut SqliteJournal, board: &mut Board) {
    loop {
        let track = TrackName::parse("swift").unwrap();
        let event =
            Event::Track(TrackEvent::TopicSet { track, topic: Text::new(&format!("topic {}", board.revision())) });
        let (revision, at) = (board.revision() + 1, chrono::DateTime::UNIX_EPOCH);
        let records = [Record::new(revision, at, event)];
        let mut after = board.clone();
        after.apply(&records[0]);
        match journal.append(board.revision(), &records, &after, None).await {
            Ok(()) => return *board = after,
            Err(JournalError::Conflict { .. }) => {
                let missed = journal.read_after(board.revision(), 1000).await.unwrap();
                missed.iter().for_each(|record| board.apply(record));
            }
            Err(failed) => panic!("{failed}"),
        }
    }
}

const WRITER: &str = "--writer";
const LONG: Duration = Duration::from_secs(5);
