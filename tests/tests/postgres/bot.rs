//! A bot of the test's own process on a board in a database: its network is a pair of pipes, and it has a page.

use crate::told::Told;
use ptgbot_runtime::store::StoreAddress;
use ptgbot_runtime::{CancellationToken, InitialBoard, RunError, Setup, StdioTransport, run_until};
use ptgbot_tests::Page;
use ptgbot_tests::deadline::PATIENCE;
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, duplex, split};
use tokio::io::{ReadHalf, WriteHalf};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A running bot. Whoever talks to it is an op in the channel; each line is said by a person of its own, so that the
/// journal shows which change is whose.
pub(crate) struct Bot {
    name: &'static str,
    said: usize,
    done: usize,
    input: WriteHalf<DuplexStream>,
    output: Lines<BufReader<ReadHalf<DuplexStream>>>,
    pub(crate) page: Page,
    stop: CancellationToken,
    running: JoinHandle<Result<(), RunError>>,
}

impl Bot {
    /// Starts on a board; an empty one gets two tracks and a room first. Returns once it has a page.
    pub(crate) async fn start(name: &'static str, address: &str) -> Self {
        let store: StoreAddress = address.parse().unwrap_or_else(|error| panic!("{error}"));
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("the loopback has a free port");
        listener.set_nonblocking(true).expect("it is a socket");
        let page = Page { port: listener.local_addr().expect("it is bound").port() };
        let initial_board = InitialBoard::Document { data: board(), source: "the test".into() };
        let setup = Setup { store, listener: Some(listener), initial_board, ..Setup::default() };
        let (near, far) = duplex(PIPE);
        let (from, to) = split(far);
        let (output, input) = split(near);
        let stop = CancellationToken::new();
        let transport = Box::new(StdioTransport::new("ptgbot", from, to));
        let running = tokio::spawn(run_until(transport, setup, stop.clone()));
        page.data().await;
        Self { name, said: 0, done: 0, input, output: BufReader::new(output).lines(), page, stop, running }
    }

    /// Says a command, and does not wait for the answer.
    pub(crate) async fn say(&mut self, text: &str) {
        let person = format!("{}{}", self.name, self.said);
        self.say_as(&person, text).await;
    }

    /// The same as somebody who may have said something before.
    pub(crate) async fn say_as(&mut self, person: &str, text: &str) {
        let line = json!({"id": person, "room": "#ptg", "from": person, "role": "op", "text": text, "at": AT});
        self.input.write_all(format!("{line}\n").as_bytes()).await.expect("it listens");
        self.said += 1;
    }

    /// How many commands were said and have no answer yet.
    pub(crate) fn unanswered(&self) -> usize {
        self.said - self.done
    }

    /// What became of the next command, in the order in which they were said.
    pub(crate) async fn told(&mut self) -> Told {
        loop {
            let line = timeout(PATIENCE * 3, self.output.next_line()).await;
            let line = line.unwrap_or_else(|_| panic!("{} does not answer", self.name));
            let line = line.expect("a pipe of this process").unwrap_or_else(|| panic!("{} has ended", self.name));
            let said: Value = serde_json::from_str(&line).expect("a JSON line");
            if said["type"] == "done" {
                self.done += 1;
                return Told::of(&said);
            }
        }
    }

    /// Ends it in order.
    pub(crate) async fn end(self) {
        self.stop.cancel();
        let ended = timeout(PATIENCE, self.running).await.expect("it ends in time").expect("it does not panic");
        ended.unwrap_or_else(|error| panic!("{error}"));
    }
}

/// Two tracks that have a place, and a room with two slots.
fn board() -> Value {
    json!({
        "eventid": "vancouver2026", "tracks": ["nova", "swift"], "location": {"swift": "Vista", "nova": "Terrace"},
        "slots": {"Monday": [{"name": "MonA1", "desc": "09:00-10:45"}, {"name": "MonP1", "desc": "14:00-15:45"}]},
        "schedule": {"Ballroom": {"MonA1": "", "MonP1": ""}},
    })
}

const AT: &str = "2026-10-19T09:30:00Z";
/// More than any test says at once.
const PIPE: usize = 1 << 20;
