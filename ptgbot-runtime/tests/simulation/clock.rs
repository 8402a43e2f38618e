//! The clock of all processes: it goes as the simulation does.

use chrono::{DateTime, TimeDelta, Utc};
use ptgbot_runtime::Clock;
use std::pin::Pin;
use tokio::time::{Instant, sleep_until};

/// It begins at the same time in every run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SimulatedClock {
    began: Instant,
}

impl SimulatedClock {
    /// It begins now.
    pub(crate) fn new() -> Self {
        Self { began: Instant::now() }
    }

    /// The time at a moment of the simulation.
    pub(crate) fn at(self, moment: Instant) -> DateTime<Utc> {
        START + TimeDelta::from_std(moment - self.began).expect("a short run")
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> DateTime<Utc> {
        self.at(Instant::now())
    }

    fn until(&self, time: DateTime<Utc>) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(sleep_until(self.began + (time - START).to_std().unwrap_or_default()))
    }
}

/// When a run begins.
pub(crate) const START: DateTime<Utc> = DateTime::from_timestamp(1_792_400_400, 0).expect("a time");
