//! The loop that owns the board: hears, decides, records, and only then speaks.

mod stage;

use crate::delivery::{Matcher, Notice, Subscribers};
use crate::fetch::{FetchPolicy, fetch_json};
use crate::metrics::Metrics;
use crate::outbox::{Answered, Notification, Outbox, Progress};
use chrono::Utc;
use futures_util::StreamExt;
use futures_util::stream::ReadyChunks;
use ptgbot_core::subscription::PatternCache;
use ptgbot_core::{
    Ask, Board, Delivered, Delivery as Remember, Event, Fetching, Homes, Inbox, Incoming, Journal, JournalError, Mark,
    NameForm, Network, Options, Order, PersonId, Record, Request, Revision, TransportError,
};
use stage::{Fetch, Measure, Recording, Staged};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The task that owns the board.
pub(crate) struct Driver {
    board: Board,
    /// The last change that everybody has been told of.
    settled: Revision,
    journal: Box<dyn Journal>,
    inbox: ReadyChunks<Inbox>,
    outbox: Outbox,
    progress: mpsc::UnboundedReceiver<Progress>,
    pages: watch::Sender<Board>,
    subscribers: Subscribers,
    matcher: Matcher,
    /// Whom notices concern, as it is found.
    matched: mpsc::UnboundedReceiver<Vec<Notification>>,
    /// How often that was asked and is not answered.
    matching: usize,
    /// For a pipe, where the loop itself matches.
    patterns: PatternCache,
    homes: Homes,
    /// How many notifications are in the outbox.
    waiting: usize,
    delivered: Revision,
    net: Net,
    measure: Measure,
    fetches: JoinSet<Incoming>,
    store: Store,
    /// For how many more batches a copy of the board is kept, because others are writing too.
    contended: u32,
    since_snapshot: usize,
}

/// What the driver must know of its network.
pub(crate) struct Net {
    /// Its name in the journal.
    pub(crate) network: Network,
    /// What it asks of us.
    pub(crate) options: Options,
    /// From where documents may be fetched.
    pub(crate) fetch: FetchPolicy,
    /// Where everybody can read the board.
    pub(crate) page: Option<String>,
    /// Where messages are counted.
    pub(crate) metrics: Metrics,
}

