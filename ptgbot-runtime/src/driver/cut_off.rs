//! Cut off from the network: a bot that hears nothing lets its lease run out, so that another one can act.
//!
//! What is left of the lease, seven seconds at least, is the patience: a connection that is back by then was no loss, and
//! one that is back later goes on where nobody has taken the lease meanwhile.

use super::{Driver, TRY_AGAIN};
use ptgbot_core::JournalError;
use tokio::time::Instant;

impl Driver {
    /// Does not renew the lease, and looks whether another process has it.
    pub(super) async fn let_run_out(&mut self) {
        self.tenure.renew_at = Some(Instant::now() + TRY_AGAIN);
        if !std::mem::replace(&mut self.tenure.runs_out, true) {
            tracing::warn!("the network is not reached: the lease is not renewed, so that another process can act");
        }
        if !self.tenure.has_lapsed() {
            return;
        }
        let Some((account, number)) = self.tenure.lease.clone() else { return };
        let Ok(leases) = self.journal.leases().await else { return };
        if leases.iter().any(|lease| lease.account == account && lease.number != number) {
            self.lost(JournalError::Fenced { account });
        }
    }
}
