//! The JSON Lines transport: one object a line in, any number of objects a line out, in the order of
//! the lines that they answer.

mod answers;
mod clock;
mod input;
mod lines;
mod output;

use crate::clock::Clock;
use answers::Answers;
use async_trait::async_trait;
use clock::LineClock;
use futures_util::stream;
use input::{InputLine, InputParser};
use lines::{Lines, RawLine};
use output::Spoken;
use ptgbot_core::{
    Handled, Inbox, Incoming, Network, Options, Outgoing, Outlet, SendError, Sending, Transport, TransportError,
};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::codec::FramedRead;
use tokio_util::sync::CancellationToken;

/// The bot as a process that speaks JSON Lines.
pub struct StdioTransport {
    network: Network,
    inbox: Inbox,
    outlet: StdioOutlet,
    clock: Arc<LineClock>,
}

impl StdioTransport {
    /// The JSON Schema of the protocol (draft 2020-12): `$defs` has `input` and `output`, `$id` the
    /// [version](Self::PROTOCOL). `ptgbot stdio --schema` prints it.
    pub const SCHEMA: &str = include_str!("stdio/json-lines.schema.json");

    /// The version of the protocol. It grows when an older client would misread a line, not when fields or kinds of
    /// lines are added.
    pub const PROTOCOL: u32 = 1;

    /// Speaks through a pair of streams, such as standard input and output, under the name `bot`.
    ///
    /// Call it within a tokio runtime: it starts the task that writes.
    pub fn new(
        bot: &str,
        from: impl AsyncRead + Send + Unpin + 'static,
        to: impl AsyncWrite + Send + Unpin + 'static,
    ) -> Self {
        let network = Network::nearest("stdio");
        let (output, writing) = output::start(to);
        let answers = Arc::new(Answers::new(output));
        let clock = Arc::new(LineClock::default());
        let listener = LineReader {
            lines: FramedRead::new(from, Lines::default()),
            parser: InputParser::new(bot, network.clone(), clock.clone()),
            answers: answers.clone(),
            unread: writing.unread(),
        };
        let inbox = stream::unfold(listener, |mut listener| async move {
            let heard = listener.next().await.transpose()?;
            Some((heard, listener))
        });
        Self { network, inbox: Box::pin(inbox), outlet: StdioOutlet { answers, writing, room: None }, clock }
    }

    /// The same, but its first line says which version of the protocol it speaks, and which program it is.
    #[must_use]
    pub fn with_hello(self) -> Self {
        self.outlet.answers.hello();
        self
    }

    /// The clock that its lines move: that of a bot which speaks through it. Before any line has a time it is the
    /// system's.
    pub fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }
}

impl Transport for StdioTransport {
    fn network(&self) -> &Network {
        &self.network
    }

    fn options(&self) -> Options {
        Options::pipe()
    }

    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        (self.inbox, Box::new(self.outlet))
    }
}

/// What reads lines.
struct LineReader<R> {
    lines: FramedRead<R, Lines>,
    parser: InputParser,
    answers: Arc<Answers>,
    /// Cancelled once nobody reads our output any more.
    unread: CancellationToken,
}

impl<R: AsyncRead + Unpin> LineReader<R> {
    /// The next request; `None` at the end. Lines that are no requests are answered on the way.
    async fn next(&mut self) -> Result<Option<Incoming>, TransportError> {
        loop {
            let line = tokio::select! {
                line = stream::StreamExt::next(&mut self.lines) => line,
                () = self.unread.cancelled() => None,
            };
            let Some(line) = line.transpose().map_err(TransportError::new)? else { return Ok(None) };
            let parsed = match line {
                RawLine::Whole(line) => self.parser.parse(&line),
                RawLine::TooLong => InputLine::Fault(format!("the line is longer than {} MiB", lines::LONGEST >> 20)),
            };
            match parsed {
                InputLine::Request { asker, incoming } => {
                    self.answers.asked(asker);
                    return Ok(Some(*incoming));
                }
                InputLine::Fault(text) => self.answers.fault(text).await,
            }
        }
    }
}

struct StdioOutlet {
    answers: Arc<Answers>,
    writing: output::Writing,
    /// Room for one more line.
    room: Option<OwnedSemaphorePermit>,
}

#[async_trait]
impl Outlet for StdioOutlet {
    async fn ready(&mut self) {
        if self.room.is_none() {
            self.room = Some(self.answers.room().await);
        }
    }

    fn send(&mut self, piece: Outgoing) -> Sending {
        let asker = self.answers.asker();
        let line = Spoken::new(&piece, asker.as_deref()).line();
        let said = match (line, self.room.take()) {
            (Ok(line), Some(room)) => {
                self.answers.say(line, room);
                Ok(())
            }
            (Ok(_), None) => Err(SendError::Refused("nobody waited for room".into())),
            (Err(error), _) => Err(SendError::Closed(TransportError::new(error))),
        };
        Box::pin(async move { said })
    }

    async fn handled(&mut self, handled: Handled) {
        self.answers.handled(&handled).await;
    }

    async fn close(self: Box<Self>) -> Result<(), TransportError> {
        let Self { answers, writing, room } = *self;
        drop(room);
        answers.close();
        writing.finish().await
    }
}

#[cfg(test)]
mod tests;
