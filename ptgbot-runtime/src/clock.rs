//! The clock: the one place of the runtime that knows what time it is.
//!
//! All that a bot does by the time goes by the [`Clock`] of its [`Setup`](crate::Setup): what is due, what the pages call
//! now, until when it sleeps. Only how long something took, and how long a lease lasts, is none of its business.

use chrono::{DateTime, Utc};
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// What time it is.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use ptgbot_runtime::{Clock, Setup};
/// use std::{pin::Pin, sync::Arc};
///
/// /// It is always the same time.
/// #[derive(Debug)]
/// struct Stopped(DateTime<Utc>);
///
/// impl Clock for Stopped {
///     fn now(&self) -> DateTime<Utc> {
///         self.0
///     }
///     fn until(&self, time: DateTime<Utc>) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
///         if time <= self.0 { Box::pin(std::future::ready(())) } else { Box::pin(std::future::pending()) }
///     }
/// }
///
/// let clock = Arc::new(Stopped("2026-10-19T09:00:00Z".parse().unwrap()));
/// let mut setup = Setup::default();
/// setup.clock = clock;
/// assert_eq!(setup.clock.now().to_rfc3339(), "2026-10-19T09:00:00+00:00");
/// ```
pub trait Clock: Debug + Send + Sync {
    /// The time (UTC). It may be set at any moment, also back.
    fn now(&self) -> DateTime<Utc>;

    /// Waits until it is that time; for ever where the clock does not come to it by itself. Cancel safe.
    fn until(&self, time: DateTime<Utc>) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "whoever else wants to know the time asks a clock")]
    fn now(&self) -> DateTime<Utc> {
        SystemTime::now().into()
    }

    /// In steps, for the clock may be set and the machine may sleep.
    fn until(&self, time: DateTime<Utc>) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            while let Some(left) = (time - self.now()).to_std().ok().filter(|left| !left.is_zero()) {
                tokio::time::sleep(left.min(LONGEST_SLEEP)).await;
            }
        })
    }
}

/// The system's, for many to share.
pub(crate) fn system() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// Waits until a moment; for ever where there is none. Cancel safe.
pub(crate) async fn when(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// How late a clock that was set forward is noticed.
pub(crate) const LONGEST_SLEEP: Duration = Duration::from_secs(30);
