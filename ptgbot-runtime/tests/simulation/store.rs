//! A store of several processes that fails in every way a database does.

use crate::chance::Chance;
use crate::faults::OldFault;
use crate::process::Process;
use crate::programme::programme;
use crate::signal::Signal;
use ptgbot_core::{
    Board, Claim, Delivered, Event, Journal, JournalError, LeaseState, Leases, Mark, Network, PersonId, Record,
    Revision, Taken, TrackEvent, async_trait,
};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// What all processes share.
#[derive(Clone)]
pub(crate) struct Store {
    kept: Arc<Mutex<Kept>>,
    last: Arc<Signal<Revision>>,
    chance: Chance,
    fault: OldFault,
}

pub(crate) struct Kept {
    pub(crate) records: Vec<Record>,
    pub(crate) board: Board,
    pub(crate) delivered: HashMap<Network, Delivered>,
    leases: Leases,
    made: Instant,
    /// When each account's lease was taken, and by which process.
    pub(crate) taken: Vec<(PersonId, Instant, usize)>,
    pub(crate) is_away: bool,
    pub(crate) is_full: bool,
    /// How many of a thousand writes are cut off.
    pub(crate) cuts: usize,
    /// Topics that a bot has tried to write in vain, as far as it knew.
    pub(crate) not_taken: BTreeSet<String>,
    pub(crate) wrongs: Vec<String>,
}

/// A process's handle.
pub(crate) struct Handle {
    store: Store,
    process: Process,
    seen: Revision,
    lease: Option<(PersonId, u64)>,
}

/// Where a connection is lost.
enum Cut {
    Nowhere,
    Before,
    /// It is written all the same, a while later.
    Late,
    After,
}

impl Store {
    /// One that has a programme already.
    pub(crate) fn new(chance: Chance, fault: OldFault) -> Self {
        let (delivered, leases, taken, not_taken, wrongs) = Default::default();
        let (records, mut board) = (vec![programme()], Board::default());
        board.apply(&records[0]);
        let made = Instant::now();
        let (is_away, is_full, cuts) = (false, false, 0);
        let kept = Kept { records, board, delivered, leases, made, taken, is_away, is_full, cuts, not_taken, wrongs };
        Self { kept: Arc::new(Mutex::new(kept)), last: Arc::default(), chance, fault }
    }

    pub(crate) fn handle(&self, process: &Process) -> Handle {
        Handle { store: self.clone(), process: process.clone(), seen: 0, lease: None }
    }

    pub(crate) fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("no panic")
    }

    fn append(&self, wanted: &Wanted) -> Result<(), JournalError> {
        let mut kept = self.kept();
        kept.fenced(self.fault, wanted.lease.as_ref())?;
        let (expected, actual) = (wanted.expected, kept.board.revision());
        if actual != expected {
            return Err(JournalError::Conflict { expected, actual });
        }
        for record in &wanted.records {
            kept.board.apply(record);
            kept.records.push(record.clone());
        }
        if kept.board != wanted.after {
            kept.wrongs.push(format!("the bot's board at {} is not what its records make", wanted.after.revision()));
        }
        if let (Some((account, number)), Some(place)) = (&wanted.lease, &wanted.place) {
            kept.leases.stand_at(account, *number, Some(place));
        }
        let last = kept.board.revision();
        if self.fault == OldFault::DeliveredBeforeSent {
            kept.delivered.values_mut().for_each(|delivered| delivered.mark(Mark::Everyone(last)));
        }
        drop(kept);
        self.last.set(last);
        Ok(())
    }
}

/// What is to be written.
#[derive(Clone)]
struct Wanted {
    lease: Option<(PersonId, u64)>,
    expected: Revision,
    records: Vec<Record>,
    after: Board,
    place: Option<String>,
}

