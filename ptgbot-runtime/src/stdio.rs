//! The JSON Lines transport (SPEC section 6): one object a line in, any number of objects a line out.
//!
//! Neither a slow reader of our output nor a fast writer of our input ever holds up the rest.

mod input;
mod lines;
mod output;
mod source;

use async_trait::async_trait;
use input::{Clock, Parsed};
use output::{Output, Spoken};
use ptgbot_core::{Inbox, Incoming, IncomingKind, Order, Outgoing, Outlet, PersonId, Transport, TransportError};
use source::Source;
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// The bot as a process that speaks JSON Lines.
pub struct StdioTransport {
    inbox: StdioInbox,
    outlet: StdioOutlet,
}

impl StdioTransport {
    /// Speaks through a pair of pipes, such as standard input and output, under the name `bot`.
    ///
    /// Call it within a runtime whose IO is enabled.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn new(
        bot: &str,
        from: impl Read + AsFd + Send + 'static,
        to: impl Write + AsFd + Send + 'static,
    ) -> Result<Self, TransportError> {
        let source = Source::start(from, Clock::new(bot)).map_err(TransportError::new)?;
        let askers = Askers::default();
        let (output, closed) = Output::start(to).map_err(TransportError::new)?;
        Ok(Self {
            inbox: StdioInbox { source, askers: askers.clone(), closed },
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
    source: Source,
    askers: Askers,
    /// True once nobody reads our output any more.
    closed: watch::Receiver<bool>,
}

#[async_trait]
impl Inbox for StdioInbox {
    async fn receive(&mut self, limit: usize) -> Result<Vec<Incoming>, TransportError> {
        let lines = tokio::select! {
            lines = self.source.receive(limit) => lines.map_err(TransportError::new)?,
            // An error means that the writer is gone, and so are those who read.
            _ = self.closed.wait_for(|closed| *closed) => Vec::new(),
        };
        let mut batch = Vec::with_capacity(lines.len());
        for Parsed { from, incoming } in lines {
            if !matches!(incoming.kind, IncomingKind::Malformed { .. }) {
                self.askers.push(from);
            }
            batch.push(incoming);
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

/// How many bytes are collected before they are written, while more is waiting.
const CHUNK: usize = 64 << 10;

#[cfg(test)]
mod tests;
