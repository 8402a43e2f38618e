//! The loop that owns the board: hears, decides, records, and only then speaks.

mod stage;

use crate::delivery::{Delivery, Notice};
use crate::fetch::{FetchPolicy, fetch_json};
use crate::metrics::Metrics;
use crate::outbox::Outbox;
use crate::signal::Stop;
use chrono::Utc;
use ptgbot_core::{
    Ask, Board, Event, Inbox, Incoming, IncomingKind, Journal, JournalError, Mark, Order, Outgoing, Record, Request,
    Revision, TransportError,
};
use stage::{Fetch, Recording, Staged};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The task that owns the board.
pub(crate) struct Driver {
    board: Board,
    /// The last change that everybody has been told of.
    settled: Revision,
    journal: Box<dyn Journal>,
    inbox: Box<dyn Inbox>,
    outbox: Outbox,
    pages: watch::Sender<Board>,
    delivery: Delivery,
    delivered: Revision,
    network: Network,
    fetches: JoinSet<Incoming>,
    store: Store,
    /// For how many more batches a copy of the board is kept, because others are writing too.
    contended: u32,
    since_snapshot: usize,
}

/// What the driver must know of its network.
pub(crate) struct Network {
    /// Its name in the journal.
    pub(crate) name: &'static str,
    /// Under which its deliveries are remembered.
    pub(crate) id: ptgbot_core::Network,
    /// A pipe has each line answered before the next is looked at, also when that takes a fetch.
    pub(crate) order: Order,
    /// From where documents may be fetched.
    pub(crate) fetch: FetchPolicy,
    /// Where messages are counted.
    pub(crate) metrics: Metrics,
}

/// Whether the board is known to be as the journal has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Store {
    Works,
    /// The board may hold changes that were not saved: nobody may see it until it is read again.
    Failed,
}

