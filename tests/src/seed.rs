//! Numbers that decide the course of a test: each course can be repeated.

use std::env;

/// One course of a test, or of a part of it. Where that fails, the number that repeats it is printed.
#[derive(Debug)]
pub struct Seed(u64);

impl Seed {
    /// So many courses; with `PTGBOT_SEED` in the environment that one alone.
    pub fn each(count: u64) -> impl Iterator<Item = Self> {
        let only = env::var("PTGBOT_SEED").ok().and_then(|seed| seed.parse().ok());
        only.map_or(0..count, |seed| seed..seed + 1).map(Self)
    }

    /// Its number.
    pub fn number(&self) -> u64 {
        self.0
    }

    /// What decides.
    pub fn chance(&self) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.0)
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            #[expect(clippy::print_stderr, reason = "the test's reader wants to repeat it")]
            {
                eprintln!("this was seed {0}; PTGBOT_SEED={0} in the environment repeats it", self.0);
            }
        }
    }
}
