//! Other bots of the same network on the same board: each obeys what it hears.

use super::Driver;
use crate::holder;

impl Driver {
    /// Says once of each other bot of this network that it acts on this board. Two channels may be meant to share a board; a
    /// standby under another name is not meant.
    pub(super) async fn look_for_neighbours(&mut self) {
        let Some((account, _)) = &self.tenure.lease else { return };
        let Ok(leases) = self.journal.leases().await else { return };
        for lease in leases.into_iter().filter(|lease| lease.is_held() && lease.account != *account) {
            if lease.account.network() == account.network()
                && !holder::has_ended(&lease.holder)
                && self.tenure.neighbours.insert(lease.account.clone())
            {
                tracing::warn!(
                    %account, other = %lease.account,
                    "two bots of one network act on this board, and each obeys what it hears: a standby needs the same \
                     name on the network; bots that are both meant to act need channels or boards of their own",
                );
            }
        }
    }
}
