//! Standing by: while another process acts for the account, a bot watches, and its pages follow the journal.

use crate::absence::Absence;
use crate::clock::when;
use crate::driver::Tenure;
use crate::follow::catch_up;
use crate::holder;
use crate::permit::Permit;
use crate::run_error::RunError;
use crate::store::StoreError;
use crate::store_status::StoreStatus;
use crate::supervision::Heartbeat;
use ptgbot_core::{Board, Claim, Journal, JournalError, Lease, PersonId, Taken, Transport};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A bot that may act: its board as of then, and its right.
pub(crate) struct Acting {
    pub(crate) board: Board,
    pub(crate) tenure: Tenure,
    pub(crate) permit: Permit,
}

/// What whoever looks at a bot that stands by can see.
pub(crate) struct Watched<'a> {
    /// Its pages, which follow the journal.
    pub(crate) pages: &'a watch::Sender<Board>,
    pub(crate) store: &'a StoreStatus,
    pub(crate) heartbeat: &'a mut Heartbeat,
}

/// Waits until the bot may act for its account; `None` when it was stopped before. The transport goes on from where the
/// process before left off.
///
/// # Errors
/// When the store cannot be used at the start (later it is tried until it can) or is of a newer format, or the transport
/// could never act.
pub(crate) async fn until_it_acts(
    mut board: Board,
    journal: &mut dyn Journal,
    transport: &mut dyn Transport,
    Watched { pages, store, heartbeat }: Watched<'_>,
    stop: &CancellationToken,
) -> Result<Option<Acting>, RunError> {
    let Some(account) = transport.account() else {
        let (tenure, permit) = Tenure::for_ever();
        return Ok(Some(Acting { board, tenure, permit }));
    };
    if has_ended(journal, &account).await? {
        tokio::select! {
            () = stop.cancelled() => return Ok(None),
            () = tokio::time::sleep(GIVE_WAY) => {}
        }
    }
    let mut claim = Claim::new(account, holder::new_name());
    let mut stands_by = false;
    let (mut seen, mut absence) = (None, Absence::default());
    let connection = transport.connection();
    loop {
        let asked = Instant::now();
        let read = read_again(&mut board, journal, pages, store).await;
        let taken = match read {
            // Who hears nothing could not act.
            Ok(()) if stands_by && !connection.stands() => None,
            Ok(()) => Some(journal.take_lease(&claim).await),
            Err(error) => Some(Err(error)),
        };
        if !matches!(taken, Some(Err(_)))
            && let Some(seconds) = absence.end()
        {
            tracing::info!(seconds, "standing by, the store works again");
        }
        let pause = match taken {
            None => LOOK_EVERY,
            Some(Ok(Taken::Ours(lease))) => {
                let (tenure, permit) = Tenure::since(asked);
                let tenure = tenure.of(claim.account.clone(), lease.number, connection.clone());
                match catch_up(&mut board, journal).await {
                    Ok(()) => {
                        begin(transport, &claim, lease, seen.as_ref());
                        return Ok(Some(Acting { board, tenure, permit }));
                    }
                    Err(error) if !stands_by => return Err(error.into()),
                    Err(error) => tell(store, &mut absence, &error),
                }
                LOOK_EVERY
            }
            Some(Ok(Taken::Others { holder, .. }))
                if claim.ended.as_ref() != Some(&holder) && holder::has_ended(&holder) =>
            {
                let ended = holder::told(&holder);
                tracing::info!(account = %claim.account, holder = ended, "the process that acted has ended");
                claim.ended = Some(holder);
                continue;
            }
            Some(Ok(Taken::Others { holder, left, place })) => {
                if !std::mem::replace(&mut stands_by, true) {
                    let acts = holder::told(&holder);
                    tracing::info!(account = %claim.account, holder = acts, "another process acts: this one stands by");
                    transport.stand_by();
                }
                if let Some(place) = place {
                    transport.acts_at(&place);
                }
                seen = Some(Seen { holder, lasts_until: asked + left });
                left.clamp(SHORTEST, LOOK_EVERY)
            }
            Some(Err(error)) if !stands_by || StoreError::is_newer(&error) => return Err(error.into()),
            Some(Err(error)) => {
                tell(store, &mut absence, &error);
                LOOK_EVERY
            }
        };
        let pause = tokio::time::sleep(pause);
        tokio::pin!(pause);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => {
                    heartbeat.stops();
                    return Ok(None);
                }
                error = transport.fails(), if stands_by => return Err(error.into()),
                () = when(heartbeat.at()), if stands_by => heartbeat.beat(),
                () = &mut pause => break,
                () = journal.changed() => match catch_up_and_show(&mut board, journal, pages).await {
                    Ok(()) => store.works(),
                    Err(error) => {
                        tell(store, &mut absence, &error);
                        break;
                    }
                },
            }
        }
    }
}

