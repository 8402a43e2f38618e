//! Durable changes a second in one process, next to bare one-row commits of the same SQLite in the same mode, in turn.
//!
//!     cargo bench -p ptgbot-runtime --bench durable
//!
//! A change is decided, applied and appended, as the loop of a bot does it; it counts once it is on the disk. Each
//! round takes bare commits, changes one after the other and changes of which 64 wait; a ratio is the median of the
//! rounds' ratios, so that a drifting machine harms both alike. The files lie beside the program and not where
//! temporary files may be memory.

#![allow(clippy::unwrap_used, reason = "a measurement")]

use ptgbot_core::{Ask, Board, Folding, Journal, Network, Person, Record, Request, Role, decide};
use ptgbot_runtime::store::{Access, Blocking, SqliteJournal};
use rusqlite::Connection;
use std::env;
use std::path::Path;
use std::time::Instant;

fn main() {
    let program = env::current_exe().unwrap();
    let folder = tempfile::tempdir_in(program.parent().unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let rounds: Vec<[f64; 3]> = (0..ROUNDS)
        .map(|round| {
            let path = |kind: &str| folder.path().join(format!("{kind}-{round}.sqlite"));
            let bare = bare(&path("bare"));
            let one = runtime.block_on(changes(&path("one"), 1));
            let waiting = runtime.block_on(changes(&path("waiting"), WAITING));
            [bare, one, waiting]
        })
        .collect();
    let median = |figure: &dyn Fn(&[f64; 3]) -> f64| {
        let mut figures: Vec<f64> = rounds.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    let row = |what: &str, of: usize, goal: &str| {
        let (rate, ratio) = (median(&|round| round[of]), median(&|round| round[of] / round[0]));
        println!("| {what} | {rate:.0}/s, {ratio:.2} × bare | {goal} |");
    };
    println!("| bare one-row SQLite commits | {:.0}/s | |", median(&|round| round[0]));
    row("decide, append, apply, durable, one after the other", 1, "0.8 × bare");
    row("the same with 64 waiting", 2, "5 × bare");
}

/// What the disk and SQLite allow at best: one row a transaction, durable.
fn bare(path: &Path) -> f64 {
    let database = Connection::open(path).unwrap();
    // The mode that the store takes with this SQLite.
    let mode = if rusqlite::version_number() >= 3_051_003 { "WAL" } else { "PERSIST" };
    database.pragma_update(None, "journal_mode", mode).unwrap();
    database.pragma_update(None, "synchronous", "FULL").unwrap();
    database.execute_batch("CREATE TABLE journal (revision INTEGER PRIMARY KEY, record TEXT NOT NULL)").unwrap();
    let row = serde_json::to_string(&record(&Board::default(), &request("~add swift"))).unwrap();
    let begin = Instant::now();
    for number in 0..CHANGES {
        let mut insert = database.prepare_cached("INSERT INTO journal VALUES (?1, ?2)").unwrap();
        insert.execute((i64::try_from(number).unwrap(), &row)).unwrap();
    }
    CHANGES as f64 / begin.elapsed().as_secs_f64()
}

/// Changes a second, so many of them on the disk at once.
async fn changes(path: &Path, at_once: usize) -> f64 {
    let mut journal = SqliteJournal::open(path, Access::ReadWrite, Blocking::Inline).await.unwrap();
    let mut board = journal.load().await.unwrap();
    let names: Vec<String> = (0..TRACKS).map(|track| format!("track{track}")).collect();
    record_all(&mut journal, &mut board, &[request(&format!("~add {}", names.join(" ")))]).await;
    let changes = CHANGES * if at_once > 1 { 10 } else { 1 } / at_once * at_once;
    let topic = |number: usize| request(&format!("#track{} now ring placement, part {number}", number % TRACKS));
    let requests: Vec<Request> = (0..changes).map(topic).collect();
    let begin = Instant::now();
    for together in requests.chunks(at_once) {
        record_all(&mut journal, &mut board, together).await;
    }
    changes as f64 / begin.elapsed().as_secs_f64()
}

async fn record_all(journal: &mut SqliteJournal, board: &mut Board, requests: &[Request]) {
    let before = board.revision();
    let mut records = Vec::with_capacity(requests.len());
    for request in requests {
        let record = record(board, request);
        board.apply(&record);
        records.push(record);
    }
    journal.append(before, &records, board, None).await.unwrap();
}

fn record(board: &Board, request: &Request) -> Record {
    let event = decide(board, request).unwrap().events.pop().unwrap();
    Record::of(board.revision() + 1, request, event)
}

fn request(text: &str) -> Request {
    let (network, at) = (Network::nearest("oftc"), "2026-10-19T09:30:00Z".parse().unwrap());
    let jane = Person::new(&network, "jane", Folding::Rfc1459);
    Request::new(&network, at, Ask::Said(text.into())).by(jane, Role::Op).in_room("#ptg").folding(Folding::Rfc1459)
}

const ROUNDS: usize = 5;
const CHANGES: usize = 2_000;
const WAITING: usize = 64;
const TRACKS: usize = 50;
