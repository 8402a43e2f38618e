//! Until when a bot may speak: as long as its lease is known to be its own.

use tokio::sync::watch;
use tokio::time::Instant;

/// Until when the bot may speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// Nobody else can speak for it.
    Always,
    /// Another process may speak for it from then on, unless the lease is renewed.
    Moment(Instant),
    /// Another process speaks for it.
    Over,
}

/// What whoever speaks asks before each piece.
#[derive(Clone, Debug)]
pub(crate) struct Permit(watch::Receiver<Until>);

impl Permit {
    /// A permit that is as good as its giver says.
    pub(crate) fn new(until: Until) -> (watch::Sender<Until>, Self) {
        let (giver, permit) = watch::channel(until);
        (giver, Self(permit))
    }

    /// True when the bot may speak at this moment.
    pub(crate) fn is_good(&self) -> bool {
        match *self.0.borrow() {
            Until::Always => true,
            Until::Moment(until) => Instant::now() < until,
            Until::Over => false,
        }
    }

    /// True when the bot will never speak again.
    pub(crate) fn is_over(&self) -> bool {
        *self.0.borrow() == Until::Over
    }

    /// Waits until something was said about it. Cancel safe.
    pub(crate) async fn changed(&mut self) {
        // Whoever gave it is gone: it stays as it is.
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
