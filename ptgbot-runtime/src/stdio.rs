//! The JSON Lines transport (SPEC section 6): one object a line in, any number of objects a line out.
//!
//! A thread reads and a thread writes, so neither a slow reader of our output nor a fast writer of our input
//! ever holds up the rest.

mod input;
mod lines;
mod output;

use async_trait::async_trait;
use input::{Clock, Parsed};
use lines::Line;
use output::{Output, Spoken};
use ptgbot_core::{Inbox, Incoming, IncomingKind, Order, Outgoing, Outlet, PersonId, Transport, TransportError};
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use tokio::sync::{mpsc, watch};

/// The bot as a process that speaks JSON Lines.
pub struct StdioTransport {
    inbox: StdioInbox,
    outlet: StdioOutlet,
}

impl StdioTransport {
    /// Speaks through a pair of pipes, such as standard input and output, under the name `bot`.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn new(
        bot: &str,
        from: impl Read + Send + 'static,
        to: impl Write + AsFd + Send + 'static,
    ) -> Result<Self, TransportError> {
        let (lines, waiting) = mpsc::channel(READ_AHEAD);
        let clock = Clock::new(bot);
        thread::Builder::new()
            .name("reader".into())
            .spawn(move || read(from, clock, &lines))
            .map_err(TransportError::new)?;
        let askers = Askers::default();
        let (output, closed) = Output::start(to).map_err(TransportError::new)?;
        Ok(Self {
            inbox: StdioInbox { waiting, askers: askers.clone(), closed },
            outlet: StdioOutlet { output, askers, buffer: Vec::new() },
        })
    }
}

impl Transport for StdioTransport {
    fn name(&self) -> &'static str {
        "stdio"
    }

    fn split(self: Box<Self>) -> (Box<dyn Inbox>, Box<dyn Outlet>) {
        (Box::new(self.inbox), Box::new(self.outlet))
    }
}

struct StdioInbox {
    waiting: mpsc::Receiver<Result<Parsed, io::Error>>,
    askers: Askers,
    /// True once nobody reads our output any more.
    closed: watch::Receiver<bool>,
}

#[async_trait]
impl Inbox for StdioInbox {
    async fn receive(&mut self, limit: usize) -> Result<Vec<Incoming>, TransportError> {
        let first = tokio::select! {
            first = self.waiting.recv() => first,
            // An error means that the writer is gone, and so are those who read.
            _ = self.closed.wait_for(|closed| *closed) => None,
        };
        let mut batch = Vec::new();
        let mut next = first;
        while let Some(parsed) = next {
            let Parsed { from, incoming } = parsed.map_err(TransportError::new)?;
            if !matches!(incoming.kind, IncomingKind::Malformed { .. }) {
                self.askers.push(from);
            }
            batch.push(incoming);
            next = if batch.len() < limit { self.waiting.try_recv().ok() } else { None };
        }
        Ok(batch)
    }
}

struct StdioOutlet {
    output: Output,
    askers: Askers,
    buffer: Vec<u8>,
}

#[async_trait]
impl Outlet for StdioOutlet {
    fn split(&self, message: Outgoing) -> Vec<Outgoing> {
        vec![message]
    }

    async fn ready(&mut self) {}

    async fn send(&mut self, message: Outgoing) -> Result<(), TransportError> {
        let asker = self.askers.current();
        Spoken::new(&message, asker.as_deref()).write(&mut self.buffer).map_err(TransportError::new)?;
        if matches!(message, Outgoing::Done { .. }) {
            self.askers.answered();
        }
        if self.buffer.len() >= CHUNK { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), TransportError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.output.write(std::mem::take(&mut self.buffer)).await
    }

    fn order(&self) -> Order {
        Order::AsSaid
    }

    fn reaches(&self, _person: &PersonId) -> bool {
        true
    }
}

/// Who asked what is being answered, as they spelled themselves: lines are answered in their order.
#[derive(Clone, Default)]
struct Askers(Arc<Mutex<VecDeque<Option<Arc<str>>>>>);

impl Askers {
    fn push(&self, from: Option<Arc<str>>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(from);
    }

    fn current(&self) -> Option<Arc<str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).front().cloned().flatten()
    }

    fn answered(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    }
}

/// Reads lines until there are no more or nobody wants them.
fn read(from: impl Read, mut clock: Clock, lines: &mpsc::Sender<Result<Parsed, io::Error>>) {
    let mut source = lines::Lines::new(from);
    for number in 1.. {
        let parsed = match source.next() {
            Ok(Line::End) => return,
            Ok(Line::Whole(line)) => Ok(clock.parse(number, line)),
            Ok(Line::TooLong) => {
                Ok(Parsed::malformed(number, format!("the line is longer than {} MiB", lines::LONGEST >> 20)))
            }
            Err(error) => Err(error),
        };
        let failed = parsed.is_err();
        if lines.blocking_send(parsed).is_err() || failed {
            return;
        }
    }
}

/// How many lines are read before the first of them is answered.
const READ_AHEAD: usize = 4096;
/// How many bytes are collected before they are written, while more is waiting.
const CHUNK: usize = 64 << 10;

#[cfg(test)]
mod tests;
