//! Sending a file: the head as it was prepared, the date, the body.

use super::page::{Answer, Choice};
use super::request::Method;
use rustix::fs::sendfile;
use std::io::{self, IoSlice};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::TcpStream;

/// Sends answers, and keeps the date line of this second.
#[derive(Debug, Default)]
pub(super) struct Sender {
    second: u64,
    date: String,
}

impl Sender {
    /// Sends a file, or that it is known.
    pub(super) async fn send(&mut self, stream: &mut TcpStream, choice: Choice<'_>, method: Method) -> io::Result<()> {
        self.look_at_the_clock();
        let date = self.date.as_bytes();
        match (choice, method) {
            (Choice::Known(variant), _) => parts(stream, [&variant.not_modified, date, b""]).await,
            (Choice::Whole(variant), Method::Head) => parts(stream, [&variant.whole, date, b""]).await,
            (Choice::Whole(variant), Method::Get) => match variant.answer(self.second, &self.date) {
                None => parts(stream, [&variant.whole, date, &variant.body]).await,
                Some(answer) => whole(stream, &answer).await,
            },
        }
    }

    fn look_at_the_clock(&mut self) {
        let now = SystemTime::now();
        let second = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        if second != self.second || self.date.is_empty() {
            self.second = second;
            self.date = format!("date: {}\r\n\r\n", httpdate::fmt_http_date(now));
        }
    }
}

/// Without a copy.
async fn whole(stream: &mut TcpStream, answer: &Answer) -> io::Result<()> {
    let mut from = 0;
    while from < answer.length {
        let left = usize::try_from(answer.length - from).unwrap_or(usize::MAX);
        let more = || Ok(sendfile(&*stream, &answer.file, Some(&mut from), left)?);
        if stream.async_io(Interest::WRITABLE, more).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

async fn parts(stream: &mut TcpStream, parts: [&[u8]; 3]) -> io::Result<()> {
    let mut slices = parts.map(IoSlice::new);
    let mut rest = slices.as_mut_slice();
    IoSlice::advance_slices(&mut rest, 0);
    while !rest.is_empty() {
        let sent = stream.write_vectored(rest).await?;
        if sent == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        IoSlice::advance_slices(&mut rest, sent);
    }
    Ok(())
}
