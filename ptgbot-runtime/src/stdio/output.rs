//! Writing lines, in a thread of their own.

use ptgbot_core::{Outcome, Outgoing, Revision, Target, TransportError};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::FileType;
use serde::Serialize;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::thread;
use tokio::sync::{mpsc, oneshot, watch};

/// The thread that writes, and the shorter way past it.
pub(super) struct Output {
    chunks: mpsc::Sender<Chunk>,
    pipe: Option<OwnedFd>,
}

type Chunk = (Vec<u8>, oneshot::Sender<io::Result<()>>);

impl Output {
    /// Starts the thread. The receiver turns true when nobody reads any more.
    pub(super) fn start(to: impl Write + AsFd + Send + 'static) -> io::Result<(Self, watch::Receiver<bool>)> {
        let pipe = if is_pipe(&to) { Some(to.as_fd().try_clone_to_owned()?) } else { None };
        let (chunks, waiting) = mpsc::channel(1);
        let (close, closed) = watch::channel(false);
        thread::Builder::new().name("writer".into()).spawn(move || write(to, waiting, &close))?;
        Ok((Self { chunks, pipe }, closed))
    }

    /// Writes some whole lines and waits until they have left.
    pub(super) async fn write(&self, lines: Vec<u8>) -> Result<(), TransportError> {
        if self.pipe.as_ref().is_some_and(|pipe| fits(pipe, &lines) && rustix::io::write(pipe, &lines).is_ok()) {
            return Ok(());
        }
        let (done, written) = oneshot::channel();
        if self.chunks.send((lines, done)).await.is_err() {
            return Ok(());
        }
        match written.await {
            Ok(Err(error)) => Err(TransportError::new(WriteError(error))),
            // The thread ends only when nobody reads any more.
            Ok(Ok(())) | Err(_) => Ok(()),
        }
    }
}

/// Why lines cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the answers: {0}")]
struct WriteError(#[source] io::Error);

fn is_pipe(to: &impl AsFd) -> bool {
    rustix::fs::fstat(to).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Fifo)
}

/// True when a pipe takes all of this at once, so that writing it here holds up nothing: one that takes anything
/// takes [`PIPE_BUF`] bytes (POSIX, `write`).
fn fits(pipe: &OwnedFd, lines: &[u8]) -> bool {
    let mut pipe = [PollFd::new(pipe, PollFlags::OUT)];
    lines.len() <= PIPE_BUF
        && rustix::event::poll(&mut pipe, Some(&Timespec::default())).is_ok()
        && pipe[0].revents() == PollFlags::OUT
}

fn write(mut to: impl Write, mut waiting: mpsc::Receiver<Chunk>, close: &watch::Sender<bool>) {
    while let Some((lines, done)) = waiting.blocking_recv() {
        match to.write_all(&lines).and_then(|()| to.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                close.send_replace(true);
                return;
            }
            written => done.send(written).ok(),
        };
    }
}

/// A line of output, its fields in the order of the SPEC.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Spoken<'a> {
    Reply { to: To<'a>, user: &'a str, in_reply_to: Option<&'a str>, text: &'a str },
    Ack { to: To<'a>, in_reply_to: Option<&'a str> },
    Notify { to: To<'a>, text: &'a str },
    Announce { to: To<'a>, text: &'a str },
    Done { id: Option<&'a str>, outcome: Outcome, revision: Revision },
    Error { line: u64, text: &'a str },
}

/// `{"room":"#ptg"}` or `{"user":"jane"}`.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum To<'a> {
    Room(&'a str),
    User(&'a str),
}

impl<'a> Spoken<'a> {
    /// A message as its line; `asker` is who asked, in the asker's own spelling.
    pub(super) fn new(message: &'a Outgoing, asker: Option<&'a str>) -> Self {
        let place = |to: &'a Target| match to {
            Target::Room(room) => To::Room(room),
            Target::User(user) => To::User(asker.unwrap_or(user)),
        };
        match message {
            Outgoing::Reply { to, user, in_reply_to, text } => {
                Self::Reply { to: place(to), user: asker.unwrap_or(user), in_reply_to: in_reply_to.as_deref(), text }
            }
            Outgoing::Ack { to, in_reply_to } => Self::Ack { to: place(to), in_reply_to: in_reply_to.as_deref() },
            Outgoing::Notify { user, text } => Self::Notify { to: To::User(user.as_str()), text },
            Outgoing::Announce { room, text } => Self::Announce { to: To::Room(room), text },
            Outgoing::Done { id, outcome, revision } => {
                Self::Done { id: id.as_deref(), outcome: *outcome, revision: *revision }
            }
            Outgoing::Error { line, text } => Self::Error { line: *line, text },
        }
    }

    pub(super) fn write(&self, buffer: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        serde_json::to_writer(&mut *buffer, self)?;
        buffer.push(b'\n');
        Ok(())
    }
}

/// Of Linux; other systems have at least 512, and pages of the same size.
const PIPE_BUF: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };
