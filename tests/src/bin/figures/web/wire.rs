//! Asking a web server by hand, and with `wrk`.

use super::{LOAD_CORE, pinned};
use std::error::Error;
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer, as it came.
pub(super) struct Answer {
    head: String,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The header lines but the first.
    pub(super) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.head.lines().skip(1).filter_map(|line| line.split_once(": "))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// A connection that is kept.
pub(super) struct Client(TcpStream);

impl Client {
    pub(super) async fn connect(address: &str) -> Result<Self, Box<dyn Error>> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self(stream))
    }

    /// Asks for a path, with more header lines if wanted.
    pub(super) async fn get(&mut self, path: &str, more: &[(&str, &str)]) -> Result<Answer, Box<dyn Error>> {
        let more: String = more.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        self.0.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n").as_bytes()).await?;
        let mut got = Vec::new();
        let end = loop {
            if let Some(end) = got.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            self.more(&mut got).await?;
        };
        let head = String::from_utf8(got.drain(..end + 4).take(end).collect())?;
        if head.split(' ').nth(1) != Some("200") {
            return Err(format!("{path}: {head}").into());
        }
        let mut answer = Answer { head, body: Vec::new() };
        let length = answer.header("content-length").map_or(Ok(0), str::parse)?;
        while got.len() < length {
            self.more(&mut got).await?;
        }
        answer.body = got;
        Ok(answer)
    }

    async fn more(&mut self, got: &mut Vec<u8>) -> Result<(), Box<dyn Error>> {
        if self.0.read_buf(got).await? == 0 {
            return Err("the server closed the connection".into());
        }
        Ok(())
    }
}

/// What `wrk` measured.
#[derive(Clone, Copy)]
pub(super) struct Load {
    /// Requests a second.
    pub(super) rate: f64,
    /// Ninety-nine of a hundred answers took at most so many milliseconds.
    pub(super) p99: f64,
}

/// Asks for the page again and again over 64 connections with one thread.
pub(super) async fn load(wrk: &Path, address: &str, headers: &[&String], seconds: u32) -> Result<Load, Box<dyn Error>> {
    let mut command = pinned(wrk, LOAD_CORE);
    command.args(["-t1", "-c64", "--latency", &format!("-d{seconds}s")]);
    for header in headers {
        command.args(["-H", header]);
    }
    let output = command.arg(format!("http://{address}/")).kill_on_drop(true).output().await?;
    let said = String::from_utf8(output.stdout)?;
    let figure = |name: &str| {
        let line = said.lines().find_map(|line| line.trim().strip_prefix(name));
        line.map(str::trim).ok_or_else(|| format!("wrk says no {name} {said}"))
    };
    // Answers that nothing changed are no errors to wrk.
    if said.contains("Socket errors") || said.contains("Non-2xx or 3xx") {
        return Err(format!("not every request was answered: {said}").into());
    }
    Ok(Load { rate: figure("Requests/sec:")?.parse()?, p99: milliseconds(figure("99%")?)? })
}

fn milliseconds(text: &str) -> Result<f64, Box<dyn Error>> {
    for (unit, factor) in [("us", 0.001), ("ms", 1.0), ("s", 1_000.0)] {
        if let Some(number) = text.strip_suffix(unit) {
            return Ok(number.parse::<f64>()? * factor);
        }
    }
    Err(format!("not a duration: {text}").into())
}
