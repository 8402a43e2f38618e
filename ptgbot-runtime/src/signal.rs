//! Being asked to stop, by a service manager or at the keyboard.

use signals::Signals;
use std::io;
use tokio_util::sync::CancellationToken;

/// A stop that SIGTERM and SIGINT ask for, on Windows Ctrl-C, Ctrl-Break, and the end of the console or of the machine's work.
/// A second signal ends the process at once, with status 130.
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
    let mut signals = Signals::new()?;
    let asked = stop.clone();
    tokio::spawn(async move {
        signals.next().await;
        tracing::info!("stopping; a second signal ends the process at once");
        asked.cancel();
        signals.next().await;
        std::process::exit(SECOND_SIGNAL);
    });
    Ok(stop)
}

const SECOND_SIGNAL: i32 = 130;

#[cfg(unix)]
mod signals {
    use std::io;
    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// All that asks a process to stop.
    pub(super) struct Signals {
        terminate: Signal,
        interrupt: Signal,
    }

    impl Signals {
        /// From now on.
        pub(super) fn new() -> io::Result<Self> {
            Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
        }

        /// Waits for one of them.
        pub(super) async fn next(&mut self) {
            tokio::select! {
                _ = self.terminate.recv() => {}
                _ = self.interrupt.recv() => {}
            }
        }
    }
}

#[cfg(windows)]
mod signals {
    use std::io;
    use tokio::signal::windows::{
        CtrlBreak, CtrlC, CtrlClose, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown,
    };

    pub(super) struct Signals {
        interrupt: CtrlC,
        interrupt_group: CtrlBreak,
        /// Of these two Windows waits some seconds for the process to end, and ends it then.
        console_closes: CtrlClose,
        machine_stops: CtrlShutdown,
    }

    impl Signals {
        pub(super) fn new() -> io::Result<Self> {
            Ok(Self {
                interrupt: ctrl_c()?,
                interrupt_group: ctrl_break()?,
                console_closes: ctrl_close()?,
                machine_stops: ctrl_shutdown()?,
            })
        }

        pub(super) async fn next(&mut self) {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.interrupt_group.recv() => {}
                _ = self.console_closes.recv() => {}
                _ = self.machine_stops.recv() => {}
            }
        }
    }
}

#[cfg(all(test, unix))]
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
