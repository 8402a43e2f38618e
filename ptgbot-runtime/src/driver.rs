//! The loop that owns the board: hears, decides, records, and only then speaks.

mod bridging;
mod cut_off;
mod following;
mod neighbours;
mod stage;
mod telling;
mod tenure;
mod time;
mod waiting;
mod writing;

use crate::absence::Absence;
use crate::bridge::BridgeConfig;
use crate::clock::{Clock, when};
use crate::delivery::{Matcher, Subscribers};
use crate::fetch_policy::FetchPolicy;
use crate::metrics::Metrics;
use crate::outbox::{Answered, Notification, Outbox, Progress};
use crate::run_error::RunError;
use crate::supervision::Heartbeat;
use bridging::Bridged;
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use futures_util::stream::{self, ReadyChunks};
use ptgbot_core::subscription::PatternCache;
use ptgbot_core::{
    Ask, Board, Fetching, Homes, HttpUrl, Inbox, Incoming, Journal, JournalError, Network, Options, Order, Revision,
};
use serde_json::Value;
use stage::{Fetch, Recording, Staged, Terms};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use telling::{Unmarked, delivered};
pub(crate) use tenure::Tenure;
use tenure::{fits, place_of};
use time::Upcoming;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use waiting::{Doubt, Waiting};
use writing::Written;

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
    /// The one that is to be sent next and could not be remembered.
    unmarked: Option<Unmarked>,
    delivered: Revision,
    net: Net,
    fetches: JoinSet<Incoming>,
    store: StoreHealth,
    absence: Absence,
    heartbeat: Heartbeat,
    tenure: Tenure,
    bridged: Bridged,
    /// Another process acts for the account.
    fenced: Option<JournalError>,
    waiting_for_store: Waiting,
    upcoming: Upcoming,
    /// The next changes may have been written already, by a try that seemed to have failed.
    in_doubt: bool,
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
    /// Who is brought from another network.
    pub(crate) bridge: BridgeConfig,
    /// Where everybody can read the board.
    pub(crate) page: Option<HttpUrl>,
    /// Where messages are counted.
    pub(crate) metrics: Metrics,
    /// What time it is.
    pub(crate) clock: Arc<dyn Clock>,
}

/// What a network hears and says.
pub(crate) struct Ends {
    pub(crate) inbox: Inbox,
    pub(crate) outbox: Outbox,
    pub(crate) progress: mpsc::UnboundedReceiver<Progress>,
    /// The right to say it.
    pub(crate) tenure: Tenure,
    /// Says that the loop turns.
    pub(crate) heartbeat: Heartbeat,
}

