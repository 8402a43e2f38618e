//! Who acted for the account before us: known once it is certain which device we are.

use std::sync::Arc;
use tokio::sync::watch;

/// Who acted for the account before us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Predecessor {
    /// This device, or nobody: the data folder says where we are, and the server knows what we send again.
    Us,
    /// Another device of the account: what it has said is known by its name alone.
    Another,
}

/// Who that was, as soon as it is known. Copies are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Before(Arc<watch::Sender<Option<Predecessor>>>);

impl Before {
    /// It is known.
    pub(crate) fn was(&self, predecessor: Predecessor) {
        self.0.send_replace(Some(predecessor));
    }

    /// Who it was, waited for: nothing is said before that.
    pub(crate) async fn predecessor(&self) -> Predecessor {
        // The sender lives as long as we do.
        let known = self.0.subscribe().wait_for(Option::is_some).await.ok().and_then(|known| *known);
        known.unwrap_or(Predecessor::Another)
    }
}
