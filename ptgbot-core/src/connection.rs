//! Whether a transport reaches its network.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a transport reaches its network: the transport tells, whoever drives it looks. Clones are of the same one. It
/// stands until something else is told, so that a transport which knows nothing of it says nothing; one that does says
/// that it breaks where it begins to connect for the first time.
///
/// ```
/// use ptgbot_core::Connection;
/// let told = Connection::default();
/// let seen = told.clone();
/// assert!(seen.stands());
/// told.breaks();
/// assert!(!seen.stands());
/// told.returns();
/// assert!(seen.stands());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Connection {
    lost: Arc<AtomicBool>,
}

impl Connection {
    /// Nothing that is said there is heard from now on.
    pub fn breaks(&self) {
        self.lost.store(true, Ordering::Relaxed);
    }

    /// What is said there is heard again.
    pub fn returns(&self) {
        self.lost.store(false, Ordering::Relaxed);
    }

    /// True while the network is reached, as far as is known.
    pub fn stands(&self) -> bool {
        !self.lost.load(Ordering::Relaxed)
    }
}
