//! Writing lines, in a task of their own.

use ptgbot_core::{Outcome, Outgoing, Revision, Target, TransportError};
use serde::Serialize;
use std::io;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A line to write, and the room that it takes until it is written.
pub(super) type OutputLine = (Vec<u8>, OwnedSemaphorePermit);

/// The task that writes.
pub(super) struct Writing {
    task: JoinHandle<Result<(), WriteError>>,
    unread: CancellationToken,
}

/// Starts the task. It ends when nothing more will be said, or nobody reads.
pub(super) fn start(to: impl AsyncWrite + Send + Unpin + 'static) -> (mpsc::UnboundedSender<OutputLine>, Writing) {
    let (lines, waiting) = mpsc::unbounded_channel();
    let unread = CancellationToken::new();
    let guard = unread.clone().drop_guard();
    let task = tokio::spawn(async move {
        let _closed = guard;
        write(to, waiting).await
    });
    (lines, Writing { task, unread })
}

impl Writing {
    /// Cancelled once nobody reads any more.
    pub(super) fn unread(&self) -> CancellationToken {
        self.unread.clone()
    }

    /// Waits until everything is written.
    pub(super) async fn finish(self) -> Result<(), TransportError> {
        self.task.await.map_err(TransportError::new)?.map_err(TransportError::new)
    }
}

/// Why lines cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the answers: {0}")]
pub(super) struct WriteError(#[source] io::Error);

async fn write(
    mut to: impl AsyncWrite + Unpin,
    mut waiting: mpsc::UnboundedReceiver<OutputLine>,
) -> Result<(), WriteError> {
    let mut lines = Vec::new();
    let mut bytes = Vec::new();
    while waiting.recv_many(&mut lines, TOGETHER).await > 0 {
        lines.iter().for_each(|(line, _)| bytes.extend_from_slice(line));
        let written = async {
            to.write_all(&bytes).await?;
            to.flush().await
        };
        match written.await {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            written => written.map_err(WriteError)?,
        }
        bytes.clear();
        lines.clear();
    }
    Ok(())
}

/// How many lines are written at once, while more is waiting.
const TOGETHER: usize = 256;

/// A line of output, its fields in the order of the protocol.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Spoken<'a> {
    Hello { protocol: u32, program: &'a str },
    Reply { to: To<'a>, user: &'a str, in_reply_to: Option<&'a str>, text: String },
    Ack { to: To<'a>, in_reply_to: Option<&'a str> },
    Notify { to: To<'a>, text: String },
    Announce { to: To<'a>, text: String },
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
            Target::Person(person) => To::User(asker.unwrap_or(person.key())),
            Target::Unnamed => To::User(asker.unwrap_or_default()),
        };
        match message {
            Outgoing::Reply { to, user, in_reply_to, reply } => {
                let user = asker.or(user.as_ref().map(|user| user.name.as_str())).unwrap_or_default();
                Self::Reply { to: place(to), user, in_reply_to: in_reply_to.as_deref(), text: reply.to_string() }
            }
            Outgoing::Ack { to, in_reply_to } => Self::Ack { to: place(to), in_reply_to: in_reply_to.as_deref() },
            Outgoing::Notify { to, reply, .. } => Self::Notify { to: To::User(to.key()), text: reply.to_string() },
            Outgoing::Announce { room, reply } => Self::Announce { to: To::Room(room), text: reply.to_string() },
        }
    }

    /// The line with its end.
    pub(super) fn line(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        Ok(line)
    }
}
