//! Following the journal: what other processes have recorded, and a store that fails and works again.

use super::{Driver, StoreHealth};
use crate::delivery::PendingNotification;
use crate::metrics::StoreCall;
use ptgbot_core::{Board, Event, JournalError, Outgoing, PersonEvent, Record, Revision};

impl Driver {
    /// Takes over what other processes have recorded; nothing where the board may hold what was not saved.
    pub(super) async fn follow_others(&mut self) {
        while self.store == StoreHealth::Works {
            let reading = self.journal.read_after(self.board.revision(), PAGE);
            let records = match self.net.metrics.timed(StoreCall::Read, reading).await {
                Ok(records) => records,
                Err(error) => return self.store_failed(&error),
            };
            if records.iter().any(|record| matches!(record.event, Event::Person(PersonEvent::PersonForgotten { .. }))) {
                return self.reload().await;
            }
            if records.is_empty() {
                return;
            }
            let mut told = Vec::new();
            for record in &records {
                self.board.apply(record);
                self.follow_homes();
                told.extend(self.matching(PendingNotification::of(&self.board, record, self.net.clock.now())));
                self.subscribers.follow(&record.event, &self.homes);
                self.upcoming.follow(&record.event);
            }
            self.settle_others(told).await;
            if records.len() < PAGE {
                return;
            }
        }
    }

    /// It became known whose the people are whom older data names without a network.
    pub(super) fn follow_homes(&mut self) {
        if self.homes != *self.board.homes() {
            self.homes = self.board.homes().clone();
            self.subscribers.sync(self.board.subscriptions());
        }
    }

    /// Reads the board anew: after a change that could not be recorded, and when somebody was forgotten.
    pub(super) async fn reload(&mut self) {
        let (board, records) = match self.load_all().await {
            Ok(loaded) => loaded,
            Err(error) => return self.store_failed(&error),
        };
        self.board = board;
        self.works_again();
        self.upcoming.forget();
        self.follow_homes();
        let mut told = Vec::new();
        for record in &records {
            told.extend(self.matching(PendingNotification::of(&self.board, record, self.net.clock.now())));
            self.subscribers.follow(&record.event, &self.homes);
        }
        self.subscribers.sync(self.board.subscriptions());
        self.settle_others(told).await;
    }

    /// The board, and the changes that led there from what everybody has been told of.
    async fn load_all(&mut self) -> Result<(Board, Vec<Record>), JournalError> {
        loop {
            let board = self.net.metrics.timed(StoreCall::Read, self.journal.load()).await?;
            let records = self.read_all_after(self.settled).await?;
            // What is read is no news any more: a change that came in between must not be left out.
            if records.last().is_none_or(|last| last.revision <= board.revision()) {
                return Ok((board, records));
            }
        }
    }

    /// The board is known to be as the journal has it.
    pub(super) fn works_again(&mut self) {
        self.store = StoreHealth::Works;
        self.net.metrics.store().works();
        if let Some(seconds) = self.absence.end() {
            tracing::info!(revision = self.board.revision(), seconds, "the store works again");
        }
    }

    pub(super) fn store_failed(&mut self, error: &JournalError) {
        if self.absence.is_news() {
            tracing::error!(%error, "the store cannot be read; trying again until it can");
        }
        self.store = StoreHealth::Failed;
        self.net.metrics.store().failed();
    }

    /// Others have changed the board; `told` is what a pipe says of it.
    pub(super) async fn settle_others(&mut self, told: Vec<Outgoing>) {
        self.settled = self.board.revision();
        self.say_in_order(told).await;
        self.show();
    }

    pub(super) async fn read_all_after(&mut self, revision: Revision) -> Result<Vec<Record>, JournalError> {
        let mut records = Vec::new();
        let mut last = revision;
        loop {
            let page = self.journal.read_after(last, PAGE).await?;
            let Some(newest) = page.last() else {
                return Ok(records);
            };
            last = newest.revision;
            records.extend(page);
        }
    }
}

/// How many records are read at once.
const PAGE: usize = 1000;