/// True where a process has acted for an account and none does. Another may have stood by: it has heard what was said since
/// then, and goes before one that has just been started.
async fn has_ended(journal: &mut dyn Journal, account: &PersonId) -> Result<bool, JournalError> {
    let leases = journal.leases().await?;
    let last = leases.iter().find(|lease| &lease.account == account);
    Ok(last.is_some_and(|lease| !lease.is_held() || holder::has_ended(&lease.holder)))
}

/// Once the store could not be used, what it has is read anew: what was missed meanwhile is not known.
async fn read_again(
    board: &mut Board,
    journal: &mut dyn Journal,
    pages: &watch::Sender<Board>,
    store: &StoreStatus,
) -> Result<(), JournalError> {
    if store.away_since().is_some() {
        *board = journal.load().await?;
        store.works();
        drop(pages.send(board.clone()));
    }
    Ok(())
}

/// Takes over what others have recorded, and lets the pages have it if that is something.
async fn catch_up_and_show(
    board: &mut Board,
    journal: &mut dyn Journal,
    pages: &watch::Sender<Board>,
) -> Result<(), JournalError> {
    let before = board.revision();
    catch_up(board, journal).await?;
    if board.revision() != before {
        drop(pages.send(board.clone()));
    }
    Ok(())
}

/// The process for which this one stood by, as it was seen last.
struct Seen {
    holder: String,
    lasts_until: Instant,
}

impl Seen {
    /// Why it acts no more.
    fn end(&self, claim: &Claim) -> String {
        let holder = holder::told(&self.holder);
        if claim.ended.as_ref() == Some(&self.holder) {
            format!("{holder} has ended")
        } else if self.lasts_until <= Instant::now() {
            format!("{holder} has not renewed its lease in time")
        } else {
            format!("{holder} has given up its lease")
        }
    }
}

fn begin(transport: &mut dyn Transport, claim: &Claim, lease: Lease, seen: Option<&Seen>) {
    let (Claim { account, .. }, Lease { number, place, .. }) = (claim, lease);
    match seen {
        Some(seen) => tracing::info!(%account, number, reason = seen.end(claim), "this process acts now"),
        None => tracing::info!(%account, number, "this process acts now"),
    }
    if let Some(place) = place {
        transport.go_on_from(&place);
    }
}

fn tell(store: &StoreStatus, absence: &mut Absence, error: &JournalError) {
    store.failed();
    if absence.is_news() {
        tracing::warn!(%error, "standing by, the store cannot be used; trying again");
    }
}

