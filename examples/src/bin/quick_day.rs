//! A clock of one's own: a day that takes a quarter of an hour, in the terminal.
//!
//!     cargo run -p ptgbot-examples --bin quick_day

use chrono::{DateTime, TimeDelta, Utc};
use ptgbot_runtime::store::StoreAddress;
use ptgbot_runtime::{Clock, Setup, TerminalTransport, run};
use std::pin::Pin;
use std::sync::Arc;
use tokio::time::{Instant, sleep};

/// A clock that starts at a time and is a hundred times as fast as others.
#[derive(Debug)]
struct Quick {
    start: DateTime<Utc>,
    began: Instant,
}

impl Clock for Quick {
    fn now(&self) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.began.elapsed() * TIMES).unwrap_or(TimeDelta::MAX);
        self.start.checked_add_signed(passed).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    fn until(&self, time: DateTime<Utc>) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let left = (time - self.now()).to_std().unwrap_or_default() / TIMES;
        Box::pin(sleep(left))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let clock = Arc::new(Quick { start: "2026-10-19T08:00:00Z".parse()?, began: Instant::now() });
    let mut setup = Setup::default();
    let terminal = TerminalTransport::new("ptgbot", "#demo")?.by(clock.clone());
    setup.store = StoreAddress::Memory;
    setup.clock = clock;
    run(Box::new(terminal), setup).await?;
    Ok(())
}

const TIMES: u32 = 100;