/// Whether the board is known to be as the journal has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StoreHealth {
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
        let (matcher, matched) =
            Matcher::start(net.options.blocking).map_err(|error| JournalError::Failed(error.into()))?;
        let delivered = delivered(journal.as_mut(), &net).await?;
        let settled = board.revision();
        let subscribers = Subscribers::new(board.subscriptions());
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
            unmarked: None,
            delivered: delivered.everyone.unwrap_or(settled),
            net,
            fetches: JoinSet::new(),
            store: StoreHealth::Works,
            absence: Absence::default(),
            heartbeat: ends.heartbeat,
            tenure: ends.tenure,
            bridged: Bridged::default(),
            fenced: None,
            waiting_for_store: Waiting::default(),
            upcoming: Upcoming::default(),
            in_doubt: false,
            contended: 0,
            since_snapshot: 0,
        };
        driver.upcoming.forget();
        driver.look_at_the_other_bot().await;
        driver.look_for_neighbours().await;
        if driver.delivered < settled {
            driver.tell_missed(delivered).await?;
        } else if delivered.everyone.is_none() {
            driver.remember_delivered().await;
        }
        Ok(driver)
    }

    /// Runs until a stop is asked for, the network has ended, or another process acts; says why it ended. What waits to
    /// be said then has left, as far as it can.
    pub(crate) async fn run(mut self, stop: CancellationToken) -> Result<(), RunError> {
        let ended = loop {
            if let Some(error) = self.fenced.take() {
                return Err(error.into());
            }
            let try_store_at = self.try_store_at();
            let watches_time = self.watches_time();
            let wake_at = self.upcoming.wake_at(self.net.clock.now());
            // In this order: what keeps the right to act and what others wait for comes before what is new.
            tokio::select! {
                biased;
                () = stop.cancelled() => break Ok(()),
                () = when(self.heartbeat.at()) => self.heartbeat.beat(),
                () = when(self.tenure.renew_at()) => self.renew().await,
                () = when(try_store_at) => self.come_back(&stop).await,
                () = when(self.bridged.look_at()), if self.store == StoreHealth::Works => self.take_what_was_left(&stop).await,
                () = when(self.unmarked.as_ref().map(Unmarked::try_at)) => self.mark_again().await,
                () = when(self.upcoming.look_at()), if watches_time => self.look_ahead(),
                () = until(self.net.clock.as_ref(), wake_at), if watches_time => self.time_passes().await,
                Some(progress) = self.progress.recv() => self.notification(progress).await,
                Some(told) = self.matched.recv(), if self.matching > 0 => self.found(told, &stop).await,
                Some(fetched) = self.fetches.join_next(), if !self.fetches.is_empty() => match fetched {
                    Ok(incoming) => self.handle(vec![incoming], &stop).await,
                    Err(error) => tracing::error!(%error, "a fetch has ended without an answer: a bug"),
                },
                batch = self.inbox.next() => match batch {
                    None => break Ok(()),
                    Some(batch) => {
                        let mut failed = None;
                        let heard = batch.into_iter().filter_map(|heard| heard.map_err(|error| failed = Some(error)).ok());
                        let heard = heard.map(|incoming| self.heard(incoming)).collect();
                        self.handle(heard, &stop).await;
                        if let Some(error) = failed {
                            break Err(error.into());
                        }
                    }
                },
                () = self.journal.changed(), if self.store == StoreHealth::Works => self.follow_others().await,
            }
        };
        self.wind_down().await;
        ended
    }

    /// Nothing more is heard, and nothing more put in to be said. Once what waits has left, others may act.
    async fn wind_down(mut self) {
        self.heartbeat.stops();
        self.finish().await;
        self.inbox = stream::empty().boxed().ready_chunks(BATCH);
        self.outbox.close();
        while self.fenced.is_none() {
            tokio::select! {
                biased;
                progress = self.progress.recv() => match progress {
                    Some(progress) => self.notification(progress).await,
                    None => break,
                },
                () = when(self.unmarked.as_ref().map(Unmarked::try_at)) => self.mark_again().await,
                () = when(self.tenure.renew_at()) => self.renew().await,
            }
        }
        self.give_up().await;
    }

    /// What was heard, by somebody who can read the board where we put it, with a place that a store can keep.
    fn heard(&self, mut incoming: Incoming) -> Incoming {
        incoming.request.page = incoming.request.page.or_else(|| self.net.page.clone());
        incoming.place = incoming.place.filter(|place| fits(place));
        incoming
    }

    /// Handles messages in their order; where requests are handled in turn, a fetch is waited for before the next one.
    async fn handle(&mut self, batch: Vec<Incoming>, stop: &CancellationToken) {
        let mut rest = VecDeque::from(batch);
        while !rest.is_empty() && self.fenced.is_none() {
            if !self.can_record().await && self.may_wait() {
                return self.wait(rest).await;
            }
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
    /// then answers. Says how many messages it took: none where the store has failed and they are to wait.
    async fn commit(&mut self, batch: &[Incoming]) -> (usize, Option<Fetch>) {
        let mut recording = Recording::Possible;
        let mut caught_up = false;
        loop {
            if self.store == StoreHealth::Failed {
                if self.may_wait() {
                    return (0, None);
                }
                recording = Recording::Unknown;
            }
            let copy = (self.contended > 0).then(|| self.board.clone());
            let before = self.board.revision();
            let staged = self.stage(batch, recording);
            if staged.records.is_empty() {
                // What is recorded is recorded on the newest board; an answer, too, must know what others have done.
                if !caught_up && self.store == StoreHealth::Works && batch.iter().any(asks_something) {
                    caught_up = true;
                    self.follow_others().await;
                    if self.board.revision() != before {
                        continue;
                    }
                }
                self.handled(&batch[..staged.effects.len()]).await;
                return self.settle(staged).await;
            }
            let used = &batch[..staged.effects.len()];
            match self.write(before, &staged.records, place_of(used)).await {
                Written::Yes => {
                    self.contended = self.contended.saturating_sub(1);
                    self.remembered(used);
                    return self.settle(staged).await;
                }
                Written::Conflict => {
                    self.upcoming.forget();
                    self.contended = CONTENDED;
                    match copy {
                        Some(copy) => {
                            self.board = copy;
                            self.follow_others().await;
                        }
                        None => self.reload().await,
                    }
                }
                Written::No => {
                    self.reload().await;
                    recording = Recording::Failed;
                }
                Written::Unknown(error) => {
                    self.store_failed(&error);
                    if self.may_wait() {
                        let used = used.to_vec();
                        let count = used.len();
                        self.doubt(Doubt { before, staged, messages: used });
                        return (count, None);
                    }
                    let told = staged.in_doubt(used, &self.board, self.net.options.line_bytes);
                    return self.settle(told).await;
                }
                Written::Fenced(error) => {
                    self.lost(error);
                    return (batch.len(), None);
                }
            }
        }
    }

    fn stage(&mut self, batch: &[Incoming], recording: Recording) -> Staged {
        let mut staged = Staged::default();
        for incoming in batch {
            let first = self.comes_before(incoming);
            let terms = Terms {
                line_bytes: self.net.options.line_bytes,
                recording,
                bridge: &self.net.bridge,
                leaves_ghosts: self.bridged.leaves(),
                is_own: self.upcoming.asks,
                order: self.net.options.order,
            };
            staged.add_behind(&mut self.board, &first, incoming, terms);
            let Some(effect) = staged.effects.last() else { break };
            for record in &staged.records[effect.records.clone()] {
                self.upcoming.follow(&record.event);
            }
            if effect.fetch.is_some() && self.net.options.fetching == Fetching::InTurn {
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
        let (mut due, mut told) = (Vec::with_capacity(used), Vec::with_capacity(used));
        if !in_order {
            staged.tell_time(&self.board, self.net.clock.now());
        }
        let clock_moved = in_order && staged.effects.iter().any(|effect| !effect.was_said);
        for effect in &mut staged.effects {
            due.push(self.matching(std::mem::take(&mut effect.due)));
            told.push(self.matching(std::mem::take(&mut effect.notices)));
            for record in &staged.records[effect.records.clone()] {
                self.subscribers.follow(&record.event, &self.homes);
            }
        }
        if !staged.records.is_empty() {
            self.settled = self.board.revision();
            self.since_snapshot += staged.records.len();
        }
        if in_order && due.iter().chain(&told).any(|told| !told.is_empty()) {
            self.remember_delivered().await;
        }
        for ((effect, due), told) in staged.effects.drain(..).zip(due).zip(told) {
            let mut handled = effect.handled;
            if let Some(handled) = &mut handled {
                if effect.was_said {
                    self.net.metrics.command(handled.outcome);
                }
                // A board that may hold what was not saved tells no revision.
                if self.store == StoreHealth::Failed {
                    handled.revision = self.settled;
                }
            }
            let messages = due.into_iter().chain(effect.answer).chain(told).collect();
            self.outbox.answer(Answered { messages, who: effect.who, role: effect.role, handled });
            if let Some(left) = effect.left {
                self.bridged.leave(left, self.settled);
            }
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
        if !staged.records.is_empty() || clock_moved {
            self.show();
        }
        if !staged.records.is_empty() && self.since_snapshot >= SNAPSHOT_EVERY {
            self.snapshot().await;
        }
        (used, fetch)
    }

    /// Lets the pages have the board. Where nobody looks nothing is kept.
    fn show(&self) {
        drop(self.pages.send(self.board.clone()));
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
        self.refuse_what_waits().await;
        if self.store == StoreHealth::Failed || self.fenced.is_some() {
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

/// Waits until the clock has come to a time; for ever where there is none.
async fn until(clock: &dyn Clock, time: Option<DateTime<Utc>>) {
    match time {
        Some(time) => clock.until(time).await,
        None => std::future::pending().await,
    }
}

/// Waits for a moment; for ever where there is none.
fn asks_something(incoming: &Incoming) -> bool {
    incoming.request.ask != Ask::Tick
}

/// Fetches a document and asks again in the same person's name.
async fn fetched(fetch: Fetch, policy: FetchPolicy) -> Incoming {
    let Fetch { url, mut incoming } = fetch;
    incoming.request.ask = match document(&url, policy).await {
        Ok(document) => Ask::Load { document, source: Some(url) },
        Err(reason) => Ask::LoadFailed { reason },
    };
    incoming
}

#[cfg(feature = "fetch")]
async fn document(url: &str, policy: FetchPolicy) -> Result<Value, String> {
    crate::fetch::fetch_json(url, policy).await.map_err(|error| error.to_string())
}

#[cfg(not(feature = "fetch"))]
async fn document(_: &str, _: FetchPolicy) -> Result<Value, String> {
    Err("this bot was built without a way to fetch".to_owned())
}

/// How many messages are decided about and recorded together.
const BATCH: usize = 64;
const SNAPSHOT_EVERY: usize = 1000;
const SNAPSHOT_AT_THE_END: usize = 100;
/// How many batches after a conflict are prepared for the next one.
const CONTENDED: u32 = 100;
const TRY_AGAIN: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
