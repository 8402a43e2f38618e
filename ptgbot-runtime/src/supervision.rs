//! What a service manager is told: that the process is ready, how it is, that it lives, and that it stops (`sd_notify(3)`).

#[cfg(feature = "web")]
use crate::clock::when;
use crate::metrics::Metrics;
use std::time::Duration;
use tokio::time::Instant;
#[cfg(feature = "web")]
use tokio_util::sync::CancellationToken;

/// Whether a service manager hears how a bot is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Supervision {
    /// Nobody has to know: the bot is a part of a program that speaks for itself.
    #[default]
    None,
    /// The one that started the process, where it said how to reach it: `$NOTIFY_SOCKET` and, for the watchdog,
    /// `$WATCHDOG_USEC`, as systemd sets for `Type=notify`. Without them nothing is told, nor where there are no Unix
    /// sockets.
    ServiceManager,
}

/// Tells how a process is, from within the loop that does its work: a loop that hangs says nothing, and the service
/// manager's watchdog notices.
#[derive(Debug)]
pub(crate) struct Heartbeat(Option<Telling>);

#[derive(Debug)]
struct Telling {
    metrics: Metrics,
    /// What the process does when nothing ails it.
    work: Work,
    watchdog: Option<Watchdog>,
    next: Instant,
    is_ready: bool,
    /// The last status.
    told: String,
}

/// For what a process is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// A bot, which needs its network.
    Bot,
    /// Pages alone.
    #[cfg_attr(not(feature = "web"), expect(dead_code, reason = "there are none"))]
    Pages,
}

/// How often the service manager wants to hear of us.
#[derive(Clone, Copy, Debug)]
struct Watchdog {
    every: Duration,
    next: Instant,
}

impl Heartbeat {
    /// That of a process whose state `metrics` know.
    pub(crate) fn new(supervision: Supervision, work: Work, metrics: Metrics) -> Self {
        let is_told = supervision == Supervision::ServiceManager && manager::is_there();
        Self(is_told.then(|| {
            let now = Instant::now();
            // Half of what it allows, as systemd advises.
            let watchdog = manager::patience().map(|patience| Watchdog { every: patience / 2, next: now });
            Telling { metrics, work, watchdog, next: now, is_ready: false, told: String::new() }
        }))
    }

    /// That of work of which no service manager is to hear.
    #[cfg(any(test, feature = "web"))]
    pub(crate) fn unheard() -> Self {
        Self(None)
    }

    /// When the loop is to [beat](Self::beat) next; never where nobody listens.
    pub(crate) fn at(&self) -> Option<Instant> {
        self.0.as_ref().map(|telling| telling.next)
    }

    /// The loop turns.
    pub(crate) fn beat(&mut self) {
        if let Some(telling) = &mut self.0 {
            telling.beat(Instant::now());
        }
    }

    /// The process was asked to stop, and what is under way comes to its end.
    pub(crate) fn stops(&mut self) {
        if self.0.take().is_some() {
            manager::tell(&["STOPPING=1", "STATUS=stopping"]);
        }
    }

    /// Beats until a stop is asked for, and never ends: for a task whose work has a loop in which it cannot.
    #[cfg(feature = "web")]
    pub(crate) async fn beside(mut self, stop: &CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => {
                    self.stops();
                    return std::future::pending().await;
                }
                () = when(self.at()) => self.beat(),
            }
        }
    }
}

impl Telling {
    fn beat(&mut self, now: Instant) {
        let mut said = Vec::new();
        let status = self.status();
        if !self.is_ready && self.metrics.reaches_its_network() {
            self.is_ready = true;
            said.push("READY=1".to_owned());
        }
        if status != self.told {
            said.push(format!("STATUS={status}"));
            self.told = status;
        }
        let mut next = now + if self.is_ready { LOOK_EVERY } else { LOOK_EVERY_AT_FIRST };
        if let Some(watchdog) = &mut self.watchdog {
            if watchdog.next <= now {
                watchdog.next = now + watchdog.every;
                said.push("WATCHDOG=1".to_owned());
            }
            next = next.min(watchdog.next);
        }
        self.next = next;
        if !said.is_empty() {
            manager::tell(&said.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }

    /// One line for `systemctl status`.
    fn status(&self) -> String {
        let work = match self.work {
            Work::Bot => self.metrics.what_the_bot_does(),
            Work::Pages => "serving the page".to_owned(),
        };
        let lacks = self.metrics.lacks();
        [work].into_iter().chain(lacks).collect::<Vec<_>>().join("; ")
    }
}

/// How often to look whether the status is another one.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The same, while others may wait for us to be ready.
const LOOK_EVERY_AT_FIRST: Duration = Duration::from_millis(100);

#[cfg(unix)]
mod manager {
    use sd_notify::NotifyState;
    use std::time::Duration;

    /// True where there is one.
    pub(super) fn is_there() -> bool {
        std::env::var_os("NOTIFY_SOCKET").is_some()
    }

    /// How long it waits for a sign of life before it ends us.
    pub(super) fn patience() -> Option<Duration> {
        sd_notify::watchdog_enabled()
    }

    /// Says something, all at once.
    pub(super) fn tell(said: &[&str]) {
        let said: Vec<_> = said.iter().copied().map(NotifyState::Custom).collect();
        if let Err(error) = sd_notify::notify(&said) {
            tracing::debug!(%error, "the service manager does not listen");
        }
    }
}

#[cfg(not(unix))]
mod manager {
    use std::time::Duration;

    pub(super) fn is_there() -> bool {
        false
    }

    pub(super) fn patience() -> Option<Duration> {
        None
    }

    pub(super) fn tell(_: &[&str]) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_unless_that_is_wanted() {
        let mut heartbeat = Heartbeat::new(Supervision::None, Work::Bot, Metrics::default());
        heartbeat.beat();
        assert_eq!(heartbeat.at(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_beat_is_due_often_enough_for_the_watchdog() {
        let now = Instant::now();
        let (every, next) = (Duration::from_millis(400), now);
        let mut telling = Telling {
            metrics: Metrics::default(),
            work: Work::Pages,
            watchdog: Some(Watchdog { every, next }),
            next: now,
            is_ready: true,
            told: String::new(),
        };
        telling.beat(now);
        assert_eq!((telling.next, telling.told.as_str()), (now + every, "serving the page"));
        telling.watchdog = None;
        telling.metrics.store().failed();
        telling.beat(now);
        assert_eq!(telling.next, now + LOOK_EVERY);
        assert!(telling.told.starts_with("serving the page; the store cannot be read since "), "{}", telling.told);
    }
}