/// What a network hears and says.
pub(crate) struct Ends {
    pub(crate) inbox: Inbox,
    pub(crate) outbox: Outbox,
    pub(crate) progress: mpsc::UnboundedReceiver<Progress>,
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
        ends: Ends,
        pages: watch::Sender<Board>,
        net: Net,
    ) -> Result<Self, JournalError> {
        let (matcher, matched) = Matcher::start().map_err(|error| JournalError::Failed(error.into()))?;
        let delivered = delivered(journal.as_mut(), &net).await?;
        let settled = board.revision();
        let subscribers = Subscribers::new(board.subscriptions());
        let measure = Measure { line_bytes: net.options.line_bytes, page: net.page.clone() };
        let mut driver = Self {
            homes: board.homes().clone(),
            board,
            settled,
            journal,
            inbox: ends.inbox.ready_chunks(BATCH),
            outbox: ends.outbox,
            progress: ends.progress,
            pages,
            subscribers,
            matcher,
            matched,
            matching: 0,
            patterns: PatternCache::default(),
            waiting: 0,
            delivered: delivered.everyone.unwrap_or(settled),
            net,
            measure,
            fetches: JoinSet::new(),
            store: Store::Works,
            contended: 0,
            since_snapshot: 0,
        };
        if driver.delivered < settled {
            driver.tell_missed(delivered).await?;
        } else if delivered.everyone.is_none() {
            driver.remember_delivered().await;
        }
        Ok(driver)
    }

    /// Runs until a stop is asked for or the network has ended; says why it ended.
    pub(crate) async fn run(mut self, stop: CancellationToken) -> Result<(), TransportError> {
        let ended = loop {
            tokio::select! {
                () = stop.cancelled() => break Ok(()),
                batch = self.inbox.next() => match batch {
                    None => break Ok(()),
                    Some(batch) => {
                        let mut failed = None;
                        let heard = batch.into_iter().filter_map(|heard| heard.map_err(|error| failed = Some(error)).ok());
                        let heard = heard.collect();
                        self.handle(heard, &stop).await;
                        if let Some(error) = failed {
                            break Err(error);
                        }
                    }
                },
                Some(fetched) = self.fetches.join_next(), if !self.fetches.is_empty() => match fetched {
                    Ok(incoming) => self.handle(vec![incoming], &stop).await,
                    Err(error) => tracing::error!(%error, "a fetch has ended without an answer: a bug"),
                },
                Some(told) = self.matched.recv(), if self.matching > 0 => self.found(told, &stop).await,
                Some(progress) = self.progress.recv() => self.notification(progress).await,
                () = self.journal.changed(), if self.store == Store::Works => self.follow_others().await,
                () = tokio::time::sleep(TRY_AGAIN), if self.store == Store::Failed => self.recover().await,
            }
        };
        self.finish().await;
        ended
    }

    /// Handles messages in their order; where requests are handled in turn, a fetch is waited for before the next one.
    async fn handle(&mut self, batch: Vec<Incoming>, stop: &CancellationToken) {
        let mut rest = VecDeque::from(batch);
        while !rest.is_empty() {
            let (used, fetch) = self.commit(rest.make_contiguous()).await;
            rest.drain(..used);
            if let Some(fetch) = fetch {
                let fetching = fetched(fetch, self.net.fetch.clone());
                tokio::select! {
                    incoming = fetching => rest.push_front(incoming),
                    () = stop.cancelled() => return,
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
                if !caught_up && self.store == Store::Works && batch.iter().any(asks_something) {
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
            staged.add(&mut self.board, incoming, &self.measure, recording);
            let fetching = staged.effects.last().is_some_and(|effect| effect.fetch.is_some());
            if fetching && self.net.options.fetching == Fetching::InTurn {
                break;
            }
        }
        staged
    }

    /// The changes are durable: answer, tell subscribers, start fetches, let the pages know.
    async fn settle(&mut self, mut staged: Staged) -> (usize, Option<Fetch>) {
        self.follow_homes();
        let in_order = self.net.options.order == Order::AsHandled;
        let mut fetch = None;
        let used = staged.effects.len();
        let mut told = Vec::with_capacity(used);
        for effect in &mut staged.effects {
            told.push(self.matching(std::mem::take(&mut effect.notices)));
            for record in &staged.records[effect.records.clone()] {
                self.subscribers.follow(&record.event, &self.homes);
            }
        }
        if !staged.records.is_empty() {
            self.settled = self.board.revision();
            self.since_snapshot += staged.records.len();
        }
        if in_order && told.iter().any(|told| !told.is_empty()) {
            self.remember_delivered().await;
        }
        for (effect, told) in staged.effects.drain(..).zip(told) {
            if let Some(handled) = &effect.handled {
                self.net.metrics.command(handled.outcome);
            }
            told.iter().for_each(|_| self.net.metrics.notification());
            let messages = effect.answer.into_iter().chain(told.into_iter().map(Into::into)).collect();
            self.outbox.answer(Answered { messages, handled: effect.handled });
            match effect.fetch {
                Some(task) if self.net.options.fetching == Fetching::InTurn => fetch = Some(task),
                Some(task) => {
                    self.fetches.spawn(fetched(task, self.net.fetch.clone()));
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

    /// Finds out whom notices concern: in a pipe at once, else beside the loop.
    fn matching(&mut self, notices: Vec<Notice>) -> Vec<Notification> {
        if notices.is_empty() {
            return Vec::new();
        }
        if self.net.options.order == Order::AsHandled {
            let mut told = self.subscribers.matching(&mut self.patterns, notices);
            told.retain(|notification| self.is_ours(notification));
            return told;
        }
        self.matching += 1;
        self.subscribers.ask(&self.matcher, notices);
        Vec::new()
    }

    /// It was found whom notices concern.
    async fn found(&mut self, mut told: Vec<Notification>, stop: &CancellationToken) {
        self.matching -= 1;
        let names = self.net.options.names;
        let is_nobodys = |who: &PersonId| who.network().is_none() && who.form() == names;
        if told.iter().any(|notification| is_nobodys(&notification.to)) && self.board.homes().of(names).is_none() {
            let request = Request::new(&self.net.network, Utc::now(), Ask::AdoptNames(names));
            self.handle(vec![Incoming::new(request)], stop).await;
        }
        for notification in &mut told {
            notification.to = self.homes.resolve(notification.to.clone());
        }
        told.retain(|notification| self.is_ours(notification));
        if told.is_empty() {
            return self.told_all().await;
        }
        told.iter().for_each(|_| self.net.metrics.notification());
        self.waiting += told.len();
        self.outbox.notify(told);
    }

    fn is_ours(&self, notification: &Notification) -> bool {
        notification.to.network() == Some(&self.net.network)
    }

    /// A notification has come along.
    async fn notification(&mut self, progress: Progress) {
        match progress {
            Progress::Sending(who, revision, durable) => {
                if self.mark(who, revision).await {
                    durable.send(()).ok();
                } else {
                    // It is not sent, and the next start tells it.
                    self.waiting = self.waiting.saturating_sub(1);
                }
            }
            Progress::Taken(who, revision) => {
                if self.net.options.delivery == Remember::WhenTaken {
                    self.mark(who, revision).await;
                }
                self.waiting = self.waiting.saturating_sub(1);
                self.told_all().await;
            }
        }
    }

    async fn mark(&mut self, who: PersonId, revision: Revision) -> bool {
        let mark = Mark::People(vec![(who, revision)]);
        let marked = self.journal.mark_delivered(&self.net.network, mark).await;
        if let Err(error) = &marked {
            tracing::error!(%error, "cannot remember a notification");
        }
        marked.is_ok()
    }

    /// Once nothing waits, everybody has been told of everything.
    async fn told_all(&mut self) {
        if self.waiting == 0 && self.matching == 0 && self.delivered < self.settled {
            self.remember_delivered().await;
        }
    }

    /// It became known whose the people are whom older data names without a network.
    fn follow_homes(&mut self) {
        if self.homes != *self.board.homes() {
            self.homes = self.board.homes().clone();
            self.subscribers.sync(self.board.subscriptions());
        }
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
            let mut told = Vec::new();
            for record in &records {
                self.board.apply(record);
                self.follow_homes();
                told.extend(self.matching(Notice::of(&self.board, record).into_iter().collect()));
                self.subscribers.follow(&record.event, &self.homes);
            }
            self.since_snapshot += records.len();
            self.settle_others(told).await;
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
        self.follow_homes();
        let mut told = Vec::new();
        let last = self.board.revision();
        for record in records.iter().filter(|record| record.revision <= last) {
            told.extend(self.matching(Notice::of(&self.board, record).into_iter().collect()));
            self.subscribers.follow(&record.event, &self.homes);
        }
        self.subscribers.sync(self.board.subscriptions());
        self.settle_others(told).await;
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

    /// Others have changed the board; `told` is what a pipe says of it.
    async fn settle_others(&mut self, told: Vec<Notification>) {
        self.settled = self.board.revision();
        self.say_in_order(told).await;
        self.show();
    }

    async fn say_in_order(&mut self, told: Vec<Notification>) {
        if told.is_empty() {
            return;
        }
        self.remember_delivered().await;
        told.iter().for_each(|_| self.net.metrics.notification());
        self.outbox.notify(told);
    }

    /// Lets the pages have the board. Where nobody looks nothing is kept.
    fn show(&self) {
        drop(self.pages.send(self.board.clone()));
    }

    /// Tells what was missed while no bot ran.
    async fn tell_missed(&mut self, delivered: Delivered) -> Result<(), JournalError> {
        let from = self.delivered.max(self.settled.saturating_sub(LOOK_BACK));
        let records = self.read_all_after(from).await?;
        self.matching += 1;
        self.subscribers.ask_missed(&self.matcher, &self.board, &records, delivered, Utc::now());
        if self.net.options.order == Order::AsHandled {
            let mut told = self.matched.recv().await.unwrap_or_default();
            self.matching -= 1;
            told.retain(|notification| self.is_ours(notification));
            self.remember_delivered().await;
            self.say_in_order(told).await;
        }
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

    /// Everybody of this network has been told of everything so far, if nothing waits.
    async fn remember_delivered(&mut self) {
        if self.waiting > 0 || self.matching > 0 {
            return;
        }
        match self.journal.mark_delivered(&self.net.network, Mark::Everyone(self.settled)).await {
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

/// How far a network has been told. Version 0.1 remembered that under the kind of network.
async fn delivered(journal: &mut dyn Journal, net: &Net) -> Result<Delivered, JournalError> {
    let delivered = journal.delivered(&net.network).await?;
    if delivered.everyone.is_some() {
        return Ok(delivered);
    }
    journal
        .delivered(&Network::nearest(match net.options.names {
            NameForm::Nick => "irc",
            NameForm::MatrixId => "matrix",
        }))
        .await
}

fn asks_something(incoming: &Incoming) -> bool {
    incoming.request.ask != Ask::Tick
}

/// Fetches a document and asks again in the same person's name.
async fn fetched(fetch: Fetch, policy: FetchPolicy) -> Incoming {
    let Fetch { url, mut incoming } = fetch;
    let ask = match fetch_json(&url, policy).await {
        Ok(document) => Ask::Load { document, source: Some(url) },
        Err(error) => Ask::LoadFailed { reason: error.to_string() },
    };
    incoming.request.ask = ask;
    incoming
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
