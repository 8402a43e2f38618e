//! The account that is signed in: one client of the library at a time.

use crate::error::MatrixError;
use crate::folder::Folder;
use crate::session::{self, Ended};
use crate::settings::{Secret, Settings};
use matrix_sdk::Client;
use matrix_sdk::ruma::{OwnedUserId, UserId};
use std::sync::Arc;
use tokio::sync::{OwnedRwLockReadGuard, RwLock, watch};

/// The account, shared by all who work with it.
#[derive(Clone)]
pub(crate) struct SharedClient {
    client: Arc<RwLock<Client>>,
    /// Whether the client may be used by all.
    open: Arc<watch::Sender<bool>>,
    us: OwnedUserId,
    settings: Arc<Settings>,
    folder: Arc<Folder>,
}

/// The client while somebody uses it. Held for a request, not while waiting for anything else, and never two at once
/// by one task: the client is replaced when nobody holds it, and whoever asks for it meanwhile waits.
pub(crate) type ClientInUse = OwnedRwLockReadGuard<Client>;

impl SharedClient {
    /// An account that has just signed in: closed until [`open`](Self::open).
    pub(crate) fn new(client: Client, us: OwnedUserId, settings: Arc<Settings>, folder: Arc<Folder>) -> Self {
        Self { client: Arc::new(RwLock::new(client)), open: Arc::default(), us, settings, folder }
    }

    /// The client, once it is open to all.
    pub(crate) async fn client(&self) -> ClientInUse {
        // The sender lives as long as we do.
        self.open.subscribe().wait_for(|open| *open).await.ok();
        self.closed_client().await
    }

    /// The client also before that, for whoever sees to it that it may be used.
    pub(crate) async fn closed_client(&self) -> ClientInUse {
        self.client.clone().read_owned().await
    }

    /// Lets all use the client.
    pub(crate) fn open(&self) {
        self.open.send_replace(true);
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

    /// Puts the store aside and signs in on a new device.
    ///
    /// # Errors
    /// When there is no password to sign in with, or the homeserver refuses it.
    pub(crate) async fn sign_in_anew(&self) -> Result<(), MatrixError> {
        let mut place = self.client.write().await;
        match self.settings.secret {
            Some(Secret::Password(_)) => {}
            Some(Secret::Token(_)) | None => {
                return Err(MatrixError::OldCopy { path: self.folder.path().to_owned() });
            }
        }
        session::end(&self.folder, Ended::Device)?;
        *place = session::sign_in(&self.settings, &self.folder).await?;
        Ok(())
    }
}
