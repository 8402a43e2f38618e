//! Standing by: while another process acts for the account, a bot watches, and its pages follow the journal.

use crate::driver::Tenure;
use crate::follow::catch_up;
use crate::holder;
use crate::permit::Permit;
use crate::run_error::RunError;
use crate::store_status::StoreStatus;
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

/// Waits until the bot may act for its account; `None` when it was stopped before. The transport goes on from where the
/// process before left off.
///
/// # Errors
/// When the store cannot be used at the start (later it is tried until it can), or the transport could never act.
pub(crate) async fn until_it_acts(
    mut board: Board,
    journal: &mut dyn Journal,
    transport: &mut dyn Transport,
    pages: &watch::Sender<Board>,
    store: &StoreStatus,
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
    let mut claim = Claim { account, holder: holder::new_name(), ended: None };
    let mut stands_by = false;
    loop {
        let asked = Instant::now();
        let pause = match journal.take_lease(&claim).await {
            Ok(Taken::Ours(lease)) => {
                let (tenure, permit) = Tenure::since(asked);
                match catch_up(&mut board, journal).await {
                    Ok(()) => {
                        begin(transport, &claim.account, lease, stands_by);
                        return Ok(Some(Acting { board, tenure, permit }));
                    }
                    Err(error) if !stands_by => return Err(error.into()),
                    Err(error) => tell(store, &error),
                }
                LOOK_EVERY
            }
            Ok(Taken::Others { holder, .. }) if claim.ended.as_ref() != Some(&holder) && holder::has_ended(&holder) => {
                tracing::info!(account = %claim.account, holder, "the process that acted has ended");
                claim.ended = Some(holder);
                continue;
            }
            Ok(Taken::Others { holder, left }) => {
                if !std::mem::replace(&mut stands_by, true) {
                    tracing::info!(account = %claim.account, holder, "another process acts: this one stands by");
                    transport.stand_by();
                }
                left.clamp(SHORTEST, LOOK_EVERY)
            }
            Err(error) if !stands_by => return Err(error.into()),
            Err(error) => {
                tell(store, &error);
                LOOK_EVERY
            }
        };
        let pause = tokio::time::sleep(pause);
        tokio::pin!(pause);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(None),
                error = transport.fails(), if stands_by => return Err(error.into()),
                () = &mut pause => break,
                () = journal.changed() => match catch_up(&mut board, journal).await {
                    Ok(()) => {
                        store.works();
                        drop(pages.send(board.clone()));
                    }
                    Err(error) => {
                        tell(store, &error);
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

fn begin(transport: &mut dyn Transport, account: &PersonId, lease: Lease, stood_by: bool) {
    let Lease { number, place } = lease;
    if stood_by {
        tracing::info!(%account, number, "this process acts now");
    }
    if let Some(place) = place {
        transport.go_on_from(&place);
    }
}

fn tell(store: &StoreStatus, error: &JournalError) {
    store.failed();
    tracing::warn!(%error, "standing by, the store cannot be used; trying again");
}

/// How often to ask for the lease.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long one that has just been started leaves the lease to others.
const GIVE_WAY: Duration = Duration::from_secs(2);
const SHORTEST: Duration = Duration::from_millis(50);
