//! What is still to be answered, line by line: a fault is told in its turn, as an answer is.

use super::StdioTransport;
use super::output::{OutputLine, Spoken};
use ptgbot_core::Handled;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Shared by the half that hears and the half that answers.
pub(super) struct Answers {
    state: Mutex<AnswerState>,
    /// How many lines may wait to be written: who reads slowly is waited for.
    room: Arc<Semaphore>,
}

struct AnswerState {
    /// `None` once the output is closed.
    output: Option<mpsc::UnboundedSender<OutputLine>>,
    waiting: VecDeque<Waiting>,
    /// How many lines were read.
    lines: u64,
}

/// A line that was read and is not dealt with.
enum Waiting {
    /// A request; who asks, as they spell themselves.
    Request(Option<Arc<str>>),
    /// A line that is none: what is told of it.
    Fault(Vec<u8>, OwnedSemaphorePermit),
}

impl Answers {
    pub(super) fn new(output: mpsc::UnboundedSender<OutputLine>) -> Self {
        let state = AnswerState { output: Some(output), waiting: VecDeque::new(), lines: 0 };
        Self { state: Mutex::new(state), room: Arc::new(Semaphore::new(MOST_WAITING)) }
    }

    /// Says what is spoken, before anything is read.
    pub(super) fn hello(&self) {
        let hello = Spoken::Hello { protocol: StdioTransport::PROTOCOL, program: env!("CARGO_PKG_VERSION") };
        if let (Ok(line), Ok(room)) = (hello.line(), Arc::clone(&self.room).try_acquire_owned()) {
            self.say(line, room);
        }
    }

    /// A request was read.
    pub(super) fn asked(&self, asker: Option<Arc<str>>) {
        let mut state = self.state();
        state.lines += 1;
        state.waiting.push_back(Waiting::Request(asker));
    }

    /// A line was read that is no request.
    pub(super) async fn fault(&self, text: String) {
        let room = self.room().await;
        let mut state = self.state();
        state.lines += 1;
        if let Ok(line) = (Spoken::Error { line: state.lines, text: &text }).line() {
            state.waiting.push_back(Waiting::Fault(line, room));
        }
        state.tell_faults();
    }

    /// Who asked what is being answered.
    pub(super) fn asker(&self) -> Option<Arc<str>> {
        match self.state().waiting.front() {
            Some(Waiting::Request(asker)) => asker.clone(),
            Some(Waiting::Fault(..)) | None => None,
        }
    }

    /// Waits for room for one more line.
    pub(super) async fn room(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.room).acquire_owned().await.expect("the semaphore is never closed")
    }

    pub(super) fn say(&self, line: Vec<u8>, room: OwnedSemaphorePermit) {
        self.state().say((line, room));
    }

    /// A request is over.
    pub(super) async fn handled(&self, handled: &Handled) {
        let room = self.room().await;
        let mut state = self.state();
        let Handled { id, outcome, revision, .. } = handled;
        let done = Spoken::Done { id: id.as_deref(), outcome: *outcome, revision: *revision };
        if let Ok(line) = done.line() {
            state.say((line, room));
        }
        state.waiting.pop_front();
        state.tell_faults();
    }

    pub(super) fn close(&self) {
        self.state().output = None;
    }

    fn state(&self) -> MutexGuard<'_, AnswerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AnswerState {
    fn say(&self, said: OutputLine) {
        // Nobody reads any more: then nobody is told.
        if let Some(output) = &self.output {
            output.send(said).ok();
        }
    }

    fn tell_faults(&mut self) {
        while matches!(self.waiting.front(), Some(Waiting::Fault(..)))
            && let Some(Waiting::Fault(line, room)) = self.waiting.pop_front()
        {
            self.say((line, room));
        }
    }
}

/// Lines that wait to be written, while nobody reads.
const MOST_WAITING: usize = 4096;
