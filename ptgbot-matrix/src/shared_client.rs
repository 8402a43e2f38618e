//! The account that is signed in: one client of the library at a time.

use crate::error::MatrixError;
use crate::folder::Folder;
use crate::session;
use crate::settings::Settings;
use matrix_sdk::Client;
use matrix_sdk::ruma::{OwnedUserId, UserId};
use std::sync::Arc;
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

/// The account, shared by all who work with it.
#[derive(Clone)]
pub(crate) struct SharedClient {
    client: Arc<RwLock<Client>>,
    us: OwnedUserId,
    settings: Arc<Settings>,
    folder: Arc<Folder>,
}

/// The client while somebody uses it. Held for a request, not while waiting for anything else, and never two at once
/// by one task: the client is replaced when nobody holds it, and whoever asks for it meanwhile waits.
pub(crate) type ClientInUse = OwnedRwLockReadGuard<Client>;

impl SharedClient {
    /// An account that has just signed in.
    pub(crate) fn new(client: Client, us: OwnedUserId, settings: Arc<Settings>, folder: Arc<Folder>) -> Self {
        Self { client: Arc::new(RwLock::new(client)), us, settings, folder }
    }

    /// The client.
    pub(crate) async fn client(&self) -> ClientInUse {
        self.client.clone().read_owned().await
    }

    /// Whose account it is.
    pub(crate) fn us(&self) -> &UserId {
        &self.us
    }

    /// Builds the client anew from what is on the disk, once nobody uses the old one.
    ///
    /// After a failure of its store the library's memory and the disk differ: it believes that it has had keys which
    /// were never kept, and would take them as repeated when the server sends them again.
    ///
    /// # Errors
    /// When the disk still cannot be used; the old client stays then.
    pub(crate) async fn reopen(&self) -> Result<(), MatrixError> {
        let mut place = self.client.write().await;
        *place = session::restore(&self.settings, &self.folder).await?;
        Ok(())
    }
}
