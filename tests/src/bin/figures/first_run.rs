//! From a machine that has never built it to the page: `cargo run --release` with an empty target folder. The sources of
//! dependencies are there already, so no network is measured.

use crate::Row;
use crate::bot::Programs;
use std::error::Error;
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) fn measure(programs: &Programs) -> Result<Vec<Row>, Box<dyn Error>> {
    let folder = programs.scratch.path().join("first-run");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--release", "--locked", "--quiet"]).env("CARGO_TARGET_DIR", &folder);
    let begin = Instant::now();
    // The demo ends with its input.
    let mut demo = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    while TcpStream::connect("127.0.0.1:8000").is_err() {
        if demo.try_wait()?.is_some() {
            return Err("the demo ended".into());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let seconds = begin.elapsed().as_secs_f64();
    drop(demo.stdin.take());
    demo.wait()?;
    let size = std::fs::metadata(folder.join("release/ptgbot"))?.len() as f64 / 1e6;
    Ok(vec![
        Row {
            what: "cargo run --release, cold, until the page is there".into(),
            figure: format!("{seconds:.0} s"),
            goal: "240 s",
        },
        Row { what: "the program ptgbot".into(), figure: format!("{size:.1} MB"), goal: "15 MB" },
    ])
}
