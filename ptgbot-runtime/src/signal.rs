//! Being asked to stop, by a service manager or at the keyboard.

use std::io;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A stop that SIGTERM and SIGINT ask for. A second signal ends the process at once, with status 130.
///
/// It is for programs that are a bot and nothing else: from here on the process no longer ends by these signals by
/// itself, also after the bot has ended. Whoever embeds a bot makes a [`CancellationToken`] of their own for
/// [`run_until`](crate::run_until).
///
/// Call it within a tokio runtime, whose I/O is enabled: it starts the task that listens.
///
/// ```no_run
/// use ptgbot_runtime::{Setup, TerminalTransport, run_until, stop_on_signal, store::StoreAddress};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let chat = TerminalTransport::new("ptgbot", "#demo")?;
/// run_until(Box::new(chat), Setup::new(StoreAddress::Memory), stop_on_signal()?).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// When the signals cannot be listened to.
pub fn stop_on_signal() -> io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let asked = stop.clone();
    tokio::spawn(async move {
        let mut signalled = async || {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        signalled().await;
        tracing::info!("stopping; a second signal ends the process at once");
        asked.cancel();
        signalled().await;
        std::process::exit(SECOND_SIGNAL);
    });
    Ok(stop)
}

const SECOND_SIGNAL: i32 = 130;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_signal_asks_for_a_stop() {
        let stop = stop_on_signal().expect("signals");
        let us = rustix::process::getpid();
        rustix::process::kill_process(us, rustix::process::Signal::TERM).expect("a signal");
        stop.cancelled().await;
    }
}