impl Driver {
    /// Takes over a board that was just loaded, and tells what was missed while no bot ran.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn start(
        board: Board,
        mut journal: Box<dyn Journal>,
        inbox: Box<dyn Inbox>,
        outbox: Outbox,
        pages: watch::Sender<Board>,
        network: Network,
    ) -> Result<Self, JournalError> {
        let delivered = journal.delivered(&network.id).await?.everyone;
        let settled = board.revision();
        let delivery = Delivery::new(board.subscriptions());
        let mut driver = Self {
            board,
            settled,
            journal,
            inbox,
            outbox,
            pages,
            delivery,
            delivered: delivered.unwrap_or(settled),
            network,
            fetches: JoinSet::new(),
            store: Store::Works,
            contended: 0,
            since_snapshot: 0,
        };
        if driver.delivered < settled {
            driver.tell_missed().await?;
        } else if delivered.is_none() {
            driver.remember_delivered().await;
        }
        Ok(driver)
    }

    /// Runs until a stop is asked for or the network has ended; says why it ended.
    pub(crate) async fn run(mut self, stop: Stop) -> Result<(), TransportError> {
        let ended = loop {
            tokio::select! {
                () = stop.asked() => break Ok(()),
                batch = self.inbox.receive(BATCH) => match batch {
                    Ok(batch) if batch.is_empty() => break Ok(()),
                    Ok(batch) => self.handle(batch, &stop).await,
                    Err(error) => break Err(error),
                },
                Some(fetched) = self.fetches.join_next(), if !self.fetches.is_empty() => {
                    if let Ok(incoming) = fetched {
                        self.handle(vec![incoming], &stop).await;
                    }
                }
                () = self.journal.changed(), if self.store == Store::Works => self.follow_others().await,
                () = tokio::time::sleep(TRY_AGAIN), if self.store == Store::Failed => self.recover().await,
            }
        };
        self.finish().await;
        ended
    }

    /// Handles messages in their order; in a pipe a fetch is waited for before the next one.
    async fn handle(&mut self, batch: Vec<Incoming>, stop: &Stop) {
        let mut rest = VecDeque::from(batch);
        while !rest.is_empty() {
            let (used, fetch) = self.commit(rest.make_contiguous()).await;
            rest.drain(..used);
            if let Some(fetch) = fetch {
                let fetching = fetched(fetch, self.network.fetch.clone());
                tokio::select! {
                    incoming = fetching => rest.push_front(incoming),
                    () = stop.asked() => return,
                }
            }
        }
    }

    /// Decides about messages until one needs a fetch that must be waited for, records all their changes at once,
    /// then answers. Says how many messages it took.
    async fn commit(&mut self, batch: &[Incoming]) -> (usize, Option<Fetch>) {
        if self.store == Store::Failed {
            self.recover().await;
        }
        let mut recording = Recording::Possible;
        let mut caught_up = false;
        loop {
            if self.store == Store::Failed {
                recording = Recording::Unknown;
            }
            let copy = (self.contended > 0).then(|| self.board.clone());
            let before = self.board.revision();
            let staged = self.stage(batch, recording);
            if staged.records.is_empty() {
                // What is recorded is recorded on the newest board; an answer, too, must know what others have done.
                if !caught_up && self.store == Store::Works && batch.iter().any(is_message) {
                    caught_up = true;
                    self.follow_others().await;
                    if self.board.revision() != before {
                        continue;
                    }
                }
                return self.settle(staged).await;
            }
            match self.journal.append(before, &staged.records, &self.board).await {
                Ok(()) => {
                    self.contended = self.contended.saturating_sub(1);
                    return self.settle(staged).await;
                }
                Err(JournalError::Conflict { .. }) => {
                    self.contended = CONTENDED;
                    match copy {
                        Some(copy) => {
                            self.board = copy;
                            self.follow_others().await;
                        }
                        None => self.reload().await,
                    }
                }
                Err(JournalError::Failed(error)) => {
                    tracing::error!(%error, "changes were not saved");
                    self.reload().await;
                    recording = Recording::Failed;
                }
            }
        }
    }

    fn stage(&mut self, batch: &[Incoming], recording: Recording) -> Staged {
        let mut staged = Staged::default();
        for incoming in batch {
            staged.add(&mut self.board, incoming, self.network.name, recording);
            let fetching = staged.effects.last().is_some_and(|effect| effect.fetch.is_some());
            if fetching && self.network.order == Order::AsSaid {
                break;
            }
        }
        staged
    }

    /// The changes are durable: answer, tell subscribers, start fetches, let the pages know.
    async fn settle(&mut self, mut staged: Staged) -> (usize, Option<Fetch>) {
        let mut notices = Vec::with_capacity(staged.effects.len());
        for effect in &staged.effects {
            notices.push(effect.notice.as_ref().map(|notice| self.delivery.notices(notice)).unwrap_or_default());
            for record in &staged.records[effect.records.clone()] {
                self.delivery.follow(&record.event);
            }
        }
        if !staged.records.is_empty() {
            self.settled = self.board.revision();
            self.since_snapshot += staged.records.len();
        }
        if notices.iter().any(|messages| !messages.is_empty()) {
            self.remember_delivered().await;
        }
        let waits = self.network.order == Order::AsSaid;
        let mut fetch = None;
        let used = staged.effects.len();
        for (effect, notices) in staged.effects.drain(..).zip(notices) {
            effect.answer.into_iter().chain(notices).chain(effect.done).for_each(|message| self.say(message));
            match effect.fetch {
                Some(task) if waits => fetch = Some(task),
                Some(task) => {
                    self.fetches.spawn(fetched(task, self.network.fetch.clone()));
                }
                None => {}
            }
        }
        // Lets the answers leave before the next batch.
        tokio::task::yield_now().await;
        if !staged.records.is_empty() {
            self.show();
            if self.since_snapshot >= SNAPSHOT_EVERY {
                self.snapshot().await;
            }
        }
        (used, fetch)
    }

    /// Takes over what other processes have recorded.
    async fn follow_others(&mut self) {
        loop {
            let records = match self.journal.read_after(self.board.revision(), PAGE).await {
                Ok(records) => records,
                Err(error) => return self.store_failed(&error),
            };
            if records.iter().any(|record| matches!(record.event, Event::PersonForgotten { .. })) {
                return self.reload().await;
            }
            if records.is_empty() {
                return;
            }
            let mut messages = Vec::new();
            for record in &records {
                self.board.apply(record);
                if let Some(notice) = Notice::of(&self.board, record) {
                    messages.extend(self.delivery.notices(&notice));
                }
                self.delivery.follow(&record.event);
            }
            self.since_snapshot += records.len();
            self.settle_others(messages).await;
        }
    }

    /// Reads the board anew: after a change that could not be recorded, and when somebody was forgotten.
    async fn reload(&mut self) {
        let (board, records) = match self.journal.load().await {
            Ok(board) => match self.read_all_after(self.settled).await {
                Ok(records) => (board, records),
                Err(error) => return self.store_failed(&error),
            },
            Err(error) => return self.store_failed(&error),
        };
        self.board = board;
        self.store = Store::Works;
        let mut messages = Vec::new();
        for record in records.iter().filter(|record| record.revision <= self.board.revision()) {
            if let Some(notice) = Notice::of(&self.board, record) {
                messages.extend(self.delivery.notices(&notice));
            }
            self.delivery.follow(&record.event);
        }
        self.delivery.sync(self.board.subscriptions());
        self.settle_others(messages).await;
    }

    async fn recover(&mut self) {
        self.reload().await;
        if self.store == Store::Works {
            tracing::info!(revision = self.board.revision(), "the store works again");
        }
    }

    fn store_failed(&mut self, error: &JournalError) {
        if self.store == Store::Works {
            tracing::error!(%error, "the store cannot be read; trying again until it can");
        }
        self.store = Store::Failed;
    }

    async fn settle_others(&mut self, messages: Vec<Outgoing>) {
        self.settled = self.board.revision();
        if !messages.is_empty() {
            self.remember_delivered().await;
        }
        messages.into_iter().for_each(|message| self.say(message));
        self.show();
    }

    /// Lets the pages have the board. Where nobody looks nothing is kept.
    fn show(&self) {
        drop(self.pages.send(self.board.clone()));
    }

    fn say(&self, message: Outgoing) {
        match &message {
            Outgoing::Done { outcome, .. } => self.network.metrics.command(*outcome),
            Outgoing::Notify { .. } => self.network.metrics.notification(),
            Outgoing::Reply { .. } | Outgoing::Ack { .. } | Outgoing::Announce { .. } | Outgoing::Error { .. } => {}
        }
        self.outbox.push(message);
    }

    async fn tell_missed(&mut self) -> Result<(), JournalError> {
        let from = self.delivered.max(self.settled.saturating_sub(LOOK_BACK));
        let records = self.read_all_after(from).await?;
        let messages = self.delivery.missed(&self.board, &records, Utc::now());
        self.remember_delivered().await;
        messages.into_iter().for_each(|message| self.say(message));
        Ok(())
    }

    async fn read_all_after(&mut self, revision: Revision) -> Result<Vec<Record>, JournalError> {
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

    async fn remember_delivered(&mut self) {
        match self.journal.mark_delivered(&self.network.id, Mark::Everyone(self.settled)).await {
            Ok(()) => self.delivered = self.settled,
            Err(error) => tracing::error!(%error, "notifications may be sent again after a restart"),
        }
    }

    /// Makes the next start quick; what was delivered is remembered along with it.
    async fn snapshot(&mut self) {
        self.since_snapshot = 0;
        if let Err(error) = self.journal.snapshot(&self.board).await {
            tracing::warn!(%error, "the next start will be slower");
        }
        self.remember_delivered().await;
    }

    async fn finish(&mut self) {
        self.fetches.abort_all();
        if self.store == Store::Failed {
            return;
        }
        if self.since_snapshot >= SNAPSHOT_AT_THE_END {
            self.snapshot().await;
        }
        if self.delivered < self.settled {
            self.remember_delivered().await;
        }
    }
}

fn is_message(incoming: &Incoming) -> bool {
    matches!(incoming.kind, IncomingKind::Message(_))
}

/// Fetches a document and asks again in the same person's name.
async fn fetched(fetch: Fetch, policy: FetchPolicy) -> Incoming {
    let Fetch { url, id, request } = fetch;
    let ask = match fetch_json(&url, policy).await {
        Ok(document) => Ask::Load { document, source: Some(url) },
        Err(error) => Ask::LoadFailed { reason: error.to_string() },
    };
    Incoming { id, kind: IncomingKind::Message(Request { ask, ..request }) }
}

/// How many messages are decided about and recorded together.
const BATCH: usize = 1024;
/// How many records are read at once.
const PAGE: usize = 1000;
const SNAPSHOT_EVERY: usize = 1000;
const SNAPSHOT_AT_THE_END: usize = 100;
/// How far back missed notifications are looked for.
const LOOK_BACK: Revision = 10_000;
/// How many batches after a conflict are prepared for the next one.
const CONTENDED: u32 = 100;
const TRY_AGAIN: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