impl Kept {
    fn fenced(&self, fault: OldFault, lease: Option<&(PersonId, u64)>) -> Result<(), JournalError> {
        match lease {
            Some((account, number)) if fault != OldFault::NoFencing && !self.leases.is_newest(account, *number) => {
                Err(JournalError::Fenced { account: account.clone() })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn now(&self) -> Duration {
        self.made.elapsed()
    }
}

impl Handle {
    /// The way to the store: it takes a while, and may not be there.
    async fn reach(&self) -> Result<(), JournalError> {
        self.process.awake().await;
        sleep(self.store.chance.millis(0..8)).await;
        if self.store.kept().is_away || self.process.is_cut_off() {
            sleep(self.store.chance.millis(0..3_000)).await;
            return Err(failed("the store does not answer"));
        }
        Ok(())
    }

    /// The way back.
    async fn come_back(&self) {
        sleep(self.store.chance.millis(0..4)).await;
        self.process.awake().await;
    }

    fn cut(&self) -> Cut {
        let cuts = self.store.kept().cuts;
        match self.store.chance.happens(cuts).then(|| self.store.chance.number(0..3)) {
            None => Cut::Nowhere,
            Some(0) => Cut::Before,
            Some(1) => Cut::Late,
            Some(_) => Cut::After,
        }
    }

    async fn write<T>(&self, write: impl FnOnce(&mut Kept) -> Result<T, JournalError>) -> Result<T, JournalError> {
        self.reach().await?;
        let cut = self.cut();
        if matches!(cut, Cut::Before | Cut::Late) {
            return Err(failed("the connection is lost"));
        }
        let written = {
            let mut kept = self.store.kept();
            if kept.is_full { Err(failed("disk full")) } else { write(&mut kept) }
        };
        self.come_back().await;
        match cut {
            Cut::After => Err(failed("the connection is lost")),
            Cut::Nowhere | Cut::Before | Cut::Late => written,
        }
    }
}

fn failed(reason: &str) -> JournalError {
    JournalError::Failed(reason.into())
}

fn is_poison(record: &Record) -> bool {
    topic_of(record).is_some_and(|topic| topic.starts_with(POISON))
}

/// The topic that a record sets.
pub(crate) fn topic_of(record: &Record) -> Option<String> {
    match &record.event {
        Event::Track(TrackEvent::TopicSet { topic, .. }) => Some(topic.to_string()),
        _ => None,
    }
}

#[async_trait]
impl Journal for Handle {
    async fn load(&mut self) -> Result<Board, JournalError> {
        self.reach().await?;
        let board = self.store.kept().board.clone();
        self.seen = board.revision();
        self.come_back().await;
        Ok(board)
    }

    async fn append(
        &mut self,
        expected: Revision,
        records: &[Record],
        after: &Board,
        place: Option<&str>,
    ) -> Result<(), JournalError> {
        loop {
            self.reach().await?;
            let (lease, place) = (self.lease.clone(), place.map(str::to_owned));
            let wanted = Wanted { lease, expected, records: records.to_vec(), after: after.clone(), place };
            let cut = self.cut();
            let is_refused = self.store.kept().is_full || records.iter().any(is_poison);
            if is_refused || !matches!(cut, Cut::Nowhere) {
                self.store.kept().not_taken.extend(records.iter().filter_map(topic_of));
            }
            match cut {
                _ if is_refused && self.store.fault == OldFault::EndlessRetry => continue,
                _ if is_refused => return Err(failed("the store does not take it")),
                Cut::Before => return Err(failed("the connection is lost")),
                Cut::Late => {
                    let (store, wait) = (self.store.clone(), self.store.chance.millis(0..2_000));
                    tokio::spawn(async move {
                        sleep(wait).await;
                        store.append(&wanted).ok();
                    });
                    return Err(failed("the connection is lost"));
                }
                Cut::Nowhere | Cut::After => {}
            }
            let written = self.store.append(&wanted);
            self.come_back().await;
            if matches!(cut, Cut::After) {
                return Err(failed("the connection is lost"));
            }
            if written.is_ok() {
                self.seen = after.revision();
            }
            return written;
        }
    }

    async fn read_after(&mut self, revision: Revision, limit: usize) -> Result<Vec<Record>, JournalError> {
        self.reach().await?;
        let records: Vec<Record> = {
            let kept = self.store.kept();
            kept.records.iter().filter(|record| record.revision > revision).take(limit).cloned().collect()
        };
        self.seen = records.last().map_or(self.seen, |record| self.seen.max(record.revision));
        self.come_back().await;
        Ok(records)
    }

    async fn snapshot(&mut self, _: &Board) -> Result<(), JournalError> {
        Ok(())
    }

    async fn changed(&mut self) {
        let seen = self.seen;
        self.store.last.wait(|last| last > seen).await;
        self.process.awake().await;
    }

    async fn delivered(&mut self, network: &Network) -> Result<Delivered, JournalError> {
        self.reach().await?;
        Ok(self.store.kept().delivered.get(network).cloned().unwrap_or_default())
    }

    async fn mark_delivered(&mut self, network: &Network, mark: Mark) -> Result<(), JournalError> {
        let (lease, fault) = (self.lease.clone(), self.store.fault);
        let write = |kept: &mut Kept| {
            kept.fenced(fault, lease.as_ref())?;
            kept.delivered.entry(network.clone()).or_default().mark(mark);
            Ok(())
        };
        self.write(write).await
    }

    async fn take_lease(&mut self, claim: &Claim) -> Result<Taken, JournalError> {
        let process = self.process.number;
        let write = |kept: &mut Kept| {
            let now = kept.now();
            let taken = kept.leases.take(claim, now);
            if matches!(taken, Taken::Ours(_)) {
                kept.taken.push((claim.account.clone(), Instant::now(), process));
            }
            Ok(taken)
        };
        let taken = self.write(write).await?;
        if let Taken::Ours(lease) = &taken {
            self.lease = Some((claim.account.clone(), lease.number));
        }
        Ok(taken)
    }

    async fn renew_lease(&mut self, place: Option<&str>) -> Result<(), JournalError> {
        let Some((account, number)) = self.lease.clone() else { return Ok(()) };
        let fault = self.store.fault;
        let write = |kept: &mut Kept| {
            let now = kept.now();
            let is_ours = kept.leases.renew(&account, number, place, now) || fault == OldFault::NoFencing;
            if is_ours { Ok(()) } else { Err(JournalError::Fenced { account: account.clone() }) }
        };
        self.write(write).await
    }

    async fn release_lease(&mut self) -> Result<(), JournalError> {
        let Some((account, number)) = self.lease.take() else { return Ok(()) };
        let write = |kept: &mut Kept| {
            kept.leases.release(&account, number);
            Ok(())
        };
        self.write(write).await
    }

    async fn leases(&mut self) -> Result<Vec<LeaseState>, JournalError> {
        self.reach().await?;
        let kept = self.store.kept();
        Ok(kept.leases.states(kept.now()))
    }
}

/// A topic that the store never takes.
pub(crate) const POISON: &str = "poison";
