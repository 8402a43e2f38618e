//! The web server: the page of the sample event next to nginx, the answer that nothing changed, and open event streams.
//!
//! Server and load have a core each (`taskset`) and one thread each (`TOKIO_WORKER_THREADS=1`, one nginx worker,
//! `wrk -t1 -c64`). What is compared takes turns, `ROUNDS` times; a ratio is the median of the rounds' ratios.

mod nginx;
mod page;
mod viewers;
mod wire;

use crate::Row;
use crate::bot::Programs;
use ptgbot_tests::deadline::{PATIENCE, wait_until};
use ptgbot_tests::process::{Process, free_port};
use ptgbot_tests::skip;
use std::error::Error;
use std::path::Path;
use tokio::net::TcpStream;
use tokio::process::Command;

pub(crate) async fn measure(programs: &Programs) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut rows = page::measure(programs).await?;
    rows.extend(viewers::measure(programs).await?);
    Ok(rows)
}

/// A running web server.
struct Server {
    process: Process,
    /// Host and port.
    address: String,
}

impl Server {
    /// `ptgbot serve` on a store.
    async fn of(programs: &Programs, store: &str, threads: Threads) -> Result<Self, Box<dyn Error>> {
        let address = format!("127.0.0.1:{}", free_port());
        let mut command = match threads {
            Threads::One => pinned(&programs.bot, SERVER_CORE),
            Threads::AsManyAsCores => Command::new(&programs.bot),
        };
        if threads == Threads::One {
            command.env("TOKIO_WORKER_THREADS", "1");
        }
        command.args(["serve", "--store", store, "--listen", &address]);
        Self::start("ptgbot serve", command, address).await
    }

    async fn start(name: &str, command: Command, address: String) -> Result<Self, Box<dyn Error>> {
        let server = Self { process: Process::start(name, command), address };
        let listens = wait_until(name, PATIENCE, || async { TcpStream::connect(&server.address).await.ok() }).await;
        match listens {
            Ok(_) => Ok(server),
            Err(late) => Err(format!("{late}: {}", server.process.output().tail()).into()),
        }
    }

    /// What it holds of the machine's memory, in bytes.
    fn memory(&self) -> Result<f64, Box<dyn Error>> {
        let id = self.process.id().ok_or("the server ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no size")?;
        Ok(line.split_whitespace().nth(1).ok_or("no size")?.parse::<f64>()? * 1_024.0)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Threads {
    One,
    AsManyAsCores,
}

/// A program on one core, so that the load beside it does not take it away.
fn pinned(program: &Path, core: &str) -> Command {
    match skip::program("taskset") {
        Some(taskset) => {
            let mut command = Command::new(taskset);
            command.args(["-c", core]).arg(program);
            command
        }
        None => Command::new(program),
    }
}

const SERVER_CORE: &str = "0";
const LOAD_CORE: &str = "1";
const ROUNDS: usize = 5;
