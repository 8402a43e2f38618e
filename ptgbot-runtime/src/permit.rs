//! Until when a bot may speak: as long as its lease is known to be its own.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
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

    /// For how long yet, unless it is renewed; `None` for ever.
    pub(crate) fn left(&self) -> Option<Duration> {
        match *self.0.borrow() {
            Until::Always => None,
            Until::Moment(until) => Some(until.saturating_duration_since(Instant::now())),
            Until::Over => Some(Duration::ZERO),
        }
    }

    /// True when the bot will never speak again.
    pub(crate) fn is_over(&self) -> bool {
        *self.0.borrow() == Until::Over
    }

    /// Work that rests while the bot may not speak: before each of its steps that is looked at, so that a process which
    /// slept does not go on with what it had begun.
    pub(crate) async fn for_each_step<T>(mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            let step = poll_fn(|context| match self.is_good() {
                true => work.as_mut().poll(context).map(Some),
                false => Poll::Ready(None),
            });
            match step.await {
                Some(done) => return done,
                None => self.changed().await,
            }
        }
    }

    /// Waits until something was said about it. Cancel safe.
    pub(crate) async fn changed(&mut self) {
        // Whoever gave it is gone: it stays as it is.
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{advance, sleep};

    #[tokio::test(start_paused = true)]
    async fn work_rests_while_the_bot_may_not_speak_and_goes_on_when_it_may_again() {
        let soon = Duration::from_secs(10);
        let (giver, permit) = Permit::new(Until::Moment(Instant::now() + soon));
        let (steps, mut taken) = tokio::sync::mpsc::unbounded_channel();
        let work = tokio::spawn(permit.for_each_step(async move {
            for step in 0..2 {
                sleep(soon / 2).await;
                steps.send(step).expect("the test listens");
            }
        }));
        assert_eq!(taken.recv().await, Some(0));
        // As if the process had slept.
        advance(soon).await;
        tokio::task::yield_now().await;
        assert!(taken.try_recv().is_err());
        giver.send_replace(Until::Moment(Instant::now() + soon));
        work.await.expect("it ends");
        assert_eq!(taken.recv().await, Some(1));
    }
}
