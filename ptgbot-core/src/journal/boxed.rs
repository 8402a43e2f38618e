//! A journal behind a pointer is a journal: what opens one need not say of which kind it is.

use super::{Journal, JournalError};
use crate::board::Board;
use crate::delivered::{Delivered, Mark};
use crate::lease::{Claim, LeaseState, Taken};
use crate::network::Network;
use crate::record::Record;
use crate::revision::Revision;
use async_trait::async_trait;

#[async_trait]
impl<J: Journal + ?Sized> Journal for Box<J> {
    async fn load(&mut self) -> Result<Board, JournalError> {
        (**self).load().await
    }

    async fn append(
        &mut self,
        expected: Revision,
        records: &[Record],
        after: &Board,
        place: Option<&str>,
    ) -> Result<(), JournalError> {
        (**self).append(expected, records, after, place).await
    }

    async fn read_after(&mut self, revision: Revision, limit: usize) -> Result<Vec<Record>, JournalError> {
        (**self).read_after(revision, limit).await
    }

    async fn snapshot(&mut self, board: &Board) -> Result<(), JournalError> {
        (**self).snapshot(board).await
    }

    async fn changed(&mut self) {
        (**self).changed().await;
    }

    async fn delivered(&mut self, network: &Network) -> Result<Delivered, JournalError> {
        (**self).delivered(network).await
    }

    async fn mark_delivered(&mut self, network: &Network, mark: Mark) -> Result<(), JournalError> {
        (**self).mark_delivered(network, mark).await
    }

    async fn take_lease(&mut self, claim: &Claim) -> Result<Taken, JournalError> {
        (**self).take_lease(claim).await
    }

    async fn renew_lease(&mut self, place: Option<&str>) -> Result<(), JournalError> {
        (**self).renew_lease(place).await
    }

    async fn release_lease(&mut self) -> Result<(), JournalError> {
        (**self).release_lease().await
    }

    async fn leases(&mut self) -> Result<Vec<LeaseState>, JournalError> {
        (**self).leases().await
    }
}
