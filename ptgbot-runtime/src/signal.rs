//! Being asked to stop, by a service manager or at the keyboard.

use std::future::Future;
use std::io;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Makes the two ends of a stop: one to ask for it, one to be cloned for everybody who has to stop.
pub fn stop() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

/// A stop that SIGTERM and SIGINT ask for. A second signal ends the process at once, with status 130.
///
/// # Errors
/// When the signals cannot be listened to.
pub fn stop_on_signal() -> io::Result<Stop> {
    let (stopper, stop) = stop();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        let mut asked = async || {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        asked().await;
        tracing::info!("stopping; a second signal ends the process at once");
        stopper.stop();
        asked().await;
        std::process::exit(SECOND_SIGNAL);
    });
    Ok(stop)
}

/// Asks for a stop. Dropping it asks too: nobody could do it later.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

impl Stopper {
    /// Asks everybody to stop.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// Hears when to stop.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Waits until a stop is asked for. Cancel safe, and done at once ever after.
    pub fn asked(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut receiver = self.0.clone();
        async move {
            // An error means that the other end is gone, and that asks too.
            drop(receiver.wait_for(|asked| *asked).await);
        }
    }

    /// True once a stop was asked for.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }
}

const SECOND_SIGNAL: i32 = 130;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everybody_hears_of_a_stop_also_later() {
        let (stopper, stop) = stop();
        let other = stop.clone();
        let waiting = tokio::spawn(other.asked());
        assert!(!stop.is_asked());
        stopper.stop();
        waiting.await.expect("it hears");
        stop.asked().await;
        assert!(stop.is_asked());
    }

    #[tokio::test]
    async fn a_signal_asks_for_a_stop() {
        let stop = stop_on_signal().expect("signals");
        let us = rustix::process::getpid();
        rustix::process::kill_process(us, rustix::process::Signal::TERM).expect("a signal");
        stop.asked().await;
    }
}
