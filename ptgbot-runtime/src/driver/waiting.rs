//! While the store is away: what was said waits, and what is not known to be written is found out.

use super::stage::{Recording, Staged};
use super::{Driver, StoreHealth, TRY_AGAIN};
use ptgbot_core::{Incoming, Order, Revision};
use std::collections::VecDeque;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What waits for the store.
pub(super) struct Waiting {
    messages: VecDeque<Incoming>,
    /// How many of them led to changes that have not arrived, as far as is known.
    first_batch: usize,
    doubt: Option<Doubt>,
    try_at: Instant,
}

impl Default for Waiting {
    fn default() -> Self {
        Self { messages: VecDeque::new(), first_batch: 0, doubt: None, try_at: Instant::now() }
    }
}

impl Waiting {
    /// True when something waits.
    pub(super) fn is_any(&self) -> bool {
        self.doubt.is_some() || !self.messages.is_empty()
    }
}

/// Changes of which it is not known whether they were written, with the messages that led to them.
pub(super) struct Doubt {
    pub(super) before: Revision,
    pub(super) staged: Staged,
    pub(super) messages: Vec<Incoming>,
}

impl Driver {
    /// True where what is said may wait for the store: in a pipe, whoever speaks waits for the answer.
    pub(super) fn may_wait(&self) -> bool {
        self.net.options.order == Order::AnswersFirst
    }

    /// When to look for the store, while something waits for it or it is not known what it holds.
    pub(super) fn try_store_at(&self) -> Option<Instant> {
        let is_away = self.store == StoreHealth::Failed || self.waiting_for_store.is_any();
        is_away.then_some(self.waiting_for_store.try_at)
    }

    /// Makes sure, before something is decided, that the board is as the journal has it and that nobody else acts. False
    /// where that cannot be known now.
    pub(super) async fn can_record(&mut self) -> bool {
        if self.store == StoreHealth::Failed && !self.waiting_for_store.is_any() {
            self.reload().await;
        }
        self.store == StoreHealth::Works && self.may_act().await && !self.waiting_for_store.is_any()
    }

    /// Keeps messages until the store is back; refuses those that are too many.
    pub(super) async fn wait(&mut self, messages: impl IntoIterator<Item = Incoming>) {
        let mut too_many = Vec::new();
        for message in messages {
            if self.waiting_for_store.messages.len() < MOST {
                self.waiting_for_store.messages.push_back(message);
            } else {
                too_many.push(message);
            }
        }
        self.count_waiting();
        let refused = self.stage(&too_many, Recording::Unknown);
        self.settle(refused).await;
    }

    /// Keeps changes until it is known whether they were written.
    pub(super) fn doubt(&mut self, doubt: Doubt) {
        self.waiting_for_store.doubt = Some(doubt);
        self.count_waiting();
    }

    fn count_waiting(&self) {
        let Waiting { messages, doubt, .. } = &self.waiting_for_store;
        let doubted = doubt.as_ref().map_or(0, |doubt| doubt.messages.len());
        self.net.metrics.waiting_for_store(messages.len() + doubted);
    }

    /// The store may be back: finds out what was written, reads what others wrote, and handles what waits.
    pub(super) async fn come_back(&mut self, stop: &CancellationToken) {
        self.waiting_for_store.try_at = Instant::now() + TRY_AGAIN;
        if !self.may_act().await {
            return;
        }
        if let Some(Doubt { before, staged, messages }) = self.waiting_for_store.doubt.take() {
            match self.was_written(before, &staged.records).await {
                Err(_) => return self.doubt(Doubt { before, staged, messages }),
                Ok(true) => {
                    self.works_again();
                    self.remembered(&messages);
                    self.settle(staged).await;
                }
                Ok(false) => {
                    self.waiting_for_store.first_batch = messages.len();
                    messages.into_iter().rev().for_each(|message| self.waiting_for_store.messages.push_front(message));
                    self.in_doubt = true;
                }
            }
        }
        if self.store == StoreHealth::Failed {
            self.reload().await;
        }
        if self.store == StoreHealth::Works && self.fenced.is_none() {
            // By themselves, so that they make the same changes: those may still be on their way, and then count once.
            let mut doubted = std::mem::take(&mut self.waiting_for_store.messages);
            let others = doubted.split_off(std::mem::take(&mut self.waiting_for_store.first_batch));
            self.count_waiting();
            self.handle(doubted.into(), stop).await;
            // Those that have to wait again do so by themselves, too.
            self.waiting_for_store.first_batch = self.waiting_for_store.messages.len();
            self.handle(others.into(), stop).await;
        }
    }

    /// The bot ends: what still waits is refused, unless whoever acts next goes on before it.
    pub(super) async fn refuse_what_waits(&mut self) {
        let Waiting { messages, doubt, .. } = std::mem::take(&mut self.waiting_for_store);
        if let Some(Doubt { staged, messages, .. }) = doubt {
            let told = staged.in_doubt(&messages, &self.board, self.net.options.line_bytes);
            self.settle(told).await;
        }
        let (later, never): (Vec<_>, Vec<_>) = messages.into_iter().partition(|message| message.place.is_some());
        if !(later.is_empty() && never.is_empty()) {
            let (next, refused) = (later.len(), never.len());
            tracing::warn!(
                next,
                refused,
                "messages waited for the store: whoever acts next handles them, or they are refused"
            );
        }
        let refused = self.stage(&never, Recording::Unknown);
        self.settle(refused).await;
    }
}

/// How many messages wait.
const MOST: usize = 1_000;