/// How often to ask for the lease.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long one that has just been started leaves the lease to others.
const GIVE_WAY: Duration = Duration::from_secs(2);
const SHORTEST: Duration = Duration::from_millis(50);

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::metrics::Metrics;
    use crate::store::{Access, Blocking, SqliteJournal};
    use ptgbot_core::{Folding, Inbox, Network, Outlet};
    use std::fs;
    use std::sync::Arc;
    use tokio::sync::Notify;

    /// A network on which somebody else acts.
    struct Quiet(Network, Arc<Notify>);

    impl Transport for Quiet {
        fn network(&self) -> &Network {
            &self.0
        }

        fn account(&self) -> Option<PersonId> {
            Some(PersonId::new(&self.0, "ptgbot", Folding::Ascii))
        }

        fn stand_by(&mut self) {
            self.1.notify_one();
        }

        fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
            unreachable!("it never acts")
        }
    }

    #[tokio::test]
    async fn who_stands_by_says_when_the_store_is_away_and_when_it_is_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, aside) = (folder.path().join("board.db"), folder.path().join("aside.db"));
        let open = || SqliteJournal::open(&path, Access::ReadWrite, Blocking::Thread);
        let (mut acting, mut journal) = (open().await.expect("a store"), open().await.expect("a store"));
        let stands_by = Arc::new(Notify::new());
        let mut transport = Quiet(Network::nearest("quiet"), stands_by.clone());
        let account = transport.account().expect("an account");
        let claim = Claim::new(account, holder::new_name());
        acting.take_lease(&claim).await.expect("it is free");
        let (pages, _) = watch::channel(Board::default());
        let (metrics, stop) = (Metrics::default(), CancellationToken::new());
        let store = metrics.store().clone();
        let told = async {
            stands_by.notified().await;
            fs::rename(&path, &aside).expect("moved");
            is_away(&store, true).await;
            fs::rename(&aside, &path).expect("moved");
            is_away(&store, false).await;
            stop.cancel();
        };
        let mut heartbeat = Heartbeat::unheard();
        let watched = Watched { pages: &pages, store: metrics.store(), heartbeat: &mut heartbeat };
        let standing = until_it_acts(Board::default(), &mut journal, &mut transport, watched, &stop);
        let (acts, ()) = tokio::join!(standing, told);
        assert!(acts.expect("no fault").is_none());
    }

    #[tokio::test]
    async fn who_stands_by_does_not_act_on_a_store_of_a_newer_format() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("board.db");
        let open = || SqliteJournal::open(&path, Access::ReadWrite, Blocking::Thread);
        let (mut acting, mut journal) = (open().await.expect("a store"), open().await.expect("a store"));
        let stands_by = Arc::new(Notify::new());
        let mut transport = Quiet(Network::nearest("quiet"), stands_by.clone());
        let account = transport.account().expect("an account");
        acting.take_lease(&Claim::new(account, holder::new_name())).await.expect("it is free");
        let (pages, _) = watch::channel(Board::default());
        let (metrics, stop) = (Metrics::default(), CancellationToken::new());
        let upgraded = async {
            stands_by.notified().await;
            let database = rusqlite::Connection::open(&path).expect("a database");
            database.pragma_update(None, "user_version", 9).expect("set");
        };
        let mut heartbeat = Heartbeat::unheard();
        let watched = Watched { pages: &pages, store: metrics.store(), heartbeat: &mut heartbeat };
        let standing = until_it_acts(Board::default(), &mut journal, &mut transport, watched, &stop);
        let standing = tokio::time::timeout(Duration::from_secs(20), standing);
        let (acts, ()) = tokio::join!(standing, upgraded);
        let error = acts.expect("it ends").err().expect("it does not act").to_string();
        assert!(error.contains("has format 9, and this version reads formats up to 3"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn why_another_one_acts_no_more_is_told() {
        let account = PersonId::new(&Network::nearest("quiet"), "ptgbot", Folding::Ascii);
        let mut claim = Claim::new(account, "b");
        let seen = Seen { holder: "vm x pid:[1] 4907 5 1".into(), lasts_until: Instant::now() + Lease::SPAN };
        assert_eq!(seen.end(&claim), "process 4907 on vm has given up its lease");
        tokio::time::advance(Lease::SPAN).await;
        assert_eq!(seen.end(&claim), "process 4907 on vm has not renewed its lease in time");
        claim.ended = Some(seen.holder.clone());
        assert_eq!(seen.end(&claim), "process 4907 on vm has ended");
    }

    async fn is_away(store: &StoreStatus, away: bool) {
        let is_so = async {
            while store.away_since().is_some() != away {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), is_so).await.expect("it is said");
    }
}
